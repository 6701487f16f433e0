# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-concat's cubes, against astropy and fitsverify, from bundles that were not written by pc."""
import filecmp
import glob
import os
import random
import shutil
import subprocess
import tempfile
import warnings

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

import libbundle as lb
import tap

CONCAT = os.path.join(tap.BIN, "pc-concat")
PRODUCTS = ("psf", "pb", "sumwt", "residual", "mask", "model", "image", "image.pbcor")


def run(*args, code=0, stdin=None, name=None):
    r = subprocess.run([CONCAT, *args], stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True)
    if r.returncode != code or name:
        tap.ok(r.returncode == code, name or f"pc-concat {args}", f"exit {r.returncode}, wanted {code}: {r.stderr}")
    return r.stderr


def tar(path, out, members=None):
    """As pc writes streams: members in order, no directories."""
    names = members or sorted(os.path.relpath(f, path) for f in glob.glob(path + "/**", recursive=True) if os.path.isfile(f))
    travel = ["00plane"] + [p + ".fits" for p in PRODUCTS] + ["zzplane"]

    def key(n):
        d, b = os.path.split(n)
        return (d if d else ("" if b != "zzend" else "zz"), travel.index(b) if d else (0 if b == "00stream" else 1))

    names = sorted(names, key=key)
    subprocess.run(["tar", "-C", path, "--format=ustar", "--owner=0", "--group=0", "--mtime=@0", "-cf", out, *names], check=True)
    return out


def same(a, b, name, products=PRODUCTS):
    bad = [p for p in products if not filecmp.cmp(f"{a}.{p}.fits", f"{b}.{p}.fits", shallow=False)]
    tap.ok(not bad, name, f"different: {bad}")


def expected(k, product):
    v, keys = lb.planes(k)[product]
    v = v.copy()
    if product in ("image", "image.pbcor", "residual", "pb"):
        v[~(lb.planes(k)["pb"][0] > 0.2)] = np.nan
    return v


def check_content(t):
    for p in PRODUCTS:
        d = fits.getdata(f"{t}/cube.{p}.fits")
        gap = 0 if p == "mask" else np.nan
        want = np.concatenate([expected(k, p) if k in (2, 3, 5) else np.full_like(expected(2, p), gap) for k in range(2, 6)], 1)
        tap.ok(d.shape == want.shape and np.array_equal(d.astype("f8"), want.astype("f8"), equal_nan=True),
               f"{p}: planes 2 to 5, the gap at 4 blank", d.shape, want.shape)
    r = subprocess.run(["fitsverify", "-q", *(f"{t}/cube.{p}.fits" for p in PRODUCTS)], capture_output=True, text=True)
    tap.ok(r.returncode == 0 and r.stdout.count("verification OK") == len(PRODUCTS), "fitsverify has nothing to say", r.stdout)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for p in PRODUCTS:
            with fits.open(f"{t}/cube.{p}.fits", checksum=True) as f:
                f.verify("exception")
    tap.ok(True, "astropy verifies them, checksums included")


def check_header(t):
    with fits.open(f"{t}/cube.image.fits") as f:
        h = f[0].header
        tap.ok(f[0]._data_offset == 184320, "the data begin at byte 184320")
        w = WCS(h)
        ra, dec, freq, stokes = w.all_pix2world(10, 7, 3, 0, 0)
        tap.near(float(freq), lb.FREQ + 5 * lb.WIDTH, 1e-3, "frequency of the last plane")
        tap.near(float(ra), 187.5, 1e-12, "right ascension of the centre")
        tap.ok(h["SPECSYS"] == "LSRK" and h["RESTFRQ"] == lb.REST and h["BUNIT"] == "Jy/beam" and h["OBJECT"] == "disc",
               "SPECSYS, RESTFRQ, BUNIT, OBJECT")
        tap.ok(h["CASAMBM"] is True and "BMAJ" not in h, "CASAMBM says that the beams are in a table")
        b = f["BEAMS"]
        want = [(0.3 + 0.01 * k, 0.2, 10 + k) for k in (2, 3, 3, 5)]
        got = [(r["BMAJ"], r["BMIN"], r["BPA"]) for r in b.data]
        tap.ok(np.allclose(got, want, rtol=1e-6), "beams of each plane; a blank one has its neighbour's", got)
        tap.ok(list(b.data["CHAN"]) == [0, 1, 2, 3] and not b.data["POL"].any(), "CHAN and POL count from 0")
        tap.ok(b.header["TUNIT1"] == "arcsec" and b.header["TUNIT3"] == "deg" and b.header["NCHAN"] == 4 and
               b.header["NPOL"] == 1, "units, NCHAN and NPOL")
        tap.ok([str(x) for x in h["HISTORY"]] == ["pc-psf 1.0", "pc-psf --cell=0.05"], "HISTORY once", h["HISTORY"])
        tap.near(h["ALTRVAL"], 299792458 * (1 - (lb.FREQ + 2 * lb.WIDTH) / lb.REST), 1e-6, "ALTRVAL: the radio velocity")
        tap.ok(h["ALTRPIX"] == 1 and h["VELREF"] == 257, "at ALTRPIX; VELREF: LSR, radio", h["ALTRPIX"], h["VELREF"])
    tap.near(fits.getheader(f"{t}/cube.psf.fits")["SIDELOBE"], 0.14, 1e-9, "SIDELOBE is the largest of all planes")
    tap.ok(fits.getheader(f"{t}/cube.pb.fits")["PBLIMIT"] == 0.2, "a keyword all planes share stays")
    tap.ok("SIDELOBE" not in fits.getheader(f"{t}/cube.image.fits") and len(fits.open(f"{t}/cube.model.fits")) == 1,
           "models have no beams")


def check_forms(t, a):
    tar(a, f"{t}/a.tar")
    run(f"{t}/a.tar", "-o", f"{t}/tar")
    same(f"{t}/cube", f"{t}/tar", "a tar file gives the same bytes")
    with open(f"{t}/a.tar", "rb") as f:
        run("-o", f"{t}/pipe", stdin=f)
    same(f"{t}/cube", f"{t}/pipe", "standard input too")
    run(f"{a}/ch00005", f"{a}/ch00002", f"{a}/ch00003", "-o", f"{t}/parts")
    same(f"{t}/cube", f"{t}/parts", "and channels one by one, in any order")
    run(f"{a}/ch00003", "-o", f"{t}/one")
    with fits.open(f"{t}/one.image.fits") as f:
        h = f[0].header
        tap.ok(len(f) == 1 and abs(h["BMAJ"] * 3600 - 0.33) < 1e-9 and h["NAXIS3"] == 1 and
               h["CRVAL3"] == lb.FREQ + 3 * lb.WIDTH, "one channel: keywords instead of a table", repr(h))


def work_dir(t, name, a):
    w = f"{t}/{name}"
    os.mkdir(w)
    with open(w + "/channels", "w") as f:
        f.write("2\n3\n4\n5\n")
    return w


def check_place(t, a):
    for order in ((2, 3, 5), (5, 2, 3)):
        tag = "".join(map(str, order))
        w = work_dir(t, f"w{tag}", a)
        run("--create", w, a)
        for k in order:
            run("--place", w, "--note", "peak_jy=1.5", "--note", f"nmajor={k}", f"{a}/ch{k:05d}")
        run("--place", w, f"{a}/ch{order[0]:05d}")
        run("--finish", w, "-o", f"{t}/p{tag}")
        same(f"{t}/cube", f"{t}/p{tag}", f"channels placed in the order {tag}, one of them twice: the same bytes")
    done = open(f"{t}/w235/ch00003.done").read().splitlines()
    tap.ok("index=3" in done and "peak_jy=1.5" in done and "nmajor=3" in done and any(d.startswith("datasum_image=") for d in done)
           and any(d.startswith("beam_maj_arcsec=0.33") for d in done), "the done record", done)
    run("--finish", f"{t}/w235", "-o", f"{t}/p235", name="finishing again changes nothing")
    same(f"{t}/cube", f"{t}/p235", "and leaves the same bytes")
    w = work_dir(t, "race", a)
    jobs = [subprocess.Popen([CONCAT, "--place", w, f"{a}/ch{k:05d}"], stderr=subprocess.PIPE) for k in (3, 5, 2)]
    tap.ok(all(j.wait() == 0 for j in jobs), "three at once, without --create")
    run("--finish", w, "-o", f"{t}/race_cube")
    same(f"{t}/cube", f"{t}/race_cube", "give the same bytes")
    b = lb.write(f"{t}/b", [4], 8)
    run("--place", w, f"{b}/ch00004")
    tap.ok(not os.path.exists(f"{t}/race_cube.image.fits"), "a channel that comes late takes the cubes back")
    err = run("--finish", w, "-o", f"{t}/race_cube")
    tap.ok("missing" not in err, "then nothing is missing", err)
    lb.write(f"{t}/full", [2, 3, 4, 5], 8)
    run(f"{t}/full", "-o", f"{t}/full_cube")
    same(f"{t}/full_cube", f"{t}/race_cube", "and the cubes are those of a run in which nothing failed")


def check_kills(t, a):
    """Killed at random moments, run again: the same bytes."""
    rng = random.Random(5)
    w = work_dir(t, "kill", a)
    for k in (3, 2, 5):
        for _ in range(6):
            j = subprocess.Popen([CONCAT, "--place", w, f"{a}/ch{k:05d}"], stderr=subprocess.DEVNULL)
            try:
                j.wait(rng.random() * 0.01)
            except subprocess.TimeoutExpired:
                j.kill()
            j.wait()
        run("--place", w, f"{a}/ch{k:05d}")
    for _ in range(12):
        j = subprocess.Popen([CONCAT, "--finish", w, "-o", f"{t}/killed"], stderr=subprocess.DEVNULL)
        try:
            j.wait(rng.random() * 0.01)
        except subprocess.TimeoutExpired:
            j.kill()
        j.wait()
    run("--finish", w, "-o", f"{t}/killed", name="killed often, finished at last")
    same(f"{t}/cube", f"{t}/killed", "the same bytes")
    for _ in range(6):
        j = subprocess.Popen([CONCAT, a, "-o", f"{t}/killed2"], stderr=subprocess.DEVNULL)
        try:
            j.wait(rng.random() * 0.02)
        except subprocess.TimeoutExpired:
            j.kill()
        j.wait()
    run("--overwrite", a, "-o", f"{t}/killed2")
    same(f"{t}/cube", f"{t}/killed2", "the plain form as well")
    tap.ok(not glob.glob(f"{t}/*.concat.tmp"), "nothing is left behind")


def check_neutral(t):
    lb.write(f"{t}/n", [0, 1], 2, skip={(0, "model"), (1, "mask")}, history={0: ["pc-psf 1", "pc-clean --niter=5"],
                                                                              1: ["pc-psf 1", "pc-clean --niter=9"]})
    run(f"{t}/n", "-o", f"{t}/neutral")
    m, k = fits.getdata(f"{t}/neutral.model.fits"), fits.getdata(f"{t}/neutral.mask.fits")
    tap.ok((m[0, 0] == 0).all() and m[0, 1].max() == 2, "a channel without a model has a model of zeros")
    tap.ok((k[0, 1] == 1).all() and not (k[0, 0] == 1).all(), "one without a mask has a mask of ones")
    tap.ok(list(fits.getheader(f"{t}/neutral.image.fits")["HISTORY"]) == ["pc-psf 1"], "HISTORY keeps what all planes share")
    lb.write(f"{t}/dirty", [0, 1], 2, skip={(0, "model"), (1, "model")})
    run(f"{t}/dirty", "-o", f"{t}/dirty_cube")
    with fits.open(f"{t}/dirty_cube.model.fits", checksum=True) as f:
        tap.ok((f[0].data == 0).all() and f[0].header["BUNIT"] == "Jy/pixel" and f[0].verify_datasum() == 1,
               "where nothing was cleaned there is a model all the same")
    lb.write(f"{t}/iq", [0, 1, 2], 4, nx=5, ny=3, npol=2)
    run(f"{t}/iq", "-o", f"{t}/iq_cube")
    with fits.open(f"{t}/iq_cube.mask.fits", checksum=True) as f:
        want = np.concatenate([lb.planes(k, 5, 3, 2)["mask"][0] for k in range(3)], 1)
        tap.ok(f[0].data.shape == (2, 3, 3, 5) and (f[0].data == want).all() and f[0].verify_checksum() == 1 and
               f[0].verify_datasum() == 1, "two Stokes planes of odd size: order and sums")
    with fits.open(f"{t}/iq_cube.image.fits") as f:
        tap.ok(list(f["BEAMS"].data["POL"]) == [0, 0, 0, 1, 1, 1], "a beam for each")


def check_refusals(t, a):
    err = run(a, "-o", f"{t}/cube", code=73, name="existing cubes are refused")
    tap.ok("cube" in err and "--overwrite" in err, "with the way out", err)
    run(a, "-o", f"{t}/cube", "--overwrite", name="--overwrite replaces them")
    run(a, code=64, name="no name is refused")
    run(a, "-o", "-", code=64, name="standard output too")
    run(a, "-o", f"{t}/x", "--products", "imago", code=64, name="an unknown product")
    run(f"{t}/nothing", "-o", f"{t}/x", code=66, name="no such source")
    lb.write(f"{t}/big", [4], 8, nx=24)
    err = run(a, f"{t}/big", "-o", f"{t}/x", code=65, name="planes of another size")
    tap.ok("NAXIS1 is 24" in err and "20" in err, "with both sizes", err)
    lb.write(f"{t}/cell", [4], 8, cell=1e-4)
    err = run(a, f"{t}/cell", "-o", f"{t}/x", code=65, name="another cell")
    lb.write(f"{t}/axis", [4], 9)
    err = run(a, f"{t}/axis", "-o", f"{t}/x", code=65, name="another spectral axis")
    err = run(a, f"{a}/ch00003", "-o", f"{t}/x", code=65, name="a channel twice")
    tap.ok("ch00003" in err, "named", err)
    size = os.path.getsize(f"{t}/a.tar")
    with open(f"{t}/a.tar", "rb") as f, open(f"{t}/cut.tar", "wb") as g:
        g.write(f.read(size // 2))
    run(f"{t}/cut.tar", "-o", f"{t}/x", code=65, name="a stream that was cut short")
    tap.ok(not glob.glob(f"{t}/x*"), "none of these leaves a file", glob.glob(f"{t}/x*"))
    w = work_dir(t, "empty", a)
    run("--finish", w, "-o", f"{t}/x", code=65, name="nothing was placed: nothing to finish")
    run("--place", w, "--note", "nonsense", f"{a}/ch00003", code=64, name="a note without =")
    run("--place", f"{t}/nowhere", f"{a}/ch00003", code=66, name="no such work directory")
    lb.write(f"{t}/bent", [0, 1, 2], 3, freqs=[1e9, 1.1e9, 1.3e9])
    err = run(f"{t}/bent", "-o", f"{t}/bent_cube", name="an uneven axis")
    tap.ok("not evenly spaced" in err and err.count("warning") == 1, "is warned of, once", err)
    with fits.open(f"{t}/bent_cube.image.fits", checksum=True) as f:
        tap.ok(np.array_equal(f["FREQ"].data["FREQ"], [1e9, 1.1e9, 1.3e9]) and list(f["FREQ"].data["CHAN"]) == [0, 1, 2] and
               f["FREQ"].columns["FREQ"].unit == "Hz" and "BEAMS" in f, "a table has the frequency of each channel")
    r = subprocess.run(["fitsverify", "-q", f"{t}/bent_cube.image.fits"], capture_output=True, text=True)
    tap.ok(r.returncode == 0 and "OK" in r.stdout, "fitsverify has nothing to say of it", r.stdout)


def check_casacore(t):
    """casacore, hence CASA and CARTA, opens them as they are: pixels, blanks, beams, axes."""
    from casacore.images import image
    im = image(f"{t}/cube.image.fits")
    d, good = im.getdata(), ~im.getmask()
    want = fits.getdata(f"{t}/cube.image.fits")
    tap.ok(np.array_equal(np.where(good, d, np.nan), want, equal_nan=True) and not good[:, 2].any(),
           "casacore reads a cube with a blank channel: pixels and mask")
    beams = im.imageinfo()["perplanebeams"]
    got = [beams[f"*{k}"]["major"]["value"] for k in range(4)]
    tap.ok(np.allclose(got, [0.32, 0.33, 0.33, 0.35], rtol=1e-6) and beams["nChannels"] == 4, "and the beams of its channels", beams)
    lb.write(f"{t}/nobeam", [0, 1], 2)
    for k in (0, 1):
        for m in ("image", "psf", "residual", "image.pbcor"):
            with fits.open(f"{t}/nobeam/ch{k:05d}/{m}.fits", mode="update") as f:
                for key in ("BMAJ", "BMIN", "BPA"):
                    del f[0].header[key]
    run(f"{t}/nobeam", "-o", f"{t}/nobeam_cube", name="channels without beams")
    with fits.open(f"{t}/nobeam_cube.image.fits") as f:
        tap.ok(len(f) == 1 and "CASAMBM" not in f[0].header and "BMAJ" not in f[0].header, "make no table of beams")
    run(f"{t}/iq/ch00001", "-o", f"{t}/iq1")
    tap.ok(image(f"{t}/iq1.image.fits").imageinfo()["restoringbeam"]["major"]["value"] > 0, "one channel of two Stokes planes: a beam")


def main():
    t = tempfile.mkdtemp(prefix="pc-cubes.")
    try:
        a = lb.write(f"{t}/a", [2, 3, 5], 8)
        run(a, "-o", f"{t}/cube", name="channels 2, 3 and 5 of 8")
        check_content(t)
        check_header(t)
        check_forms(t, a)
        check_place(t, a)
        check_kills(t, a)
        check_neutral(t)
        check_refusals(t, a)
        check_casacore(t)
        run(a, "--products", "image,mask", "-o", f"{t}/few")
        tap.ok(sorted(os.path.basename(f) for f in glob.glob(f"{t}/few*")) == ["few.image.fits", "few.mask.fits"], "--products")
        same(f"{t}/cube", f"{t}/few", "are the same", ("image", "mask"))
    finally:
        shutil.rmtree(t)
    tap.done()


main()
