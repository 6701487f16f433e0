#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums of weights, psfs, primary beams and dirty images against CASA's own runs (casa-ref/)."""
import tempfile

import tap
from libcasa import check

with tempfile.TemporaryDirectory() as tmp:
    ms = tap.unpack("sim6", tmp)
    for run in ("natural", "natural_shift", "uniform", "briggs05", "briggs2", "briggsm1", "briggs05_320x256",
                "natural_rectcell", "superuniform", "radial", "briggsabs", "uniform_npix64", "briggs05_taper400klambda", "briggs05_taperell",
                "briggs05_taper0p3as_NEWCONST"):
        check(tmp, ms, "sim6_mfs_" + run)
    # the run gave the taper in wavelengths; the angle is the same to the digits it had
    check(tmp, ms, "sim6_mfs_briggs05_taper0p3as_NEWCONST", uvtaper="0.3arcsec")
    for run in ("natural", "uniform_pcwd1", "briggs_pcwd1", "briggsbwtaper"):
        check(tmp, ms, "sim6_cube_" + run, ["--start", "1", "--nchan", "3"])
    # CASA's density over all channels is that of the data that were selected, not of the three channels of the cube
    for run in ("uniform_pcwd0", "briggs_pcwd0"):
        check(tmp, ms, "sim6_cube_" + run, first=1)
    ms = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    for run in ("lupus_f3_cube_natural", "lupus_f3_cube_briggs_pcwd1", "lupus_f3_cube_briggs_pcwd0"):
        check(tmp, ms, run, ["--field", "3"])
    ms = tap.unpack("dmtau_sma_co21", tmp)
    for run in ("dmtau_cube_natural", "dmtau_cube_briggs_hogbom200"):
        check(tmp, ms, run)
tap.done()
