#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select --check-storage and --to-ms against python-casacore: what it says of storage managers, what a copy holds, and what
one channel of it costs."""
import glob
import os
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")


def run(*args):
    return subprocess.run([os.path.join(tap.BIN, "pc-select"), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines(ms):
    """What is said: the first line, and those of the columns."""
    done = run("--check-storage", ms)
    said = [dict(word.split("=", 1) for word in line.split()) for line in done.stdout.splitlines()]
    return (said[0], said[1:]) if said else ({}, [done.stderr])


def check(ms):
    """Every column and hypercube is that of casacore's own record; a channel costs the tiles that hold it."""
    head, said = lines(ms)
    with table(ms, ack=False) as t:
        info, n = t.getdminfo(), t.nrows()
    want = []
    for dm in info.values():
        cubes = list(dm["SPEC"].get("HYPERCUBES", {}).values()) if dm["SPEC"] else []
        for column in dm["COLUMNS"]:
            for cube in cubes or [None]:
                entry = {"column": column, "manager": dm["TYPE"]}
                if cube:
                    shape, tile = cube["CubeShape"], cube["TileShape"]
                    entry |= {"tile": ",".join(map(str, tile)), "cell": ",".join(map(str, shape[:-1])), "rows": str(shape[-1])}
                    if len(shape) == 3:
                        entry["channel_read"] = f"{1 / np.ceil(shape[1] / tile[1]):.4g}"
                want.append(entry)
    bad = [w for w in want if not any(w.items() <= s.items() for s in said)]
    tap.ok(not bad and len(want) == len(said) and head["rows"] == str(n) and head["adios2"] in ("yes", "no"),
           f"{os.path.basename(ms).split('_')[0]}: storage of {len(said)} columns", bad, head)


def compare(name, ms, where, out):
    """The copy has the rows, whole, and subtables of its own."""
    bad = []
    with table(ms, ack=False) as t, table(out, ack=False) as c:
        sel = t.query(f"ANTENNA1 != ANTENNA2 && ({where})")
        if sel.nrows() != c.nrows() or not sel.nrows() or set(sel.colnames()) != set(c.colnames()):
            bad.append(f"{c.nrows()} rows of {sel.nrows()}; columns {set(sel.colnames()) ^ set(c.colnames())}")
        for column in c.colnames() if not bad else []:
            for i in range(0, c.nrows(), 97):
                defined = sel.iscelldefined(column, i)
                if defined != c.iscelldefined(column, i) or (
                        defined and not np.array_equal(sel.getcell(column, i), c.getcell(column, i))):
                    bad.append(f"{column}, row {i}")
                    break
        tap.ok(not bad, f"{name}: a copy of {c.nrows()} rows", *bad)
        here = [c.getkeyword(k) for k in ("ANTENNA", "FIELD", "SPECTRAL_WINDOW")]
        tap.ok(all(k == f"Table: {os.path.realpath(out)}/{os.path.basename(k)}" for k in here), f"{name}: its subtables are its own", here)


def vis_of(ms, tmp, *args):
    out = tempfile.mkdtemp(dir=tmp)
    done = run("--datacolumn=data", *args, ms, "-o", f"{out}/b")
    if done.returncode:
        tap.ok(False, f"pc-select {args}", done.stderr)
        tap.done()
    return {os.path.relpath(f, out): fits.getdata(f) for f in glob.glob(f"{out}/b/ch*/vis*/*.fits") if "row.fits" not in f}


def bytes_read(*args):
    """What a run reads, of files and pipes, before it is gone."""
    p = subprocess.Popen([os.path.join(tap.BIN, "pc-select"), *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
    try:
        with open(f"/proc/{p.pid}/io") as f:
            n = int(f.readline().split()[1])
    except (OSError, PermissionError):
        n = None
    p.wait()
    return n


def cost(tmp):
    """One channel of 200: a few per cent of the bytes, where tiles of 64 channels cost a third."""
    ms, out = f"{tmp}/long.ms", f"{tmp}/turned.ms"
    subprocess.run([f"{tap.BIN}/pc-mock", "--sky=empty", "--nchan=200", "--nant=20", "--ntime=24", "-o", ms], stderr=subprocess.DEVNULL)
    done = run("--to-ms", out, ms)
    tap.ok(done.returncode == 0 and "rows=4560 stman=tiled" in done.stderr, "a copy in tiles of one channel", done.stderr)
    tiles = {s["column"]: s for s in lines(out)[1]}
    tap.ok(all(tiles[c]["tile"] == "2,1,4096" and tiles[c]["channel_read"] == "0.005" for c in ("DATA", "FLAG")),
           "its tiles", tiles["DATA"], tiles["FLAG"])
    ask = ["--datacolumn=data", "--channels=100", "-o", "-"]
    was, now = bytes_read(*ask, ms), bytes_read(*ask, out)
    if was is None or now is None:
        tap.skip("bytes read", "the system does not say what a process reads")
    else:
        tap.below(now / was, 0.4, f"bytes read for one channel, of {was}")
    a, b = vis_of(ms, tmp, "--channels=100"), vis_of(out, tmp, "--channels=100")
    tap.ok(a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a), "the same bundle")


def refusals(tmp, ms):
    def fails(code, words, *args):
        done = run(*args)
        tap.ok(done.returncode == code and words in done.stderr, f"{code}: {words}", done.returncode, done.stderr)
    with open(f"{tmp}/there", "w"):
        pass
    fails(73, "there: exists already", "--to-ms", f"{tmp}/there", ms)
    fails(73, "nowhere/x.ms: cannot write in ", "--to-ms", f"{tmp}/nowhere/x.ms", ms)
    fails(64, "copies one MeasurementSet, 2 are given", "--to-ms", f"{tmp}/x", ms, ms)
    fails(64, "--to-ms copies whole rows; --spw leaves 3 of the 64 channels", "--to-ms", f"{tmp}/x", "--spw=2:1~3", ms)
    fails(64, "--nchan has nothing to say with --to-ms", "--to-ms", f"{tmp}/x", "--nchan=2", ms)
    fails(64, "there is no -o", "--check-storage", ms, "-o", f"{tmp}/x")
    fails(64, "--stman is for --to-ms", "--stman=tiled", ms)
    fails(64, "are for --stman adios2", "--to-ms", f"{tmp}/x", "--engine=BP4", ms)
    fails(66, "selects nothing", "--to-ms", f"{tmp}/x", "--field=77", ms)
    if lines(ms)[0]["adios2"] == "no":
        fails(69, "has no Adios2StMan", "--to-ms", f"{tmp}/x", "--stman=adios2", ms)
    else:
        fails(64, "write KEY=VALUE", "--to-ms", f"{tmp}/x", "--stman=adios2", "--engine-param=x", ms)
        done = run("--to-ms", f"{tmp}/a.ms", "--stman=adios2", "--engine=BP4", "--field=2", ms)
        tap.ok(done.returncode == 0, "a copy by Adios2StMan", done.stderr)
        compare("adios2", ms, "FIELD_ID == 2", f"{tmp}/a.ms")
    tap.ok(not glob.glob(f"{tmp}/x*") and not glob.glob(f"{tmp}/.pc-select*"), "nothing is left behind")


with tempfile.TemporaryDirectory() as tmp:
    tmp = os.path.realpath(tmp)
    bima, lupus = tap.unpack("ngc4826_bima_co10_raw", tmp), tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    subprocess.run(["tar", "xzf", os.path.join(tap.data_dir(), "data", "ms_structure_tests.tar.gz"), "-C", tmp], check=True)
    alma = glob.glob(f"{tmp}/**/alma_empty_weight_spectrum_cells.ms", recursive=True)[0]
    for ms in (bima, lupus, alma):
        check(ms)
    run("--to-ms", f"{tmp}/bima.ms", "--field=2,4", "--spw=2~4", bima)
    compare("BIMA, two fields", bima, "FIELD_ID in [2, 4] && DATA_DESC_ID in [2, 3, 4]", f"{tmp}/bima.ms")
    ask = ["--field=2", "--spw=3"]
    a, b = vis_of(bima, tmp, *ask), vis_of(f"{tmp}/bima.ms", tmp, *ask)
    tap.ok(a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a), f"{len(a)} members of bundles are the same")
    run("--to-ms", f"{tmp}/alma.ms", alma)
    compare("ALMA, undefined cells", alma, "TRUE", f"{tmp}/alma.ms")
    cost(tmp)
    refusals(tmp, bima)
tap.done()
