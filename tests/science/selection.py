#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select's clauses against TaQL queries on the same observed MeasurementSets: rows, channels, weights and flags."""
import glob
import os
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap

try:
    from casacore.tables import table, taql
except ImportError:
    tap.skip_all("python3-casacore is not there")


def bundle(tmp, *args, out=None):
    """The blocks of the one plane that all selected channels make: MS name, rows, frequencies, weights."""
    out = out or tempfile.mkdtemp(dir=tmp)
    run = subprocess.run([os.path.join(tap.BIN, "pc-select"), "--specmode=mfs", "--datacolumn=data", *args, "-o", f"{out}/b"],
                         stderr=subprocess.PIPE, text=True)
    if run.returncode:
        tap.ok(False, f"pc-select {args}", run.stderr)
        tap.done()
    blocks = []
    for b in sorted(glob.glob(f"{out}/b/ch00000/vis*")):
        get = lambda n: fits.getdata(f"{b}/{n}.fits")
        blocks.append((fits.getheader(f"{b}/vis.fits")["MSNAME"], get("row")[:, 0].astype(int), get("freq"), get("weight")))
    return blocks


def frequencies(ms, row, chans):
    """Those of a row's spectral window; chans: {spw: channels}, all of the others."""
    dd = table(ms, ack=False).getcell("DATA_DESC_ID", int(row))
    spw = table(ms + "/DATA_DESCRIPTION", ack=False).getcell("SPECTRAL_WINDOW_ID", dd)
    f = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", spw)
    pick = np.asarray((chans or {}).get(spw, np.arange(len(f))))
    return f[pick], pick


def weights(ms, rows, pick):
    """By TaQL: 0 where FLAG or FLAG_ROW is set, and where the weight is negative."""
    sub = table(ms, ack=False).selectrows(rows)
    flag = taql("select FLAG || FLAG_ROW as FLAGGED from $1", tables=[sub]).getcol("FLAGGED")
    if "WEIGHT_SPECTRUM" in sub.colnames() and all(sub.iscelldefined("WEIGHT_SPECTRUM", i) for i in range(len(rows))):
        w = taql("select iif(WEIGHT_SPECTRUM >= 0, WEIGHT_SPECTRUM, 0) as GOOD from $1", tables=[sub]).getcol("GOOD")
    else:
        w = taql("select iif(WEIGHT >= 0, WEIGHT, 0) as GOOD from $1", tables=[sub]).getcol("GOOD")[:, None, :]
    return np.where(flag, 0, np.broadcast_to(w, flag.shape)).astype(np.float32)[:, pick]


def judge(blocks, wanted, name):
    """wanted: {MS: (its path, condition, channels)}."""
    bad, total = [], 0
    for short, (ms, where, chans) in wanted.items():
        main = table(ms, ack=False)
        want = taql(f"select rowid() as ROW from $1 where ANTENNA1 != ANTENNA2 && ({where})", tables=[main]).getcol("ROW")
        mine = [b for b in blocks if b[0] == short]
        got = np.sort(np.concatenate([b[1] for b in mine])) if mine else np.array([])
        total += len(got)
        if not (len(want) and np.array_equal(got, np.sort(want))):
            bad.append(f"{short}: {len(got)} rows, TaQL has {len(want)}")
            continue
        for _, rows, freq, weight in mine:
            f, pick = frequencies(ms, rows[0], chans)
            moved = np.atleast_2d(freq) / f if freq.shape[-1] == len(f) else np.zeros((1, 1))
            if np.ptp(moved, axis=1).max() > 1e-12 or abs(moved - 1).max() > 2e-4:  # in another frame, but these
                bad.append(f"channels at {freq}, not {f}")
            elif not np.array_equal(weight, weights(ms, rows, pick)):
                bad.append("weights")
    tap.ok(not bad, f"{name}: {total} rows", *bad)


def check(tmp, ms, args, where, chans=None):
    name = os.path.basename(ms)
    judge(bundle(tmp, *args, ms), {name: (ms, where, chans)}, f"{name.split('_')[0]} {' '.join(args)}")


def parts(tmp, ms, n, args, where):
    """--rows k/n: together all rows, none twice, in order of time, evenly; the same plane."""
    t = table(ms, ack=False)
    want = taql(f"select rowid() as ROW from $1 where ANTENNA1 != ANTENNA2 && ({where})", tables=[t]).getcol("ROW")
    time, rows, cubes = t.getcol("TIME"), [], set()
    for k in range(1, n + 1):
        out = tempfile.mkdtemp(dir=tmp)
        blocks = bundle(tmp, *args, f"--rows={k}/{n}", ms, out=out)
        rows.append(np.concatenate([b[1] for b in blocks]))
        with open(f"{out}/b/00cube") as f:
            cubes.add(f.read())
    sizes = [len(r) for r in rows]
    late = all(time[a].max() <= time[b].min() for a, b in zip(rows, rows[1:]))
    tap.ok(np.array_equal(np.sort(np.concatenate(rows)), np.sort(want)) and late and max(sizes) - min(sizes) <= 1 and len(cubes) == 1,
           f"{os.path.basename(ms).split('_')[0]} --rows K/{n}: {sizes} of {len(want)} rows", late, cubes)


def add_up(tmp, ms):
    """Dirty images of parts, added by their sums of weights, are that of all."""
    def dirty(*args):
        out = tempfile.mkdtemp(dir=tmp)
        bundle(tmp, *args, "--spw=0", ms, out=out)
        for tool in (["pc-psf", "--imsize=64", "--cell=1.5arcsec", f"{out}/b"], ["pc-grid", f"{out}/b"]):
            subprocess.run([os.path.join(tap.BIN, tool[0]), *tool[1:]], check=True, stderr=subprocess.DEVNULL)
        get = lambda n: fits.getdata(f"{out}/b/ch00000/{n}.fits").astype(float).squeeze()
        return get("residual"), get("sumwt")
    whole, weight = dirty()
    three = [dirty(f"--rows={k}/3") for k in (1, 2, 3)]
    total = sum(w for _, w in three)
    tap.near(total / weight, 1, 1e-6, "sums of weights of the parts")
    tap.below(np.abs(sum(d * w for d, w in three) / total - whole).max(), 3e-6 * np.abs(whole).max(),
              "images of the parts, added up, are that of all")


UV = "sqrt(UVW[0]**2 + UVW[1]**2)"  # this TaQL counts from 0


def bima(tmp, ms):
    """Nine fields, six windows, five observations."""
    spw = lambda *n: f"DATA_DESC_ID in {list(n)}"  # here the two numbers are the same
    check(tmp, ms, ["--field=3C273*"], "FIELD_ID == 0")
    check(tmp, ms, ["--field=NGC4826-F0", "--spw=2~3:10~12;40,5"], f"FIELD_ID == 2 && {spw(2, 3, 5)}",
          {2: [10, 11, 12, 40], 3: [10, 11, 12, 40]})
    check(tmp, ms, ["--field=8", "--spw=4:0~20^5;63"], f"FIELD_ID == 8 && {spw(4)}", {4: [0, 5, 10, 15, 20, 63]})
    check(tmp, ms, ["--field=8", "--spw=2:114.96~114.97GHz"], f"FIELD_ID == 8 && {spw(2)}", {2: [7, 8, 9, 10, 11, 12]})
    check(tmp, ms, ["--field=0", "--antenna=ANT1"], "FIELD_ID == 0 && 0 in [ANTENNA1, ANTENNA2]")
    check(tmp, ms, ["--field=0", "--antenna=!ANT1"], "FIELD_ID == 0 && !(0 in [ANTENNA1, ANTENNA2])")
    check(tmp, ms, ["--field=0", "--antenna=ANT2&ANT5;ANT3&ANT4,ANT9"],
          "FIELD_ID == 0 && ((ANTENNA1 == 1 && ANTENNA2 == 4) || (ANTENNA1 == 2 && ANTENNA2 in [3, 8]))")
    check(tmp, ms, ["--field=0", "--uvrange=20~40m"], f"FIELD_ID == 0 && {UV} >= 20 && {UV} <= 40")
    check(tmp, ms, ["--field=2", "--observation=2"], "FIELD_ID == 2 && OBSERVATION_ID == 2")
    check(tmp, ms, ["--field=2", "--timerange=1998/04/16/04:10:00~04:20:00"],
          "FIELD_ID == 2 && TIME >= 16Apr1998/04:10:00 && TIME <= 16Apr1998/04:20:00")
    check(tmp, ms, ["--field=2", "--taql=ANTENNA2 in [3,4] && UVW[1] > 0"], "FIELD_ID == 2 && ANTENNA2 in [3,4] && UVW[0] > 0")


with tempfile.TemporaryDirectory() as tmp:
    bima(tmp, tap.unpack("ngc4826_bima_co10_raw", tmp))
    lupus = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    check(tmp, lupus, ["--field=3", "--scan=10~40,59"], "FIELD_ID == 3 && (SCAN_NUMBER in [15,26,37,59])")
    check(tmp, lupus, ["--field=3", "--scan=<50", "--uvrange=>30m"], f"FIELD_ID == 3 && SCAN_NUMBER < 50 && {UV} > 30")
    hd = tap.unpack("hd142527_alma_b9_cont", tmp)
    check(tmp, hd, ["--spw=1", "--uvrange=<100klambda"], f"DATA_DESC_ID == 1 && {UV} * 693874369773.4 < 1e5 * 299792458.")
    subprocess.run(["tar", "xzf", os.path.join(tap.data_dir(), "data", "ms_structure_tests.tar.gz"), "-C", tmp], check=True)
    at = lambda name: glob.glob(f"{tmp}/**/{name}.ms", recursive=True)[0]
    check(tmp, at("alma_empty_weight_spectrum_cells"), ["--intent=*DELAY*", "--spw=1"], "STATE_ID == 7 && DATA_DESC_ID == 1")
    check(tmp, at("evla_20a_2spw_ragged"), ["--intent=*AMPLI*", "--spw=1:1~2"], "STATE_ID == 2 && DATA_DESC_ID == 1", {1: [1, 2]})
    again = f"{tmp}/again.ms"
    os.symlink(lupus, again)
    a, b = os.path.basename(lupus), os.path.basename(again)
    judge(bundle(tmp, "--field=3", "--scan=4", "--scan=15~37", "--spw=0:2~3", "--spw=", lupus, again),
          {a: (lupus, "FIELD_ID == 3 && SCAN_NUMBER == 4", {0: [2, 3]}),
           b: (lupus, "FIELD_ID == 3 && SCAN_NUMBER in [15, 26, 37]", None)}, "two MeasurementSets, each with its own clauses")
    parts(tmp, hd, 7, [], "TRUE")
    parts(tmp, lupus, 3, ["--field=3", "--scan=<500"], "FIELD_ID == 3 && SCAN_NUMBER < 500")
    parts(tmp, at("lofar_bda_4spw"), 40, [], "TRUE")
    add_up(tmp, tap.unpack("fls_vla_lband_widefield", tmp))
tap.done()
