#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stokes planes of observed data, of linear and of circular correlations, against direct Fourier sums of the Stokes
visibilities; every --stokes against the planes of IQUV; models of several planes against direct sums, with the w-term and
without; pseudoI where a hand is flagged; double precision to 1e-12; the bytes of any number of threads."""
import filecmp
import os
import shutil
import tempfile

import numpy as np
from astropy.io import fits

import tap
import libgrid as lg

LIMIT = 1e-5


def compare(got, want, name, limit=LIMIT):
    edge = lg.edge_of(want.shape)
    tap.below(lg.rel_l2(got, want), limit, f"{name}: relative L2")
    tap.below(lg.rel_l2(got, want, edge), limit, f"{name}: of the outermost 5 %")


def remake(out, *psf):
    """psf and residual anew."""
    lg.run("pc-psf", *psf, out)
    return lg.run("pc-grid", out)


def selected(tmp, ms, name, *select):
    out = f"{tmp}/{name}"
    lg.run("pc-select", "-o", out, "--specmode", "mfs", "--outframe", "TOPO", "--datacolumn", "data", *select, ms)
    return out


def four_planes(tmp, ms, name, size, cell, others, **which):
    out = selected(tmp, ms, name, *which.pop("select", ()))
    psf = ["--imsize", f"{size[0]},{size[1]}", "--cell", f"{cell}arcsec", "--gridder", "standard"]
    remake(out, "--stokes", "IQUV", *psf)
    planes = {}
    for pol, stokes in enumerate("IQUV"):
        s = lg.Samples(ms, stokes=stokes, **which).held(cell)
        planes[stokes], head = lg.plane(out, 0, "residual", pol)
        compare(planes[stokes], lg.direct_image(s, size, cell), f"{name}: Stokes {stokes}")
    tap.ok(head["NAXIS4"] == 4 and head["CRVAL4"] == 1 and head["CDELT4"] == 1, f"{name}: the axis is that of I, Q, U, V")
    sumwt = fits.getdata(f"{out}/ch00000/sumwt.fits").ravel()
    tap.below(abs(sumwt / s.weight.sum() - 1).max(), 1e-6, f"{name}: sumwt of each plane is the sum of the weights")
    beams = [lg.plane(out, 0, "psf", pol)[0] for pol in range(4)]
    tap.ok(all((b == beams[0]).all() for b in beams), f"{name}: a psf for each plane, all the same")
    for stokes in others:
        remake(out, "--stokes", stokes, *psf)
        names = [stokes] if stokes in ("XX", "YY", "RR", "LL") else \
            [stokes[:2], stokes[2:]] if stokes in ("XXYY", "RRLL") else list(stokes)
        for pol, plane in enumerate(names):
            got = lg.plane(out, 0, "residual", pol)[0]
            if plane in planes:
                tap.below(lg.rel_l2(got, planes[plane]), 1e-6, f"{name}: {plane} of --stokes {stokes} is that of IQUV")
            else:
                s = lg.Samples(ms, stokes=plane, **which).held(cell)
                compare(got, lg.direct_image(s, size, cell), f"{name}: {plane} of --stokes {stokes}")
        expect = 2 if stokes == "I" else 1
        sumwt = fits.getdata(f"{out}/ch00000/sumwt.fits").ravel()
        tap.ok(len(sumwt) == len(names) and abs(sumwt / s.weight.sum() - expect).max() < 1e-6,
               f"{name}: sumwt of --stokes {stokes} counts {expect}", sumwt / s.weight.sum())
    return out, psf


def with_models(out, psf, ms, size, cell, wide):
    """Four models, with the w-term or without: each plane's residual is that of its own model."""
    remake(out, "--stokes", "IQUV", *psf[:-1], "widefield" if wide else "standard")
    model = np.zeros((4, 1, size[1], size[0]), np.float32)
    for pol in range(4):
        model[pol, 0, size[1] // 2 + 3 * pol, size[0] // 2 - pol] = 1 + pol
        model[pol, 0, 5 + pol, size[0] - 3] = 0.5
    head = fits.getheader(f"{out}/ch00000/residual.fits")
    head["BUNIT"] = "Jy/pixel"
    fits.writeto(f"{out}/ch00000/model.fits", model, head, checksum=True, overwrite=True)
    said = lg.run("pc-grid", out)
    tap.ok("predicted=sum" in said, "a sparse model is summed directly", said)
    rng = np.random.default_rng(1)
    pixels = np.stack([rng.integers(0, size[0], 300), rng.integers(0, size[1], 300)], 1)
    for pol, stokes in enumerate("IQUV"):
        s = lg.Samples(ms, stokes=stokes).held(cell)
        predict = lg.wide_visibilities if wide else lg.direct_visibilities
        s.vis = s.vis - predict(s, model[pol, 0], cell)
        if not wide:
            s.w = np.zeros_like(s.w)
        want = lg.wide_image(s, size, cell, pixels)
        got = lg.plane(out, 0, "residual", pol)[0][pixels[:, 1], pixels[:, 0]]
        tap.below(lg.rel_l2(got, want), LIMIT, f"a model of four planes{' with w' if wide else ''}: Stokes {stokes}")
    os.remove(f"{out}/ch00000/model.fits")


def pseudo(tmp, ms, size, cell):
    """Half of the YY hands flagged: I loses them, pseudoI keeps the XX hand for what it is."""
    from casacore.tables import table
    copy = f"{tmp}/pseudo.ms"
    shutil.copytree(ms, copy)
    with table(copy, readonly=False, ack=False) as t:
        flag = t.getcol("FLAG")
        flag[::2, :, -1] = True
        flag[1::6, :, 0] = True
        t.putcol("FLAG", flag)
    out = selected(tmp, copy, "pseudo", "--field", "3", "--specmode", "cubedata", "--outframe", "", "--channels", "6")
    psf = ["--imsize", f"{size[0]},{size[1]}", "--cell", f"{cell}arcsec", "--gridder", "standard"]
    lg.run("pc-psf", "--stokes", "pseudoI", *psf, out)
    lg.run("pc-grid", out)
    t = table(copy, ack=False).query("FIELD_ID==3")
    weight = t.getcol("WEIGHT_SPECTRUM")[:, 6] * ~(t.getcol("FLAG")[:, 6] | t.getcol("FLAG_ROW")[:, None])
    weight = weight.astype(float)
    both = (weight > 0).all(-1)
    weight[both] = weight[both].mean(-1)[:, None]  # CASA: both hands with the weight of the sample
    sums, total = 0, weight.sum()
    for k, hand in enumerate(("XX", "YY")):
        s = lg.Samples(ms, field=3, chans=6, stokes=hand)
        s.weight = weight[:, k]
        sums = sums + lg.direct_image(s, size, cell) * s.weight.sum()
    compare(lg.plane(out, 6, "residual")[0], sums / total, "pseudoI with flagged hands")
    tap.near(fits.getdata(f"{out}/ch00006/sumwt.fits").ravel()[0] / total, 1, 1e-6, "pseudoI: sumwt counts the good hands")


def double(tmp, ms):
    """1e-12 of the direct sum, in planes of 64 bits; several planes with a model."""
    size, cell = (120, 101), 1.5
    out = selected(tmp, ms, "double", "--field", "3", "--specmode", "cubedata", "--outframe", "", "--channels", "6")
    s = lg.Samples(ms, field=3, chans=6)
    for accuracy in (1e-12, 1e-9, 1e-7):
        remake(out, "--imsize", f"{size[0]},{size[1]}", "--cell", f"{cell}arcsec", "--gridder", "standard",
               "--precision", "double", "--accuracy", str(accuracy))
        got, head = lg.plane(out, 6, "residual")
        compare(got, lg.direct_image(s, size, cell), f"double precision, accuracy {accuracy:g}: residual", accuracy)
        want = lg.direct_image(s, size, cell, vis=np.ones(len(s.u)))
        compare(lg.plane(out, 6, "psf")[0], want / want.max(), f"double precision, accuracy {accuracy:g}: psf", accuracy)
    tap.ok(head["BITPIX"] == -64, "planes have 64 bits")


def threads(tmp, ms):
    """The bytes do not depend on threads."""
    one = selected(tmp, ms, "one", "--field", "3", "--specmode", "cubedata", "--outframe", "", "--channels", "6")
    psf = ["--imsize", "400,300", "--cell", "1.5arcsec", "--stokes", "XXYY", "--weighting", "briggs"]
    for gridder in ("standard", "widefield"):
        outs = []
        for n in (1, 2, 5):
            out = f"{tmp}/threads{n}{gridder}"
            shutil.copytree(one, out)
            remake(out, "--threads", str(n), "--gridder", gridder, *psf)
            head = fits.getheader(f"{out}/ch00006/residual.fits")
            model = np.random.default_rng(4).normal(size=(2, 1, 300, 400)).astype(np.float32)
            fits.writeto(f"{out}/ch00006/model.fits", model, head, checksum=True)
            said = lg.run("pc-grid", "--threads", str(n), out)
            outs.append(out)
        tap.ok("predicted=grid" in said, "a dense model is predicted by the gridder", said)
        for out in outs[1:]:
            same = all(filecmp.cmp(f"{outs[0]}/ch00006/{name}.fits", f"{out}/ch00006/{name}.fits", False)
                       for name in ("psf", "residual", "sumwt", "pb"))
            tap.ok(same, f"{gridder}: {os.path.basename(out)} has the bytes of one thread")


with tempfile.TemporaryDirectory() as tmp:
    mwa = tap.unpack("uvceti_mwa_154mhz", tmp)
    out, psf = four_planes(tmp, mwa, "linear", (180, 151), 480, ["I", "Q", "U", "V", "IV", "QU", "IQU", "XX", "XXYY"])
    with_models(out, psf, mwa, (180, 151), 480, False)
    with_models(out, psf, mwa, (180, 151), 480, True)
    m87 = tap.unpack("m87_vlba_mojave_8ghz", tmp)
    four_planes(tmp, m87, "circular", (128, 100), 0.0002, ["I", "U", "IV", "QU", "LL", "RRLL"], spws=(0, 1))
    lupus = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    pseudo(tmp, lupus, (100, 90), 1.5)
    double(tmp, lupus)
    threads(tmp, lupus)
tap.done()
