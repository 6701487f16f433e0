#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observed channels (DM Tau, one hand) cleaned against CASA's run, which divides its iterations among the channels of a cube: from
the MeasurementSet, with its cycle thresholds and its number of components in each call, pc-clean ends with CASA's residual and,
where the source is, its model: as a beam sees them, as one component or another is the next by the gridders' fifth digit."""
import json
import os
import subprocess
import tempfile

import numpy as np
from astropy.io import fits
from scipy.ndimage import gaussian_filter

import tap

RUN = os.path.join(tap.casa_dir(), "dmtau_cube_briggs_hogbom200")


def tool(name, *args):
    p = subprocess.run([os.path.join(tap.BIN, name), *args], stderr=subprocess.PIPE, text=True)
    if p.returncode:
        tap.ok(False, " ".join((name, *args)), p.stderr)
        tap.done()


def plane(path):
    return np.squeeze(fits.getdata(path)).astype(float)


def calls(cycles):
    """Of each minor cycle the cycle threshold, and the components of each channel."""
    for c in cycles:
        if c.get("summary"):
            yield c["cyclethr"], {row["chan"]: row["iter"] - row["startiter"] for row in c["summary"]}


def main():
    with open(os.path.join(RUN, "params.json")) as f:
        params = json.load(f)
    p, result = params["tclean_params"], params["result"]
    theirs = {n: plane(f"{RUN}/{n}.fits.gz") for n in ("model", "residual")}
    with tempfile.TemporaryDirectory() as work:
        ms = tap.unpack("dmtau_sma_co21", work)
        b = os.path.join(work, "b")
        tool("pc-select", ms, "-o", b, "--datacolumn", "data")
        tool("pc-psf", b, "--gridder", "standard", "--stokes", "XX", "--imsize", str(p["imsize"][0]), "--cell", p["cell"], "--weighting", p["weighting"],
             "--robust", str(p["robust"]))
        tool("pc-grid", b)
        for cyclethr, done in calls(result["cycles"]):
            for c, n in done.items():
                if n == 0:
                    continue
                # a call that ends on its limit has one component more than CASA says
                limit = n + (cyclethr < 0.3)
                chan = f"{b}/ch{c:05d}"
                before = int(dict(line.rstrip("\n").split("=", 1) for line in open(f"{chan}/state") if "=" in line)["iterdone"])
                tool("pc-clean", f"--niter={before + limit}", f"--cyclethreshold={cyclethr!r}Jy", chan)
                tool("pc-grid", chan)
        for c in range(8):  # the last is blank in CASA
            ours = {n: plane(f"{b}/ch{c:05d}/{n}.fits") for n in theirs}
            h = fits.getheader(f"{b}/ch{c:05d}/psf.fits")
            cell = h["CDELT2"] * 2.3548
            sigma = h["BMAJ"] / cell, h["BMIN"] / cell
            peak1 = 2 * np.pi * sigma[0] * sigma[1]  # a round beam of that area will do
            seen = [peak1 * gaussian_filter(m, np.sqrt(sigma[0] * sigma[1])) for m in (ours["model"], theirs["model"][c])]
            rms = [np.std(r) for r in (ours["residual"], theirs["residual"][c])]
            tap.below(abs(rms[0] / rms[1] - 1), 5e-3, f"channel {c}: rms of the residual, {rms[0]:.5f} and {rms[1]:.5f} Jy")
            tap.below(np.std(seen[0] - seen[1]) / rms[1], 0.05, f"channel {c}: models, seen by a beam, rms of their difference over that of the residual")
            tap.below(np.abs(seen[0] - seen[1]).max() / rms[1], 0.7, f"channel {c}: and their largest difference")
            flux = [m.sum() for m in (ours["model"], theirs["model"][c])]
            tap.diag(f"channel {c}: {flux[0]:.4f} and {flux[1]:.4f} Jy in the models")
    tap.done()


main()
