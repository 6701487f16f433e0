#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad channels beside good ones: one without data, one of NaNs, and a bright one whose cleaning diverges. The good ones come
out as they do without them, byte for byte; the bad ones say what is wrong with them."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

GOOD, EMPTY, NAN, WILD = [0, 4], 1, 2, 3


def run(*command):
    p = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if p.returncode:
        tap.ok(False, " ".join(command), p.stderr)
        tap.done()


def spoil(ms):
    from casacore.tables import table
    t = table(ms, readonly=False, ack=False)
    flag, data = t.getcol("FLAG"), t.getcol("DATA")
    flag[:, EMPTY] = True
    data[:, NAN] = np.nan
    # a handful of visibilities, a thousand times brighter and of any phase
    few = np.zeros(len(flag), bool)
    few[::97] = True
    flag[~few, WILD] = True
    data[:, WILD] = 1000 * np.exp(2j * np.pi * np.random.default_rng(1).random(data[:, WILD].shape))
    t.putcol("FLAG", flag)
    t.putcol("DATA", data)
    t.close()


def table_of(name):
    lines = [line.rstrip("\n").split("\t") for line in open(name + ".channels.tsv")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def compare(label, options):
    """Both sets, imaged alike."""
    for name in ("good", "bad"):
        run("pc-cube", name + ".ms", "--imagename", name + label, "--imsize", "64", "--cell", "0.1arcsec", "--niter", "2000",
            "--threshold", "20mJy", "--pbcor", "--jobs", "2", *options)
    products = sorted(glob.glob(f"good{label}.*.fits"))
    tap.ok(len(products) >= 6, f"{label}: products: {' '.join(products)}")
    for path in products:
        good, bad = (fits.getdata(p) for p in (path, "bad" + path[4:]))
        tap.ok(all(good[:, k].tobytes() == bad[:, k].tobytes() for k in GOOD), f"{path}: the good channels are the same bytes")
    good, bad = table_of("good" + label), table_of("bad" + label)
    for k in GOOD:
        differs = [key for key in good[k] if good[k][key] != bad[k][key] and not key.startswith(("seconds", "peak_mem", "host"))]
        tap.ok(not differs, f"{label}: channel {k}: and so are its figures", differs)
    image = fits.getdata(f"bad{label}.image.fits")
    for k in (EMPTY, NAN):
        tap.ok(np.isnan(image[:, k]).all() and bad[k]["stopcode"] == "-1", f"{label}: channel {k} is blank: {bad[k]['stop']}")
    return image, bad


def main():
    os.environ["PATH"] = os.pathsep.join([tap.BIN, os.path.join(tap.ROOT, "pipelines"), os.environ["PATH"]])
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        run("pc-mock", "--sky", "points", "--nchan", "5", "--nant", "12", "--ntime", "8", "--bmax", "300", "--noise", "0.1Jy", "-o", "good.ms")
        shutil.copytree("good.ms", "bad.ms")
        spoil("bad.ms")
        image, table = compare("-plain", [])
        tap.ok(table[WILD]["stopcode"] in ("5", "6") and np.isfinite(image[:, WILD]).any(),
               f"channel {WILD} diverges, and has its best image: {table[WILD]['stop']}")
        compare("-masked", ["--usemask", "auto-multithresh", "--noisethreshold", "4"])
        os.chdir("/")
    tap.done()


main()
