# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-psf --startmodel: models of every grid, unit and order of axes begin a channel. The truths are the models themselves, put
together here by numpy and placed by astropy's WCS, and a sky of which a perfect model leaves nothing."""
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

import tap
from tap import near, ok

sys.path.insert(0, os.path.join(tap.ROOT, "tests"))
import pcs  # noqa: E402

ARCSEC = np.pi / 648000
NX, NY, CELL, FREQ, WIDTH = 40, 36, 1.0, 1e11, 1e6
EAST, NORTH, FLUX = 3, 2, (1.0, 2.0, 3.0)  # the source; Jy in each channel


def block(k):
    """Samples of the source as channel k sees it."""
    rng = np.random.default_rng(7)
    uvw = rng.normal(size=(300, 3)) * [120, 120, 0]
    freq = np.array([FREQ + WIDTH * k])
    turns = (uvw[:, 0] * EAST + uvw[:, 1] * NORTH) * ARCSEC * CELL * freq[0] / 299792458
    vis = np.zeros((300, 1, 2, 2), np.float32)
    vis[..., 0], vis[..., 1] = (FLUX[k] * f(2 * np.pi * turns)[:, None, None] for f in (np.cos, np.sin))
    head = {"MSNAME": "t.ms", "FIELDID": 0, "FIELD": "f", "SPWID": 0, "PHASERA": 10.0, "PHASEDEC": -30.0,
            "POINTRA": 10.0, "POINTDEC": -30.0, "IMAGERA": 10.0, "IMAGEDEC": -30.0, "RADESYS": "ICRS", "SPECSYS": "LSRK",
            "TELESCOP": "ALMA", "OBSERVER": "o", "OBJECT": "disc", "NCORR": 2, "CORR1": -5, "CORR2": -6, "NANT": 1,
            "DIAM1": 12.0}
    row = np.zeros((300, 4))
    row[:, 3] = 1
    weight = np.ones((300, 1, 2), np.float32)
    return {f"vis00000/{name}": (head, a) for name, a in
            [("uvw.fits", uvw), ("freq.fits", freq), ("vis.fits", vis), ("weight.fits", weight), ("row.fits", row)]}


def header(nx=NX, ny=NY, cell=CELL, freq=FREQ, width=WIDTH, stokes=(1, 1), unit="Jy/pixel", proj="SIN", at=(10.0, -30.0)):
    h = fits.Header()
    for i, (t, v, p, d) in enumerate((("RA---" + proj, at[0], nx // 2 + 1, -cell / 3600),
                                      ("DEC--" + proj, at[1], ny // 2 + 1, cell / 3600),
                                      ("FREQ", freq, 1, width), ("STOKES", stokes[0], 1, stokes[1])), 1):
        h[f"CTYPE{i}"], h[f"CRVAL{i}"], h[f"CRPIX{i}"], h[f"CDELT{i}"] = t, v, p, d
    h["CUNIT1"] = h["CUNIT2"] = "deg"
    h["CUNIT3"] = "Hz"
    h["RADESYS"], h["SPECSYS"] = "ICRS", "LSRK"
    if unit:
        h["BUNIT"] = unit
    return h


def tool(*args, code=0, says=""):
    """Runs a tool in the directory of the test; what it says on stderr."""
    p = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    said = p.stderr.decode()
    if p.returncode != code or says not in said:
        ok(False, " ".join(args), f"exit code {p.returncode}, wanted {code}, saying {says!r}", said)
    elif code:
        ok(True, f"refused ({code}): {says}")
    return said


def psf(*args, stokes="I", **how):
    return tool("pc-psf", "--imsize", f"{NX},{NY}", "--cell", f"{CELL}arcsec", "--stokes", stokes, *args, "b", **how)


def model(k=0):
    """model.fits of a channel: (Stokes, y, x); None when there is none."""
    path = f"b/ch{k:05d}/model.fits"
    if not os.path.exists(path):
        return None
    with fits.open(path, checksum=True) as f:
        f.verify("exception")
        assert f[0].header["BUNIT"] == "Jy/pixel" and "BMAJ" not in f[0].header
        return f[0].data[:, 0].astype(np.float64)


def source(flux, nx=NX, ny=NY):
    m = np.zeros((ny, nx), np.float32)
    m[ny // 2 + NORTH, nx // 2 - EAST] = flux
    return m


def same_grid():
    cube = np.stack([source(f) for f in FLUX])
    cube[:, 1, 2] = np.nan
    fits.writeto("cube.fits", cube[None], header())
    said = psf("--startmodel", "cube.fits")
    ok(said.count("blank=1") == 3, "blank pixels are counted", said)
    for k in range(3):
        ok(np.array_equal(model(k)[0], source(FLUX[k])), f"channel {k} begins with its plane, blank pixels are 0")
    subprocess.run(["fpack", "-g2", "-q", "0", "-O", "cube.fits.fz", "cube.fits"], check=True)
    psf("--startmodel", "cube.fits.fz")
    ok(all(np.array_equal(model(k)[0], source(FLUX[k])) for k in range(3)), "as they do when it is compressed by tiles")
    tool("pc-grid", "b")
    for k in range(3):
        r = fits.getdata(f"b/ch{k:05d}/residual.fits")
        ok(abs(r).max() < 3e-5 * FLUX[k], f"a perfect model leaves nothing: {abs(r).max():.1e} Jy/beam")
    tool("pc-mask", "b")
    tool("pc-clean", "--niter", "100", "--threshold", "1mJy", "b")
    with open("b/ch00001/state") as f:
        state = f.read()
    ok("iterdone=0" in state and "stopcode=0" not in state, "there is nothing to clean", state)
    tool("pc-restore", "b")
    near(fits.getdata("b/ch00001/image.fits").max(), FLUX[1], 1e-3, "the image has it")
    psf()
    ok(model() is None, "the next life has no model again")
    os.mkdir("tar")
    tool("pc-psf", "--imsize", f"{NX},{NY}", "--cell", f"{CELL}arcsec", "--startmodel", "cube.fits", "-o", "s.tar", "b")
    psf("--startmodel", "cube.fits")
    tool("pc-diff", "s.tar", "b")


def which_channel():
    fits.writeto("down.fits", np.stack([source(f) for f in FLUX[::-1]])[None], header(freq=FREQ + 2 * WIDTH, width=-WIDTH))
    psf("--startmodel", "down.fits")
    ok([model(k).sum() for k in range(3)] == list(FLUX), "planes in descending order are found by their frequencies")
    table = fits.BinTableHDU.from_columns([fits.Column("CHAN", "1J", array=np.arange(3)),
                                           fits.Column("FREQ", "1D", "Hz", array=FREQ + WIDTH * np.arange(3)[::-1])], name="FREQ")
    fits.HDUList([fits.PrimaryHDU(fits.getdata("down.fits"), header()), table]).writeto("table.fits")
    psf("--startmodel", "table.fits")
    ok([model(k).sum() for k in range(3)] == list(FLUX), "by those of a table FREQ where there is one")
    fits.writeto("few.fits", np.stack([source(f) for f in FLUX[:2]])[None], header())
    said = psf("--startmodel", "few.fits")
    ok(model(2) is None and model(1).sum() == FLUX[1] and "ch00002: 1 of 1 start models have no channel" in said,
       "a cube that ends before a channel has nothing for it, and that is said", said)
    fits.writeto("one.fits", source(5)[None, None], header(freq=9e10))
    psf("--startmodel", "one.fits,down.fits")
    ok([model(k).sum() for k in range(3)] == [5 + f for f in FLUX], "a single plane serves all channels; two models are added")
    psf("--startmodel", "one.fits", "--startmodel", "down.fits")
    ok([model(k).sum() for k in range(3)] == [5 + f for f in FLUX], "also when the option is repeated")
    h = header()
    for key in ("CTYPE3", "CRVAL3", "CDELT3", "CRPIX3", "CUNIT3"):
        del h[key]
    fits.writeto("bare.fits", np.stack([source(f) for f in FLUX])[None], h)
    psf("--startmodel", "bare.fits")
    ok([model(k).sum() for k in range(3)] == list(FLUX), "without frequencies planes count by their number")


def stokes():
    fits.writeto("vi.fits", np.stack([source(4), source(7)])[:, None], header(stokes=(4, -3)))
    psf("--startmodel", "vi.fits")
    ok(np.array_equal(model(), source(7)[None]), "I is found behind V")
    psf("--startmodel", "vi.fits", stokes="XXYY", code=65, says="vi.fits: has the Stokes planes V,I, and none of the image's (XX,YY)")
    fits.writeto("yy.fits", source(4)[None, None], header(stokes=(-6, 1)))
    psf("--startmodel", "yy.fits", stokes="XXYY")
    ok(np.array_equal(model(), np.stack([source(0), source(4)])), "planes that a model does not have are 0")


def other_grids():
    rng = np.random.default_rng(3)
    out = WCS(fits.getheader("b/ch00000/psf.fits")).celestial
    for name, nx, cell, proj, at in (("fine", 60, 0.31, "SIN", (10.001, -29.9995)), ("coarse", 11, 2.7, "TAN", (9.9995, -30.0003))):
        m = (rng.random((nx, nx)) ** 8).astype(np.float32)
        h = header(nx, nx, cell, proj=proj, at=at)
        fits.writeto(name + ".fits", m[None, None], h)
        psf("--startmodel", name + ".fits")
        got = model()[0]
        near(got.sum(), m.sum(dtype=float), 1e-5 * m.sum(), f"{name}, in {proj}: the flux is what it was")
        y, x = np.indices(m.shape)
        ra, dec = WCS(h).celestial.wcs_pix2world(x.ravel(), y.ravel(), 0)
        x, y = out.wcs_world2pix(ra, dec, 0)
        gy, gx = np.indices(got.shape)
        for axis, pixel, was in (("x", gx, x), ("y", gy, y)):
            near((got * pixel).sum() / got.sum(), np.average(was, weights=m.ravel()), 1e-5, f"its centre, {axis}")
        # second moments: those of the centres, of the pixels around them, and of the four that share a point
        for axis, pixel, was in (("x", gx, x), ("y", gy, y)):
            moment = np.average((was - np.average(was, weights=m.ravel())) ** 2, weights=m.ravel()) + cell ** 2 / 12 + 1 / 6
            near((got * (pixel - np.average(was, weights=m.ravel())) ** 2).sum() / got.sum(), moment, 3e-3 * moment, f"its extent, {axis}")
    flat = np.full((80, 80), 0.25, np.float32)
    fits.writeto("flat.fits", flat[None, None], header(80, 80, 0.77, at=(10.0001, -30.0001)))
    psf("--startmodel", "flat.fits")
    worst = abs(model()[0] * 0.77 ** 2 - 0.25).max()
    ok(worst < 2e-6, f"an even sky stays even, pixels being worth their area: {worst:.1e}")
    fits.writeto("wide.fits", np.ones((1, 1, 100, 100), np.float32), header(100, 100))
    said = psf("--startmodel", "wide.fits")
    ok(f"startmodel_jy=10000 outside_jy={10000 - NX * NY}" in said, "what is beyond the image is told", said)


def casa():
    tool("pc-image", "-o", "cube.im", "cube.fits")
    psf("--startmodel", "cube.fits")
    want = [model(k) for k in range(3)]
    for name in ("cube.im", "cube.im/"):
        psf("--startmodel", name)
        ok(all(np.array_equal(model(k), want[k]) for k in range(3)), f"a CASA image, {name}, does what its FITS file does")
    tool("pc-image", "-o", "few.im", "few.fits")
    psf("--startmodel", "few.im")
    ok(model(2) is None and model(1).sum() == FLUX[1], "one that ends before a channel has nothing for it")
    fits.writeto("jybeam.fits", source(1)[None, None], header(unit="Jy/beam"))
    tool("pc-image", "-o", "jybeam.im", "jybeam.fits")
    psf("--startmodel", "jybeam.im", code=65, says="jybeam.im: a start model is in Jy/pixel; its unit (BUNIT) is Jy/beam")
    psf()
    shutil.copy("b/ch00000/pb.fits", "beam.fits")
    tool("pc-image", "-o", "beam.im", "beam.fits")
    beams = []
    for kind in ("fits", "im"):
        psf("--pb", "beam." + kind)
        beams.append(fits.getdata("b/ch00002/pb.fits"))
    ok(np.array_equal(*beams) and beams[0].max() > 0.9, "a primary beam may be a CASA image, too")
    ok(not [f for f in os.listdir(os.environ["TMPDIR"]) if f.startswith("pc-image")], "no temporary file is left")


def refused():
    fits.writeto("nounit.fits", source(1)[None, None], header(unit=""))
    psf("--startmodel", "none.fits", code=66, says="--startmodel: none.fits")
    psf("--startmodel", "jybeam.fits", code=65, says="multiply by the area of a pixel and divide by that of the beam")
    psf("--startmodel", "nounit.fits", code=65, says="its unit (BUNIT) is not said")
    psf("--startmodel", "b", code=65, says="b: is a directory without table.dat: no CASA image")
    h = header()
    h["CROTA2"] = 10.0
    fits.writeto("turned.fits", source(1)[None, None], h)
    psf("--startmodel", "turned.fits", code=65, says="turned.fits: the model's axes are turned")
    fits.writeto("galactic.fits", source(1)[None, None], header(proj="NCP"))
    psf("--startmodel", "galactic.fits", code=65, says="CTYPE1 of the model is RA---NCP")
    with open("text.fits", "w") as f:
        f.write("no image\n")
    psf("--startmodel", "text.fits", code=65, says="text.fits")


def casas_own(tmp):
    """CASA's model of a cube that it cleaned, as it wrote it (VOPT axis, STOKES before it): what is left of the data is CASA's
    residual, to the accuracy of its gridder."""
    ref = os.path.join(tap.casa_dir(), "sim6_cube_briggs_hogbom500")
    ms = tap.unpack("sim6", tmp)
    for name in ("model", "residual"):
        with fits.open(f"{ref}/{name}.fits.gz") as f:
            f.writeto(f"casa.{name}.fits", output_verify="silentfix")
    want = fits.getdata("casa.residual.fits").reshape(3, 300, 300)
    fluxes = fits.getdata("casa.model.fits").reshape(3, -1).sum(1, dtype=float)
    tool("pc-select", "--nchan", "3", "--start", "1", "-o", "sim", ms)
    tool("pc-psf", "--imsize", "300", "--cell", "0.07arcsec", "--weighting", "briggs", "--robust", "0.5", "--gridder", "standard",
         "--startmodel", "casa.model.fits", "sim")
    tool("pc-grid", "sim")
    for k in range(3):
        near(fits.getdata(f"sim/ch{k:05d}/model.fits").sum(dtype=float), fluxes[k], 1e-6, f"CASA's model, channel {k}: its flux")
        got = fits.getdata(f"sim/ch{k:05d}/residual.fits")[0, 0]
        seen = np.isfinite(want[k])
        worst = abs(got - want[k])[seen].max()
        ok(worst < 1e-4 * 0.35, f"leaves CASA's residual: {worst:.1e} Jy, of a source of 0.35 and a residual of {np.nanmax(want[k]):.2g}")


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    os.mkdir("tmp")
    os.environ["TMPDIR"] = os.path.join(tmp, "tmp")
    pcs.write_bundle("b", pcs.cube(nchan=3, freq_hz=FREQ, width_hz=WIDTH), {k: block(k) for k in range(3)})
    for part in (same_grid, which_channel, stokes, other_grids, casa, refused):
        part()
    casas_own(tmp)
tap.done()
