#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-mock's MeasurementSet as python-casacore sees it: its data against a direct Fourier sum of the truth table, its UVW
against the antennas, its noise against its weights, its subtables against each other."""
import os
import subprocess
import tempfile

import numpy as np

import tap

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

C = 299792458.0


def mock(path, *args):
    subprocess.run([os.path.join(tap.BIN, "pc-mock"), *args, "-o", path], check=True, stderr=subprocess.DEVNULL)
    return table(path, ack=False)


def truth(path):
    rows = np.loadtxt(path + ".truth.tsv", comments="#", ndmin=2)
    with open(path + ".truth.tsv") as f:
        total = [line.split("\t")[1:] for line in f if line.startswith("#total")]
    return rows, {int(c): (float(freq), float(flux)) for c, freq, flux in total}


def fourier(path, name):
    t = table(path, ack=False)
    rows, total = truth(path)
    uvw, data = t.getcol("UVW"), t.getcol("DATA")
    freq = table(path + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    worst = flux = 0.0
    for c, nu in enumerate(freq):
        p = rows[rows[:, 0] == c]
        lmn = np.stack([p[:, 1], p[:, 2], np.sqrt(1 - p[:, 1]**2 - p[:, 2]**2) - 1])
        v = np.exp(2j * np.pi * nu / C * (uvw @ lmn)) @ p[:, 3]
        worst = max(worst, np.abs(data[:, c, :] - v[:, None]).max() / max(np.abs(v).max(), 1e-30))
        flux = max(flux, abs(p[:, 3].sum() - total[c][1]), abs(total[c][0] - nu) / nu)
    tap.below(worst, 1e-6, f"{name}: data are the direct Fourier sum of the truth table")
    tap.below(flux, 1e-8, f"{name}: totals in the truth table are its sums")


def array(path, t):
    xyz = table(path + "/ANTENNA", ack=False).getcol("POSITION")
    a, b = t.getcol("ANTENNA1"), t.getcol("ANTENNA2")
    uvw, length = t.getcol("UVW"), np.linalg.norm(xyz[b] - xyz[a], axis=1)
    tap.below(np.abs(np.linalg.norm(uvw, axis=1) - length).max(), 1e-6, "baselines are as long in UVW as on the ground (m)")
    tap.ok(length.min() > 12, f"no two dishes touch: {length.min():.1f} m")
    tap.ok(0.7 * 1000 < length.max() <= 1000, f"the array is as large as asked for: {length.max():.0f} m")
    tap.ok((a < b).all() and (np.diff(t.getcol("TIME")) >= 0).all(), "rows are in order of time, antennas in order")
    # One baseline through the track is an ellipse: u^2 + ((v - v0)/sin dec)^2 is constant (Thompson et al., section 4.1)
    dec = table(path + "/FIELD", ack=False).getcell("PHASE_DIR", 0)[0, 1]
    for i, j in ((0, 5), (3, 30)):
        k = (a == i) & (b == j)
        v0 = (xyz[j] - xyz[i])[2] * np.cos(dec)
        r = np.hypot(uvw[k, 0], (uvw[k, 1] - v0) / np.sin(dec))
        tap.below(np.ptp(r) / r.mean(), 1e-9, f"the track of baseline {i}-{j} is its ellipse")


def noise(t):
    data, w = t.getcol("DATA"), t.getcol("WEIGHT")
    z = np.concatenate([x.ravel() for x in (data.real * np.sqrt(w)[:, None, :], data.imag * np.sqrt(w)[:, None, :])])
    n = z.size
    tap.below(abs(z.mean()) * np.sqrt(n), 4, "noise has no mean (in sigma)")
    tap.below(abs((z**2).mean() - 1) / np.sqrt(2 / n), 4, "its variance is 1/weight (in sigma)")
    tap.below(abs((z**4).mean() - 3) / np.sqrt(96 / n), 4, "it is Gaussian by its fourth moment (in sigma)")
    xx = (data[:, :, 0] * data[:, :, 1].conj()).ravel()
    tap.below(abs(xx.mean()) / np.abs(xx).std() * np.sqrt(xx.size), 5, "the hands' noise is independent (in sigma)")
    tap.ok(w.min() > 0 and w.max() > 2 * w.min(), "weights spread")
    flag = t.getcol("FLAG")
    tap.ok(0 < flag.mean() < 0.05 and (flag.all(axis=(1, 2)) == t.getcol("FLAG_ROW")).all(), "a few rows are flagged")


def subtables(path, t):
    need = ("ANTENNA DATA_DESCRIPTION FEED FIELD FLAG_CMD HISTORY OBSERVATION POINTING POLARIZATION PROCESSOR "
            "SPECTRAL_WINDOW STATE SOURCE").split()
    tap.ok(all(k in t.keywordnames() for k in need), "all required subtables are there")
    rows = {k: table(f"{path}/{k}", ack=False).nrows() for k in need}
    tap.ok(all(n > 0 for k, n in rows.items() if k != "FLAG_CMD"), "and filled", rows)
    tap.ok(float(t.getkeyword("MS_VERSION")) == 2.0, "MS_VERSION is 2")
    tap.ok(table(path + "/SOURCE", ack=False).getcell("REST_FREQUENCY", 0)[0] == 230.538e9, "the rest frequency is in SOURCE")


with tempfile.TemporaryDirectory() as tmp:
    small = ["--ntime=7", "--nant=12", "--nchan=5", "--noise=0Jy"]
    for sky in ("disc", "points", "shell"):
        mock(f"{tmp}/{sky}.ms", *small, f"--sky={sky}", "--width=-600kHz" if sky == "disc" else "--width=600kHz")
        fourier(f"{tmp}/{sky}.ms", sky)
    f = table(f"{tmp}/disc.ms/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    tap.ok((np.diff(f) == -600e3).all() and f[2] == 230.538e9, "a negative width makes descending channels around --freq")
    one = mock(f"{tmp}/xx.ms", "--ntime=2", "--nant=4", "--corr=XX", "--hours=0")
    tap.ok(one.getcol("DATA").shape == (12, 24, 1), "one correlation when one is asked for")

    t = mock(f"{tmp}/full.ms", "--sky=empty")
    tap.ok(t.nrows() == 780 * 48, "40 antennas and 48 times make 37440 rows")
    array(f"{tmp}/full.ms", t)
    noise(t)
    subtables(f"{tmp}/full.ms", t)
    again = mock(f"{tmp}/again.ms", "--sky=empty")
    tap.ok((again.getcol("DATA") == t.getcol("DATA")).all(), "the same seed gives the same data")
    other = mock(f"{tmp}/other.ms", "--sky=empty", "--seed=2")
    tap.ok((other.getcol("DATA") != t.getcol("DATA")).mean() > 0.99, "another seed gives others")
tap.done()
