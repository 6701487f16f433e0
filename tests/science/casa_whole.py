#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole cleans against CASA's own runs (casa-ref): the same parameters from the MeasurementSet to the restored image
must end with the same stop code, iterations within 2 %, the same beam and sum of weights, and a residual as low.
One-plane runs, where cube-wide and per-channel control are the same thing."""
import json
import os
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap

AUTOMASK = ("sidelobethreshold noisethreshold lownoisethreshold negativethreshold smoothfactor minbeamfrac cutthreshold "
            "growiterations minpercentchange").split()
CLEAN = "niter gain threshold nsigma cycleniter cyclefactor minpsffraction maxpsffraction nmajor".split()
RUNS = ("sim6_mfs_am12mlong_fastnoise1 sim6_mfs_am12mshort_fastnoise0 sim6_mfs_am12mlong_neg7 "
        "sim6_mfs_am12mlong_pbmask0p6 sim6_mfs_am12mlong_noprune sim6_mfs_am_zeromask_stop7 "
        "sim6_mfs_briggs05_hogbom_thr0p01 sim6_mfs_briggs05_hogbom_nmajor1 sim6_mfs_briggs05_hogbom_nsigma4 "
        "sim6_mfs_briggs05_hogbom_nsigma4_slow sim6_mfs_briggs05_hogbom_cycleniter50 "
        "sim6_mfs_briggs05_hogbom1000").split()


def tool(name, *args):
    p = subprocess.run([os.path.join(tap.BIN, name), *args], stderr=subprocess.PIPE, text=True)
    if p.returncode:
        raise RuntimeError(f"{name} {' '.join(args)}: exit {p.returncode}: {p.stderr}")


def options(p, names):
    return [f"--{n}={p[n]}" for n in names]


def state(chan):
    with open(os.path.join(chan, "state")) as f:
        return dict(line.rstrip("\n").split("=", 1) for line in f if "=" in line)


def clean(ms, p, work):
    """The parameters of a CASA run through the tools, on a directory; returns the channel's directory."""
    chan = os.path.join(work, "b", "ch00000")
    tool("pc-select", ms, "-o", os.path.join(work, "b"), "--specmode=mfs", "--datacolumn=data")
    tool("pc-psf", chan, "--gridder=standard", f"--imsize={p['imsize'][0]},{p['imsize'][1]}", f"--cell={p['cell']}",
         f"--weighting={p['weighting']}", f"--robust={p['robust']}")
    tool("pc-grid", chan)
    mask = [f"--usemask={p['usemask']}", f"--pbmask={p['pbmask']}"]
    if p["usemask"] == "auto-multithresh":
        mask += options(p, AUTOMASK) + [f"--{n}={bool(p[n])}" for n in ("dogrowprune", "fastnoise")]
        mask += [f"--threshold={p['threshold']}Jy"]
    steer = options(p, CLEAN) + [f"--fastnoise={bool(p['fastnoise'])}", f"--pbmask={p['pbmask']}"]
    for _ in range(60):
        tool("pc-mask", chan, *mask)
        tool("pc-clean", chan, *steer)
        tool("pc-grid", chan)
        if state(chan).get("stopcode", "0") != "0":
            break
    tool("pc-restore", chan)
    return chan


def plane(path):
    return np.squeeze(fits.getdata(path)).astype(float)


def check(run, ref, ms, tmp):
    with open(os.path.join(ref, run, "params.json")) as f:
        meta = json.load(f)
    p, r = meta["tclean_params"], meta["result"]
    work = os.path.join(tmp, run)
    os.mkdir(work)
    chan = clean(ms, p, work)
    s = state(chan)
    tap.ok(int(s["stopcode"]) == r["stopcode"], f"{run}: stop code {s['stopcode']}, CASA {r['stopcode']}")
    tap.ok(abs(int(s["iterdone"]) - r["iterdone"]) <= 0.02 * r["iterdone"],
           f"{run}: {s['iterdone']} iterations, CASA {r['iterdone']}")
    head = fits.getheader(os.path.join(chan, "psf.fits"))
    for key, want in zip(("BMAJ", "BMIN"), r["psf_beams_arcsec_deg"][0]):
        tap.near(head[key] * 3600, want, 1e-3 * want, f"{run}: {key} in arcsec")
    tap.near(float(plane(os.path.join(chan, "sumwt.fits"))), r["sumwt"][0], 1e-5 * r["sumwt"][0], f"{run}: sumwt")
    compare_residual(run, ref, chan)


def compare_residual(run, ref, chan):
    path = os.path.join(ref, run, "residual.fits.gz")
    if not os.path.exists(path):
        return
    theirs, ours = plane(path), plane(os.path.join(chan, "residual.fits"))
    in_pb = np.isfinite(theirs)
    rms = [np.sqrt(np.mean(a[in_pb] ** 2)) for a in (ours, theirs)]
    tap.below(rms[0], 1.01 * rms[1], f"{run}: residual rms, Jy/beam, and CASA's + 1 %")


def main():
    ref = tap.casa_dir()
    with tempfile.TemporaryDirectory() as tmp:
        ms = tap.unpack("sim6", tmp)
        for run in RUNS:
            check(run, ref, ms, tmp)
    tap.done()


if __name__ == "__main__":
    main()
