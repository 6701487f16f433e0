# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-concat --mode virtual and movevirtual: casacore reads what refers to the planes of a bundle as it reads the planes themselves."""
import glob
import json
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import libbundle as lb
import tap
from tap import ok

PRODUCTS = ("psf", "pb", "sumwt", "residual", "mask", "model", "image", "image.pbcor")
NAN = np.full((2, 1, 14, 20), np.nan)


def tool(*args, code=0, says="", **how):
    p = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, **how)
    if p.returncode != code or says not in p.stderr:
        ok(False, " ".join(args), f"exit code {p.returncode}, wanted {code}, saying {says!r}", p.stderr)
    elif code:
        ok(True, f"refused ({code}): {says}")
    return p.stderr


def casa(name):
    from casacore.images import image
    return image(name)


def whole(im):
    return np.where(im.getmask(), np.nan, im.getdata())


def expected(product):
    """Channels 2 to 5, of which 4 is missing; channel 3 has no model and no mask."""
    gap = {"mask": NAN * 0}.get(product, NAN)
    gap = gap[:, :, :1, :1] if product == "sumwt" else gap
    neutral = {"model": NAN[:, :, :, :] * 0, "mask": None}
    out = []
    for k in range(2, 6):
        v = gap if k == 4 else lb.planes(k, npol=2)[product][0].astype(float)
        if k == 3 and product in ("model", "mask"):
            v = np.full(NAN.shape, 1.0 if product == "mask" else 0.0)
        out.append(np.nan_to_num(v, nan=0) if product == "mask" else v)
    return np.concatenate(out, 1)


def check(name, kind):
    bad = [p for p in PRODUCTS if not np.array_equal(whole(casa(f"{name}.{p}")).astype("f4"), expected(p).astype("f4"), equal_nan=True)]
    ok(not bad, f"{kind}: all products, missing ones neutral, a missing channel blank", bad)
    im = casa(f"{name}.image")
    got = [im.toworld((0, k, 0, 0))[1] for k in range(4)]
    ok(np.allclose(got, [lb.FREQ + k * lb.WIDTH for k in range(2, 6)], rtol=1e-12), "frequencies", got)
    each = im.imageinfo()["perplanebeams"]
    ok(np.allclose([each[f"*{k}"]["major"]["value"] for k in (0, 1, 3)], [0.32, 0.33, 0.35]) and each["nChannels"] == 4, "beams", each)
    ok(im.unit() == "Jy/beam" and im.imageinfo()["objectname"] == "disc", "unit and object")


def size(path):
    return int(subprocess.run(["du", "-s", "-B1", path], capture_output=True, text=True, check=True).stdout.split()[0])


def virtual():
    tool("pc-concat", "b", "-o", "v", "--mode", "virtual")
    check("v", "virtual")
    with open("v.image/imageconcat.json") as f:
        names = json.load(f)["Images"]
    ok(names == ["./b/ch00002/image.fits", "./b/ch00003/image.fits", "././ch00004.fits", "./b/ch00005/image.fits"],
       "names below the directory of the image are relative", names)
    ok(sorted(os.listdir("v.image")) == ["ch00004.fits", "imageconcat.json"], "it holds the missing plane alone")
    os.mkdir("elsewhere")
    os.rename("v.image", "elsewhere/v.image")
    os.rename("b", "elsewhere/b")
    ok(np.array_equal(whole(casa("elsewhere/v.image")), expected("image"), equal_nan=True), "both may move")
    os.rename("elsewhere/b", "b")
    tool("pc-concat", "b/ch00005", "b/ch00003", "b/ch00002", "-o", "elsewhere/w", "--mode", "virtual", "--products", "image,mask")
    with open("elsewhere/w.image/imageconcat.json") as f:
        names = json.load(f)["Images"]
    ok(names[0] == os.path.realpath("b") + "/ch00002/image.fits" and
       np.array_equal(whole(casa("elsewhere/w.image")), expected("image"), equal_nan=True), "channel by channel, from elsewhere: whole names", names)
    tool("pc-image", "-o", "real.fits", "elsewhere/w.image")
    ok(np.array_equal(fits.getdata("real.fits"), expected("image"), equal_nan=True), "pc-image makes one FITS file of it")
    lb.write('q"b \\', [0, 1], 2)
    tool("pc-concat", 'q"b \\', "-o", "quoted", "--mode", "virtual", "--products", "image")
    ok(casa("quoted.image").shape() == [1, 2, 14, 20], "names with quotes, blanks and backslashes")


def large():
    """What is neutral takes no space."""
    lb.write("big", [0, 2], 3, nx=500, ny=400)
    tool("pc-concat", "big", "-o", "big", "--mode", "virtual", "--products", "image,model")
    ok(size("big.image") + size("big.model") < 100000 and os.path.getsize("big.image/ch00001.fits") > 400000,
       "virtual cubes of 500 x 400 pixels, one plane missing", size("big.image"))


def moved():
    inode = os.stat("b/ch00005/image.fits").st_ino
    tool("pc-concat", "b", "-o", "m", "--mode", "movevirtual")
    check("m", "movevirtual")
    ok(os.stat("m.image/ch00005.fits").st_ino == inode, "the files are the same, not copies")
    ok(not glob.glob("b/*/zzplane") and not glob.glob("b/*/image*.fits") and os.path.exists("b/ch00002/00plane"),
       "the channels have lost them, and are unfinished", glob.glob("b/*/*"))
    os.mkdir("far")
    os.rename("m.image", "far/m.image")
    ok(np.array_equal(whole(casa("far/m.image")), expected("image"), equal_nan=True), "it may move alone")
    tool("pc-concat", "b", "-o", "n", code=65)


def other_file_system():
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as far:
        if os.stat(far).st_dev == os.stat(".").st_dev:
            tap.skip("movevirtual from another file system", "there is none")
            return
        lb.write(f"{far}/e", [0, 1], 2)
        tool("pc-concat", f"{far}/e", "-o", "e", "--mode", "movevirtual", code=73, says="another file system than the cube; --mode paged copies it")
        tool("pc-check", f"{far}/e")
        ok(not glob.glob("e.*"), "and the channels are whole", glob.glob("e.*"))
        tool("pc-concat", f"{far}/e", "-o", "e", "--mode", "virtual", "--products", "image")
        ok(casa("e.image").shape() == [1, 2, 14, 20], "but may be referred to")


def automatic():
    lb.write("c", [0, 1], 2)
    tool("pc-concat", "c", "-o", "auto", "--mode", "auto", "--products", "image")
    ok(os.path.isdir("auto.image") and not os.path.exists("auto.image.fits"), "auto: of a directory, which stays, a virtual cube")
    tool("pc-diff", "c", "c")
    subprocess.run("tar -C c --format=ustar -cf c.tar 00stream 00cube $(cd c && for c in ch00000 ch00001; do for m in 00plane psf.fits pb.fits "
                   "sumwt.fits residual.fits mask.fits model.fits image.fits image.pbcor.fits zzplane; do echo $c/$m; done; done) zzend",
                   shell=True, check=True)
    tool("pc-concat", "c.tar", "-o", "tar", "--mode", "auto", "--products", "image")
    ok(os.path.exists("tar.image.fits"), "of a tar file a paged one")
    tool("pc-concat", "c.tar", "-o", "x", "--mode", "virtual", code=64, says="c.tar is no directory of channels")
    tool("pc-concat", "-o", "x", "--mode", "movevirtual", code=64, says="standard input is no directory of channels")
    tool("pc-concat", "c", "-o", "x", "--mode", "virtual", "--compress", "gzip", code=64, says="go with --mode paged")
    tool("pc-concat", "c", "c/ch00001", "-o", "x", "--mode", "virtual", code=65, says="ch00001: came before")
    tool("pc-concat", "c", "-o", "auto", "--mode", "virtual", "--products", "image", code=73, says="auto.image exists")
    tool("pc-concat", "c", "-o", "auto", "--mode", "virtual", "--products", "image", "--overwrite")
    tool("pc-concat", "c", "-o", "paged", "--products", "image", "--format", "casa")
    tool("pc-concat", "c", "-o", "paged", "--mode", "virtual", "--products", "image", "--overwrite", code=73, says="paged.image")
    ok(os.path.exists("paged.image/table.dat") and not glob.glob("x*") and not glob.glob("*tmp*"), "what is refused leaves nothing, and nothing undone",
       glob.glob("*tmp*"))


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    lb.write("b", [2, 3, 5], 8, npol=2, skip={(3, "model"), (3, "mask")})
    virtual()
    large()
    moved()
    other_file_system()
    automatic()
tap.done()
