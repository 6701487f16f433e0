#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Primary beams of arrays whose dishes differ and of several pointings, against Airy patterns by scipy and the weights and
antennas that the bundle itself has; and what pblimit bounds, from pc-psf to the finished cubes."""
import glob
import os
import re
import shutil
import sys
import tempfile

import numpy as np
from astropy.io import fits
from scipy.special import j1

import tap
import libgrid as lg
sys.path.append(os.path.join(tap.ROOT, "tests"))
import pcs  # noqa: E402

SIZE, CELL = 120, 0.5
ARRAY = ["--nant", "14", "--ntime", "10", "--nchan", "2", "--bmax", "150", "--flagged", "0.1"]
PSF = ["--imsize", str(SIZE), "--cell", f"{CELL}arcsec", "--weighting", "briggs"]


def voltage(diam, r_deg_ghz):
    """ALMA's dishes as CASA has them: spec section 4.3."""
    dish, reach = (6.25, 3.568) if diam < 12 else (10.7, 1.784)
    x, ratio = np.maximum(r_deg_ghz * 7.016 / 1.566 * dish / 24.5, 1e-9), dish / 0.75
    v = (ratio ** 2 * 2 * j1(x) / x - 2 * j1(x * ratio) / (x * ratio)) / (ratio ** 2 - 1)
    return np.where(r_deg_ghz <= reach, v, 0)


def distance(head, ra, dec):
    """Degrees from there, in the plane of the image."""
    y, x = np.mgrid[0:head["NAXIS2"], 0:head["NAXIS1"]]
    a, d, d0 = np.radians([ra - head["CRVAL1"], dec, head["CRVAL2"]])
    l, m = np.cos(d) * np.sin(a), np.sin(d) * np.cos(d0) - np.cos(d) * np.sin(d0) * np.cos(a)
    return np.hypot((x + 1 - head["CRPIX1"]) * head["CDELT1"] - np.degrees(l), (y + 1 - head["CRPIX2"]) * head["CDELT2"] - np.degrees(m))


def blocks(out, chan):
    """Each block's header and the weight of every pair of dishes."""
    for path in sorted(glob.glob(f"{out}/ch{chan:05d}/vis*")):
        head = fits.getheader(f"{path}/uvw.fits")
        row, weight = fits.getdata(f"{path}/row.fits"), fits.getdata(f"{path}/imweight.fits").astype(float).sum(-1)
        pairs = {}
        for (a, b), w in zip(row[:, 2:].astype(int), weight):
            key = tuple(sorted((head[f"DIAM{a + 1}"], head[f"DIAM{b + 1}"]), reverse=True))
            pairs[key] = pairs.get(key, 0) + w
        yield head, pairs


def beam(head, freq, pairs, ra, dec):
    """Mean over baselines, around that direction."""
    r = distance(head, ra, dec) * freq / 1e9
    return sum(w * voltage(a, r) * voltage(b, r) for (a, b), w in pairs.items()) / sum(pairs.values())


def same(out, chan, want, limit, name, tol):
    got, head = lg.plane(out, chan, "pb")
    edge = abs(want - limit) < 1e-3
    tap.below(abs(got - np.where(want > limit, want, 0))[~edge].max(), tol, name)
    tap.ok(head["PBLIMIT"] == limit, f"{name}: PBLIMIT")


def merged(parts):
    total = {}
    for _, pairs in parts:
        for key, w in pairs.items():
            total[key] = total.get(key, 0) + w
    return total


def mixed(tmp):
    """12 m and 7 m in one MS."""
    lg.run("pc-mock", "--dish", "12,7,12", *ARRAY, "-o", f"{tmp}/mix.ms")
    lg.run("pc-select", "--datacolumn", "data", "-o", f"{tmp}/mix", f"{tmp}/mix.ms")
    said = lg.run("pc-psf", *PSF, f"{tmp}/mix")
    head = lg.plane(f"{tmp}/mix", 1, "pb")[1]
    info, pairs = next(blocks(f"{tmp}/mix", 1))
    want = beam(head, head["CRVAL3"], pairs, info["POINTRA"], info["POINTDEC"])
    same(f"{tmp}/mix", 1, want, 0.2, "12 m and 7 m in one MS: the weighted mean over baselines", 1e-6)
    for diam, other in ((12, 7), (7, 12)):
        alone = beam(head, head["CRVAL3"], {(diam, diam): 1}, info["POINTRA"], info["POINTDEC"])
        tap.ok(abs(want - alone).max() > 0.05, f"which is not that of {diam} m alone: {abs(want - alone).max():.2f}")
    share = (pairs[12, 12] + pairs[12, 7] / 2) / sum(pairs.values())
    said = dict(re.findall(r"ch00001 .* dishes=12m:([0-9.]+),7m:([0-9.]+)", said))
    tap.ok(len(said) == 1 and abs(float(list(said)[0]) - share) < 1e-4, f"the report has the share of 12 m dishes, {share:.4f}")


def two_sets(tmp):
    """The same dishes in two MSs, and 12 m alone."""
    for dish in ("12", "7"):
        lg.run("pc-mock", "--dish", dish, *ARRAY, "-o", f"{tmp}/{dish}.ms")
    lg.run("pc-select", "--datacolumn", "data", "-o", f"{tmp}/both", f"{tmp}/12.ms", f"{tmp}/7.ms")
    said = lg.run("pc-psf", *PSF, f"{tmp}/both")
    head = lg.plane(f"{tmp}/both", 0, "pb")[1]
    parts = list(blocks(f"{tmp}/both", 0))
    info, pairs = parts[0][0], merged(parts)
    tap.ok(len(parts) == 2 and set(pairs) == {(12, 12), (7, 7)} and "dishes=12m:" in said, "two MSs, of 12 m and of 7 m")
    same(f"{tmp}/both", 0, beam(head, head["CRVAL3"], pairs, info["POINTRA"], info["POINTDEC"]), 0.2,
         "two MSs: each by its weight", 5e-4)
    lg.run("pc-select", "--datacolumn", "data", "-o", f"{tmp}/one", f"{tmp}/12.ms")
    said = lg.run("pc-psf", *PSF, f"{tmp}/one")
    tap.ok("dishes=" not in said, "nothing is said of dishes that are alike")
    same(f"{tmp}/one", 0, beam(head, head["CRVAL3"], {(12, 12): 1}, info["POINTRA"], info["POINTDEC"]), 0.2, "12 m alone", 5e-4)


def pointings(tmp):
    """Three fields, one of them flagged, turned to one phase centre: written by hand from one of the mock's channels."""
    src = f"{tmp}/one/ch00000/vis00000"
    data = {name: fits.getdata(f"{src}/{name}.fits") for name in ("uvw", "freq", "vis", "weight", "row")}
    skip = re.compile("SIMPLE|BITPIX|NAXIS|EXTEND|CHECKSUM|DATASUM|HISTORY|COMMENT|BTYPE|BUNIT")
    members, freq = {}, float(np.ravel(data["freq"])[0])
    for i, east in enumerate((0, 12, -20)):
        info = {k: v for k, v in fits.getheader(f"{src}/uvw.fits").items() if k and not skip.match(k)}
        info.update(FIELDID=i, POINTRA=info["POINTRA"] + east / 3600 / np.cos(np.radians(info["POINTDEC"])))
        for name, a in data.items():
            members[f"vis{i:05d}/{name}.fits"] = (info, a * 0 if name == "weight" and i == 2 else a)
    pcs.write_bundle(f"{tmp}/fields", pcs.cube(nchan=1, freq_hz=freq, width_hz=1e5), {0: members})
    lg.run("pc-psf", *PSF, f"{tmp}/fields")
    head = lg.plane(f"{tmp}/fields", 0, "pb")[1]
    want = sum(beam(head, freq, {(12, 12): 1}, h["POINTRA"], h["POINTDEC"]) for h, p in blocks(f"{tmp}/fields", 0) if sum(p.values()) > 0)
    tap.ok(want.max() > 1.1, f"two pointings overlap: {want.max():.2f}")
    same(f"{tmp}/fields", 0, want / want.max(), 0.2, "their sum, to a peak of 1; the one without data is not in it", 5e-4)


def limits(tmp):
    """pblimit above 0 bounds cleaning, statistics and finished cubes; below 0 it is the beam's alone."""
    lg.run("pc-mock", "--sky", "points", "--noise", "0.05Jy", *ARRAY, "-o", f"{tmp}/sky.ms")
    for limit in (0.7, -0.7):
        out = f"{tmp}/limit{limit}"
        lg.residuals(f"{tmp}/sky.ms", out, ["--datacolumn", "data"], PSF + ["--pblimit", str(limit)])
        pb, head = lg.plane(out, 0, "pb")
        outside = pb == 0
        tap.ok(head["PBLIMIT"] == limit and outside.mean() > 0.2 and pb[~outside].min() > 0.7, f"{limit}: the beam is 0 below 0.7")
        # an offset that only the outside has: whoever counts that finds it
        with fits.open(f"{out}/ch00000/residual.fits", mode="update") as f:
            f[0].data[0, 0][outside] += 5
        shutil.copytree(out, f"{out}.mask")
        fits.writeto(f"{out}.ones.fits", np.ones_like(pb, dtype="f4"))
        lg.run("pc-mask", "--mask", f"{out}.ones.fits", f"{out}.mask")
        mask = fits.getdata(f"{out}.mask/ch00000/masknext.fits")[0, 0]
        tap.ok(mask[~outside].all() and mask[outside].any() == (limit < 0), f"{limit}: a mask of ones")
        said = lg.run("pc-clean", "--niter", "20", "--threshold", "0Jy", out)
        model = lg.plane(out, 0, "model")[0]
        tap.ok(model.any() and model[outside].any() == (limit < 0), f"{limit}: components outside only where it does not bound")
        peak = float(re.search(r"ch00000 .*startpeak_jy=([0-9.e+-]+)", said).group(1))
        tap.ok((peak > 4) == (limit < 0), f"{limit}: the peak, {peak:.3f}, is that of {'all' if limit < 0 else 'the inside'}")
        lg.run("pc-grid", out)
        lg.run("pc-restore", "--pbcor", out)
        tap.ok(np.isfinite(lg.plane(out, 0, "residual")[0]).all(), f"{limit}: the residual in a bundle is never blank")
        lg.run("pc-concat", "-o", f"{tmp}/cube{limit}", out)
        for name in ("image", "residual", "pb"):
            plane = np.squeeze(fits.getdata(f"{tmp}/cube{limit}.{name}.fits"))[0]
            tap.ok((np.isnan(plane) == (outside if limit > 0 else False)).all(), f"{limit}: finished {name}: NaN outside only where it bounds")
        model = np.squeeze(fits.getdata(f"{tmp}/cube{limit}.model.fits"))[0]
        tap.ok(np.isfinite(model).all(), f"{limit}: the model has no blanks")


with tempfile.TemporaryDirectory() as tmp:
    mixed(tmp)
    two_sets(tmp)
    pointings(tmp)
    limits(tmp)
tap.done()
