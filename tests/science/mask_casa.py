#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""auto-multithresh against CASA's own masks (casa-ref), pixel by pixel: fed CASA's residual and previous mask, pc-mask
must make CASA's next mask and set the done flag when CASA's log does. Cubes get CASA's cube-wide values by --beam,
--psfsidelobe and --cyclethreshold. Runs that agree up to a cycle share its residual: not every run kept its own."""
import json
import os
import tempfile

import numpy as np
from astropy.io import fits

import libmask
import tap

REF = tap.casa_dir()
# The common beam of a cube (that of its blank planes, or of another run with restoringbeam='common').
COMMON = {"sim6_cube_": (0.240138157, 0.194522796, -11.4779336)}
# Residual before cleaning: that of the plain run with the same weighting.
PLAIN = {"lupus_f3_cube_am7m": "lupus_f3_cube_briggs_pcwd1"}


def runs():
    return sorted(d for d in os.listdir(REF) if "_am" in d and os.path.isfile(f"{REF}/{d}/params.json"))


def params(run):
    with open(f"{REF}/{run}/params.json") as f:
        return json.load(f)


def planes(run, name):
    path = f"{REF}/{run}/{name}.fits.gz"
    if not os.path.isfile(path):
        return None
    a = np.squeeze(fits.getdata(path)).astype(np.float32)
    return a if a.ndim == 3 else a[None]


def tests(p):
    """What CASA knew whenever it made a mask, the first before any iteration."""
    return [c for c in p["result"]["cycles"] if c["ev"] == "converge"][1:]


def same_task(p, q):
    a, b = p["tclean_params"], q["tclean_params"]
    return p["ms"] == q["ms"] and all(a.get(k) == b.get(k) for k in ("imsize", "specmode", "nchan", "field", "spw"))


def residual(run, k):
    p = params(run)
    peaks = [(c["iterdone"], c["peak"]) for c in tests(p)]
    for other in [run] + runs():
        q = params(other)
        theirs = [(c["iterdone"], c["peak"]) for c in tests(q)]
        if not same_task(p, q) or theirs[:k + 1] != peaks[:k + 1]:
            continue
        r = planes(other, f"residual.c{k}")
        if r is None and k == len(theirs) - 1:
            r = planes(other, "residual")
        if r is not None:
            return r
    return planes(PLAIN[run], "residual") if k == 0 and run in PLAIN else None


def beam_of(run, p):
    if p["tclean_params"]["specmode"] == "mfs":
        return p["result"]["psf_beams_arcsec_deg"][0]
    for prefix, beam in COMMON.items():
        if run.startswith(prefix):
            return beam
    return p["result"]["image_beams_arcsec_deg"][0]


def compare(run, k, p, res, work):
    c = dict(p["tclean_params"])
    cell = float(c["cell"].replace("arcsec", ""))
    t, beam, log = tests(p)[k], beam_of(run, p), p["result"].get("automask_log", [])
    cycles = [m["cyclethr"] for m in p["result"]["cycles"] if m["ev"] == "minor"]
    want, before = planes(run, f"mask.c{k}") > 0.5, planes(run, f"mask.c{k - 1}") if k else None
    pb = planes("sim6_mfs_am12mlong_fastnoise1", "pb") if c["specmode"] == "mfs" else None
    path = os.path.join(work, f"{run}.{k}")
    cube = c["specmode"] != "mfs"
    libmask.write_bundle(path, res, cell, (1, 1, 0) if cube else beam, 9 if cube else t["psfsidelobe"],
                         prev=None if before is None else before > 0.5, pb=None if pb is None else pb[0],
                         iterdone=t["iterdone"], cyclethreshold=0 if cube or not k else cycles[k - 1])
    extra = []
    if cube:
        extra = [f"--beam={beam[0]}arcsec,{beam[1]}arcsec,{beam[2]}deg", f"--psfsidelobe={t['psfsidelobe']}"]
        extra += [f"--cyclethreshold={cycles[k - 1]}Jy"] if k else []
    libmask.pc_mask(path, c, *extra)
    for chan in range(len(want)):
        got, head = libmask.masknext(path, chan)
        tap.ok((got == want[chan]).all(),
               f"{run} mask.c{k} channel {chan}: {want[chan].sum()} pixels, {(got != want[chan]).sum()} differ")
        entry = log[k * len(want) + chan] if k * len(want) + chan < len(log) else None
        if entry:
            tap.ok(head["AMDONE"] == (entry["masking"] == "F"), f"  done flag {head['AMDONE']}, as CASA's")
        if entry and entry["rms"] != "--" and float(entry["rms"]) > 0:
            tap.near(head["AMSIGMA"], float(entry["rms"]), 1e-5 * float(entry["rms"]), "  noise, as CASA's")


def main():
    with tempfile.TemporaryDirectory() as work:
        for run in runs():
            p = params(run)
            for k in range(len(tests(p))):
                res = residual(run, k)
                if res is None:
                    tap.skip(f"{run} mask.c{k}", "its residual was not kept")
                else:
                    compare(run, k, p, res, work)
    tap.done()


main()
