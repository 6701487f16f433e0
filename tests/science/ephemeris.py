#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select on ephemeris tables of CASA's form: of the field (TRACKFIELD) and by their path, geocentric and an observatory's own, in
J2000, ICRS and apparent places; against a path through the sky that is known, and astropy's Earth."""
import os
import shutil
import subprocess
import tempfile

import erfa
import numpy as np
from astropy import units as u
from astropy.coordinates import FK5, TETE, EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers

import libgrid as lg
import tap

try:
    from casacore.measures import measures
    from casacore.tables import makescacoldesc, maketabdesc, table
except ImportError:
    tap.skip_all("python3-casacore is not there")

iers.conf.auto_download = False
iers.conf.iers_degraded_accuracy = "ignore"
LIGHT, AU, DAY = 299792458.0, 149597870700.0, 86400.0
HOURS, STEP = 4, 1 / 96


class Comet:
    """Half an astronomical unit away, and fast: 20 arcsec an hour. Times are MJD (UTC)."""

    def __init__(self, mjd0):
        self.mjd0 = mjd0

    def unit(self, mjd):
        ra = 2.88 + 2.3e-3 * (mjd - self.mjd0)
        dec = -0.51 - 1.7e-3 * (mjd - self.mjd0)
        return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], -1)

    def far(self, mjd):  # AU
        return 0.5 + 0.012 * (mjd - self.mjd0) + 0.0005 * (mjd - self.mjd0) ** 2

    def speed(self, mjd):  # AU/d
        return 0.012 + 0.001 * (mjd - self.mjd0)


def angles(p):
    p = p / np.linalg.norm(p, axis=-1)[..., None]
    return np.arctan2(p[..., 1], p[..., 0]) % (2 * np.pi), np.arcsin(p[..., 2])


def mean(p):
    """Of ICRS: the mean equator and equinox of 2000, which casacore calls J2000, 23 mas away."""
    return p @ erfa.bp00(2451545.0, 0.0)[0].T


def basis(p):
    """Unit vectors to the east, to the north, and to the place."""
    ra, dec = angles(p)
    return np.array([[-np.sin(ra), np.cos(ra), 0], [-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)],
                     [np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)]])


def ephemeris(path, comet, begin, system, site=None, hours=HOURS + 4):
    """A table as CASA's request of ephemerides makes it; site (longitude, latitude in degrees, km): whose own it is."""
    mjd = begin - 2 * STEP + np.arange(int(hours / 24 / STEP)) * STEP
    x = comet.unit(mjd)
    if system == "APP":
        x = np.array([SkyCoord(*np.degrees(angles(v)), unit="deg", frame=FK5()).transform_to(TETE(obstime=Time(t, format="mjd")))
                      .cartesian.xyz.value for v, t in zip(x, mjd)])
    ra, dec = np.degrees(angles(x))
    names = ("MJD", "RA", "DEC", "Rho", "RadVel")
    with table(path, maketabdesc([makescacoldesc(n, 0.0) for n in names]), nrow=len(mjd), ack=False) as t:
        for n, values in zip(names, (mjd, ra, dec, comet.far(mjd), comet.speed(mjd))):
            t.putcol(n, values)
        for n, unit in zip(names, ("d", "deg", "deg", "AU", "AU/d")):
            t.putcolkeyword(n, "UNIT", unit)
        words = {"MJD0": mjd[0] - STEP, "dMJD": STEP, "NAME": "TEST", "GeoLong": site[0] if site else 0.0,
                 "GeoLat": site[1] if site else 0.0, "GeoDist": site[2] if site else 0.0, "posrefsys": system,
                 "obsloc": "ALMA" if site else "GEOCENTRIC", "VS_CREATE": "2026/01/01/00:00", "VS_DATE": "2026/01/01/00:00",
                 "VS_TYPE": "Table of comet/planetary positions", "VS_VERSION": "0001.0001", "earliest": mjd[0], "latest": mjd[-1]}
        t.putinfo({"type": "IERS", "subType": "", "readme": ""})
        for key, value in words.items():
            t.putkeyword(key, value)


class Set:
    """A simulated MS, its field at rest at the comet's first place or with an ephemeris."""

    def __init__(self, path, nant=4):
        lg.run("pc-mock", "--sky", "empty", "--noise", "0Jy", "--flagged", "0", "--hours", str(HOURS), "--nant", str(nant), "--ntime",
               "9", "--nchan", "3", "--freq", "100GHz", "-o", path)
        self.path = path
        with table(path + "/SPECTRAL_WINDOW", readonly=False, ack=False) as t:
            t.putcol("MEAS_FREQ_REF", np.full(t.nrows(), 5))
            self.freq = t.getcell("CHAN_FREQ", 0)
        with table(path, ack=False) as t:
            self.mjd, self.uvw = t.getcol("TIME") / DAY, t.getcol("UVW")
        at = measures().measure(measures().observatory("ALMA"), "ITRF")
        lon, lat, r = (at[k]["value"] for k in ("m0", "m1", "m2"))
        self.site = EarthLocation.from_geocentric(*(r * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])),
                                                  unit=u.m)
        self.begin = self.mjd.min()
        self.comet = Comet(self.begin)

    def point(self, ra, dec, ephem=None):
        with table(self.path + "/FIELD", readonly=False, ack=False) as t:
            for column in ("PHASE_DIR", "DELAY_DIR", "REFERENCE_DIR"):
                t.putcol(column, np.array([[[ra, dec]]]))
            if ephem is not None:
                t.addcols(maketabdesc(makescacoldesc("EPHEMERIS_ID", 0)))
                t.putcol("EPHEMERIS_ID", np.array([ephem], "i4"))

    def array(self, mjd):
        """Where it is from the centre of the Earth, m, and how fast, m/s."""
        p, v = self.site.get_gcrs_posvel(Time(mjd, format="mjd"))
        return p.xyz.to_value(u.m).T, v.xyz.to_value(u.m / u.s).T

    def seen(self):
        """Unit vectors to the comet from the array, row by row."""
        p = self.comet.unit(self.mjd) * self.comet.far(self.mjd)[:, None] * AU - self.array(self.mjd)[0]
        return p / np.linalg.norm(p, axis=1)[:, None]

    def at_source(self, topocentric):
        """What a TOPO frequency is multiplied by."""
        away = self.comet.speed(self.mjd) * AU / DAY
        closing = np.zeros(len(self.mjd)) if topocentric else (self.array(self.mjd)[1] * self.comet.unit(self.mjd)).sum(1)
        b = (away - closing) / LIGHT
        return np.sqrt((1 + b) / (1 - b))


def member(bundle, name, chan=0):
    with fits.open(f"{bundle}/ch{chan:05d}/vis00000/{name}.fits") as f:
        return f[0].data, f[0].header


def check_axis(name, s, out, topocentric):
    freq = member(out, "freq", 1)[0]
    tap.ok(fits.getheader(f"{out}/ch00000/vis00000/vis.fits")["SPECSYS"] == "SOURCE", f"{name}: the frame is the source's")
    off = abs(freq[:, 0, None] / s.at_source(topocentric)[:, None] - s.freq).min(1) / 1e11 * LIGHT
    tap.below(off.max(), 1, f"{name}: frequencies at the source, m/s")


def check_place(name, s, out, want, arcsec):
    head = member(out, "uvw")[1]
    ra, dec = angles(want)
    got = np.radians([head["IMAGERA"], head["IMAGEDEC"]])
    tap.below(np.degrees(np.hypot((got[0] - ra) * np.cos(dec), got[1] - dec)) * 3600, arcsec, f"{name}: arcsec from where it is first")


def check_uvw(name, s, out, home, to, limit):
    got = member(out, "uvw")[0]
    want = np.array([basis(b) @ basis(a).T @ x for a, b, x in zip(home, to, s.uvw)])
    moved = abs(want - s.uvw).max()
    tap.ok(moved > 50 * limit, f"{name}: turning makes {moved:.3g} m")
    tap.below(abs(got - want).max(), limit, f"{name}: uvw, m")


def trackfield(tmp):
    s = Set(f"{tmp}/field.ms")
    s.point(0, 0, 0)
    for system, site in (("J2000", None), ("ICRS", (-67.75, -23.03, 6372.0))):
        name = f"the field's, {system}, {'an observatory' if site else 'the centre of the Earth'}"
        shutil.rmtree(f"{s.path}/FIELD/EPHEM0_TEST_1.tab", ignore_errors=True)
        ephemeris(f"{s.path}/FIELD/EPHEM0_TEST_1.tab", s.comet, s.begin, system, site)
        for k, args in enumerate((["--phasecenter", "TRACKFIELD"], [])):
            out = f"{tmp}/track{k}{system}"
            lg.run("pc-select", "-o", out, "--datacolumn", "data", "--specmode", "cubesource", "--interpolation", "nearest", *args, s.path)
            tap.ok((member(out, "uvw")[0] == s.uvw).all(), f"{name}{'' if args else ' without being asked for'}: uvw are those of the MS")
        check_place(name, s, out, s.comet.unit(s.begin) if system == "J2000" else mean(s.comet.unit(s.begin)), 0.002)
        check_axis(name, s, out, site is not None)
    rest = np.array([2.8801, -0.5101])
    out = f"{tmp}/rest"
    lg.run("pc-select", "-o", out, "--datacolumn", "data", "--phasecenter", f"J2000 {rest[0]}rad {rest[1]}rad", "--outframe", "REST",
           "--interpolation", "nearest", s.path)
    still = np.array([[np.cos(rest[1]) * np.cos(rest[0]), np.cos(rest[1]) * np.sin(rest[0]), np.sin(rest[1])]] * len(s.mjd))
    check_uvw("a place at rest, of a field that moves", s, out, mean(s.comet.unit(s.mjd)), still, 1e-6)
    check_axis("a place at rest, of a field that moves", s, out, True)
    offset(tmp, s)


def offset(tmp, s):
    """FIELD's direction is an offset from the ephemeris, in true angle."""
    with table(s.path + "/FIELD", readonly=False, ack=False) as t:
        t.putcol("PHASE_DIR", np.array([[[1e-4, 2e-4]]]))
    lg.run("pc-select", "-o", f"{tmp}/offset", "--datacolumn", "data", s.path)
    ra, dec = angles(mean(s.comet.unit(s.begin)))
    at = (ra + 1e-4 / np.cos(dec), dec + 2e-4)
    check_place("an offset from it", s, f"{tmp}/offset", np.array([np.cos(at[1]) * np.cos(at[0]), np.cos(at[1]) * np.sin(at[0]),
                                                                   np.sin(at[1])]), 0.005)


def by_path(tmp):
    s = Set(f"{tmp}/still.ms")
    field = s.comet.unit(s.begin) + np.array([1e-4, -2e-4, 1e-4])
    s.point(*angles(field))
    home = np.array([field / np.linalg.norm(field)] * len(s.mjd))
    for system, site, arcsec in (("J2000", None, 0.0005), ("ICRS", (-67.75, -23.03, 5.0), 0.0001),
                                 ("APP", None, 0.15)):  # the nutation of 1980, not of today
        name = f"by its path, {system}, {'an observatory' if site else 'the centre of the Earth'}"
        tab, out = f"{tmp}/{system}.tab", f"{tmp}/path{system}"
        ephemeris(tab, s.comet, s.begin, system, site)
        lg.run("pc-select", "-o", out, "--datacolumn", "data", "--specmode", "cubesource", "--interpolation", "nearest", "--phasecenter",
               tab, s.path)
        to = mean(s.comet.unit(s.mjd)) if site else s.seen()
        check_place(name, s, out, to[s.mjd.argmin()], arcsec)
        check_uvw(name, s, out, home, to, 2e-4 if system == "APP" else 1e-6)
        check_axis(name, s, out, site is not None)
    pixel(tmp, s, home)
    refused(tmp, s)


def pixel(tmp, s, home):
    """What moves along the ephemeris stays at the phase centre: visibilities of 1 Jy there, and back again into MODEL_DATA."""
    to, tab, out = s.seen(), f"{tmp}/J2000.tab", f"{tmp}/pixel"
    w = np.array([(basis(a) @ b - [0, 0, 1]) @ x for a, b, x in zip(home, to, s.uvw)])
    vis = np.exp(2j * np.pi * s.freq[None, :] / LIGHT * w[:, None])[..., None]
    with table(s.path, readonly=False, ack=False) as t:
        t.putcol("DATA", np.repeat(vis, t.getcol("DATA").shape[2], 2).astype("c8"))
    lg.run("pc-select", "-o", out, "--datacolumn", "data", "--outframe", "TOPO", "--phasecenter", tab, s.path)
    got = member(out, "vis", 1)[0]
    got = got[..., 0] + 1j * got[..., 1]
    tap.ok(abs(vis - 1).max() > 0.5, f"unfollowed phases differ by {abs(np.angle(vis)).max():.3g} rad")
    tap.below(abs(got - 1).max(), 0.002, "followed, they are 1")
    for kind, factor in (("TOPO", 1), ("LSRK", None), ("REST", s.at_source(False))):
        stage = f"{tmp}/stage{kind}"
        lg.run("pc-select", "-o", stage, "--datacolumn", "data", "--outframe", kind, "--interpolation", "nearest", "--phasecenter", tab,
               s.path)
        lg.run("pc-psf", "--imsize", "32", "--cell", "0.2arcsec", stage)
        for ch in sorted(d for d in os.listdir(stage) if d.startswith("ch")):
            with fits.open(f"{stage}/{ch}/psf.fits") as f:
                f[0].data[:] = 0
                f[0].data[0, 0, 16, 16] = 1
                f[0].header["BUNIT"] = "Jy/pixel"
                f[0].add_checksum()
                f.writeto(f"{stage}/{ch}/model.fits")
                f.writeto(f"{stage}/{ch}/residual.fits")
        lg.run("pc-grid", "--predict", stage)
        lg.run("pc-select", "--put-model", stage, "--phasecenter", tab, s.path)
        with table(s.path, readonly=False, ack=False) as t:
            model = t.getcol("MODEL_DATA")
            t.putcol("MODEL_DATA", 0 * model)
        reached = model != 0
        tap.ok(reached.mean() > 0.9, f"{kind}: put back, {reached.mean():.2f} of the samples")
        if factor is not None:  # uv counts at the frequency in the frame, as in tclean
            want = np.exp(2j * np.pi * s.freq[None, :] / LIGHT * (factor * w)[:, None])[..., None]
            tap.below(abs(model - want)[reached].max(), 0.002, f"{kind}: about the field's own phase centre")


def refused(tmp, s):
    ephemeris(f"{tmp}/short.tab", s.comet, s.begin, "J2000", hours=4)
    r = subprocess.run([os.path.join(tap.BIN, "pc-select"), "--phasecenter", f"{tmp}/short.tab", s.path, "-o", f"{tmp}/x"],
                       capture_output=True, text=True)
    tap.ok(r.returncode == 65 and "short.tab: the ephemeris does not cover the times of still.ms" in r.stderr, "one that is too short", r.stderr)


with tempfile.TemporaryDirectory() as tmp:
    trackfield(tmp)
    by_path(tmp)
tap.done()
