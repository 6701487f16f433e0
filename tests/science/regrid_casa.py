#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spectral axes and dirty images of cubes that need regridding, against CASA's own runs (casa-ref/)."""
import shutil
import tempfile

import numpy as np

import libcasa
import libgrid as lg
import tap

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")


def record(path):
    with open(path) as f:
        return [line.rstrip("\n").split("=", 1) for line in f if "=" in line]


def options(p):
    return ["--outframe", p["outframe"]] * (p["specmode"] != "cubedata") + [
        x for key in ("nchan", "start", "width", "restfreq", "interpolation") if str(p[key]) != "" and p["specmode"] != "mfs"
        for x in (f"--{key}", str(p[key]))]


def axis(tmp, run):
    want = np.array(libcasa.parameters(run)["result"]["chan_freq_hz"])
    cube = record(f"{tmp}/{run}/00cube")
    got = np.array([float(v) for k, v in cube if k == "freq_hz"])
    tap.ok(got.shape == want.shape, f"{run}: {len(want)} channels")
    # CASA's tables of the Earth's orientation were other ones
    tap.below(abs(got - want).max(), 0.2, f"{run}: frequencies, largest difference in Hz")
    if len(want) > 1:
        step = float(dict(cube)["width_hz"])
        tap.below(abs(step / (want[1] - want[0]) - 1), 1e-9, f"{run}: the step, relative")


def check(tmp, ms, run, **tolerance):
    p = libcasa.parameters(run)["tclean_params"]
    if p["weighting"] == "briggs":  # CASA's density is that of the data's channels, ours that of the plane
        tolerance["sums"] = 1e-4
    libcasa.check(tmp, ms, run, options(p), **tolerance)
    axis(tmp, run)


def edges(tmp, ms):
    """The whole band in another frame: CASA's weights but for the planes at the ends, which its rounding takes away."""
    run = "sim6topo_cube_lsrk_all"
    lg.run("pc-select", "--datacolumn", "data", "-o", f"{tmp}/{run}", ms)
    axis(tmp, run)
    want = libcasa.sumwt_of(libcasa.parameters(run))
    lg.run("pc-psf", "--imsize", "64", "--cell", "0.08arcsec", f"{tmp}/{run}")
    got = [lg.plane(f"{tmp}/{run}", k, "sumwt")[0].item() for k in range(6)]
    tap.below(max(abs(g / w - 1) for g, w in zip(got[1:5], want[1:5])), 1e-5, f"{run}: sumwt between the ends, relative")
    tap.ok(got[0] > want[0] and got[5] > want[5] and got[5] <= want[4] * (1 + 1e-5), f"{run}: more at the ends", got, want)


def topocentric(tmp, ms):
    """Whatever the frame, CASA works in LSRK: its uv are larger by 6e-5 here, and its planes drift among the data's channels."""
    a, b = (libcasa.reference("sim6topo_cube_" + run, "residual") for run in ("topo", "lsrk_linear"))
    tap.ok(np.array_equal(a, b, equal_nan=True), "CASA's planes in TOPO are those that it has in LSRK, bit by bit")
    check(tmp, ms, "sim6topo_cube_topo", inside=libcasa.WHOLE)
    # ours are the data's channels, which it images as they are with cubedata
    asked = libcasa.parameters("sim6topo_cubedata")["tclean_params"] | {"specmode": "cube", "outframe": "TOPO"}
    libcasa.check(tmp, ms, "sim6topo_cubedata", options(asked), specmode="cube")


with tempfile.TemporaryDirectory() as tmp:
    ms, topo = tap.unpack("sim6", tmp), f"{tmp}/sim6topo.ms"
    for run in ("descend", "freq0p3MHz_cubic", "freq0p3MHz_linear", "freq0p3MHz_linear_briggs", "freq0p3MHz_nearest", "shift0p2MHz",
                "vel", "width2_linear"):
        check(tmp, ms, "sim6_regrid_" + run)
    shutil.copytree(ms, topo)
    with table(topo + "/SPECTRAL_WINDOW", readonly=False, ack=False) as t:
        t.putcol("MEAS_FREQ_REF", np.full(1, 5))
    for run in ("cube_lsrk_linear", "cubedata", "mfs", "cube_bary_hogbom"):
        check(tmp, topo, "sim6topo_" + run)
    topocentric(tmp, topo)
    edges(tmp, topo)
tap.done()
