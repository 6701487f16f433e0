#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dirty images against wsclean on copies of observed sets whose hands have equal weights: wsclean takes the smaller of two,
CASA and we their mean. The images are so small that the w-term costs less than 1e-3."""
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap
import libgrid as lg

if not shutil.which("wsclean"):
    tap.skip_all("wsclean is not installed")
tap.data_dir()

SIZE = 256


def wsclean(tmp, ms, cell, weight, args):
    name = f"{tmp}/peer"
    command = ["wsclean", "-quiet", "-j", "1", "-no-small-inversion", "-use-wgridder", "-padding", "1", "-wgridder-accuracy", "1e-6", "-niter", "0",
               "-size", str(SIZE), str(SIZE), "-scale", f"{cell}asec", "-weight", *weight, "-make-psf", "-name", name, *args, ms]
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp)
    if p.returncode:
        tap.ok(False, " ".join(command), p.stdout)
        tap.done()
    return [fits.getdata(f"{name}-{what}.fits")[0, 0].astype(float) for what in ("dirty", "psf")]


def compare(mine, peer, name, limit):
    tap.below((mine - peer).std() / peer.std(), limit, f"{name}: rms of the difference, of the rms")
    here, there = (np.unravel_index(i.argmax(), i.shape)[::-1] for i in (mine, peer))
    away = max(abs(int(a) - int(b)) for a, b in zip(here, there))
    tap.ok(away <= (0 if limit < 0.01 else 2), f"{name}: peak at {tuple(map(int, here))}, {away} pixels from wsclean's")


def against(tmp, ms, name, cell, select, psf, args):
    """As one plane of specmode mfs, whose density has wsclean's cells (with -padding 1; a cube's are rounded otherwise).
    What wsclean calls uniform is near ours, which is CASA's to 1e-9 (grid_casa.py), but not the same."""
    for weighting, peer_weight, limit in (("natural", ["natural"], 1e-3), ("briggs", ["briggs", "0.5"], 1e-3),
                                          ("uniform", ["uniform"], 0.25)):
        out = f"{tmp}/{name}_{weighting}"
        lg.residuals(ms, out, ["--specmode", "mfs", *select],
                     ["--imsize", str(SIZE), "--cell", f"{cell}arcsec", "--weighting", weighting, *psf])
        dirty, beam = wsclean(tmp, ms, cell, peer_weight, args)
        compare(lg.plane(out, 0, "residual")[0], dirty, f"{name} {weighting}", limit)
        mine = lg.plane(out, 0, "psf")[0]
        tap.below(np.std(mine - beam) / beam.std(), 2 * limit, f"{name} {weighting}: psf")
        tap.ok(mine.max() == 1 and abs(beam.max() - 1) < 1e-4, f"{name} {weighting}: the peak of the psf is 1")


with tempfile.TemporaryDirectory() as tmp:
    ms = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    lg.equal_hands(ms)
    against(tmp, ms, "lupus", 0.7, ["--field", "3", "--spw", "0:6"], [], ["-field", "3", "-channel-range", "6", "7"])
    ms = tap.unpack("hd142527_alma_b9_cont", tmp)
    lg.equal_hands(ms)
    against(tmp, ms, "hd142527", 0.03, [], [], ["-reorder"])
    ms = tap.unpack("dmtau_sma_co21", tmp)
    against(tmp, ms, "dmtau", 0.3, ["--spw", "0:5"], ["--stokes", "XX"], ["-pol", "xx", "-channel-range", "3", "4"])
tap.done()
