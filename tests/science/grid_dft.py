#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dirty image, psf and residual of observed data against direct Fourier sums in double precision: 1e-5 of the L2 norm over
the whole image, and over its outermost 5 % alone."""
import tempfile

import numpy as np
from astropy.io import fits

import tap
import libgrid as lg

LIMIT = 1e-5


def compare(got, want, name):
    edge = lg.edge_of(want.shape)
    tap.below(lg.rel_l2(got, want), LIMIT, f"{name}: relative L2")
    tap.below(lg.rel_l2(got, want, edge), LIMIT, f"{name}: of the outermost 5 %")


def dirty(tmp, ms, name, size, cell, chan, samples, select, psf=()):
    out = f"{tmp}/{name}"
    lg.residuals(ms, out, select, ["--imsize", f"{size[0]},{size[1]}", "--cell", f"{cell}arcsec", *psf])
    got, head = lg.plane(out, chan, "residual")
    compare(got, lg.direct_image(samples, size, cell), f"{name}: residual")
    beam, _ = lg.plane(out, chan, "psf")
    want = lg.direct_image(samples, size, cell, vis=np.ones(len(samples.u)))
    compare(beam, want / want.max(), f"{name}: psf")
    tap.ok(beam.max() == 1 and beam[size[1] // 2, size[0] // 2] == 1, f"{name}: the peak of the psf is 1, at the centre")
    return out, got, head


def with_model(tmp, ms, samples):
    """A model of points, corners included: the residual is that of V - M, and belongs to the model."""
    size, cell = (200, 150), 0.3
    out, _, head = dirty(tmp, ms, "dmtau_200x150", size, cell, 5, samples,
                         ["--channels", "5"], ["--stokes", "XX", "--accuracy", "1e-5"])
    model = np.zeros((150, 200), np.float32)
    for (y, x), flux in zip([(75, 100), (0, 0), (149, 199), (3, 198), (80, 61)], [2.5, 1, -0.7, 0.3, 1.5]):
        model[y, x] = flux
    head = head.copy()
    head["BUNIT"] = "Jy/pixel"
    fits.writeto(f"{out}/ch00005/model.fits", model[None, None], head, checksum=True)
    said = lg.run("pc-grid", out)
    want = lg.direct_image(samples, size, cell, vis=samples.vis - lg.direct_visibilities(samples, model, cell))
    compare(lg.plane(out, 5, "residual")[0], want, "dmtau with a model: residual")
    tap.ok("nmajor=2" in said, "the second residual is counted", said)
    tap.ok("passed=1" in lg.run("pc-grid", out), "once it belongs to the model, the residual is passed on")
    fits.writeto(f"{out}/ch00005/model.fits", np.zeros_like(model)[None, None], head, checksum=True, overwrite=True)
    tap.ok("model=0" in lg.run("pc-grid", out), "a model of zeros is no model")


with tempfile.TemporaryDirectory() as tmp:
    ms = tap.unpack("dmtau_sma_co21", tmp)
    dirty(tmp, ms, "dmtau", (256, 256), 0.3, 3, lg.Samples(ms, chans=3), ["--channels", "3"], ["--stokes", "XX"])
    with_model(tmp, ms, lg.Samples(ms, chans=5))
    ms = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    lupus = lg.Samples(ms, field=3, chans=6)
    dirty(tmp, ms, "lupus", (256, 256), 1.5, 6, lupus, ["--field", "3", "--channels", "6"])
    dirty(tmp, ms, "lupus_odd", (255, 173), 2.1, 6, lupus, ["--field", "3", "--channels", "6"])
    ms = tap.unpack("fls_vla_lband_widefield", tmp)
    fls = lg.Samples(ms, column="CORRECTED_DATA")
    dirty(tmp, ms, "fls", (256, 256), 1.5, 0, fls, ["--spw", "0", "--specmode", "mfs", "--outframe", "TOPO"])
    dirty(tmp, ms, "fls_coarse", (256, 256), 10, 0, fls.held(10), ["--spw", "0", "--specmode", "mfs", "--outframe", "TOPO"])
    ms = tap.unpack("hd142527_alma_b9_cont", tmp)
    dirty(tmp, ms, "hd142527", (256, 256), 0.03, 0, lg.Samples(ms, spws=(0, 1, 2)),
          ["--specmode", "mfs", "--outframe", "TOPO", "--datacolumn", "data"])
tap.done()
