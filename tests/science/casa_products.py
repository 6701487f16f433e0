# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-concat's cubes as FITS and as CASA images: astropy and casacore, which share no code with each other or with us, find the same
pixels, blanks, places, frequencies, beams, units and names in both; compressed ones, through funpack."""
import os
import shutil
import subprocess
import tempfile
import warnings

import numpy as np
from astropy.coordinates import EarthLocation
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS

import libbundle as lb
import tap
from tap import ok

warnings.simplefilter("ignore")
PRODUCTS = ("psf", "pb", "sumwt", "residual", "mask", "model", "image", "image.pbcor")
ARCSEC = {"arcsec": 1.0, "deg": 3600.0, "rad": 648000 / np.pi}


def concat(*args, code=0, says=""):
    p = subprocess.run([os.path.join(tap.BIN, "pc-concat"), *args], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if p.returncode != code or says not in p.stderr:
        ok(False, " ".join(args), f"exit code {p.returncode}, wanted {code}, saying {says!r}", p.stderr)
    elif code:
        ok(True, f"refused ({code}): {says}")
    return p.stderr


def casa(name):
    from casacore.images import image
    return image(name)


def planes(im):
    """(Stokes, channel, y, x), NaN where it is masked."""
    return np.where(im.getmask(), np.nan, im.getdata()).swapaxes(0, 1)


def corners(w, im, shape):
    """How far apart astropy and casacore put the corners of pixels, in pixels and channels."""
    nchan, ny, nx = shape
    units = im.coordinates().dict()["direction0"]["units"]
    scale = {"deg": 1, "rad": 180 / np.pi, "'": 1 / 60}[units[0]]
    x, y = (v.ravel() for v in np.meshgrid(np.arange(nx + 1) - 0.5, np.arange(ny + 1) - 0.5))
    k = np.resize(np.arange(nchan), x.size).astype(float)
    at = np.array([im.toworld((k[i], 0, y[i], x[i])) for i in range(x.size)])
    back = w.wcs_world2pix(np.stack([at[:, 3] * scale, at[:, 2] * scale, at[:, 0], np.full(x.size, 1.0)], 1), 0)
    return abs(back[:, :2] - np.stack([x, y], 1)).max(), abs(back[:, 2] - k).max()


def beams(im):
    """{channel: (major, minor, arcsec; position angle, degrees)} of the first Stokes plane."""
    info = im.imageinfo()
    each = info.get("perplanebeams") or {"nChannels": 1, "*0": info["restoringbeam"]}
    return [tuple(each[f"*{k}"][a]["value"] * ARCSEC[each[f"*{k}"][a]["unit"]] for a in ("major", "minor")) +
            (each[f"*{k}"]["positionangle"]["value"],) for k in range(each["nChannels"])]


def places():
    for name, ra, dec, cell, frame in (("near 0h", 359.9999, -33.0, 0.05, "LSRK"), ("near the north pole", 12.0, 89.0, 600, "BARYCENT"),
                                       ("near the south pole", 200.0, -89.2, 600, "TOPOCENT"), ("southern", 83.8, -69.1, 30, "GEOCENTR"),
                                       ("of 40 degrees", 0.001, 22.0, 7200, "LSRK")):
        more = {"CRVAL1": ra, "CRVAL2": dec, "SPECSYS": frame, "DATE-OBS": "2016-05-12T01:02:03.5", "OBSERVER": "someone",
                "OBSGEO-X": 2225142.18, "OBSGEO-Y": -5440307.37, "OBSGEO-Z": -2481029.85}
        bundle = lb.write("b", [2, 3, 5], 8, cell=cell / 3600, more=more)
        out = name.replace(" ", "_")  # casacore keeps tables open by their names
        concat(bundle, "-o", out, "--products", "image", "--format", "both")
        im, h = casa(out + ".image"), fits.getheader(out + ".image.fits")
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            w = WCS(h)
        ok(not said, f"a field {name}: astropy finds nothing to mend", *[s.message for s in said])
        far, off = corners(w, im, h_shape(h))
        ok(far < 1e-6 and off < 1e-6, f"a field {name}: corners agree to {far:.0e} pixel, {frame} to {off:.0e} channel")
        d = im.coordinates().dict()
        ok(d["spectral2"]["system"] == {"LSRK": "LSRK", "BARYCENT": "BARY", "TOPOCENT": "TOPO", "GEOCENTR": "GEO"}[frame] and
           d["direction0"]["system"] == "ICRS", "frames", d["spectral2"]["system"], d["direction0"]["system"])
        shutil.rmtree("b")
    site = EarthLocation.from_geocentric(*(more["OBSGEO-" + c] for c in "XYZ"), unit="m").to_geodetic("GRS80")
    ok(abs(h["MJD-OBS"] - Time(more["DATE-OBS"], scale="utc").mjd) < 1e-10, "MJD-OBS", h["MJD-OBS"])
    # WCSLIB has the ellipsoid of 1976, 3 m larger
    ok(abs(h["OBSGEO-L"] - site.lon.deg) < 1e-8 and abs(h["OBSGEO-B"] - site.lat.deg) < 1e-6 and
       abs(h["OBSGEO-H"] - site.height.value) < 5, "OBSGEO-L, -B, -H", h["OBSGEO-L"], h["OBSGEO-B"], h["OBSGEO-H"], site)
    ok(d["spectral2"]["restfreq"] == lb.REST, "the rest frequency", d["spectral2"])
    ok(d["telescope"] == "ALMA" and d["observer"] == "someone" and abs(d["obsdate"]["m0"]["value"] - 57520.0430961) < 1e-6,
       "telescope, observer, date", d["telescope"], d["observer"], d["obsdate"])


def h_shape(h):
    return h["NAXIS3"], h["NAXIS2"], h["NAXIS1"]


def contents():
    concat("b", "-o", "c", "--format", "both")
    for p in PRODUCTS:
        want, h = fits.getdata(f"c.{p}.fits"), fits.getheader(f"c.{p}.fits")
        im = casa("c." + p)
        ok(np.array_equal(planes(im), want.astype("f4"), equal_nan=True), f"{p}: pixels, blank where FITS is", planes(im).shape)
        ok(im.unit() == h.get("BUNIT", ""), f"its unit is {h.get('BUNIT', '')!r}", im.unit())
    im = casa("c.image")
    want = [(0.3 + 0.01 * k, 0.2, 10 + k) for k in (2, 3, 3, 5)]
    ok(np.allclose(beams(im), want, rtol=1e-6), "a beam for each channel", beams(im))
    info = im.imageinfo()
    ok(info["objectname"] == "disc" and info["imagetype"] == "Intensity", "object and kind", info)
    ok(not casa("c.mask").getmask().any() and not casa("c.pb").getdata()[casa("c.pb").getmask()].any() and casa("c.image").shape() == [4, 2, 14, 20],
       "a mask has no mask; what is masked is 0; axes are those of tclean")
    from casacore.tables import table
    with table("c.image/logtable", ack=False) as t:
        lines = [str(s) for s in t.getcol("MESSAGE")]
    ok(any("pc-psf --cell=0.05" in s for s in lines), "the history is in its log", lines)
    shutil.rmtree("b")
    lb.write("one", [1], 2)
    concat("one", "-o", "one", "--format", "casa", "--products", "image,psf")
    ok(beams(casa("one.image")) == [(0.31, 0.2, 11.0)] or np.allclose(beams(casa("one.image")), [(0.31, 0.2, 11.0)]), "one channel: its beam")
    ok(sorted(f for f in os.listdir(".") if f.startswith("one.")) == ["one.image", "one.psf"], "--format casa: images alone",
       os.listdir("."))


def uneven():
    freqs = [1e9, 1.1e9, 1.3e9]
    concat(lb.write("bent", [0, 1, 2], 3, freqs=freqs), "-o", "bent", "--products", "image", "--format", "casa")
    im = casa("bent.image")
    got = [im.toworld((k, 0, 0, 0))[0] for k in range(3)]
    ok(np.allclose(got, freqs, rtol=1e-12), "an uneven axis: the frequency of each channel", got)
    subprocess.run([os.path.join(tap.BIN, "pc-image"), "-o", "bent.fits", "bent.image"], check=True)
    with fits.open("bent.fits", checksum=True) as f:
        ok(np.array_equal(f["FREQ"].data["FREQ"], freqs) and len(f) == 3, "and back, in a table", f.info(output=False))
    subprocess.run([os.path.join(tap.BIN, "pc-image"), "--channel", "2", "-o", "bent2.fits", "bent.image"], check=True)
    with fits.open("bent2.fits") as f:
        got = f["FREQ"].data["FREQ"][0] if "FREQ" in f else f[0].header["CRVAL3"]
    tap.near(got, freqs[2], 1e-3, "one channel of it has its frequency")


def compressed():
    lb.write("z", [2, 3, 5], 8, nx=64, ny=50)
    concat("z", "-o", "z")
    for how in ("gzip", "rice", "small"):
        concat("z", "-o", how, "--compress", how)
        packed = [p for p in PRODUCTS if os.path.exists(f"{how}.{p}.fits.fz")]
        plain = [p for p in PRODUCTS if os.path.exists(f"{how}.{p}.fits")]
        want = ["mask", "model"] if how == "small" else list(PRODUCTS)
        ok(packed == want and sorted(packed + plain) == sorted(PRODUCTS), f"--compress {how}: {len(packed)} of them", packed, plain)
        worst = 0
        for p in packed:
            subprocess.run(["funpack", "-O", "un.fits", f"{how}.{p}.fits.fz"], check=True)
            with fits.open(f"z.{p}.fits") as a, fits.open("un.fits", checksum=True) as b:
                x, y = a[0].data.astype(float), b[0].data.astype(float)
                same_head = all(a[0].header[k] == b[0].header[k] for k in ("CTYPE3", "CRVAL3", "CDELT1", "BITPIX")) and len(a) == len(b)
                noise = np.nanstd(x)
            os.remove("un.fits")
            lossy = how == "rice" and p not in ("mask", "model", "sumwt", "pb")
            worst = max(worst, np.nanmax(abs(x - y)) / noise if lossy else 0)
            good = same_head and np.array_equal(np.isnan(x), np.isnan(y)) and (lossy or np.array_equal(x, y, equal_nan=True))
            if not good:
                ok(False, f"{how}: {p} comes back", x.shape, y.shape)
        ok(worst < 1 / 16 if how == "rice" else worst == 0, f"{how}: all come back, to {worst:.3f} of the noise")
        r = subprocess.run(["fitsverify", "-e", *(f"{how}.{p}.fits.fz" for p in packed)], capture_output=True, text=True)
        ok(r.returncode == 0 and "0 error" in r.stdout, "fitsverify finds no error", r.stdout[-400:])
    shutil.copy("rice.image.fits.fz", "first.fz")
    concat("z", "-o", "rice", "--compress", "rice", "--overwrite")
    with open("first.fz", "rb") as a, open("rice.image.fits.fz", "rb") as b:
        ok(a.read() == b.read(), "the same bytes each time")
    r = subprocess.run([os.path.join(tap.BIN, "pc-image"), "-o", "z.im", "gzip.image.fits.fz"], capture_output=True, text=True)
    ok(r.returncode == 0 and np.array_equal(planes(casa("z.im")), fits.getdata("z.image.fits"), equal_nan=True),
       "a compressed cube becomes a CASA image", r.stderr)


def refusals():
    concat("z", "-o", "c", "--format", "casa", code=73, says="c.psf exists")
    concat("z", "-o", "small", "--compress", "small", "--products", "mask", code=73, says="small.mask.fits.fz exists")
    concat("z", "-o", "x", "--compress", "lzw", code=64, says="small")
    os.mkdir("alone")
    shutil.copy(os.path.join(tap.BIN, "pc-concat"), "alone")
    if shutil.which("pc-image", path="/usr/bin:/bin"):
        tap.skip("without pc-image", "it is installed")
    else:
        p = subprocess.run(["alone/pc-concat", "z", "-o", "x", "--format", "casa"], env={**os.environ, "PATH": "/usr/bin:/bin"},
                           stdin=subprocess.DEVNULL, capture_output=True, text=True)
        ok(p.returncode == 69 and "pc-image" in p.stderr and not [f for f in os.listdir(".") if f.startswith("x")],
           "without pc-image: 69, and nothing is left", p.returncode, p.stderr)


def finished_in_place():
    """What pc-cube does: the work directory keeps its cubes, and a channel that comes late finds them."""
    os.mkdir("w")
    with open("w/channels", "w") as f:
        f.write("2\n3\n4\n5\n")
    for k in (2, 3, 5):
        concat("--place", "w", f"z/ch{k:05d}")
    for _ in range(2):
        concat("--finish", "w", "-o", "f", "--format", "casa")
    ok(np.array_equal(planes(casa("f.image")), fits.getdata("z.image.fits"), equal_nan=True) and not os.path.exists("f.image.fits"),
       "--finish --format casa, twice: the image")
    concat("--place", "w", lb.write("late", [4], 8, nx=64, ny=50) + "/ch00004")
    concat("--finish", "w", "-o", "f", "--format", "both")
    lb.write("full", [2, 3, 4, 5], 8, nx=64, ny=50)
    concat("full", "-o", "full")
    with open("f.image.fits", "rb") as a, open("full.image.fits", "rb") as b:
        ok(a.read() == b.read(), "a channel that comes late: the FITS cube is that of a whole run")
    os.rename("f.image", "late.image")
    ok(np.array_equal(planes(casa("late.image")), fits.getdata("full.image.fits"), equal_nan=True), "and the CASA image")


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    places()
    lb.write("b", [2, 3, 5], 8, npol=2)
    contents()
    uneven()
    compressed()
    refusals()
    finished_in_place()
tap.done()
