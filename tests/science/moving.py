#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select's moving sources against astropy's planets: where they are, how fast they go away (--specmode cubesource), and a
source that is followed stays in one pixel."""
import os
import tempfile

import numpy as np
from astropy import units as u
from astropy.coordinates import EarthLocation, get_body, solar_system_ephemeris
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers

import libgrid as lg
import tap

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

TABLES = "/usr/share/casacore/data/ephemerides/"
if not os.path.isdir(TABLES + "DE200"):
    tap.skip_all("casacore-data-jpl-de200 is not there")
iers.conf.auto_download = False
iers.conf.iers_degraded_accuracy = "ignore"
solar_system_ephemeris.set("builtin")
LIGHT = 299792458.0


def member(bundle, name, chan=0):
    with fits.open(f"{bundle}/ch{chan:05d}/vis00000/{name}.fits") as f:
        return f[0].data, f[0].header


class Planet:
    """Seen from the array: astropy's approximate elements, good to arcseconds."""

    def __init__(self, ms, name):
        xyz = table(ms + "/ANTENNA", ack=False).getcol("POSITION").mean(0)
        self.at, self.name = EarthLocation.from_geocentric(*xyz, unit=u.m), name

    def _body(self, time_s):
        return get_body(self.name, Time(time_s / 86400, format="mjd", scale="utc"), self.at)

    def place(self, time_s):
        b = self._body(time_s)
        return b.ra.rad, b.dec.rad

    def away(self, time_s):
        """m/s, from the distances half a minute before and after."""
        d = self._body(time_s + 30).distance - self._body(time_s - 30).distance
        return d.to_value(u.m) / 60


def make(path, where, *options, hours=4, ref=5):
    """A simulated MS of a field at `where` (rad), observed for some hours."""
    lg.run("pc-mock", "--sky", "empty", "--noise", "0Jy", "--flagged", "0", "--hours", str(hours), *options, "-o", path)
    with table(path + "/SPECTRAL_WINDOW", readonly=False, ack=False) as t:
        t.putcol("MEAS_FREQ_REF", np.full(t.nrows(), ref))
    for column in ("PHASE_DIR", "DELAY_DIR", "REFERENCE_DIR"):
        with table(path + "/FIELD", readonly=False, ack=False) as t:
            t.putcol(column, np.array(where).reshape(1, 1, 2))


def basis(ra, dec):
    """Unit vectors to the east, to the north, and to the place."""
    return np.array([[-np.sin(ra), np.cos(ra), 0],
                     [-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)],
                     [np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)]])


def track(tmp, name):
    ms, out = f"{tmp}/{name}.ms", f"{tmp}/{name}"
    make(ms, (0, 0), "--nant", "4", "--ntime", "9", "--nchan", "3", "--freq", "100GHz")
    planet = Planet(ms, name)
    time = table(ms, ack=False).getcol("TIME")
    start = planet.place(time[0])
    field = (start[0] + 2e-4, start[1] - 1e-4)
    with table(ms + "/FIELD", readonly=False, ack=False) as t:
        t.putcol("PHASE_DIR", np.array(field).reshape(1, 1, 2))
    lg.run("pc-select", "-o", out, "--datacolumn", "data", "--specmode", "cubesource", "--interpolation", "nearest", "--phasecenter",
           name.upper(), ms)
    uvw, head = member(out, "uvw")
    freq, plane = member(out, "freq")[0], fits.getheader(f"{out}/ch00000/vis00000/vis.fits")
    got = np.radians([head["IMAGERA"], head["IMAGEDEC"]])
    # casacore's place is in J2000, as the Earth saw it: astropy's apparent one is up to 21 arcsec from it
    tap.below(np.degrees(np.hypot((got[0] - start[0]) * np.cos(start[1]), got[1] - start[1])) * 3600, 60,
              f"{name}: arcsec from astropy's place")
    tap.ok(plane["SPECSYS"] == "SOURCE", f"{name}: the frame is the source's")
    want = np.empty_like(uvw)
    raw = table(ms, ack=False).getcol("UVW")
    for i, s in enumerate(time):
        move = np.array(planet.place(s)) - start
        want[i] = basis(*(got + move)) @ basis(*field).T @ raw[i]
    still = np.array([basis(*got) @ basis(*field).T @ r for r in raw])
    moved = abs(still - want).max()
    tap.below(abs(uvw - want).max(), max(0.02 * moved, 1e-4), f"{name}: uvw follow it, metres of {moved:.3g} that it makes")
    base = 100e9
    factor = np.array([1 + planet.away(s) / LIGHT for s in time])
    row = member(out, "row")[0]
    tap.ok((row[:, 1] == time).all(), f"{name}: all rows")
    hz = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    nearest = abs(freq[:, 0, None] / factor[:, None] - hz).min(1) / base * LIGHT
    tap.below(nearest.max(), 20, f"{name}: frequencies at the source, m/s; it goes away by {planet.away(time[0]):.0f}")


def refused(tmp):
    import subprocess
    ms = f"{tmp}/no.ms"
    make(ms, (1, 0.1), "--nant", "3", "--ntime", "2", "--nchan", "2")
    for args, says in ((["--phasecenter", "TRACKFIELD"], "has no ephemeris of field 0"),
                       (["--specmode", "cubesource"], "the velocity of the source is not known"),
                       (["--phasecenter", "URANUSS"], "a source that casacore knows")):
        r = subprocess.run([os.path.join(tap.BIN, "pc-select"), *args, ms, "-o", f"{tmp}/x"], capture_output=True, text=True)
        tap.ok(r.returncode == 64 and says in r.stderr and not os.path.exists(f"{tmp}/x"), f"refused: {says}", r.stderr)


with tempfile.TemporaryDirectory() as tmp:
    with open(f"{tmp}/casarc", "w") as f:
        f.write(f"measures.DE200.directory: {TABLES}\n")
    os.environ["CASARCFILES"] = f"{tmp}/casarc"
    for name in ("jupiter", "mars", "sun", "moon"):
        track(tmp, name)
    refused(tmp)
tap.done()
