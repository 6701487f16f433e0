# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-concat --smooth-to: point sources seen with the beam of each plane become those seen with the new one, by the formula of a
Gaussian; blanks stay, extended emission keeps its brightness in K, and beams that are too small are refused."""
import os
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap
from tap import near, ok

NX, NY, CELL = 120, 100, 0.5
BEAMS = [(3.0, 2.0, 30.0), (2.6, 2.5, -80.0), (0, 0, 0), (3.2, 1.8, 100.0)]  # the third plane is blank
SOURCES = [(60.0, 50.0, 1.0), (81.25, 38.5, 0.5), (40.0, 66.0, -0.25)]  # x, y, Jy
TO = (4.0, 3.5, 20.0)


def concat(*args, code=0, says=""):
    p = subprocess.run([os.path.join(tap.BIN, "pc-concat"), *args], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if p.returncode != code or says not in p.stderr:
        ok(False, " ".join(args), f"exit code {p.returncode}, wanted {code}, saying {says!r}", p.stderr)
    elif code:
        ok(True, f"refused ({code}): {says}")
    return p.stderr


def sky(beam):
    """Jy/beam; position angles from north (up) through east (left)."""
    y, x = np.mgrid[:NY, :NX]
    pa = np.radians(beam[2])
    out = np.zeros((NY, NX))
    for sx, sy, jy in SOURCES:
        east, north = -(x - sx) * CELL, (y - sy) * CELL
        along, across = east * np.sin(pa) + north * np.cos(pa), east * np.cos(pa) - north * np.sin(pa)
        out += jy * np.exp(-4 * np.log(2) * ((along / beam[0]) ** 2 + (across / beam[1]) ** 2))
    return out


def write(name, planes, beams, unit="Jy/beam", table=True):
    h = fits.Header()
    for i, (t, v, p, d, u) in enumerate((("RA---SIN", 10.0, NX // 2 + 1, -CELL / 3600, "deg"),
                                         ("DEC--SIN", -30.0, NY // 2 + 1, CELL / 3600, "deg"),
                                         ("FREQ", 1e11, 1, 1e6, "Hz"), ("STOKES", 1, 1, 1, "")), 1):
        h[f"CTYPE{i}"], h[f"CRVAL{i}"], h[f"CRPIX{i}"], h[f"CDELT{i}"], h[f"CUNIT{i}"] = t, float(v), float(p), float(d), u
    h["RADESYS"], h["SPECSYS"], h["BUNIT"], h["OBJECT"] = "ICRS", "LSRK", unit, "dots"
    h["HISTORY"] = "pc-psf 1.0"
    hdus = [fits.PrimaryHDU(np.array(planes, "f4")[None], h)]
    if table:
        h["CASAMBM"] = True
        b = np.array(beams)
        hdus[0] = fits.PrimaryHDU(hdus[0].data, h)
        hdus.append(fits.BinTableHDU.from_columns(
            [fits.Column("BMAJ", "1E", "arcsec", array=b[:, 0]), fits.Column("BMIN", "1E", "arcsec", array=b[:, 1]),
             fits.Column("BPA", "1E", "deg", array=b[:, 2]), fits.Column("CHAN", "1J", array=np.arange(len(b))),
             fits.Column("POL", "1J", array=np.zeros(len(b)))], name="BEAMS"))
    elif beams:
        for key, value in zip(("BMAJ", "BMIN", "BPA"), (beams[0][0] / 3600, beams[0][1] / 3600, beams[0][2])):
            hdus[0].header[key] = value
    fits.HDUList(hdus).writeto(name)


def given():
    planes = [sky(b) if b[0] else np.full((NY, NX), np.nan) for b in BEAMS]
    planes[3][:, :9] = np.nan
    write("dots.image.fits", planes, BEAMS)
    concat("--smooth-to", "4arcsec,3.5arcsec,20deg", "dots.image.fits", "-o", "out")
    with fits.open("out.image.fits", checksum=True) as f:
        f.verify("exception")
        d, h = f[0].data[0].astype(float), f[0].header
        ok(len(f) == 1 and np.allclose([h["BMAJ"] * 3600, h["BMIN"] * 3600, h["BPA"]], TO, rtol=1e-12) and "CASAMBM" not in h,
           "one beam, in the header")
        ok(h["OBJECT"] == "dots" and h["BUNIT"] == "Jy/beam" and h["CRVAL3"] == 1e11 and list(h["HISTORY"])[0] == "pc-psf 1.0" and
           any("--smooth-to=4arcsec" in s for s in h["HISTORY"]), "the rest of the header is as it was; HISTORY says what was done",
           list(h["HISTORY"]))
    want = sky(TO)
    for k in (0, 1):
        near(abs(d[k] - want).max(), 0, 2e-5, f"plane {k}: sources have the new beam, and their flux")
    ok(np.isnan(d[2]).all(), "a blank plane stays blank")
    ok(np.isnan(d[3][:, :9]).all() and np.isfinite(d[3][:, 9:]).all(), "blank pixels stay, others do not become blank")
    near(abs(d[3][:, 9:] - want[:, 9:]).max(), 0, 2e-5, "the rest of that plane")
    r = subprocess.run(["fitsverify", "-q", "out.image.fits"], capture_output=True, text=True)
    ok("OK" in r.stdout, "fitsverify has nothing to say", r.stdout)


def common():
    said = concat("--smooth-to", "common", "dots.image.fits", "-o", "com")
    h, d = fits.getheader("com.image.fits"), fits.getdata("com.image.fits")[0]
    beam = (h["BMAJ"] * 3600, h["BMIN"] * 3600, h["BPA"])
    ok(beam[0] >= 3.0 and beam[1] >= 2.5 and beam[0] * beam[1] < 3.3 * 3.1, "the common beam is little larger than each", beam)
    ok("beam=" in said, "and is said", said)
    for k in (0, 1):
        near(abs(d[k] - sky(beam)).max(), 0, 2e-5, f"plane {k}, also where the difference of the beams is narrower than a pixel")


def units():
    flat = np.full((NY, NX), 7.0)
    write("k.image.fits", [flat, sky(BEAMS[0])], [BEAMS[0]] * 2, "K", table=False)
    concat("--smooth-to", "6arcsec", "k.image.fits", "-o", "k6")
    d = fits.getdata("k6.image.fits")[0]
    near(abs(d[0] - 7).max(), 0, 1e-4, "kelvins stay what they are")
    near(d[1].max(), BEAMS[0][0] * BEAMS[0][1] / 36, 1e-5, "and a point source becomes weaker")
    write("flat.image.fits", [flat], [BEAMS[0]], table=False)
    concat("--smooth-to", "6arcsec", "flat.image.fits", "-o", "flat6")
    near(fits.getdata("flat6.image.fits").mean(), 7 * 36 / 6, 1e-4, "Jy/beam grow with the beam")


def forms():
    p = subprocess.run([os.path.join(tap.BIN, "pc-image"), "-o", "casa.image", "dots.image.fits"], capture_output=True, text=True)
    concat("--smooth-to", "4arcsec,3.5arcsec,20deg", "casa.image", "-o", "from_casa")
    a, b = fits.getdata("out.image.fits"), fits.getdata("from_casa.image.fits")
    ok(p.returncode == 0 and np.array_equal(np.isnan(a), np.isnan(b)) and np.nanmax(abs(a - b)) < 1e-6, "a CASA image serves as well",
       p.stderr)
    os.link("dots.image.fits", "dots.image.pbcor.fits")
    concat("--smooth-to", "5arcsec", "dots.image.fits", "dots.image.pbcor.fits", "-o", "two")
    ok(os.path.exists("two.image.fits") and os.path.exists("two.image.pbcor.fits"), "two products")


def refusals():
    concat("--smooth-to", "2.5arcsec", "dots.image.fits", "-o", "x", code=64, says="the beam of channel 0 is 3arcsec,2arcsec,30deg")
    concat("--smooth-to", "5parsec", "dots.image.fits", "-o", "x", code=64, says="--smooth-to")
    concat("--smooth-to", "5arcsec", "-o", "x", code=64, says="1 to 64 cubes are wanted")
    concat("--smooth-to", "5arcsec", "dots.image.fits", "-o", "out", code=73, says="out.image.fits exists")
    concat("--smooth-to", "5arcsec", "dots.image.fits", "casa.image", "-o", "x", code=64, says="would both become")
    concat("--smooth-to", "5arcsec", "--mode", "virtual", "dots.image.fits", "-o", "x", code=64, says="goes with -o and --overwrite alone")
    concat("--smooth-to", "5arcsec", "nowhere", "-o", "x", code=66, says="nowhere")
    write("none.image.fits", [sky(BEAMS[0])], [], table=False)
    concat("--smooth-to", "5arcsec", "none.image.fits", "-o", "x", code=65, says="channel 0 has no beam")
    concat("--smooth-to", "common", "none.image.fits", "-o", "x", code=65, says="no plane has a beam")
    ok(not [f for f in os.listdir(".") if f.startswith("x") or "tmp" in f], "none of these leaves anything", os.listdir("."))


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    given()
    common()
    units()
    forms()
    refusals()
tap.done()
