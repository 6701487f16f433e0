#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The w-term: residuals of observed data in wide fields, without and with a model, against direct Fourier sums with w in
double precision, at pixels drawn from the whole image and from its outermost 5 %; and what is chosen when nothing is said."""
import tempfile

import numpy as np
from astropy.io import fits

import tap
import libgrid as lg

LIMIT = 1e-5
NPIX = 400


def places(size, rng):
    """Pixels anywhere and pixels of the edges, corners included."""
    nx, ny = size
    any_of = np.stack([rng.integers(0, nx, NPIX), rng.integers(0, ny, NPIX)], 1)
    y, x = np.nonzero(lg.edge_of((ny, nx)))
    at = rng.choice(len(x), NPIX, replace=False)
    corners = np.array([(0, 0), (nx - 1, 0), (0, ny - 1), (nx - 1, ny - 1), (nx // 2, ny // 2)])
    return any_of, np.concatenate([np.stack([x[at], y[at]], 1), corners])


def compare(out, samples, size, cell, name, vis=None):
    s = samples
    got, _ = lg.plane(out, 0, "residual")
    for pixels, what in zip(places(size, np.random.default_rng(3)), ("anywhere", "of the outermost 5 %")):
        keep, s.vis = s.vis, s.vis if vis is None else vis
        want = lg.wide_image(s, size, cell, pixels)
        s.vis = keep
        mine = got[pixels[:, 1], pixels[:, 0]]
        tap.below(np.linalg.norm(mine - want) / np.linalg.norm(want), LIMIT, f"{name}: relative L2 of pixels {what}")


def wide(tmp, ms, name, size, cell, samples, select):
    out = f"{tmp}/{name}"
    lg.run("pc-select", "-o", out, "--specmode", "mfs", "--outframe", "TOPO", *select, ms)
    said = lg.run("pc-psf", "--imsize", f"{size[0]},{size[1]}", "--cell", f"{cell}arcsec", "--gridder", "auto", out)
    tap.ok("wterm=full" in said, f"{name}: the w-term is chosen", said)
    lg.run("pc-grid", out)
    compare(out, samples, size, cell, name)
    head = fits.getheader(f"{out}/ch00000/residual.fits")
    model = np.zeros(size[::-1], np.float32)
    for (y, x), flux in zip([(size[1] // 2, size[0] // 2), (0, 0), (size[1] - 1, size[0] - 1), (9, size[0] // 3)],
                            [3, 1, -0.7, 1.5]):
        model[y, x] = flux
    head["BUNIT"] = "Jy/pixel"
    fits.writeto(f"{out}/ch00000/model.fits", model[None, None], head, checksum=True)
    lg.run("pc-grid", out)
    compare(out, samples, size, cell, f"{name} with a model", samples.vis - lg.wide_visibilities(samples, model, cell))


with tempfile.TemporaryDirectory() as tmp:
    ms = tap.unpack("uvceti_mwa_154mhz", tmp)
    mwa = lg.Samples(ms)
    wide(tmp, ms, "uvceti", (1024, 1024), 60, mwa.held(60), ["--datacolumn", "data"])
    ms = tap.unpack("fls_vla_lband_widefield", tmp)
    wide(tmp, ms, "fls", (600, 501), 6, lg.Samples(ms, column="CORRECTED_DATA").held(6), ["--spw", "0"])
    out = f"{tmp}/small"
    lg.run("pc-select", "-o", out, "--specmode", "mfs", "--outframe", "TOPO", "--spw", "0", ms)
    said = lg.run("pc-psf", "--imsize", "16", "--cell", "0.1arcsec", out)
    tap.ok("wterm=none" in said, "in a narrow field two dimensions will do", said)
    said = lg.run("pc-psf", "--imsize", "64", "--cell", "10arcsec", "--gridder", "standard", out)
    tap.ok("wterm=none" in said and "neglects" in said, "the standard gridder neglects it, and says so", said)
    said = lg.run("pc-psf", "--imsize", "16", "--cell", "0.1arcsec", "--gridder", "wproject", out)
    tap.ok("wterm=full" in said, "wproject takes it into account anyway", said)
    out = f"{tmp}/allsky"
    lg.run("pc-select", "-o", out, "--specmode", "mfs", "--outframe", "TOPO", "--datacolumn", "data", f"{tmp}/uvceti_mwa_154mhz.ms")
    lg.run("pc-psf", "--imsize", "64", "--cell", "2deg", "--gridder", "widefield", out)
    lg.run("pc-grid", out)
    blank = np.isnan(lg.plane(out, 0, "residual")[0])
    y, x = np.indices(blank.shape)
    beyond = np.hypot(x - 32, y - 32) * 2 * np.pi / 180 >= 1
    tap.ok((blank == beyond).all(), "pixels beyond the horizon are blank, and no others", blank.sum(), beyond.sum())
tap.done()
