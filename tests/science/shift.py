#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-select --phasecenter against geometry done by numpy and ERFA: uvw and phases of the bundle, a point source minutes of
arc away from where the dishes look in the right pixel with the right flux, the image against a direct Fourier sum, the
primary beam around the pointing; every way to write the direction."""
import shutil
import tempfile

import erfa
import numpy as np
from astropy.io import fits

import tap
import libgrid as lg

try:
    from casacore.tables import table
except ImportError:
    tap.skip_all("python3-casacore is not there")

SIZE, CELL, FLUX = (200, 160), 0.2, 1.5
OFF = (17, -9)  # of the source from the image's centre: pixels to the east and north


# casacore's J2000 is the mean equator and equinox of that date, not the FK5 catalogue's: the frame bias leads there.
BIAS = erfa.bp00(2451545.0, 0.0)[0]


class Place:
    """A direction in J2000 or ICRS, degrees."""

    def __init__(self, ra, dec, frame):
        self.ra, self.dec, self.frame = ra % 360, dec, frame

    def vector(self):
        a, d = np.radians([self.ra, self.dec])
        return np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])

    @classmethod
    def of(cls, v, frame):
        return cls(np.degrees(np.arctan2(v[1], v[0])), np.degrees(np.arctan2(v[2], np.hypot(v[0], v[1]))), frame)

    def to(self, frame):
        return Place.of(turn(self.frame, frame) @ self.vector(), frame)

    def text(self):
        return f"{self.frame} {self.ra:.12f}deg {self.dec:.12f}deg"

    def moved(self, east_arcsec, north_arcsec):
        return Place(self.ra + east_arcsec / 3600, self.dec + north_arcsec / 3600, self.frame)

    def tangent(self):
        """East, north and the direction itself."""
        w = self.vector()
        east = np.cross([0, 0, 1], w)
        east /= np.linalg.norm(east)
        return np.array([east, np.cross(w, east), w])


def turn(a, b):
    return np.eye(3) if a == b else BIAS if b == "J2000" else BIAS.T


def field_centre(ms):
    t = table(ms + "/FIELD", ack=False)
    ra, dec = np.degrees(t.getcell("PHASE_DIR", 0)[0])
    return Place(ra, dec, t.getcolkeyword("PHASE_DIR", "MEASINFO")["Ref"])


def put_source(ms, where):
    """One point of FLUX Jy there, as DATA, without noise."""
    t = table(ms, readonly=False, ack=False)
    field = field_centre(ms)
    lmn = field.tangent() @ where.to(field.frame).vector() - [0, 0, 1]
    freq = table(ms + "/SPECTRAL_WINDOW", ack=False).getcell("CHAN_FREQ", 0)
    phase = 2 * np.pi * (t.getcol("UVW") @ lmn)[:, None] * freq / lg.LIGHT_M_S
    t.putcol("DATA", np.repeat((FLUX * np.exp(1j * phase))[..., None], 2, 2).astype(np.complex64))
    t.close()


def member(out, name):
    with fits.open(f"{out}/ch00000/vis00000/{name}.fits") as f:
        return np.array(f[0].data, dtype=f[0].data.dtype.newbyteorder("=")), f[0].header.copy()


def check_bundle(ms, out, centre, name):
    """uvw and vis of the bundle by vectors: the baseline in the axes of the centre's own frame."""
    t = table(ms, ack=False)
    field = field_centre(ms)
    base = t.getcol("UVW") @ field.tangent() @ turn(field.frame, centre.frame).T
    want = base @ centre.tangent().T
    uvw, head = member(out, "uvw")
    tap.below(abs(uvw - want).max(), 1e-8, f"{name}: uvw in the frame of the new centre, m")
    freq, vis = member(out, "freq")[0], member(out, "vis")[0]
    own = field.to(centre.frame)
    path = base @ (centre.vector() - own.vector())
    data = t.getcol("DATA")[:, :1] * np.exp(-2j * np.pi * path[:, None] * freq / lg.LIGHT_M_S)[..., None]
    tap.below(abs(vis[..., 0] + 1j * vis[..., 1] - data).max() / FLUX, 1e-6, f"{name}: visibilities turned by the change of w")
    for key, value in (("IMAGERA", centre.ra), ("IMAGEDEC", centre.dec), ("PHASERA", own.ra), ("PHASEDEC", own.dec),
                       ("POINTRA", own.ra), ("POINTDEC", own.dec)):
        tap.below(abs(head[key] - value), 1e-10, f"{name}: {key}, degrees")
    s = lg.Samples.__new__(lg.Samples)
    s.u, s.v = (want[:, :2] * freq / lg.LIGHT_M_S).T
    s.vis, s.weight = data[:, 0, 0], member(out, "weight")[0][:, 0, 0].astype(np.float64)
    return s


def check_image(out, s, name):
    image = lg.plane(out, 0, "residual")[0]
    y, x = np.unravel_index(image.argmax(), image.shape)
    tap.ok((x, y) == (SIZE[0] // 2 - OFF[0], SIZE[1] // 2 + OFF[1]), f"{name}: the source is in its pixel, not in {x},{y}")
    tap.below(abs(image[y, x] / FLUX - 1), 2e-4, f"{name}: with its flux, {image[y, x]:.5f} Jy")
    tap.below(lg.rel_l2(image, lg.direct_image(s, SIZE, CELL)), 1e-4, f"{name}: the image against a direct Fourier sum")


def check_beam(out, field, centre, name):
    """Its main lobe falls with the distance from where the dishes look."""
    pb, head = lg.plane(out, 0, "pb")
    l, m = lg.axes(SIZE, CELL)
    at = centre.tangent() @ field.to(centre.frame).vector()
    r = np.hypot(l[None, :] - at[0], m[:, None] - at[1])[pb > 0.05]
    lobe = pb[pb > 0.05][np.argsort(r, kind="stable")]
    tap.ok((np.diff(lobe) <= 0).all() and len(lobe) > 1000,
           f"{name}: {len(lobe)} pixels of the primary beam, {lobe[0]:.3f} to {lobe[-1]:.3f}, lie around the pointing")
    tap.ok(head["RADESYS"] == {"ICRS": "ICRS", "J2000": "FK5"}[centre.frame], f"{name}: RADESYS is that of the direction")


def source_of(centre):
    """The place of the source: the pixel OFF from the centre."""
    l, m = np.array(OFF) * CELL * lg.ARCSEC
    return Place.of(centre.tangent().T @ [l, m, np.sqrt(1 - l * l - m * m)], centre.frame)


def one(tmp, ms, name, frame, *offset):
    out = f"{tmp}/{name.replace(' ', '_')}"
    centre = field_centre(ms).to(frame).moved(*offset)
    put_source(ms, source_of(centre))
    lg.residuals(ms, out, ["--phasecenter", centre.text(), "--channels", "0", "--datacolumn", "data"],
                 ["--imsize", ",".join(map(str, SIZE)), "--cell", f"{CELL}arcsec", "--pblimit", "-0.01"])
    check_image(out, check_bundle(ms, out, centre, name), name)
    if max(map(abs, offset)) < 60:
        check_beam(out, field_centre(ms), centre, name)


def spellings(tmp, ms):
    """The same place, however it is written."""
    want = Place(165 + 1 / 240, -30.0125, "J2000")  # 11:00:01, -30:00:45
    for text in ("J2000 165.0041666666667deg -30.0125deg", "2.87986598 rad -0.52381695rad".replace(" rad", "rad"),
                 "j2000 11:00:01 -30.00.45", "J2000 11h00m01s -30d00m45s", "11h00m01.0 -30.0125deg",
                 "B1950 10h57m37.37759s -29d44m38.1118s", "GALACTIC 275.937779deg 26.954421deg"):
        out = f"{tmp}/spelling"
        lg.run("pc-select", "-o", out, "--phasecenter", text, "--channels", "0", "--datacolumn", "data", ms)
        head = member(out, "uvw")[1]
        got = Place(head["IMAGERA"], head["IMAGEDEC"], "J2000")
        off = np.degrees(np.linalg.norm(got.vector() - want.vector())) * 3600
        tap.below(off, 1 if text[0] in "BG" else 2e-2 if "rad" in text else 1e-6, f"{text}, arcsec")
        shutil.rmtree(out)


with tempfile.TemporaryDirectory() as tmp:
    ms = f"{tmp}/a.ms"
    lg.run("pc-mock", "--sky", "empty", "--nant", "20", "--ntime", "20", "--nchan", "2", "--bmax", "400", "-o", ms)
    one(tmp, ms, "J2000", "J2000", 20, -12)
    one(tmp, ms, "ICRS", "ICRS", -15, 18)
    one(tmp, ms, "minutes of arc", "J2000", 240, -180)
    one(tmp, ms, "two degrees", "ICRS", -7200, 3600)
    spellings(tmp, ms)
    lg.run("pc-select", "-o", f"{tmp}/plain", "--datacolumn", "data", ms)
    lg.run("pc-select", "-o", f"{tmp}/own", "--datacolumn", "data", "--phasecenter", "0", ms)
    apart = max(abs(member(f"{tmp}/plain", n)[0] - member(f"{tmp}/own", n)[0]).max() for n in ("uvw", "vis"))
    tap.below(apart, 1e-12, "field 0's own centre changes nothing")
tap.done()
