# SPDX-License-Identifier: GPL-3.0-or-later
"""For the tests of pc-mask: channels written as directories, the program run on them, and auto-multithresh written
down once more, plainly, from its description (spec/casa-imaging.md section 7) for comparison."""
import math
import os
import subprocess

import numpy as np
from astropy.io import fits
from scipy import ndimage
from scipy.special import erfc

import tap

AUTOMASK = ("sidelobethreshold noisethreshold lownoisethreshold negativethreshold smoothfactor minbeamfrac cutthreshold "
            "growiterations dogrowprune minpercentchange fastnoise pbmask").split()
DEFAULTS = dict(sidelobethreshold=3, noisethreshold=5, lownoisethreshold=1.5, negativethreshold=0, smoothfactor=1,
                minbeamfrac=0.3, cutthreshold=0.01, growiterations=75, dogrowprune=1, minpercentchange=-1, fastnoise=1,
                pbmask=0, threshold=0)
FREQ, WIDTH = 230e9, 1e6


# ---- channels as files ----

def header(cell, beam=None, **extra):
    h = fits.Header()
    axes = [("RA---SIN", 150.0, -cell / 3600, "deg"), ("DEC--SIN", -30.0, cell / 3600, "deg"), ("FREQ", FREQ, WIDTH, "Hz"),
            ("STOKES", 1.0, 1.0, "")]
    for i, (ctype, value, step, unit) in enumerate(axes, 1):
        h[f"CTYPE{i}"], h[f"CRVAL{i}"], h[f"CDELT{i}"], h[f"CRPIX{i}"], h[f"CUNIT{i}"] = ctype, value, step, 1.0, unit
    h["BUNIT"] = "Jy/beam"
    if beam:
        h["BMAJ"], h["BMIN"], h["BPA"] = beam[0] / 3600, beam[1] / 3600, beam[2]
    h.update(extra)
    return h


def write_plane(path, plane, cell, **extra):
    h = header(cell, **extra)
    h["CRPIX1"], h["CRPIX2"] = plane.shape[1] // 2 + 1, plane.shape[0] // 2 + 1
    if plane.dtype == bool:
        plane = plane.astype(np.uint8)
    fits.writeto(path, plane[None, None], h, overwrite=True)


def gaussian(shape, cell, beam):
    """Of peak 1 at the centre pixel."""
    y, x = (np.mgrid[:shape[0], :shape[1]] - np.array(shape)[:, None, None] // 2) * cell
    x, pa = -x, math.radians(beam[2])  # east is to the left
    along, across = y * math.cos(pa) + x * math.sin(pa), x * math.cos(pa) - y * math.sin(pa)
    return np.exp(-4 * math.log(2) * ((along / beam[0]) ** 2 + (across / beam[1]) ** 2)).astype(np.float32)


def write_text(path, **keys):
    with open(path, "w") as f:
        for key, value in keys.items():
            for v in value if isinstance(value, list) else [value]:
                f.write(f"{key}={v}\n")


def write_bundle(path, residuals, cell, beam, sidelobe, prev=None, pb=None, pblimit=0.2, iterdone=0, cyclethreshold=0,
                 stopcode=0):
    """A directory of channels, one for each residual plane (None: the channel has none)."""
    n = len(residuals)
    os.makedirs(path)
    write_text(f"{path}/00stream", pcs=1)
    write_text(f"{path}/00cube", nchan=n, specmode="cube", frame="LSRK", restfreq_hz=FREQ, width_hz=WIDTH, fracbw=0.1,
               freq_hz=[FREQ + i * WIDTH for i in range(n)])
    write_text(f"{path}/zzend", nchan=n)
    for i, residual in enumerate(residuals):
        chan = f"{path}/ch{i:05d}"
        os.makedirs(chan)
        write_text(f"{chan}/00plane", index=i, freq_hz=FREQ + i * WIDTH, width_hz=WIDTH, frame="LSRK", restfreq_hz=FREQ)
        write_plane(f"{chan}/psf.fits", gaussian(residual.shape, cell, beam), cell, beam=beam, SIDELOBE=sidelobe)
        if pb is not None:
            write_plane(f"{chan}/pb.fits", pb, cell, PBLIMIT=pblimit)
        write_text(f"{chan}/state", iterdone=iterdone, nmajor=1, stopcode=stopcode, peakres_jy=0,
                   cyclethreshold_jy=repr(cyclethreshold), peak_prev_jy=-1, peak_min_jy=-1, residual_model=0)
        write_plane(f"{chan}/residual.fits", residual, cell, beam=beam)
        if prev is not None:
            write_plane(f"{chan}/mask.fits", prev[i], cell)
        members = [f"{name} {os.path.getsize(f'{chan}/{name}')}" for name in sorted(os.listdir(chan))]
        write_text(f"{chan}/zzplane", member=members)


def pc_mask(path, c, *args, usemask="auto-multithresh"):
    """Runs pc-mask on the directory; its standard error."""
    options = [f"--usemask={usemask}"]
    if usemask == "auto-multithresh":
        for name in AUTOMASK:
            flag = name in ("dogrowprune", "fastnoise")
            options.append(f"--{name}={str(bool(c[name])).lower() if flag else c[name]}")
        options.append(f"--threshold={c['threshold']}Jy")
    p = subprocess.run([os.path.join(tap.BIN, "pc-mask"), *options, *args, path], capture_output=True, text=True)
    if p.returncode:
        raise RuntimeError(f"pc-mask: exit {p.returncode}: {p.stderr}")
    return p.stderr


def masknext(path, chan):
    """The plane, and its header."""
    with fits.open(f"{path}/ch{chan:05d}/masknext.fits") as f:
        return np.squeeze(f[0].data) > 0, f[0].header


# ---- auto-multithresh, plainly ----

def median_mad(v):
    m = np.median(v)
    return m, np.median(np.abs(v - m))


def chauvenet_z(n):
    lo, hi = 0.0, 40.0
    for _ in range(200):
        z = (lo + hi) / 2
        lo, hi = (z, hi) if n * erfc(z / math.sqrt(2)) > 0.5 else (lo, z)
    return lo


def chauvenet(v):
    kept, before = v, -1
    for _ in range(6):
        if len(kept) == before:
            break
        before, m = len(kept), kept.mean()
        d = chauvenet_z(before) * kept.std(ddof=1)
        kept = v[(v >= m - d) & (v <= m + d)]
    return kept


def prune(mask, size):
    label, n = ndimage.label(mask)
    keep = np.bincount(label.ravel()) >= size
    keep[0] = False
    return keep[label]


def smooth(mask, cell, beam, c):
    """Sum over the Gaussians of all masked pixels, one by one."""
    if not mask.any() or c["smoothfactor"] == 0:
        return mask
    ny, nx = mask.shape
    y, x = np.mgrid[-ny + 1:ny, -nx + 1:nx] * cell
    x = -x  # east is to the left
    pa = math.radians(beam[2])
    along, across = y * math.cos(pa) + x * math.sin(pa), x * math.cos(pa) - y * math.sin(pa)
    k = np.exp(-4 * math.log(2) * ((along / beam[0]) ** 2 + (across / beam[1]) ** 2) / c["smoothfactor"] ** 2)
    total = np.zeros(mask.shape)
    for j, i in zip(*np.nonzero(mask)):
        total += k[ny - 1 - j:2 * ny - 1 - j, nx - 1 - i:2 * nx - 1 - i]
    return total > c["cutthreshold"] * total.max()


def grow(prev, allow, passes):
    m = prev.copy()
    for _ in range(passes):
        n = m | ndimage.binary_dilation(m & allow, ndimage.generate_binary_structure(2, 1))
        if (n == m).all():
            break
        m = n
    return m & allow


def automask(res, pb, pblimit, prev, c, beam, cell, sidelobe, iterdone):
    f = np.float32
    valid = np.isfinite(res)
    within = np.ones_like(valid)
    if pb is not None:
        valid &= pb > f(pblimit) if pblimit > 0 else True
        within = pb > f(c["pbmask"]) if c["pbmask"] > 0 else within
    region = valid & within
    values = res[region].astype(np.float64)
    masked = (prev & region).sum() if prev is not None else 0
    if c["fastnoise"]:
        med, mad = median_mad(values)
    elif masked in (0, region.sum()):
        med, mad = median_mad(chauvenet(values))
    else:
        med, mad = median_mad(res[region & ~prev].astype(np.float64))
    sigma, med = f(1.4826 * mad), f(med)
    side = f(sidelobe) * f(c["sidelobethreshold"]) * f(np.abs(values).max())
    high = max(side, f(c["noisethreshold"]) * sigma) + med
    low = max(side, f(c["lownoisethreshold"]) * sigma) + med
    negative = -max(side, f(c["negativethreshold"]) * sigma) + med
    size = c["minbeamfrac"] * math.pi * beam[0] * beam[1] / (4 * math.log(2)) / cell ** 2
    with np.errstate(invalid="ignore"):
        mask = valid & (res > high)
        allow = valid & (res > low)
        below = valid & (res < negative)
    if c["minbeamfrac"] > 0:
        mask = prune(mask, size)
    mask = smooth(mask, cell, beam, c)
    if iterdone > 0 and c["growiterations"] > 0 and prev is not None:
        grown = grow(prev, allow, c["growiterations"])
        if c["dogrowprune"] and c["minbeamfrac"] > 0:
            grown = prune(grown, size)
        mask = mask | smooth(grown, cell, beam, c)
    if c["negativethreshold"] > 0:
        mask = mask | smooth(below, cell, beam, c)
    if prev is not None:
        mask = mask | prev
    return mask & region
