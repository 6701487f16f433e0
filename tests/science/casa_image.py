# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-image against casacore's own images and astropy: pixels, masks, coordinates, units and beams there and back; a mask is the
same from a CASA image as from FITS."""
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

import libmask
import tap
from tap import near, ok

NX, NY, NPOL, NCHAN = 30, 26, 2, 4
ARCSEC = np.pi / 648000


def tool(*args, code=0, says="", **how):
    p = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, **how)
    said = p.stderr.decode()
    if p.returncode != code or says not in said:
        ok(False, " ".join(args), f"exit code {p.returncode}, wanted {code}, saying {says!r}", said)
    elif code:
        ok(True, f"refused ({code}): {says}")
    return p.stdout


def make_casa(path, values, mask=None, unit="Jy/beam", beams=None):
    """An image as CASA makes it (RA, Dec, Stokes, frequency; J2000) of values (channel, Stokes, y, x); mask: True is good."""
    from casacore.images import coordinates, image
    from casacore.tables import table
    axes = image("axes.im", values=values, overwrite=True).coordinates().dict()
    d = axes["direction0"]
    d["crval"], d["units"] = np.array([150.0, -30.0]), ["deg", "deg"]
    d["cdelt"], d["crpix"] = np.array([-0.5, 0.5]) / 3600, np.array([values.shape[3] // 2, values.shape[2] // 2], float)
    spectral = axes["spectral2"]["wcs"]
    spectral["crval"], spectral["cdelt"], spectral["crpix"] = 2.3e11, -1e6, 0.0
    im = image(path, values=values, coordsys=coordinates.coordinatesystem(axes), overwrite=True,
               **({} if mask is None else {"mask": ~mask, "maskname": "mask0"}))
    del im
    with table(path, readonly=False, ack=False) as t:
        t.putkeyword("units", unit)
        info = {"imagetype": "Intensity", "objectname": "disc"}
        if beams is not None:
            angle = lambda v, unit: {"value": float(v), "unit": unit}
            one = [{"major": angle(b[0], "arcsec"), "minor": angle(b[1], "arcsec"), "positionangle": angle(b[2], "deg")}
                   for b in beams]
            if len(one) == 1:
                info["restoringbeam"] = one[0]
            else:
                info["perplanebeams"] = {"nChannels": NCHAN, "nStokes": NPOL,
                                         **{f"*{i}": b for i, b in enumerate(one * NPOL)}}
        t.putkeyword("imageinfo", info)


def there(values, mask):
    make_casa("one.im", values, mask, beams=[(2.5, 1.5, 30)])
    tool("pc-image", "-o", "one.fits", "one.im")
    with fits.open("one.fits") as f:
        f.verify("exception")
        h, data = f[0].header, f[0].data
    want = np.where(mask, values, np.nan).swapaxes(0, 1)
    ok(np.array_equal(data, want, equal_nan=True), "pixels, NaN where they are masked")
    ok([h[f"CTYPE{i}"][:4] for i in range(1, 5)] == ["RA--", "DEC-", "FREQ", "STOK"], "axes RA, Dec, frequency, Stokes")
    ok(h["BUNIT"] == "Jy/beam" and h["RADESYS"] == "FK5" and h["SPECSYS"] == "LSRK", "unit and frames")
    for key, value in (("BMAJ", 2.5 / 3600), ("BMIN", 1.5 / 3600), ("BPA", 30), ("CRVAL1", 150), ("CRVAL2", -30),
                       ("CDELT1", -0.5 / 3600), ("CRPIX2", NY // 2 + 1), ("CRVAL3", 2.3e11), ("CDELT3", -1e6)):
        near(h[key], value, 1e-9 * abs(value), key)
    sky = WCS(h).celestial
    near(float(sky.pixel_to_world(NX // 2, NY // 2 + 1).dec.deg), -30 + 0.5 / 3600, 1e-9, "north is up")


def world(im, chan, pol, y, x):
    """RA, Dec (deg), frequency of a pixel."""
    at = im.toworld((chan, pol, y, x))
    units = im.coordinates().dict()["direction0"]["units"]
    scale = {"deg": 1, "rad": 180 / np.pi, "'": 1 / 60}[units[0]]
    return np.array([at[3] * scale % 360, at[2] * scale, at[0]])


def back(values, mask):
    from casacore.images import image
    tool("pc-image", "-o", "back.im", "one.fits")
    im, was = image("back.im"), image("one.im")
    got = np.ma.MaskedArray(im.getdata(), im.getmask())
    ok(np.array_equal(got.filled(7), np.where(mask, values, 7)),
       "back again, with the axes as they were: pixels, masked where they are NaN")
    ok(not im.getdata()[~mask].any(), "and 0 there")
    ok(im.unit() == "Jy/beam", "the unit")
    beam = im.imageinfo()["restoringbeam"]
    scale = {"deg": 3600, "arcsec": 1}[beam["major"]["unit"]]
    near(beam["major"]["value"] * scale, 2.5, 1e-6, "the beam, arcsec")
    for pixel in ((0, 0, 0, 0), (3, 1, 5, 7)):
        a, b = world(was, *pixel), world(im, *pixel)
        ok(np.allclose(a, b, rtol=1e-10), f"the place of pixel {pixel}", a, b)
    made = sorted(f for f in os.listdir(".") if f != "tmp")
    ok(made == ["axes.im", "back.im", "one.fits", "one.im"], "nothing else is left", made)


def one_channel(values, mask):
    want = np.where(mask, values, np.nan).swapaxes(0, 1)
    for args, chan in ((("--channel", "2"), 2), (("--freq", "229.9971GHz"), 3), (("--freq", "1GHz"), 3),
                       (("--freq", "300GHz", "--channel", "1"), 0)):
        with open("chan.fits", "wb") as f:
            f.write(tool("pc-image", *args, "one.im"))
        with fits.open("chan.fits") as f:
            f.verify("exception")
            h = f[0].header
            ok(np.array_equal(f[0].data, want[:, chan:chan + 1], equal_nan=True) and h["NCHAN"] == NCHAN,
               f"{' '.join(args)}: channel {chan}, of {h['NCHAN']}")
            near(h["CRVAL3"] + (1 - h["CRPIX3"]) * h["CDELT3"], 2.3e11 - 1e6 * chan, 1, "its frequency")
    tool("pc-image", "--channel", "4", "one.im", code=65, says="one.im: channel 4 asked for, there are 4")
    with open("whole.fits", "wb") as f:
        f.write(tool("pc-image", "one.im"))
    ok(np.array_equal(fits.getdata("whole.fits"), want, equal_nan=True) and not os.listdir("tmp"),
       "all of it to the standard output, and no temporary file is left")


def beams(values):
    from casacore.images import image
    each = [(2.0 + 0.1 * k, 1.0 + 0.1 * k, 10.0 * k) for k in range(NCHAN)]
    make_casa("many.im", values, beams=each)
    tool("pc-image", "-o", "many.fits", "many.im")
    with fits.open("many.fits") as f:
        t = f["BEAMS"].data
        got = {(int(r["CHAN"]), int(r["POL"])): (r["BMAJ"], r["BMIN"], r["BPA"]) for r in t}
    ok(len(got) == NCHAN * NPOL and all(np.allclose(got[k, p], each[k], rtol=1e-6) for k in range(NCHAN) for p in range(NPOL)),
       "a beam for each channel: the BEAMS table", got)
    tool("pc-image", "--channel", "3", "-o", "beam3.fits", "many.im")
    h = fits.getheader("beam3.fits")
    ok(abs(h.get("BMAJ", 0) * 3600 - 2.3) < 1e-6, "one channel has its own in the header", repr(h))
    tool("pc-image", "-o", "many2.im", "many.fits")
    info = image("many2.im").imageinfo()
    ok(info["perplanebeams"]["nChannels"] == NCHAN, "and back", info)


def kinds(values):
    from casacore.images import image
    image("double.im", values=values.astype(float)).unit()
    tool("pc-image", "-o", "double.fits", "double.im")
    ok(np.array_equal(fits.getdata("double.fits"), values.swapaxes(0, 1)), "doubles become floats")
    image("complex.im", values=values.astype(np.complex64)).unit()
    tool("pc-image", "-o", "complex.fits", "complex.im", code=65, says="complex.im: is a table, but not a CASA image of real numbers")
    shutil.copytree("one.im/mask0", "table.im")
    tool("pc-image", "-o", "no.fits", "table.im", code=65, says="table.im: ")
    tool("pc-image", "-o", "no.fits", "tmp", code=65, says="tmp: is a directory without table.dat: no CASA image")
    tool("pc-image", "-o", "no.fits", "nowhere", code=66, says="nowhere")
    tool("pc-image", "one.fits", code=64, says="a CASA image is a directory: say with -o")
    tool("pc-image", "--channel", "1", "-o", "x.im", "one.fits", code=64, says="--channel: one channel is taken from a CASA image only")
    with open("text", "w") as f:
        f.write("text\n" * 1000)
    tool("pc-image", "-o", "x.im", "text", code=65, says="text: ")
    with open("one.fits", "rb") as f, open("short.fits", "wb") as g:
        g.write(f.read(2880 * 5))
    tool("pc-image", "-o", "x.im", "short.fits", code=65, says="short.fits")
    tool("pc-image", "-o", "one.fits", "many.im", code=73, says="one.fits: is there already; --overwrite replaces it")
    tool("pc-image", "-o", "back.im", "many.fits", code=73, says="back.im: is there already")
    tool("pc-image", "--overwrite", "-o", "one.fits", "double.im")
    tool("pc-image", "--overwrite", "-o", "back.im", "one.fits")
    ok("BMAJ" not in fits.getheader("one.fits"), "--overwrite replaces a file and an image")
    tool("pc-image", "--overwrite", "-o", "tmp", "one.fits", code=73, says="tmp: is no CASA image")
    tool("pc-image", "--overwrite", "-o", "table.im", "one.fits", code=73, says="table.im: is no CASA image")
    tool("pc-image", "--overwrite", "-o", "many.fits", "many.fits", code=73, says="many.fits: is no CASA image")
    tool("pc-image", "--overwrite", "-o", "many.im", "many.im", code=73, says="many.im: is no file")
    ok(os.path.exists("table.im/table.dat") and os.path.exists("many.im/table.dat"), "what is refused stays")
    tool("pc-image", "-o", "nodir/x.fits", "one.im", code=73, says="nodir/x.fits: cannot be written")
    tool("pc-image", "-o", "/dev/full/x.fits", "one.im", code=73)
    left = [f for f in os.listdir(".") if "tmp" in f and f != "tmp"] + os.listdir("tmp")
    ok(not left and not os.path.exists("x.im") and not os.path.exists("no.fits"), "what failed leaves nothing", left)


def masks():
    y, x = np.mgrid[:NY, :NX]
    plane = np.zeros((NY, NX), np.float32)
    libmask.write_bundle("b", [plane] * NCHAN, 0.5, (2, 2, 0), 0.1)
    cube = np.stack([np.hypot(x - 10 - k, y - 12) < 4 for k in range(NCHAN)])[:, None].repeat(NPOL, 1).astype(np.float32)
    good = np.ones(cube.shape, bool)
    good[:, :, 12, 11] = False
    make_casa("mask.im", cube, good, unit="")
    tool("pc-image", "-o", "mask.fits", "mask.im")
    small = np.ones((NCHAN, NPOL, 9, 7), np.float32)
    make_casa("small.im", small, unit="")
    tool("pc-image", "-o", "small.fits", "small.im")
    for name in ("mask", "small"):
        got = []
        for kind in ("fits", "im"):
            tool("pc-mask", "--mask", f"{name}.{kind}", "b")
            got.append([fits.getdata(f"b/ch{k:05d}/masknext.fits")[0, 0] for k in range(NCHAN)])
        ok(np.array_equal(got[0], got[1]) and np.any(got[0]) and not np.all(got[0]), f"{name}: the same mask from CASA and FITS")
        if name == "mask":
            ok(np.array_equal(got[1], (cube * good)[:, 0]), "which is the one that was made, but for its blank pixel")
    tool("pc-mask", "--mask", "mask.im,circle[[3pix,3pix],2pix]", "b")
    both = fits.getdata("b/ch00001/masknext.fits")[0, 0]
    ok(both[3, 3] == 1 and both[12, 10] == 1 and both[20, 25] == 0, "in a list with a region")
    tool("pc-mask", "--mask", "tmp", "b", code=65, says="--mask tmp: is a directory without table.dat: no CASA image")
    os.mkdir("alone")
    shutil.copy(os.path.join(tap.BIN, "pc-mask"), "alone")
    p = subprocess.run(["alone/pc-mask", "--mask", "mask.im", "b"], env={**os.environ, "PATH": "/usr/bin:/bin"},
                       stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if shutil.which("pc-image", path="/usr/bin:/bin"):
        tap.skip("without pc-image", "it is installed")
    else:
        ok(p.returncode == 69 and "ch00000: mask.im is a CASA image, and pc-image, which reads them, is not there" in p.stderr,
           "without pc-image: 69", p.returncode, p.stderr)
    tool("pc-mask", "-o", "in.tar", "b")
    tool("pc-mask", "--mask", "mask.fits", "-o", "want.tar", "b")
    with open("in.tar", "rb") as f, open("stream.tar", "wb") as g:
        subprocess.run([os.path.join(tap.BIN, "pc-mask"), "--mask", "mask.im"], stdin=f, stdout=g, check=False)
    same = subprocess.run([os.path.join(tap.BIN, "pc-diff"), "stream.tar", "want.tar"], capture_output=True, text=True)
    ok(same.returncode == 0, "in a stream, whose bytes pc-image leaves alone", same.stdout, same.stderr)


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    os.mkdir("tmp")
    os.environ["TMPDIR"] = os.path.join(tmp, "tmp")
    rng = np.random.default_rng(5)
    VALUES = rng.normal(size=(NCHAN, NPOL, NY, NX)).astype(np.float32)
    GOOD = rng.random(VALUES.shape) > 0.1
    there(VALUES, GOOD)
    back(VALUES, GOOD)
    one_channel(VALUES, GOOD)
    beams(VALUES)
    kinds(VALUES)
    masks()
tap.done()
