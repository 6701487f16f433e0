#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-mask against a plain auto-multithresh in Python, on small random skies with all parameters drawn at random:
pixel by pixel. A pixel whose smoothed mask is the cut itself to rounding would be a fair difference; none is."""
import os
import tempfile

import numpy as np
from scipy.ndimage import gaussian_filter

import libmask
import tap

CELL = 0.1


def sky(rng, nx, ny):
    """Noise with the beam's texture, and a few sources of either sign."""
    image = gaussian_filter(rng.normal(size=(ny, nx)), 1.3)
    image /= image.std()
    for _ in range(rng.integers(0, 6)):
        source = np.zeros((ny, nx))
        source[rng.integers(0, ny), rng.integers(0, nx)] = rng.choice([1, 1, 1, -1]) * rng.uniform(100, 3000)
        image += gaussian_filter(source, rng.uniform(1, 4))
    return (1e-3 * image).astype(np.float32)


def parameters(rng):
    c = dict(libmask.DEFAULTS)
    c.update(sidelobethreshold=rng.uniform(0, 3), noisethreshold=rng.uniform(2, 6), lownoisethreshold=rng.uniform(0.5, 2.5),
             negativethreshold=rng.choice([0, 0, 3.5]), smoothfactor=rng.choice([0, 0.7, 1, 2]),
             minbeamfrac=rng.choice([0, 0.3, 1]), cutthreshold=rng.choice([0.01, 0.1, 0.4]),
             growiterations=int(rng.choice([0, 3, 75])), dogrowprune=int(rng.integers(2)), fastnoise=int(rng.integers(2)),
             pbmask=rng.choice([0, 0.4]))
    return {k: v.item() if hasattr(v, "item") else v for k, v in c.items()}


def one(rng, work, i):
    nx, ny = int(rng.integers(40, 90)), int(rng.integers(40, 90))
    c = parameters(rng)
    beam = (rng.uniform(3, 6) * CELL, rng.uniform(2, 3) * CELL, rng.uniform(-90, 90))
    residual = sky(rng, nx, ny)
    y, x = np.mgrid[:ny, :nx]
    pb = np.exp(-((x - nx / 2) ** 2 + (y - ny / 2) ** 2) / (0.45 * max(nx, ny)) ** 2).astype(np.float32)
    pblimit = float(rng.choice([-0.2, 0.2]))
    pb = None if i % 4 == 0 else pb
    residual[rng.uniform(size=residual.shape) < 0.002] = np.nan
    prev = None if i % 3 == 0 else gaussian_filter(rng.normal(size=(ny, nx)), 4) > 0.12
    if i % 7 == 1:
        prev = np.full((ny, nx), i % 2 == 0)
    sidelobe, iterdone = rng.uniform(0.01, 0.15), int(rng.choice([0, 10, 10]))
    path = os.path.join(work, f"b{i}")
    libmask.write_bundle(path, [residual], CELL, beam, sidelobe, prev=None if prev is None else [prev], pb=pb,
                         pblimit=pblimit, iterdone=iterdone)
    libmask.pc_mask(path, c)
    got, _ = libmask.masknext(path, 0)
    want = libmask.automask(residual, pb, pblimit, prev, c, beam, CELL, sidelobe, iterdone)
    return got, want, c


def main():
    rng = np.random.default_rng(20)
    masked = 0
    with tempfile.TemporaryDirectory() as work:
        for i in range(60):
            got, want, c = one(rng, work, i)
            masked += want.sum()
            tap.ok((got == want).all(), f"sky {i}: {want.sum()} pixels of {want.size}, {(got != want).sum()} differ", c)
    tap.ok(masked > 5000, f"the masks are not empty: {masked} pixels in all")
    tap.done()


main()
