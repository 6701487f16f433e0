#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select --put-model: MODEL_DATA, as python-casacore reads it, against direct sums at the data's own frequencies; what
it does not touch; interruptions."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

import tap

try:
    from casacore.measures import measures
    from casacore.quanta import quantity
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

warnings.simplefilter("ignore")
C = 299792458.0


def tool(*args, check=True, **kw):
    run = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], stderr=subprocess.PIPE, text=True, **kw)
    if check and run.returncode:
        tap.ok(False, " ".join(args), run.stderr)
        tap.done()
    return run


def col(ms, *names):
    """Columns of the main table, which is closed again: casacore's reading locks keep writers out."""
    with table(ms, ack=False) as t:
        got = [t.getcol(n) if n in t.colnames() else None for n in names]
    return got if len(got) > 1 else got[0]


def stage(out, ms, select, psf, pixels):
    """A bundle with predictions; pixels: (x, y, flux, slope from channel to channel)."""
    tool("pc-select", "--datacolumn=data", *select, ms, "-o", out)
    tool("pc-psf", *psf, out)
    for ch in sorted(d for d in os.listdir(out) if d.startswith("ch")):
        with fits.open(f"{out}/{ch}/psf.fits") as f:
            f[0].data[:] = 0
            for x, y, flux, slope in pixels:
                f[0].data[0, 0, y, x] = flux + slope * int(ch[2:])
            f[0].header["BUNIT"] = "Jy/pixel"
            f[0].add_checksum()
            f.writeto(f"{out}/{ch}/model.fits")
        shutil.copy(f"{out}/{ch}/model.fits", f"{out}/{ch}/residual.fits")
    tool("pc-grid", "--predict", out)


def truth(ms, rows, out, pixels, chan_of):
    """Direct sums about the field's own phase centre, [rows][nchan][1]; chan_of(c): the plane of a channel, or None."""
    fields, dds, uvw = col(ms, "FIELD_ID", "DATA_DESC_ID", "UVW")
    field, dd, uvw = fields[rows[0]], dds[rows[0]], uvw[rows]
    spw = table(ms + "/DATA_DESCRIPTION", ack=False).getcell("SPECTRAL_WINDOW_ID", dd)
    freq = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", spw)
    ra0, dec0 = table(ms + "/FIELD", ack=False).getcell("PHASE_DIR", field)[0]
    want = np.zeros((len(rows), len(freq), 1), complex)
    for c, nu in enumerate(freq):
        plane = chan_of(c)
        if plane is None:
            continue
        wcs = WCS(fits.getheader(f"{out}/ch{plane:05d}/model.fits")).celestial
        for x, y, flux, slope in pixels:
            ra, dec = np.radians(wcs.wcs_pix2world(x, y, 0))
            l = np.cos(dec) * np.sin(ra - ra0)
            m = np.sin(dec) * np.cos(dec0) - np.cos(dec) * np.sin(dec0) * np.cos(ra - ra0)
            path = uvw @ [l, m, (np.sqrt(1 - l * l - m * m) - 1)]
            want[:, c, 0] += (flux + slope * plane) * np.exp(2j * np.pi * nu / C * path)
    return want


def compare(name, ms, rows, want, total):
    m = col(ms, "MODEL_DATA")
    tap.below(np.abs(m[rows] - want).max(), 1e-5 * total, f"{name}: MODEL_DATA of {len(rows)} rows, Jy of {total}")
    rest = np.setdiff1d(np.arange(len(m)), rows)
    tap.ok((m[rest] == 0).all(), f"{name}: {len(rest)} other rows are 0")


def mock(tmp):
    """A cube whose phase centre was turned; some channels only; flagged rows; every form of SRC; interrupted."""
    ms, out = f"{tmp}/m.ms", f"{tmp}/stage"
    tool("pc-mock", "-o", ms, "--sky=points", "--nchan=7", "--nant=8", "--ntime=6", "--bmax=200", "--flagged=0.2")
    pixels = [(5, 12, 1.5, 0.0), (20, 3, -0.5, 0.25)]
    stage(out, ms, ["--phasecenter=J2000 11h00m00.5s -30d00m05s", "--channels=1~5"], ["--imsize=24,20", "--cell=0.4arcsec"], pixels)
    shutil.copytree(ms, f"{tmp}/before/m.ms")
    tool("pc-select", "--put-model", out, ms)
    rows = np.arange(len(col(ms, "TIME")))
    want = truth(ms, rows, out, pixels, lambda c: c if 1 <= c <= 5 else None)
    compare("mock", ms, rows, want, 2)
    names = ["FLAG", "DATA", "UVW", "WEIGHT", "TIME", "FLAG_ROW"]
    now, then = col(ms, *names), col(f"{tmp}/before/m.ms", *names)
    tap.ok(all(np.array_equal(a, b) for a, b in zip(now, then)) and now[0].any(), "the other columns stay as they are")
    forms(tmp, ms, out)
    refusals(tmp, ms, out)
    model = col(ms, "MODEL_DATA")
    part = f"{tmp}/part"
    stage(part, ms, ["--channels=3", "--taql=ANTENNA1 == 2"], ["--imsize=24,20", "--cell=0.4arcsec"], [(10, 10, 4, 0)])
    tool("pc-select", "--put-model", part, ms)
    after, a1 = col(ms, "MODEL_DATA"), col(ms, "ANTENNA1") == 2
    want = truth(ms, np.flatnonzero(a1), part, [(10, 10, 4, 0)], lambda c: c if c == 3 else None)[:, 3]
    tap.below(np.abs(after[a1, 3] - want).max(), 4e-5, "another bundle changes its rows and channel, Jy of 4")
    after[a1, 3] = model[a1, 3]
    tap.ok(np.array_equal(after, model), "and nothing else")


def forms(tmp, ms, out):
    model = col(ms, "MODEL_DATA")
    tool("pc-grid", "--predict", out, "-o", f"{tmp}/s.tar")
    for name, args in {"a tar file": ["--put-model", f"{tmp}/s.tar"], "a pipe": ["--put-model=-"],
                       "within 1 MB": ["--mem=1MB", "--put-model", out]}.items():
        shutil.rmtree(f"{tmp}/f", ignore_errors=True)
        shutil.copytree(f"{tmp}/before", f"{tmp}/f")
        with open(f"{tmp}/s.tar", "rb") as f:
            tool("pc-select", *args, f"{tmp}/f/m.ms", stdin=f)
        tap.ok(np.array_equal(col(f"{tmp}/f/m.ms", "MODEL_DATA"), model), f"{name} gives the same")


def refusals(tmp, ms, out):
    def fails(code, words, *args):
        run = tool("pc-select", "--put-model", *args, check=False)
        return tap.ok(run.returncode == code and words in run.stderr, f"{code}: {words}", run.returncode, run.stderr)
    fails(66, "was made from m.ms, which is not among", out, f"{tmp}/f")
    fails(64, "2 MeasurementSets are called m.ms", out, ms, f"{tmp}/before/m.ms")
    fails(64, "is a file; --put-model writes into a MeasurementSet", out, f"{tmp}/s.tar")
    fails(64, "--spw has nothing to say with --put-model", out, ms, "--spw=0")
    fails(64, "there is no -o", out, ms, "-o", f"{tmp}/x")
    os.makedirs(f"{tmp}/other")
    tool("pc-mock", "-o", f"{tmp}/other/m.ms", "--nchan=7", "--nant=9", "--ntime=6")
    fails(65, "is not the one the bundle was made from", out, f"{tmp}/other/m.ms")
    tap.ok(col(f"{tmp}/other/m.ms", "MODEL_DATA") is None, "which is left alone")
    with subprocess.Popen([sys.executable, "-c", "import sys; from casacore.tables import table; "
                           "t = table(sys.argv[1], readonly=False, lockoptions='permanent', ack=False); print(1, flush=True); input()", ms],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        fails(73, "is locked by another program", out, ms)
        holder.communicate(b"\n")
    shutil.copytree(out, f"{tmp}/lame")
    os.remove(f"{tmp}/lame/ch00002/vis00000/model_vis.fits")
    with open(f"{tmp}/lame/ch00002/zzplane") as f:
        lines = [l for l in f if "model_vis" not in l]
    with open(f"{tmp}/lame/ch00002/zzplane", "w") as f:
        f.writelines(lines)
    fails(65, "ch00002/vis00000: has no model_vis.fits, the visibilities of a model: pc-grid --predict makes it", f"{tmp}/lame", ms)


def interrupted(tmp):
    """Killed at any moment the MeasurementSet can be read, and a second run completes it."""
    ms, out = f"{tmp}/big.ms", f"{tmp}/bigstage"
    tool("pc-mock", "-o", ms, "--sky=empty", "--nchan=60", "--nant=16", "--ntime=40", "--bmax=200")
    stage(out, ms, [], ["--imsize=24,20", "--cell=0.4arcsec"], [(5, 12, 1.5, 0.1)])
    shutil.copytree(ms, f"{tmp}/clean.ms")
    tool("pc-select", "--put-model", out, "--mem=1MB", ms)
    want = col(ms, "MODEL_DATA")
    for after in (None, 0, 0.01, 0.02, 0.05, 0.1):  # s after the files of the column are there; before that
        shutil.rmtree(ms)
        shutil.copytree(f"{tmp}/clean.ms", ms)
        names = set(os.listdir(ms))
        p = subprocess.Popen([f"{tap.BIN}/pc-select", "--put-model", out, "--mem=1MB", ms], stderr=subprocess.DEVNULL)
        while after is not None and p.poll() is None and not any("_TSM" in f for f in set(os.listdir(ms)) - names):
            time.sleep(0.001)
        time.sleep(after or 0.05)
        p.kill()
        p.wait()
        model, *others = col(ms, "MODEL_DATA", "DATA", "FLAG", "UVW", "WEIGHT")
        readable = all(len(c) == len(want) for c in others)
        state = "no column" if model is None else "all" if np.array_equal(model, want) else "part"
        if state == "part":
            readable &= ((model == want) | (model == 0)).all()
        tool("pc-select", "--put-model", out, ms)
        tap.ok(readable and np.array_equal(col(ms, "MODEL_DATA"), want),
               f"killed {'early' if after is None else f'{after} s later'} ({state}): readable, and completed by a second run")
    shutil.copy(f"{tmp}/clean.ms/table.lock", ms)  # as when killed between the table's renaming and its lock file
    tool("pc-select", "--put-model", out, ms)
    tap.ok(np.array_equal(col(ms, "MODEL_DATA"), want), "a lock file that does not know of the column is no hindrance")


def lsrk(ms, times):
    """What a TOPO frequency is multiplied by at each time, by casacore's measures."""
    dm = measures()
    ra, dec = table(ms + "/FIELD", ack=False).getcell("PHASE_DIR", 0)[0]
    dm.do_frame(dm.observatory("ALMA"))
    dm.do_frame(dm.direction("J2000", quantity(ra, "rad"), quantity(dec, "rad")))
    factor = {}
    for t in np.unique(times):
        dm.do_frame(dm.epoch("UTC", quantity(t, "s")))
        factor[t] = dm.measure(dm.frequency("TOPO", quantity(1e11, "Hz")), "LSRK")["m0"]["value"] / 1e11
    return np.array([factor[t] for t in times])


def regridded(tmp):
    """Data in TOPO, planes in LSRK: spectra with a slope, so that where a channel lies between planes matters."""
    ms = f"{tmp}/topo.ms"
    tool("pc-mock", "-o", ms, "--sky=empty", "--nchan=16", "--nant=6", "--ntime=6", "--bmax=200")
    with table(ms + "/SPECTRAL_WINDOW", readonly=False, ack=False) as t:
        t.putcol("MEAS_FREQ_REF", np.array([5], "i4"))
        chan = t.getcell("CHAN_FREQ", 0)
    times, uvw = col(ms, "TIME", "UVW")
    data = chan * lsrk(ms, times)[:, None]  # [row][channel]
    x, y, flux, slope = 5, 12, 1.5, 0.25
    for kind in ("linear", "nearest"):
        out = f"{tmp}/topo-{kind}"
        stage(out, ms, ["--outframe=LSRK", "--start=3", "--nchan=9", f"--interpolation={kind}",
                        "--phasecenter=J2000 11h00m00.5s -30d00m05s"], ["--imsize=24,20", "--cell=0.4arcsec"], [(x, y, flux, slope)])
        tool("pc-select", "--put-model", out, ms)
        model = col(ms, "MODEL_DATA")
        with open(f"{out}/00cube") as f:
            plane = np.array([float(l.split("=")[1]) for l in f if l.startswith("freq_hz=")])
        where = (data - plane[0]) / (plane[1] - plane[0])
        inside = (where >= 0.01) & (where <= 7.99) & (kind == "linear" or abs(where % 1 - 0.5) > 0.01)
        wcs = WCS(fits.getheader(f"{out}/ch00000/model.fits")).celestial
        ra, dec = np.radians(wcs.wcs_pix2world(x, y, 0))
        ra0, dec0 = table(ms + "/FIELD", ack=False).getcell("PHASE_DIR", 0)[0]
        l, m = np.cos(dec) * np.sin(ra - ra0), np.sin(dec) * np.cos(dec0) - np.cos(dec) * np.sin(dec0) * np.cos(ra - ra0)
        path = uvw @ [l, m, np.sqrt(1 - l * l - m * m) - 1]
        want = (flux + slope * (where if kind == "linear" else np.rint(where))) * np.exp(2j * np.pi * data / C * path[:, None])
        drift = np.ptp(where, axis=0).max()
        tap.ok(inside.sum() > 7 * len(times) and drift > 0.02, f"{kind}: {inside.sum()} samples, a drift of {drift:.3f} channels")
        tap.below(np.abs(model[..., 0] - want)[inside].max(), 4e-5, f"{kind}: at the data's own frequencies, Jy of 3.5")
        far = (where < -0.52) | (where > 8.52)
        tap.ok(far.any() and (model[far] == 0).all(), f"{kind}: nothing beyond the axis")


def moving(tmp):
    """Planes that follow Jupiter: a source there, turned back to the field's phase centre, which stays."""
    tables = "/usr/share/casacore/data/ephemerides/"
    if not os.path.isdir(tables + "DE200"):
        return tap.skip("planes that follow Jupiter", "casacore-data-jpl-de200 is not there")
    with open(f"{tmp}/casarc", "w") as f:
        f.write(f"measures.DE200.directory: {tables}\n")
    os.environ["CASARCFILES"] = f"{tmp}/casarc"
    ms, out = f"{tmp}/jup.ms", f"{tmp}/jup"
    tool("pc-mock", "-o", ms, "--sky=empty", "--nchan=3", "--nant=5", "--ntime=7", "--bmax=300", "--hours=4")
    with table(ms + "/FIELD", readonly=False, ack=False) as t:
        t.putcol("PHASE_DIR", np.radians([[[347.5, -6.6]]]))  # a degree away, that day
    stage(out, ms, ["--phasecenter=JUPITER", "--outframe=LSRK"], ["--imsize=24,20", "--cell=0.3arcsec"], [(12, 10, 2.0, 0)])
    run = tool("pc-select", "--put-model", out, ms, check=False)
    tap.ok(run.returncode == 65 and "if it follows a source that moves, give --phasecenter" in run.stderr and
           col(ms, "MODEL_DATA") is None, "without --phasecenter nothing is written", run.stderr)
    tool("pc-select", "--put-model", out, "--phasecenter=JUPITER", ms)
    model, w = col(ms, "MODEL_DATA", "UVW")
    path = fits.getdata(f"{out}/ch00000/vis00000/uvw.fits")[:, 2] - w[:, 2]
    freq = fits.getdata(f"{out}/ch00001/vis00000/freq.fits").ravel()[0]
    want = 2 * np.exp(2j * np.pi * freq / C * path)
    tap.ok(np.ptp(path) > 1, f"Jupiter makes {np.ptp(path):.3g} m")
    tap.below(np.abs(model[:, 1, 0] - want).max(), 2e-5, "Jupiter, about the field's own phase centre, Jy of 2")


def observed(tmp):
    fls = tap.unpack("fls_vla_lband_widefield", tmp)
    pixels = [(10, 40, 2.0, 0), (50, 7, 0.7, 0)]
    stage(f"{tmp}/fls", fls, ["--specmode=mfs", "--outframe=TOPO"], ["--imsize=64", "--cell=1.2arcsec"], pixels)
    tool("pc-select", "--put-model", f"{tmp}/fls", fls)
    dd, a1, a2, m = col(fls, "DATA_DESC_ID", "ANTENNA1", "ANTENNA2", "MODEL_DATA")
    for k in (0, 1):
        rows = np.flatnonzero((dd == k) & (a1 != a2))
        want = truth(fls, rows, f"{tmp}/fls", pixels, lambda c: 0)
        tap.below(np.abs(m[rows] - want).max(), 3e-5, f"VLA, window {k} of two in one plane: {len(rows)} rows, Jy of 2.7")
    lupus = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    pixels = [(10, 12, 1.0, 0.5)]
    stage(f"{tmp}/lupus", lupus, ["--field=3", "--width=2"], ["--imsize=32", "--cell=2arcsec"], pixels)
    tool("pc-select", "--put-model", f"{tmp}/lupus", lupus)
    rows = np.flatnonzero(col(lupus, "FIELD_ID") == 3)
    compare("Lupus, pairs of channels", lupus, rows, truth(lupus, rows, f"{tmp}/lupus", pixels, lambda c: c // 2), 3)


with tempfile.TemporaryDirectory() as tmp:
    mock(tmp)
    regridded(tmp)
    moving(tmp)
    interrupted(tmp)
    observed(tmp)
tap.done()
