#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A common beam against CASA's own run with restoringbeam='common': the beam itself, and the images pixel by pixel, from
CASA's models and residuals (those of the run that differs in nothing else)."""
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import casa_clean
import tap

PLAIN, COMMON = "sim6_cube_briggs_hogbom500", "sim6_cube_briggs_hogbom500_common_pbcor"
DIRTY = "sim6_cube_briggs_pcwd1"


def bundle(work, tmp, beams, nodata):
    """CASA's channels as one bundle, and one more without data."""
    top = os.path.join(tmp, "cube")
    os.makedirs(top)
    model, residual = work.cube(PLAIN + "/model"), work.cube(PLAIN + "/residual")
    head = work.header(DIRTY + "/psf")
    for c, (bmaj, bmin, bpa) in enumerate(beams):
        keys = {"psf": {"BMAJ": bmaj / 3600, "BMIN": bmin / 3600, "BPA": bpa}}
        images = {"psf": work.cube(DIRTY + "/psf")[c], "residual": residual[c], "model": model[c]}
        chan = casa_clean.write_bundle(work, head, images, keys, {"nmajor": 4, "stopcode": 1})
        shutil.move(chan, os.path.join(top, f"ch{c:05d}"))
    blank = np.full_like(residual[0], np.nan)
    chan = casa_clean.write_bundle(work, head, {"psf": blank, "residual": blank}, {}, {"nmajor": 1, "stopcode": -1, "residual_model": 0})
    shutil.move(chan, os.path.join(top, f"ch{nodata:05d}"))
    casa_clean.write_text(os.path.join(top, "00stream"), pcs=1)
    casa_clean.write_text(os.path.join(top, "00cube"), nchan=nodata + 1, specmode="cube", frame="LSRK", restfreq_hz=0, width_hz=244000,
                          fracbw=0, freq_hz=" ".join(f"{2.685e11 + 244000 * k}" for k in range(nodata + 1)))
    for c in range(nodata + 1):
        casa_clean.write_text(os.path.join(top, f"ch{c:05d}", "00plane"), index=c, freq_hz=2.685e11 + 244000 * c, width_hz=244000,
                              frame="LSRK", restfreq_hz=0)
    casa_clean.write_text(os.path.join(top, "zzend"), nchan=nodata + 1)
    return top


def check_beam(top, want):
    said = subprocess.run([os.path.join(tap.BIN, "pc-status"), "--common-beam", top], stdout=subprocess.PIPE, text=True, check=True).stdout
    record = dict(line.split("=", 1) for line in said.splitlines())
    tap.ok(record["channels"] == "3" and record["without"] == "1", "three channels have a beam, one has not", said)
    got = [float(v.rstrip("arcsecdg")) for v in record["beam"].split(",")]
    for name, a, b in zip(("major axis", "minor axis", "position angle"), got, want):
        tap.near(a, b, 1e-6 * abs(b), f"common beam: {name}")
    return record["beam"]


def plane(path):
    return fits.getdata(path)[0, 0].astype(float)


def check_images(work, top, want):
    image = work.cube(COMMON + "/image")
    for c in range(3):
        chan = os.path.join(top, f"ch{c:05d}")
        ours, theirs = plane(os.path.join(chan, "image.fits")), image[c]
        tap.below(np.max(np.abs(ours - theirs)) / theirs.max(), 5e-7, f"channel {c}: image, largest difference from CASA's over its peak")
        head = fits.getheader(os.path.join(chan, "image.fits"))
        tap.near(head["BMAJ"] * 3600, want[0], 1e-6 * want[0], f"channel {c}: the common beam is in the header")


def main():
    ref = tap.casa_dir()
    with tempfile.TemporaryDirectory() as tmp:
        work = casa_clean.Work(ref, tmp)
        _, result = work.params(COMMON)
        want = result["image_beams_arcsec_deg"][0]
        top = bundle(work, tmp, result["psf_beams_arcsec_deg"], 3)
        beam = check_beam(top, want)
        given = top + ".given"
        shutil.copytree(top, given)
        casa_clean.tool("pc-restore", top, "--restoringbeam=common")
        check_images(work, top, want)
        blank = os.path.join(top, "ch00003", "image.fits")
        tap.ok(np.isnan(plane(blank)).all() and "BMAJ" not in fits.getheader(blank), "the channel without data is blank, without a beam")
        casa_clean.tool("pc-restore", given, "--restoringbeam=" + beam)
        same = [fits.getheader(os.path.join(d, "ch00001", "image.fits"))["DATASUM"] for d in (top, given)]
        tap.ok(same[0] == same[1], "the beam that pc-status says gives the same pixels")
    tap.done()


if __name__ == "__main__":
    main()
