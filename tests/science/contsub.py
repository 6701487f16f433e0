#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select --fitspec against polynomials that numpy fits to the same spectra."""
import filecmp
import glob
import os
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap

try:
    from casacore.tables import makearrcoldesc, table
except ImportError:
    tap.skip_all("python3-casacore is not there")

NCHAN = 40
FIT = [*range(2, 12), *range(25, 38)]
SPEC = "0:2~11;25~37"


def simulate(ms):
    """A line and a curved continuum of 5 Jy in noise, weights and flags of each channel's own; special rows at the beginning."""
    subprocess.run([f"{tap.BIN}/pc-mock", "--sky=disc", "--ntime=3", "--nant=6", f"--nchan={NCHAN}", "--noise=0.3Jy", "-o", ms],
                   check=True, stderr=subprocess.DEVNULL)
    rng = np.random.default_rng(5)
    t = table(ms, readonly=False, ack=False)
    v, flag = t.getcol("DATA"), t.getcol("FLAG")
    x = np.linspace(-1, 1, NCHAN)[None, :, None]
    a = rng.normal(size=(4, v.shape[0], 1, 2)) + 1j * rng.normal(size=(4, v.shape[0], 1, 2))
    v += 5 + a[0] + a[1] * x + a[2] * x**2 + 0.3 * a[3] * x**3
    w = rng.uniform(0.1, 3, v.shape).astype(np.float32)
    flag |= rng.uniform(size=v.shape) < 0.2
    flag[0] = True                           # nothing left
    flag[1, FIT], flag[1, 15] = True, False  # nothing to fit to
    flag[2], flag[2, [3, 30, 15]] = True, False   # two channels
    flag[3], flag[3, [7, 20]] = True, False       # one
    w[4, ::2] = -1  # counts as flagged
    flag[5, :, 0] = True  # one hand only
    t.addcols(makearrcoldesc("WEIGHT_SPECTRUM", 0.0, ndim=2, valuetype="float"))
    t.putcol("DATA", v)
    t.putcol("FLAG", flag)
    t.putcol("WEIGHT_SPECTRUM", w)
    t.close()
    freq = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    return freq, v.astype(complex), np.where(flag | (w < 0), 0, w)


def truth(freq, v, w, order):
    """What is left; weights; how many spectra have too few channels for the order, how many none."""
    x = (freq - freq.mean()) / np.ptp(freq)
    out, wout, lower, none = v.copy(), w.copy(), 0, 0
    for r in range(v.shape[0]):
        for c in range(v.shape[2]):
            use = [k for k in FIT if w[r, k, c] > 0]
            if not use:
                none += (w[r, :, c] > 0).any()
                wout[r, :, c] = 0
                continue
            lower += len(use) <= order
            fit = lambda y: np.polynomial.Polynomial.fit(x[use], y, min(order, len(use) - 1), domain=[-0.5, 0.5],
                                                         w=np.sqrt(w[r, use, c]))
            p, q = fit(v[r, use, c].real), fit(v[r, use, c].imag)
            out[r, :, c] -= p(x) + 1j * q(x)
    return out, wout, lower, none


def select(ms, out, *args):
    run = subprocess.run([f"{tap.BIN}/pc-select", ms, "--datacolumn=data", "-o", out, *args], stderr=subprocess.PIPE, text=True)
    if run.returncode:
        tap.ok(False, f"pc-select {args}", run.stderr)
        tap.done()
    return run.stderr


def read(out):
    get = lambda name: np.concatenate([fits.getdata(f"{ch}/vis00000/{name}.fits") for ch in sorted(glob.glob(f"{out}/ch*"))], 1)
    vis = get("vis").astype(float)
    return vis[..., 0] + 1j * vis[..., 1], get("weight")


with tempfile.TemporaryDirectory() as tmp:
    ms = f"{tmp}/line.ms"
    freq, v, w = simulate(ms)
    for order in (0, 1, 3):
        err = select(ms, f"{tmp}/o{order}", f"--fitspec={SPEC}", f"--fitorder={order}")
        got, gotw = read(f"{tmp}/o{order}")
        want, wantw, lower, none = truth(freq, v, w, order)
        counted = wantw > 0
        tap.ok(np.array_equal(gotw, wantw.astype(np.float32)), f"order {order}: weights")
        tap.below(np.abs(got - want)[counted].max(), 3e-7 * np.abs(v).max(), f"order {order}: numpy's polynomials, Jy")
        tap.ok(f"{none} spectra have no unflagged channel in --fitspec" in err, f"order {order}: {none} spectra cannot be fitted", err)
        tap.ok((f"{lower} spectra have no more unflagged channels" in err) if lower else "--fitorder" not in err,
               f"order {order}: {lower} spectra have too few channels", err)
    line = [16, 17, 18, 19]
    select(ms, f"{tmp}/part", "--spw=0:16~19", f"--fitspec={SPEC}", "--fitorder=3")
    got, _ = read(f"{tmp}/part")
    tap.ok(np.array_equal(got, read(f"{tmp}/o3")[0][:, line]), "channels to fit need not be selected")
    select(ms, f"{tmp}/small", f"--fitspec={SPEC}", "--fitorder=3", "--mem=1MB")
    tap.ok(not any(filecmp.cmpfiles(f"{tmp}/small/ch00020/vis00000", f"{tmp}/o3/ch00020/vis00000", ["vis.fits", "weight.fits"],
                                    shallow=False)[1:]), "the same bytes within 1 MB")
    select(ms, f"{tmp}/mfs", "--specmode=mfs", f"--fitspec={SPEC}", "--fitorder=3")
    tap.ok(np.array_equal(read(f"{tmp}/mfs")[0], read(f"{tmp}/o3")[0]), "mfs has the same visibilities")
    clean = np.abs(read(f"{tmp}/o3")[0][7:, FIT].mean())
    tap.below(clean, 0.05, "no continuum is left of 5 Jy")
tap.done()
