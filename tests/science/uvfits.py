#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select on UVFITS: random groups written with astropy, whose own reading of them is the truth."""
import bz2
import glob
import gzip
import lzma
import os
import subprocess
import tempfile
import warnings

import numpy as np
from astropy.io import fits

import tap

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

warnings.simplefilter("ignore")
C = 299792458.0
STOKES = {5: -1, 8: -2, 9: -5, 12: -6}  # casacore's RR, LL, XX, YY in FITS; -1 down, two hands


def antennas(ms, freq):
    t = table(ms + "/ANTENNA", ack=False)
    n = t.nrows()
    zero = np.zeros(n)
    columns = [("ANNAME", "8A", t.getcol("NAME")), ("STABXYZ", "3D", t.getcol("POSITION")), ("ORBPARM", "0D", None),
               ("NOSTA", "1J", np.arange(1, n + 1)), ("MNTSTA", "1J", zero), ("STAXOF", "1E", zero), ("POLTYA", "1A", ["X"] * n),
               ("POLAA", "1E", zero), ("POLCALA", "0E", None), ("POLTYB", "1A", ["Y"] * n), ("POLAB", "1E", zero + 90),
               ("POLCALB", "0E", None), ("DIAMETER", "1E", t.getcol("DISH_DIAMETER"))]
    hdu = fits.BinTableHDU.from_columns([fits.Column(n, f, array=a) for n, f, a in columns], name="AIPS AN")
    hdu.header.update(EXTVER=1, ARRAYX=0.0, ARRAYY=0.0, ARRAYZ=0.0, GSTIA0=0.0, DEGPDY=360.9856, FREQ=freq, RDATE="2020-01-01",
                      POLARX=0.0, POLARY=0.0, UT1UTC=0.0, DATUTC=0.0, TIMSYS="UTC", ARRNAM="ALMA", NUMORB=0, NOPCAL=0,
                      FREQID=-1, IATUTC=0.0, XYZHAND="RIGHT", FRAME="ITRF")
    return hdu


def write_uvfits(ms, field, out):
    """A field of one window as random groups; flagged samples have a negative weight."""
    t = table(ms, ack=False).query(f"FIELD_ID == {field} && ANTENNA1 != ANTENNA2")
    freq = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    corr = table(ms + "/POLARIZATION", ack=False).getcell("CORR_TYPE", 0)
    ra, dec = np.degrees(table(ms + "/FIELD", ack=False).getcell("PHASE_DIR", field)[0])
    v, flag = t.getcol("DATA"), t.getcol("FLAG") | t.getcol("FLAG_ROW")[:, None, None]
    data = np.zeros(v.shape[:1] + (1, 1, 1) + v.shape[1:] + (3,), "f4")
    data[:, 0, 0, 0, ..., 0], data[:, 0, 0, 0, ..., 1] = v.real, v.imag
    data[:, 0, 0, 0, ..., 2] = np.where(flag, -1, 1) * t.getcol("WEIGHT")[:, None, :]
    u, date = t.getcol("UVW").T / C, t.getcol("TIME") / 86400 + 2400000.5
    day = np.floor(date.min()) + 0.5
    baseline = 256.0 * (t.getcol("ANTENNA1") + 1) + t.getcol("ANTENNA2") + 1
    hdu = fits.GroupsHDU(fits.GroupData(data, bitpix=-32, parnames=["UU", "VV", "WW", "BASELINE", "DATE", "DATE"],
                                        pardata=[*u, baseline, np.full(len(date), day), date - day]))
    axes = [("COMPLEX", 1, 1), ("STOKES", STOKES[corr[0]], -1), ("FREQ", freq[0], freq[1] - freq[0]), ("IF", 1, 1),
            ("RA", ra, 1), ("DEC", dec, 1)]
    for k, (kind, value, step) in enumerate(axes, 2):
        hdu.header.update({f"CTYPE{k}": kind, f"CRVAL{k}": float(value), f"CDELT{k}": float(step), f"CRPIX{k}": 1.0})
    hdu.header.update({f"PSCAL{k}": 1.0 for k in range(1, 7)} | {f"PZERO{k}": 0.0 for k in range(1, 7)})
    hdu.header.update({"OBJECT": "LUPUS", "TELESCOP": "ALMA", "INSTRUME": "ALMA", "OBSERVER": "nobody", "EPOCH": 2000.0,
                       "DATE-OBS": "2020-01-01"})
    fits.HDUList([hdu, antennas(ms, float(freq[0]))]).writeto(out)


def check(name, path, out):
    """The bundle of a UVFITS file against astropy's reading of its groups."""
    g = fits.getdata(path)
    sample = np.asarray(g.data)[:, 0, 0, 0]  # group, channel, correlation, (re, im, weight)
    want_vis, want_w = sample[..., :2], np.where(sample[..., 2] > 0, sample[..., 2], 0)
    first = np.asarray(g.par("BASELINE"), float) // 256 - 1
    second = np.asarray(g.par("BASELINE"), float) % 256 - 1
    want_uvw = np.stack([np.asarray(g.par(p), float) * C for p in ("UU", "VV", "WW")], axis=1)
    h = fits.getheader(path)
    want_freq = h["CRVAL4"] + h["CDELT4"] * np.arange(h["NAXIS4"])
    bad, planes = [], sorted(glob.glob(f"{out}/ch*"))
    for k, ch in enumerate(planes):
        get = lambda n: np.concatenate([fits.getdata(b + f"/{n}.fits") for b in sorted(glob.glob(f"{ch}/vis*"))])
        row = get("row")
        o, n = np.lexsort((row[:, 3], row[:, 2], row[:, 1])), np.lexsort((second, first, np.asarray(g.par("DATE"), float)))
        close = [("antennas", row[o, 2:], np.stack([first, second], 1)[n], 0),
                 ("uvw", get("uvw")[o], want_uvw[n], 1e-12 * np.abs(want_uvw).max()),
                 ("vis", get("vis")[o, 0], want_vis[n, k], 0), ("weight", get("weight")[o, 0], want_w[n, k], 0),
                 ("freq", get("freq"), want_freq[k:k + 1], 1e-9 * want_freq[0]),
                 ("time", row[o, 1] / 86400 + 2400000.5, np.asarray(g.par("DATE"), float)[n], 1e-7)]
        bad += [f"ch {k}: {what} {got.shape} {want.shape}" for what, got, want, tol in close
                if got.shape != want.shape or np.abs(got - want).max() > tol]
    tap.ok(len(planes) == h["NAXIS4"] and not bad, f"{name}: {len(planes)} channels of {len(g)} groups are astropy's", *bad[:5])
    tap.ok((want_w == 0).any() or "Lupus" in name, f"{name}: with flagged ones")
    got = fits.getheader(f"{planes[0]}/vis00000/vis.fits")
    tap.ok([got["CORR1"], got["CORR2"]] == [h["CRVAL3"], h["CRVAL3"] + h["CDELT3"]] and abs(got["PHASERA"] - h["CRVAL6"]) < 1e-6 and
           abs(got["PHASEDEC"] - h["CRVAL7"]) < 1e-6 and got["OBJECT"] == "LUPUS", f"{name}: headers", repr(got))


with tempfile.TemporaryDirectory() as tmp:
    run = lambda *a: subprocess.run([os.path.join(tap.BIN, a[0]), *a[1:]], stderr=subprocess.PIPE, text=True,
                                    env={**os.environ, "TMPDIR": f"{tmp}/t"})
    os.mkdir(f"{tmp}/t")
    run("pc-mock", "--sky=points", "--ntime=4", "--nant=6", "--nchan=5", "--flagged=0.2", "-o", f"{tmp}/mock.ms")
    write_uvfits(f"{tmp}/mock.ms", 0, f"{tmp}/mock.uvfits")
    done = run("pc-select", "--specmode=cubedata", f"{tmp}/mock.uvfits", "-o", f"{tmp}/mock")
    tap.ok(done.returncode == 0, "UVFITS is read", done.stderr)
    check("mock", f"{tmp}/mock.uvfits", f"{tmp}/mock")
    with open(f"{tmp}/mock.uvfits", "rb") as f:
        head = f.read()
    with open(f"{tmp}/cut.uvfits", "wb") as f:
        f.write(head[:len(head) // 2])
    done = run("pc-select", f"{tmp}/cut.uvfits", "-o", f"{tmp}/cut")
    tap.ok(done.returncode == 65 and "cut.uvfits" in done.stderr, "one that is cut short is not", done.returncode, done.stderr)
    for kind, packer in (("gz", gzip), ("xz", lzma), ("bz2", bz2)):
        name = f"{tmp}/mock.uvfits.{kind}"
        with packer.open(name, "wb") as f:
            f.write(head)
        done = run("pc-select", "--specmode=cubedata", name, "-o", f"{tmp}/{kind}")
        same = subprocess.run(["diff", "-r", f"{tmp}/mock", f"{tmp}/{kind}"], capture_output=True, text=True, check=False)
        tap.ok(done.returncode == 0 and same.returncode == 0, f"compressed by {kind} it is the same", done.stderr, same.stdout)
        with open(name, "rb") as f:
            packed = f.read()
        with open(name, "wb") as f:
            f.write(packed[:len(packed) // 2])
        done = run("pc-select", name, "-o", f"{tmp}/cut")
        tap.ok(done.returncode == 65 and f"mock.uvfits.{kind}" in done.stderr, "and cut short it is not read", done.returncode, done.stderr)
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(f"{tmp}/image.fits")
    done = run("pc-select", f"{tmp}/image.fits", "-o", f"{tmp}/image")
    tap.ok(done.returncode == 65 and "no random groups" in done.stderr, "an image is not", done.stderr)
    with open(f"{tmp}/image.fits", "rb") as f, gzip.open(f"{tmp}/image.fits.gz", "wb") as g:
        g.write(f.read())
    done = run("pc-select", f"{tmp}/image.fits.gz", "-o", f"{tmp}/image")
    tap.ok(done.returncode == 65 and "image.fits.gz: " in done.stderr and "no random groups" in done.stderr, "nor packed", done.stderr)
    tap.ok(not os.listdir(f"{tmp}/t"), "nothing is left behind", os.listdir(f"{tmp}/t"))
    lupus = tap.unpack("lupus3mms_alma7m_co10_mosaic", tmp)
    write_uvfits(lupus, 3, f"{tmp}/lupus.uvfits")
    done = run("pc-select", "--specmode=cubedata", f"{tmp}/lupus.uvfits", "-o", f"{tmp}/lupus")
    tap.ok(done.returncode == 0, "a field of Lupus is read", done.stderr)
    check("Lupus", f"{tmp}/lupus.uvfits", f"{tmp}/lupus")
tap.done()
