#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select's bundles against what python-casacore reads from the same MeasurementSets: rows, UVW, visibilities, weights
and flags exactly, for observed sets of nine telescopes; the axis against CASA's; the same bytes whatever --mem and form."""
import filecmp
import glob
import json
import os
import re
import subprocess
import tarfile
import tempfile

import numpy as np
from astropy.io import fits

import tap

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

SPECSYS = {0: "SOURCE", 1: "LSRK", 2: "LSRD", 3: "BARYCENT", 4: "GEOCENTR", 5: "TOPOCENT"}
CORR = {1: 1, 2: 2, 3: 3, 4: 4, 5: -1, 6: -3, 7: -4, 8: -2, 9: -5, 10: -7, 11: -8, 12: -6}


def tool(*args, **kw):
    return subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], check=True, stderr=subprocess.PIPE, **kw)


def record(path):
    with open(path) as f:
        return [line.rstrip("\n").split("=", 1) for line in f if "=" in line]


def member(block, name):
    with fits.open(f"{block}/{name}", checksum=True) as h:
        return np.array(h[0].data, dtype=h[0].data.dtype.newbyteorder("=")), h[0].header.copy()


class Truth:
    """An MS as arrays; what a row's samples and weights should be."""

    def __init__(self, path, column):
        self.t = table(path, ack=False)
        self.path, self.column = path, column
        names = "DATA_DESC_ID FIELD_ID ANTENNA1 ANTENNA2 FLAG_ROW TIME UVW".split()
        self.col = {n: self.t.getcol(n) for n in names}
        d = table(path + "/DATA_DESCRIPTION", ack=False)
        self.spw, self.pol = d.getcol("SPECTRAL_WINDOW_ID"), d.getcol("POLARIZATION_ID")
        self.freq_table = table(path + "/SPECTRAL_WINDOW", ack=False)

    def rows(self, field, spws):
        c = self.col
        dd = np.isin(self.spw[c["DATA_DESC_ID"]], spws)
        return np.flatnonzero(dd & (c["FIELD_ID"] == field) & (c["ANTENNA1"] != c["ANTENNA2"]))

    def samples(self, rows):
        """Visibilities and weights [row, nchan, ncorr] of rows of one data description."""
        sub = self.t.selectrows(rows)
        v, f, row_flag = sub.getcol(self.column), sub.getcol("FLAG"), self.col["FLAG_ROW"][rows]
        w = np.broadcast_to(sub.getcol("WEIGHT").astype(np.float32)[:, None, :], v.shape).copy()
        if "WEIGHT_SPECTRUM" in self.t.colnames():
            defined = [i for i in range(len(rows)) if sub.iscelldefined("WEIGHT_SPECTRUM", i)]
            if defined:
                w[defined] = self.t.selectrows(rows[defined]).getcol("WEIGHT_SPECTRUM")
        bad = f | row_flag[:, None, None] | ~np.isfinite(v) | ~np.isfinite(w) | ~(w >= 0)
        return np.where(np.isfinite(v), v, 0), np.where(bad, np.float32(0), w)


def check_block(truth, block, chans):
    """What differs in one block; the MS rows it holds."""
    bad = []
    row, _ = member(block, "row.fits")
    uvw, head = member(block, "uvw.fits")
    vis, _ = member(block, "vis.fits")
    weight, _ = member(block, "weight.fits")
    freq, _ = member(block, "freq.fits")
    rows = row[:, 0].astype(int)
    c = truth.col
    if not (np.diff(rows) > 0).all():
        bad.append("rows are not in the MS's order")
    want = np.stack([rows, c["TIME"][rows], c["ANTENNA1"][rows], c["ANTENNA2"][rows]], axis=1)
    if not (row == want).all():
        bad.append("row.fits")
    if not (uvw == c["UVW"][rows]).all() or uvw.dtype != np.float64:
        bad.append("uvw.fits")
    spw = truth.spw[c["DATA_DESC_ID"][rows[0]]]
    axis = truth.freq_table.getcell("CHAN_FREQ", int(spw))
    pick = [np.argmin(abs(axis - f)) for f in freq]
    if not (freq == axis[pick]).all() or (chans is not None and pick != chans):
        bad.append(f"freq.fits has channels {pick}, not {chans}")
    v, w = truth.samples(rows)
    if not (vis[..., 0] + 1j * vis[..., 1] == v[:, pick]).all():
        bad.append("vis.fits")
    if not (weight == w[:, pick]).all() or weight.dtype != np.float32:
        bad.append("weight.fits")
    return bad, rows


def own_frame(truth, args, spw):
    """Options that keep the frame of the data: nothing is converted or interpolated."""
    if not any("specmode" in a for a in args):
        return ["--specmode=cubedata"]
    ref = truth.freq_table.getcell("MEAS_FREQ_REF", int(spw))
    return ["--outframe=" + SPECSYS.get(ref, "TOPOCENT")] * ("--specmode=mfs" in args)


def check(name, ms, args, field, spws, chan_of, column="DATA"):
    """A selection against the MS. chan_of(plane): data channels of a plane; None: any."""
    truth = Truth(ms, column)
    args = [*args, *own_frame(truth, args, spws[0])]
    with tempfile.TemporaryDirectory() as tmp:
        tool("pc-select", ms, *args, "-o", f"{tmp}/b")
        bad, got = [], None
        channels = sorted(glob.glob(f"{tmp}/b/ch*"))
        for ch in channels:
            seen = []
            for block in sorted(glob.glob(f"{ch}/vis*")):
                b, rows = check_block(truth, block, chan_of(int(ch[-5:])) if chan_of else None)
                bad += [f"{block[-14:]}: {x}" for x in b]
                seen.append(rows)
            got = np.sort(np.concatenate(seen))
            if not np.array_equal(got, truth.rows(field, spws)):
                bad.append(f"{ch[-7:]}: rows")
        tap.ok(channels and not bad, f"{name}: {len(channels)} planes of {len(got)} rows are what the MS holds", *bad[:5])
        header(name, ms, truth, f"{tmp}/b", field, spws)


def header(name, ms, truth, bundle, field, spws):
    """Keywords of the first block against the subtables."""
    chan = sorted(glob.glob(f"{bundle}/ch*"))[0]
    _, h = member(f"{chan}/vis00000", "vis.fits")
    row = truth.rows(field, spws)[0]
    fld = table(ms + "/FIELD", ack=False)
    ra, dec = np.degrees(fld.getcell("PHASE_DIR", field)[0])
    obs = table(ms + "/OBSERVATION", ack=False)
    want = {"OBJECT": fld.getcell("NAME", field).strip()[:68],
            "TELESCOP": obs.getcell("TELESCOPE_NAME", truth.t.getcell("OBSERVATION_ID", row)).strip()}
    bad = [f"{k} is {h.get(k)!r}, not {v!r}" for k, v in want.items() if (h.get(k) or "") != v]
    numbers = [v for v in h.values() if isinstance(v, float)]
    for what, angle in (("RA", ra % 360), ("Dec", dec)):
        if not any(abs(v - angle) < 1e-9 for v in numbers):
            bad.append(f"no keyword holds the {what} {angle}")
    codes = [CORR[c] for c in table(ms + "/POLARIZATION", ack=False).getcell(
        "CORR_TYPE", int(truth.pol[truth.t.getcell("DATA_DESC_ID", row)]))]
    values = [v for v in h.values()]
    if not all(c in values for c in codes):
        bad.append(f"correlations {codes} are not in the header")
    ref = truth.freq_table.getcell("MEAS_FREQ_REF", int(spws[0]))
    if h.get("SPECSYS", "") != SPECSYS.get(ref, "TOPOCENT"):
        bad.append(f"SPECSYS {h.get('SPECSYS')}, MEAS_FREQ_REF {ref}")
    tap.ok(not bad, f"{name}: headers", *bad, repr(h) if bad else "")


def same_tree(a, b):
    names = lambda d: sorted(os.path.relpath(os.path.join(r, f), d) for r, _, fs in os.walk(d) for f in fs)
    return names(a) == names(b) and not filecmp.cmpfiles(a, b, names(a), shallow=False)[1:][0]


def forms(ms, tmp, args):
    """Memory, an unlinked file with small chunks, and a stream: the same bytes."""
    tool("pc-select", ms, *args, "-o", f"{tmp}/dir")
    tool("pc-select", ms, *args, "--mem=1MB", "-o", f"{tmp}/spooled")
    with open(f"{tmp}/stream.tar", "wb") as f:
        tool("pc-select", ms, *args, stdout=f)
    tool("pc-select", ms, *args, "-o", f"{tmp}/file.tar")
    with tarfile.open(f"{tmp}/stream.tar") as t:
        t.extractall(f"{tmp}/untarred")
    tap.ok(same_tree(f"{tmp}/dir", f"{tmp}/spooled"), "a bundle made within 1 MB has the same bytes")
    tap.ok(same_tree(f"{tmp}/dir", f"{tmp}/untarred"), "a stream holds the files of the directory")
    tap.ok(filecmp.cmp(f"{tmp}/stream.tar", f"{tmp}/file.tar", shallow=False), "a tar file is the stream")
    links = {os.stat(p).st_ino for p in glob.glob(f"{tmp}/dir/ch*/vis00000/uvw.fits")}
    tap.ok(len(links) == 1, "a directory holds uvw.fits once")
    tool("pc-select", ms, *args, "--channels=2,5~6", "-o", f"{tmp}/some")
    kept = sorted(os.path.basename(p) for p in glob.glob(f"{tmp}/some/ch*"))
    tap.ok(kept == ["ch00002", "ch00005", "ch00006"] and
           all(same_tree(f"{tmp}/dir/{k}", f"{tmp}/some/{k}") for k in kept) and
           filecmp.cmp(f"{tmp}/dir/00cube", f"{tmp}/some/00cube", shallow=False),
           "--channels writes the same channels under the same numbers")
    _, h = member(f"{tmp}/dir/ch00000/vis00000", "vis.fits")
    history = "\n".join(h["HISTORY"])
    tap.ok("--field=3" in history and not re.search("/tmp|mem|channels", history), "HISTORY: options, no paths", history)


def axis(ms, run, args, tmp):
    """00cube against the axis CASA made of the same MS and parameters."""
    with open(os.path.join(tap.casa_dir(), run, "params.json")) as f:
        want = np.array(json.load(f)["result"]["chan_freq_hz"])
    out = f"{tmp}/axis_{run}"
    tool("pc-select", ms, *args, "-o", out)
    got = np.array([float(v) for k, v in record(out + "/00cube") if k == "freq_hz"])
    width = abs(want[1] - want[0]) if want.size > 1 else 1e6
    tap.ok(got.shape == want.shape and np.abs(got - want).max() < 1e-4 * width, f"the axis is CASA's: {run}", got, want)
    cube = dict(record(out + "/00cube"))
    if want.size > 1:
        tap.ok(abs(float(cube["width_hz"]) - (want[1] - want[0])) < 1e-4 * width, f"and its step: {run}", cube)
        tap.near(float(cube["fracbw"]), 2 * np.ptp(want) / (want.max() + want.min()), 1e-9, f"and fracbw: {run}")


def spoilt(ms):
    """NaN, infinity, negative weights, FLAG_ROW and an autocorrelation, put into a simulated MS."""
    tool("pc-mock", "--sky=points", "--ntime=4", "--nant=5", "--nchan=3", "-o", ms)
    t = table(ms, readonly=False, ack=False)
    data, weight = t.getcol("DATA"), t.getcol("WEIGHT")
    data[3, 1, 0], data[4, 2, 1], weight[7, 1] = np.nan, np.inf, -2
    t.putcol("DATA", data)
    t.putcol("WEIGHT", weight)
    t.putcell("FLAG_ROW", 9, True)
    t.putcell("ANTENNA2", 11, t.getcell("ANTENNA1", 11))
    t.close()
    err = tool("pc-select", ms, "--datacolumn=data", "-o", ms + ".b").stderr.decode()
    tap.ok(re.search("2 visibilities are not finite", err), "NaN and infinity are counted", err)
    tap.ok(re.search("3 weights are negative", err), "negative weights are counted", err)


def blocks(tmp):
    """Rows beyond 64 MiB of a block go to the next."""
    ms = f"{tmp}/many.ms"
    tool("pc-mock", "--sky=empty", "--nchan=2000", "--nant=20", "--ntime=15", "--width=10kHz", "-o", ms)
    tool("pc-select", ms, "--specmode=mfs", "--datacolumn=data", "--mem=32MB", "-o", f"{tmp}/many")
    shapes = [member(b, "uvw.fits")[0].shape for b in sorted(glob.glob(f"{tmp}/many/ch00000/vis*"))]
    tap.ok(shapes == [(2097, 3), (753, 3)], f"blocks hold floor(64 MiB/(8 ncorr nchan)) rows: {shapes}")
    check("two blocks", ms, ["--specmode=mfs", "--datacolumn=data"], 0, [0], lambda p: list(range(2000)))


with tempfile.TemporaryDirectory() as tmp:
    spoilt(f"{tmp}/spoilt.ms")
    check("spoilt data", f"{tmp}/spoilt.ms", [], 0, [0], lambda p: [p])
    blocks(tmp)
    get = lambda name: tap.unpack(name, tmp)
    dmtau, lupus, sim6 = get("dmtau_sma_co21"), get("lupus3mms_alma7m_co10_mosaic"), get("sim6")
    check("DM Tau", dmtau, [], 0, [0], lambda p: [p])
    check("Lupus field 3", lupus, ["--field=3"], 3, [0], lambda p: [p])
    check("Lupus by name, channels", lupus, ["--field=Lupus_3_MMS_9", "--spw=0:2~6"], 9, [0], lambda p: [p + 2])
    check("HD 142527, 3 windows", get("hd142527_alma_b9_cont"), ["--specmode=mfs"], 0, [0, 1, 2], lambda p: [0])
    fls = get("fls_vla_lband_widefield")
    check("VLA, corrected", fls, ["--specmode=mfs"], 0, [0, 1], lambda p: list(range(7)), "CORRECTED_DATA")
    check("VLA, data, one window", fls, ["--spw=1", "--datacolumn=data"], 0, [1], lambda p: [p])
    bima = get("ngc4826_bima_co10_raw")
    check("BIMA", bima, ["--field=4", "--spw=4", "--nchan=5", "--start=60", "--width=-2"], 4, [4],
          lambda p: [60 - 2 * p, 59 - 2 * p])
    subprocess.run(["tar", "xzf", os.path.join(tap.data_dir(), "data", "ms_structure_tests.tar.gz"), "-C", tmp], check=True)
    at = lambda name: glob.glob(f"{tmp}/**/{name}.ms", recursive=True)[0]
    check("MeerKAT, all flagged", at("meerkat_all_flagged"), [], 0, [0], lambda p: [p])
    check("EHT, LL RR", at("eht_m87_hilo_llrr"), ["--specmode=mfs"], 0, [0, 1], lambda p: [0])
    check("undefined WEIGHT_SPECTRUM", at("alma_empty_weight_spectrum_cells"), ["--field=1", "--specmode=mfs"], 1, [1, 2], None)
    check("ragged windows", at("evla_20a_2spw_ragged"), ["--specmode=mfs"], 1, [0, 1], None)
    check("averaged by baseline", at("lofar_bda_4spw"), ["--specmode=mfs"], 0, [0, 1, 2, 3], None)
    check("LOFAR, corrected", at("lofar_msss_corrected"), [], 0, [0], lambda p: [p], "CORRECTED_DATA")
    check("WSRT, descending", at("wsrt_3c343.1_16ch"), [], 0, [0], lambda p: [p])
    check("PAPER, XY", at("paper_xy_only"), ["--specmode=cubedata"], 0, [0], lambda p: [p])
    check("extra polarizations", at("alma_extra_pol_setups"), [], 2, [0], lambda p: [p])
    forms(lupus, tmp, ["--field=3"])
    axis(dmtau, "dmtau_cube_natural", [], tmp)
    axis(lupus, "lupus_f3_cube_natural", ["--field=3"], tmp)
    axis(sim6, "sim6_cube_natural", ["--start=1", "--nchan=3", "--width=1"], tmp)
    axis(sim6, "sim6_regrid_width2_linear", ["--width=2"], tmp)
    axis(sim6, "sim6_regrid_descend", ["--nchan=3", "--start=4", "--width=-1"], tmp)
    axis(sim6, "sim6_mfs_natural", ["--specmode=mfs"], tmp)
tap.done()
