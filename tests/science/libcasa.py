# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of CASA's imager (casa-ref/), and what our tools make of the same data and parameters."""
import json
import os

import numpy as np
from astropy.io import fits

import tap
import libgrid as lg

REF = tap.casa_dir()
# CASA's own error (a kernel of 7 cells looked up in a table; spectral interpolation), as a fraction of the peak: in the
# inner half of the image, and in all of it. grid_dft.py tells who is right.
INNER, WHOLE = 3e-4, 1.5e-3


def reference(run, name):
    path = f"{REF}/{run}/{name}.fits.gz"
    return fits.getdata(path)[:, 0].astype(np.float64) if os.path.exists(path) else None


def parameters(run):
    with open(f"{REF}/{run}/params.json") as f:
        return json.load(f)


def sumwt_of(tree):
    """The first "sumwt" in a tree of dictionaries."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            found = value if key == "sumwt" else sumwt_of(value)
            if found is not None:
                return found
    return None


def psf_options(p):
    cell = p["cell"] if isinstance(p["cell"], str) else ",".join(p["cell"])
    options = ["--imsize", ",".join(map(str, p["imsize"])), "--cell", cell, "--weighting", p["weighting"],
               "--robust", str(p["robust"]), "--stokes", p["stokes"], "--pblimit", str(p["pblimit"]),
               "--npixels", str(p["npixels"])]
    for name in ("noise", "uvtaper"):
        options += [f"--{name}", p[name]] if p.get(name) else []
    return options + ([] if p["perchanweightdensity"] else ["--no-perchanweightdensity"])


def compare(mine, ref, peak, name, inside=INNER):
    y, x = np.indices(ref.shape)
    inner = np.maximum(abs(x / ref.shape[1] - 0.5), abs(y / ref.shape[0] - 0.5)) < 0.25
    diff = np.where(np.isfinite(ref), abs(mine - ref), 0)
    tap.below(diff[inner].max() / peak, inside, f"{name}: largest difference in the inner half, of the peak")
    tap.below(diff.max() / peak, WHOLE, f"{name}: anywhere")


def compare_planes(run, out, chan, k, niter, inside):
    psf, pb, dirty = (reference(run, n) for n in ("psf", "pb", "residual" if niter == 0 else "residual.c0"))
    if psf is not None:
        compare(lg.plane(out, chan, "psf")[0], psf[k], 1, f"{run} plane {k}: psf", inside)
    if dirty is not None:
        compare(lg.plane(out, chan, "residual")[0], dirty[k], np.nanmax(dirty), f"{run} plane {k}: dirty image", inside)
    if pb is not None:
        mine, inside = lg.plane(out, chan, "pb")[0], np.isfinite(pb[k])
        tap.below(np.median(abs(mine - pb[k])[inside]), 5e-6, f"{run} plane {k}: primary beam, median difference")
        tap.ok((mine[~inside] == 0).all(), f"{run} plane {k}: the primary beam is 0 where CASA's is masked")


def compare_beam(run, out, chan, want):
    head = lg.plane(out, chan, "psf")[1]
    got = [head["BMAJ"] * 3600, head["BMIN"] * 3600, head["BPA"]]
    for a, b, what in list(zip(got, want, ("major", "minor")))[:2]:
        tap.below(abs(a / b - 1), 1e-3, f"{run}: {what} axis of the beam, relative")
    tap.below(abs((got[2] - want[2] + 90) % 180 - 90), 0.5, f"{run}: position angle of the beam, degrees")


def check(tmp, ms, run, select=(), first=0, sums=1e-5, inside=INNER, **other):
    """Every plane that CASA kept; `first` is the cube's channel of CASA's plane 0; `sums`, `inside`: tolerances of sumwt
    and of the inner half; `other`: parameters to be used instead of the run's."""
    p = parameters(run)
    p["tclean_params"].update(other)
    out = f"{tmp}/{run}" + "".join(other)
    select = ["--specmode", p["tclean_params"]["specmode"], "--datacolumn", "data",
              "--phasecenter", p["tclean_params"]["phasecenter"], *select]
    psf = psf_options(p["tclean_params"])
    if "--no-perchanweightdensity" in psf:
        lg.run("pc-select", "-o", out, *select, ms)
        lg.run("pc-psf", *psf, "--density-out", out + ".density.fits", out)
        psf += ["--density", out + ".density.fits"]
        lg.run("pc-psf", *psf, out)
        lg.run("pc-grid", out)
    else:
        lg.residuals(ms, out, select, psf)
    kept = [k for k, w in enumerate(sumwt_of(p)) if w > 0]
    worst = max(abs(lg.plane(out, first + k, "sumwt")[0].item() / sumwt_of(p)[k] - 1) for k in kept)
    tap.below(worst, sums, f"{run}: sumwt of {len(kept)} planes, relative")
    compare_beam(run, out, first + kept[0], p["result"]["psf_beams_arcsec_deg"][kept[0]])
    for k in kept[:: max(1, len(kept) - 1)]:
        compare_planes(run, out, first + k, k, p["tclean_params"]["niter"], inside)
