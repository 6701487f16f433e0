# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-view's numbers against numpy: moments, spectra, cuts, kelvin, of a cube whose channels have beams of their own,
with frequency rising and falling."""
import math
import os
import subprocess
import tempfile
import warnings

import numpy as np
from astropy.io import fits
from scipy import ndimage

import libmask
import tap

C_KMS, K_B, CELL = 299792.458, 1.380649e-23, 0.1
NCHAN, NY, NX = 9, 50, 60
RNG = np.random.default_rng(7)


def make_cube(path, step_hz, unit="Jy/beam"):
    """Noise, a source that moves through the channels, a blank corner, a plane without data; beams that differ."""
    y, x = np.mgrid[:NY, :NX]
    cube = RNG.normal(scale=0.01, size=(NCHAN, NY, NX))
    for c in range(NCHAN):
        cube[c] += np.exp(-((c - 4) / 2) ** 2 - ((x - 26 - 2 * c) ** 2 + (y - 20 - c) ** 2) / 18)
    cube[:, :6, :6] = np.nan
    cube[7] = np.nan
    cube = cube.astype(np.float32)
    beam = np.array([(0.5 + 0.01 * c, 0.4 + 0.005 * c, 10 * c) for c in range(NCHAN)])
    h = libmask.header(CELL, RESTFRQ=libmask.FREQ + 2.3e6, OBJECT="a test", SPECSYS="LSRK", BUNIT=unit, CASAMBM=True)
    h["CRPIX1"], h["CRPIX2"], h["CDELT3"] = NX // 2 + 1, NY // 2 + 1, step_hz
    columns = [fits.Column("BMAJ", "1E", "arcsec", array=beam[:, 0]), fits.Column("BMIN", "1E", "arcsec", array=beam[:, 1]),
               fits.Column("BPA", "1E", "deg", array=beam[:, 2]), fits.Column("CHAN", "1J", array=np.arange(NCHAN)),
               fits.Column("POL", "1J", array=np.zeros(NCHAN, int))]
    table = fits.BinTableHDU.from_columns(columns, name="BEAMS")
    fits.HDUList([fits.PrimaryHDU(cube[None], h), table]).writeto(path)
    freq = libmask.FREQ + step_hz * np.arange(NCHAN)
    area_sr = math.pi / (4 * math.log(2)) * beam[:, 0] * beam[:, 1] * math.radians(1 / 3600) ** 2
    return cube.astype(float), freq, C_KMS * (1 - freq / h["RESTFRQ"]), area_sr


def view(*args):
    p = subprocess.run([os.path.join(tap.BIN, "pc-view"), *map(str, args)], capture_output=True, text=True)
    if p.returncode:
        raise RuntimeError(f"pc-view: exit {p.returncode}: {p.stderr}")


def sigma(plane):
    return 1.4826 * np.nanmedian(np.abs(plane - np.nanmedian(plane)))


def moment(cube, v, kind, clip, dv):
    with np.errstate(all="ignore"):
        use = np.isfinite(cube) & ((clip == 0) | (cube >= np.array([clip * sigma(p) for p in cube])[:, None, None]))
        i, v = np.where(use, cube, 0), v[:, None, None]
        first = (i * v).sum(axis=0) / i.sum(axis=0)
        best = np.where(use, cube, -np.inf)
        out = {0: i.sum(axis=0) * dv, 1: first, 2: np.sqrt((i * (v - first) ** 2).sum(axis=0) / i.sum(axis=0)),
               8: best.max(axis=0), 9: v[:, 0, 0][best.argmax(axis=0)]}[kind]
        return np.where(use.any(axis=0) & ((kind in (0, 8, 9)) | (i.sum(axis=0) > 0)), out, np.nan)


def same(got, want, name, tol=3e-6):
    nans = (np.isnan(got) == np.isnan(want)).all()
    off = np.nanmax(np.abs(got - want)) / np.nanmax(np.abs(want))
    tap.ok(nans and off < tol and np.isfinite(want).any(), f"{name}: {off:.1e} of the largest", f"blank pixels differ: {not nans}")


def check_moments(dir, path, cube, freq, v, dv, name):
    for kind, clip in ((0, 0), (0, 3), (1, None), (2, None), (8, 0), (9, None), (1, 8)):
        out = f"{dir}/m.fits"
        view(path, "--moment", kind, *(["--clip", clip] if clip is not None else []), "-o", out)
        with fits.open(out) as f:
            got, unit = np.squeeze(f[0].data).astype(float), f[0].header["BUNIT"]
        clip = 5 if clip is None else clip
        same(got, moment(cube, v, kind, clip, dv), f"{name}: moment {kind} above {clip} sigma")
        tap.ok(unit == {0: "Jy/beam.km/s", 8: "Jy/beam"}.get(kind, "km/s"), f"its unit is {unit}")
    view(path, "--moment", 0, "--channels", "2~6^2,3", "-o", f"{dir}/m.fits")
    same(np.squeeze(fits.getdata(f"{dir}/m.fits")).astype(float), moment(cube[[2, 3, 4, 6]], v[[2, 3, 4, 6]], 0, 0, dv),
         f"{name}: of some channels, each with its own width")


def table(path):
    return np.genfromtxt(path, names=True, delimiter="\t")


def check_spectra(dir, path, cube, freq, v, area_sr, name):
    out = f"{dir}/s.tsv"
    y, x = np.mgrid[:NY, :NX]
    part = (x - 30) ** 2 + (y - 22) ** 2 <= 10 ** 2
    area_px = area_sr / math.radians(CELL / 3600) ** 2
    order = np.argsort(v)
    region = "circle[[30pix, 22pix], 10pix]"
    view(path, "--spectrum", region, "-o", out)
    t = table(out)
    tap.ok(t.dtype.names == ("channel", "freq_hz", "velocity_kms", "flux_jy", "pixels"), f"{name}: columns", t.dtype.names)
    tap.ok((np.diff(t["velocity_kms"]) > 0).all() and (t["channel"] == order).all(), f"{name}: in the order of velocity")
    tap.ok(np.allclose(t["velocity_kms"], v[order], atol=1e-6) and np.allclose(t["freq_hz"], freq[order], rtol=1e-11),
           f"{name}: radio velocities")
    want = np.where(np.isfinite(cube[:, 22, 30]), np.nansum(cube * part, axis=(1, 2)) / area_px, np.nan)
    same(t["flux_jy"], want[order], f"{name}: flux of a region")
    with open(f"{dir}/r.reg", "w") as f:
        f.write("# Region file format: DS9 version 4.1\nimage\ncircle(31,23,10)\n")
    view(path, "--spectrum", f"{dir}/r.reg", "-o", f"{dir}/ds9.tsv")
    tap.ok(open(f"{dir}/ds9.tsv").read() == open(out).read(), f"{name}: the same region as DS9 writes it")
    tap.ok((t["pixels"] == np.where(np.isfinite(want), part.sum(), 0)[order]).all(), "and its pixels")
    view(path, "--spectrum", region, "--statistic", "mean", "-o", out)
    same(table(out)["mean_jy_per_beam"], (want * area_px / part.sum())[order], f"{name}: mean of a region")
    view(path, "--spectrum", region, "--statistic", "peak", "-o", out)
    same(table(out)["peak_jy_per_beam"], np.where(np.isfinite(want), np.nanmax(np.where(part, cube, -9), axis=(1, 2)), np.nan)[order],
         f"{name}: peak of a region")
    kelvin = 1e-26 * (C_KMS * 1e3) ** 2 / (2 * K_B * freq ** 2 * area_sr)
    view(path, "--spectrum", "31,23", "--unit", "k", "-o", out)
    same(table(out)["mean_k"], (cube[:, 23, 31] * kelvin)[order], f"{name}: a pixel, in K by the beam of each channel")
    view(path, "--moment", 0, "--unit", "k", "-o", f"{dir}/k.fits")
    same(np.squeeze(fits.getdata(f"{dir}/k.fits")).astype(float),
         moment(cube * kelvin[:, None, None], v, 0, 0, abs(v[1] - v[0])), f"{name}: moment 0 in K km/s")
    sky = f"ellipse[[150.0deg, -30.0deg], [0.9arcsec, 0.5arcsec], 30deg]"
    with open(f"{dir}/r.crtf", "w") as f:
        f.write("#CRTF\n" + sky + ", coord=ICRS\n")
    east, north = -(x - NX // 2) * CELL, (y - NY // 2) * CELL  # the long axis is at 30 deg from north through east
    along = north * math.cos(math.radians(30)) + east * math.sin(math.radians(30))
    across = east * math.cos(math.radians(30)) - north * math.sin(math.radians(30))
    part = (along / 0.9) ** 2 + (across / 0.5) ** 2 <= 1
    view(path, "--spectrum", f"{dir}/r.crtf", "-o", out)
    want = np.where(np.isfinite(cube[:, 25, 30]), np.nansum(cube * part, axis=(1, 2)) / area_px, np.nan)
    same(table(out)["flux_jy"], want[order], f"{name}: a region of the sky from a file")
    fits.writeto(f"{dir}/mask.fits", (cube > 0.3)[None].astype(np.uint8), fits.getheader(path), overwrite=True)
    view(path, "--spectrum", f"{dir}/mask.fits", "-o", out)
    want = np.where(np.isfinite(cube[:, 25, 30]), np.where(cube > 0.3, cube, 0).sum(axis=(1, 2)) / area_px, 0)
    got = table(out)["flux_jy"]
    same(got, want[order], f"{name}: within the mask of each channel")


def check_cut(dir, path, cube, v, name):
    out, pa, length = f"{dir}/pv.tsv", 35.0, 3.0
    view(path, "--pv", f"{pa}deg", "--length", f"{length}arcsec", "--center", "34,24", "--pvwidth", "0.3arcsec", "-o", out)
    t = table(out)
    offset = np.unique(t["offset_arcsec"])
    tap.ok(len(offset) == 31 and abs(offset[-1] - 1.5) < 1e-6, f"{name}: a cut of 3 arcsec has 31 points of 0.1")
    s, c = math.sin(math.radians(pa)), math.cos(math.radians(pa))
    want = []
    for k in np.argsort(v):
        lines = []
        for across in (-1, 0, 1):  # in cells, to the other side of the line
            x = 34 - offset / CELL * s - across * c
            y = 24 + offset / CELL * c - across * s
            lines.append(ndimage.map_coordinates(cube[k], (y, x), order=1, cval=np.nan))
        want.append(np.mean(lines, axis=0))
    got = t["brightness_jy_per_beam"].reshape(NCHAN, -1)
    same(got, np.array(want), f"{name}: bilinear along position angle {pa}, averaged over three cells")
    tap.ok((np.diff(t["velocity_kms"].reshape(NCHAN, -1)[:, 0]) > 0).all(), f"{name}: velocity grows")
    view(path, "--pv", f"{pa}deg", "--length", f"{length}arcsec", "--pvwidth", "0.3arcsec",
         "--center", "149.9998716754deg,-30.0000277778deg", "-o", f"{dir}/sky.tsv")
    # 0.4 arcsec west of the reference pixel (30, 25), 0.1 south of it: the same middle
    same(table(f"{dir}/sky.tsv")["brightness_jy_per_beam"].reshape(NCHAN, -1), got, f"{name}: about a place of the sky", 1e-3)


def check_uneven(dir):
    """A cube of ours whose channels are not evenly spaced has their frequencies in a table."""
    path, out = f"{dir}/uneven.fits", f"{dir}/m.fits"
    cube, freq, _, _ = make_cube(path, 1e6)
    freq = libmask.FREQ + 1e6 * np.cumsum([0, 1, 1, 3, 1, 2, 1, 1, 0.5])
    with fits.open(path, mode="append") as f:
        f.append(fits.BinTableHDU.from_columns([fits.Column("FREQ", "1D", "Hz", array=freq)], name="FREQ"))
    v = C_KMS * (1 - freq / (libmask.FREQ + 2.3e6))
    width = np.abs(np.concatenate([[v[1] - v[0]], (v[2:] - v[:-2]) / 2, [v[-1] - v[-2]]]))
    view(path, "--moment", 0, "-o", out)
    same(np.squeeze(fits.getdata(out)).astype(float), np.where(np.isfinite(cube).any(axis=0), np.nansum(cube * width[:, None, None], axis=0), np.nan),
         "channels that are not evenly spaced count as wide as they are")
    view(path, "--spectrum", "30,22", "-o", f"{dir}/s.tsv")
    t = table(f"{dir}/s.tsv")
    tap.ok(np.allclose(t["velocity_kms"], v[::-1], atol=1e-6), "and have velocities of their own")
    try:
        view(path, "--pv", "3deg", "-o", f"{dir}/x.png")
        tap.ok(False, "a cut through them is refused")
    except RuntimeError as e:
        tap.ok("exit 65" in str(e) and "not evenly spaced" in str(e), "a cut through them is refused", e)


def main():
    warnings.simplefilter("ignore", RuntimeWarning)  # of planes that are blank
    with tempfile.TemporaryDirectory() as dir:
        for name, step in (("rising", 1.1e6), ("falling", -1.1e6)):
            path = f"{dir}/{name}.fits"
            cube, freq, v, area_sr = make_cube(path, step)
            check_moments(dir, path, cube, freq, v, abs(v[1] - v[0]), name)
            check_spectra(dir, path, cube, freq, v, area_sr, name)
            check_cut(dir, path, cube, v, name)
        check_uneven(dir)
    tap.done()


main()
