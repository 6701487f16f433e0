#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select's frames against casacore's measures, asked through python for each integration; a line at a known LSRK
velocity in data whose Doppler shift moves by kilometres per second; images of samples that have frequencies of their own."""
import glob
import os
import shutil
import tempfile

import numpy as np
from astropy.io import fits

import libgrid as lg
import tap

try:
    from casacore.measures import measures
    from casacore.quanta import quantity
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

LIGHT = 299792.458  # km/s
REST = 230.538e9
FRAMES = ("LSRK", "LSRD", "BARY", "GEO", "TOPO", "GALACTO", "LGROUP", "CMB")


def member(bundle, name, chan=0, block=0):
    return fits.getdata(f"{bundle}/ch{chan:05d}/vis{block:05d}/{name}.fits")


class Sky:
    """casacore's frame for an MS of one field."""

    def __init__(self, ms):
        self.dm = measures()
        field = table(ms + "/FIELD", ack=False)
        ra, dec = field.getcell("PHASE_DIR", 0)[0]
        head = table(ms + "/OBSERVATION", ack=False).getcell("TELESCOPE_NAME", 0)
        self.dm.do_frame(self.dm.observatory(head))
        self.dm.do_frame(self.dm.direction("J2000", quantity(ra, "rad"), quantity(dec, "rad")))

    def convert(self, hz, time_s, old, new):
        self.dm.do_frame(self.dm.epoch("UTC", quantity(time_s, "s")))
        return self.dm.measure(self.dm.frequency(old, quantity(hz, "Hz")), new)["m0"]["value"]


def mock(path, ref, *options, spread_d=0.0):
    """A simulated MS whose frequencies are said to be in frame number `ref`; its times spread over so many days."""
    lg.run("pc-mock", "--sky", "points", "--noise", "0Jy", "--flagged", "0", *options, "-o", path)
    with table(path + "/SPECTRAL_WINDOW", readonly=False, ack=False) as t:
        t.putcol("MEAS_FREQ_REF", np.full(t.nrows(), ref))
    if spread_d:
        with table(path, readonly=False, ack=False) as t:
            time = t.getcol("TIME")
            t.putcol("TIME", time + (time - time[0]) / np.ptp(time) * spread_d * 86400)


def factors(tmp):
    """Every frame from TOPO and from LSRK, a year through."""
    for ref, old in ((5, "TOPO"), (1, "LSRK")):
        ms = f"{tmp}/{old}.ms"
        mock(ms, ref, "--nant", "3", "--ntime", "12", "--nchan", "2", "--freq", "345GHz", spread_d=300)
        sky = Sky(ms)
        hz = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
        for new in FRAMES:
            out = f"{tmp}/{old}-{new}"
            lg.run("pc-select", "-o", out, "--datacolumn", "data", "--specmode", "mfs", "--outframe", new, ms)
            time, freq = member(out, "row")[:, 1], member(out, "freq")
            want = np.array([[sky.convert(f, t, old, new) for f in hz] for t in time])
            if old == new:
                tap.ok(freq.shape == hz.shape and (freq == hz).all(), f"{old} stays {new}, to the last digit")
                continue
            tap.below(abs(freq - want).max(), 1, f"{old} to {new}: frequencies of each row, largest difference in Hz")
            moves = np.ptp(want[:, 0]) / hz[0] * LIGHT
            tap.ok(freq.ndim == (2 if moves > 1e-6 else 1), f"{old} to {new}: of each row, as they move by {moves:.3g} km/s")


def at_source(tmp):
    """REST by SOURCE.SYSVEL: in the frame that the table says, LSRK where it says none."""
    ms = f"{tmp}/sysvel.ms"
    mock(ms, 5, "--nant", "3", "--ntime", "5", "--nchan", "2", "--freq", "345GHz", spread_d=200)
    sky = Sky(ms)
    hz = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    for name, said, v in (("BARY", "BARY", -2.5e6), ("LSRK", None, 12345.0)):
        with table(ms + "/SOURCE", readonly=False, ack=False) as t:
            t.putcell("SYSVEL", 0, [v])
            words = dict(t.getcolkeywords("SYSVEL"))
            words.pop("MEASINFO", None)
            for key in t.getcolkeywords("SYSVEL"):
                t.removecolkeyword("SYSVEL", key)
            if said:
                words["MEASINFO"] = {"type": "radialvelocity", "Ref": said}
            for key, word in words.items():
                t.putcolkeyword("SYSVEL", key, word)
        out = f"{tmp}/sysvel-{name}"
        lg.run("pc-select", "-o", out, "--datacolumn", "data", "--specmode", "mfs", "--outframe", "REST", ms)
        time, freq = member(out, "row")[:, 1], member(out, "freq")
        b = v / 1e3 / LIGHT
        want = np.array([[sky.convert(f, t, "TOPO", name) for f in hz] for t in time]) * np.sqrt((1 + b) / (1 - b))
        tap.below(abs(freq - want).max(), 1, f"REST of {v / 1e3:.6g} km/s in {said or 'no frame: LSRK'}, largest difference in Hz")
        tap.ok(fits.getheader(f"{out}/ch00000/vis00000/vis.fits")["SPECSYS"] == "SOURCE", "which is called SOURCE")


def put_line(ms, velocity, fwhm):
    """A Gaussian line at a radio velocity in LSRK, in data that are topocentric."""
    sky = Sky(ms)
    hz = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    with table(ms, readonly=False, ack=False) as t:
        time, data = t.getcol("TIME"), t.getcol("DATA")
        for s in np.unique(time):
            lsrk = hz * (sky.convert(REST, s, "TOPO", "LSRK") / REST)
            v = LIGHT * (1 - lsrk / REST)
            data[time == s] = np.exp(-4 * np.log(2) * ((v - velocity) / fwhm) ** 2)[None, :, None]
        t.putcol("DATA", data)


def spectrum(bundle):
    cube = [line.rstrip("\n").split("=", 1) for line in open(bundle + "/00cube") if "=" in line]
    hz = np.array([float(v) for k, v in cube if k == "freq_hz"])
    s = []
    for c in range(len(hz)):
        v, w = member(bundle, "vis", c)[..., 0], member(bundle, "weight", c)
        s.append((v * w).sum() / w.sum() if w.sum() > 0 else np.nan)
    return LIGHT * (1 - hz / REST), np.array(s)


def line(tmp):
    """The centroid and the width of the line in planes of 0.5 km/s, whatever is asked for and however."""
    ms, velocity, fwhm, width = f"{tmp}/line.ms", -12.3, 3.0, 0.5
    mock(ms, 5, "--nant", "4", "--ntime", "20", "--nchan", "240", "--width", "300kHz", spread_d=150)
    put_line(ms, velocity, fwhm)
    asks = {"km/s, linear": ["--start=-22km/s", "--width=0.5km/s", "--nchan=40"],
            "km/s, cubic": ["--start=-22km/s", "--width=0.5km/s", "--nchan=40", "--interpolation=cubic"],
            "Hz, nearest": ["--start=230.538GHz", "--width=0.3845MHz", "--nchan=60", "--interpolation=nearest"],
            "downwards": ["--start=-2km/s", "--width=-0.5km/s", "--nchan=40"],
            "1 km/s": ["--start=-22km/s", "--width=1km/s", "--nchan=20"],
            "optical": ["--start=-22km/s", "--width=0.5km/s", "--nchan=40", "--veltype=optical"],
            "all channels": []}
    for name, ask in asks.items():
        out = f"{tmp}/line-" + name.replace("/", "")
        lg.run("pc-select", "-o", out, "--datacolumn", "data", *ask, ms)
        v, s = spectrum(out)
        good = np.isfinite(s) & (abs(v - velocity) < 9)
        at = (v * s)[good].sum() / s[good].sum()
        step = 1.0 if name == "1 km/s" else width
        tap.near(at, velocity, 0.1 * step, f"line, {name}: at its velocity within 0.1 channel")
        got = np.sqrt(8 * np.log(2) * ((v - at) ** 2 * s)[good].sum() / s[good].sum())
        tap.near(got, fwhm, 0.25 if step == 1 else 0.1, f"line, {name}: not broadened")
    lg.run("pc-select", "-o", f"{tmp}/own", "--datacolumn", "data", "--specmode", "cubedata", ms)
    v, s = spectrum(f"{tmp}/own")
    spread = np.sqrt(8 * np.log(2) * ((v - (v * s).sum() / s.sum()) ** 2 * s).sum() / s.sum())
    tap.ok(spread > 5 * fwhm, f"in the data's own frame it is smeared over {spread:.1f} km/s")


def imaged(tmp):
    """A dirty image of samples whose frequencies differ from row to row, against the sum over them."""
    ms, out = f"{tmp}/rows.ms", f"{tmp}/rows"
    mock(ms, 5, "--nant", "7", "--ntime", "6", "--nchan", "3", "--bmax", "300", spread_d=200)
    with table(ms + "/SPECTRAL_WINDOW", readonly=False, ack=False) as t:  # so wide that rows differ
        t.putcol("CHAN_FREQ", np.array([[200e9, 230e9, 260e9]]))
    lg.run("pc-select", "-o", out, "--datacolumn", "data", "--specmode", "mfs", ms)
    lg.run("pc-psf", "--imsize", "48", "--cell", "0.4arcsec", "--gridder", "standard", "--stokes", "XX", out)
    lg.run("pc-grid", out)
    freq, uvw, w = member(out, "freq"), member(out, "uvw"), member(out, "weight")[..., 0].astype(float)
    vis = member(out, "vis")[..., 0, :].astype(float)
    tap.ok(freq.shape == (len(uvw), 3) and (np.ptp(freq, axis=0) > 1e6).all(), "rows have frequencies of their own")
    x = (np.arange(48) - 24) * np.radians(0.4 / 3600)
    phase = uvw[:, None, :2] * (freq / 299792458.0)[..., None]
    el, em = np.exp(2j * np.pi * phase[..., 0, None] * x), np.exp(-2j * np.pi * phase[..., 1, None] * x)
    want = np.einsum("rc,rcm,rcl->ml", w * (vis[..., 0] + 1j * vis[..., 1]), em, el).real / w.sum()
    got = lg.plane(out, 0, "residual")[0]
    tap.below(np.linalg.norm(got - want) / np.linalg.norm(want), 1e-5, "their dirty image: relative L2")


def files(top):
    return {os.path.relpath(p, top): open(p, "rb").read() for p in glob.glob(f"{top}/**", recursive=True) if os.path.isfile(p)}


def windows(tmp):
    """Two windows that overlap, with a gap beyond them, of two MSs that drift: each plane has the blocks that reach it, and
    the same bytes whatever the memory and the threads."""
    low, high, far = (f"{tmp}/{n}.ms" for n in ("low", "high", "far"))
    for ms, freq, seed in ((low, "230.530GHz", 1), (high, "230.538GHz", 2), (far, "230.560GHz", 3)):
        mock(ms, 5, "--nant", "6", "--ntime", "9", "--nchan", "30", "--freq", freq, "--seed", str(seed), spread_d=10)
    for how in ("linear", "cubic", "nearest"):
        args = [*("--datacolumn", "data", "--interpolation", how, "--width", "0.5MHz"), low, high, far]
        lg.run("pc-select", "-o", f"{tmp}/w1", "--threads", "1", *args)
        lg.run("pc-select", "-o", f"{tmp}/w3", "--threads", "3", "--mem", "1MB", *args)
        tap.ok(files(f"{tmp}/w1") == files(f"{tmp}/w3"), f"{how}: the same bytes with 1 MB and three threads")
        hz = [float(line.split("=")[1]) for line in open(f"{tmp}/w1/00cube") if line.startswith("freq_hz")]
        seen = []
        for c in range(len(hz)):
            seen.append("".join(fits.getheader(p + "/uvw.fits")["MSNAME"][0]
                                for p in sorted(glob.glob(f"{tmp}/w1/ch{c:05d}/vis*")) if (fits.getdata(p + "/weight.fits") > 0).any()))
        order = [k for k, s in enumerate(seen) if k == 0 or s != seen[k - 1]]
        tap.ok([seen[k] for k in order] == ["l", "lh", "h", "", "f"], f"{how}: the windows of each plane", seen)
        shared = {os.stat(p).st_ino for p in glob.glob(f"{tmp}/w1/ch*/vis*/uvw.fits") if fits.getdata(p).shape[0] > 1}
        tap.ok(len(shared) == 3, f"{how}: uvw once for each of three MSs, whatever its number in a plane")
        shutil.rmtree(f"{tmp}/w1")
        shutil.rmtree(f"{tmp}/w3")


with tempfile.TemporaryDirectory() as tmp:
    factors(tmp)
    at_source(tmp)
    windows(tmp)
    line(tmp)
    imaged(tmp)
tap.done()
