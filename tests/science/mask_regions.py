# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions against plain geometry: astropy's WCS says where the pixels are, numpy whether they are inside."""
import os
import subprocess
import tempfile

import erfa
import numpy as np
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

import libmask
import tap

NX, NY, CELL = 90, 70, 0.5
RA, DEC = 150.0, -30.0  # libmask.header's
wcs = WCS(naxis=2)
wcs.wcs.ctype = "RA---SIN", "DEC--SIN"
wcs.wcs.crval, wcs.wcs.crpix, wcs.wcs.cdelt = (RA, DEC), (NX // 2 + 1, NY // 2 + 1), (-CELL / 3600, CELL / 3600)
Y, X = np.mgrid[:NY, :NX].astype(float)
world = wcs.pixel_to_world(X, Y)
os.chdir(tempfile.mkdtemp())
libmask.write_bundle("b", [np.zeros((NY, NX), np.float32)] * 4, CELL, (2, 1.5, 20), 0.05)
for c in range(4):
    with fits.open(f"b/ch{c:05d}/psf.fits", "update") as f:
        f[0].header["CRVAL3"] = libmask.FREQ + c * libmask.WIDTH
        f[0].header["RESTFRQ"] = libmask.FREQ
        f[0].header["SPECSYS"] = "LSRK"


def masks(*args):
    libmask.pc_mask("b", {}, *(f"--mask={a}" for a in args), usemask="user")
    return [libmask.masknext("b", c)[0] for c in range(4)]


def same(got, want, name):
    n = int((got != want).sum())
    tap.ok(n == 0 and want.any() and not want.all(), f"{name}: {int(want.sum())} pixels, {n} differ")


def turned(x, y, pa):
    """Along and across a direction of position angle pa, degrees, about (x, y) in pixels; east is to the left."""
    a = np.radians(pa)
    dx, dy = X - x, Y - y
    return dy * np.cos(a) - dx * np.sin(a), dx * np.cos(a) + dy * np.sin(a)


def inside(corners):
    """Winding of the corners about each pixel."""
    total = np.zeros(X.shape)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0)):
        a, b = np.arctan2(y0 - Y, x0 - X), np.arctan2(y1 - Y, x1 - X)
        total += (b - a + np.pi) % (2 * np.pi) - np.pi
    return np.abs(total) > np.pi


def pixel(ra, dec):
    return [float(v) for v in wcs.world_to_pixel(SkyCoord(ra, dec, unit="deg"))]


def clock(ra, dec, form):
    c = SkyCoord(ra, dec, unit="deg")
    a = c.ra.to_string("hourangle", sep="hms" if form == "letters" else ":", precision=6)
    d = c.dec.to_string("deg", sep={"letters": "dms", "colons": ":", "dots": "."}[form], precision=6, alwayssign=True)
    return a + ", " + d


ra, dec = RA + 0.00231, DEC - 0.00144
x, y = pixel(ra, dec)
centre = SkyCoord(ra, dec, unit="deg")
r = np.hypot(X - x, Y - y)

# ---- CASA's shapes, in the sky and in pixels ----
disc = r <= 9.3 / CELL
same(masks(f"circle[[{ra}deg, {dec}deg], 9.3arcsec]")[0], disc, "circle")
same(masks(f"circle[[{ra}deg, {dec}deg], 9.3arcsec]")[3], world.separation(centre).arcsec <= 9.3, "circle, by the angle on the sky")
for form in ("letters", "colons", "dots"):
    same(masks(f"circle[[{clock(ra, dec, form)}], 0.155arcmin], coord=ICRS")[0], disc, f"circle, sexagesimal with {form}")
same(masks(f"circle[[{np.radians(ra):.15f}rad, {np.radians(dec):.15f}rad], {np.radians(9.3 / 3600):.12g}rad]")[0], disc, "in radians")
same(masks("circle[[30pix, 41.5pix], 12.25pix]")[0], np.hypot(X - 30, Y - 41.5) <= 12.25, "circle in pixels, counted from 0")
same(masks("circle[[30pix, 41pix], 5pix]")[0], np.hypot(X - 30, Y - 41) <= 5, "a pixel on the border counts")
same(masks(f"annulus[[{ra}deg, {dec}deg], [4arcsec, 9.3arcsec]]")[0], disc & (r > 4 / CELL), "annulus")
along, across = turned(x, y, 35)
same(masks(f"ellipse[[{ra}deg, {dec}deg], [11arcsec, 4arcsec], 35deg]")[0],
     (along / 22) ** 2 + (across / 8) ** 2 <= 1, "ellipse: half axes, the first along the position angle")
same(masks(f"rotbox[[{ra}deg, {dec}deg], [18arcsec, 6arcsec], 35deg]")[0], (np.abs(across) <= 18) & (np.abs(along) <= 6),
     "rotbox: widths, turned from north to east")
same(masks(f"centerbox[[{ra}deg, {dec}deg], [18arcsec, 6arcsec]]")[0], (np.abs(X - x) <= 18) & (np.abs(Y - y) <= 6), "centerbox")
x2, y2 = pixel(ra - 0.004, dec + 0.003)
same(masks(f"box[[{ra}deg, {dec}deg], [{ra - 0.004}deg, {dec + 0.003}deg]]")[0], (X >= x) & (X <= x2) & (Y >= y) & (Y <= y2), "box")
same(masks("box[[10pix, 20pix], [30pix, 25pix]]")[0], (X >= 10) & (X <= 30) & (Y >= 20) & (Y <= 25), "box in pixels, borders included")
star = [(ra + 0.004 * np.sin(k) * (1 if i % 2 else 0.4), dec + 0.004 * np.cos(k) * (1 if i % 2 else 0.4))
        for i, k in enumerate(np.linspace(0, 2 * np.pi, 9)[:-1])]
same(masks("poly[" + ", ".join(f"[{a:.10f}deg, {d:.10f}deg]" for a, d in star) + "]")[0],
     inside(np.array([pixel(a, d) for a, d in star])), "poly, not convex")
same(masks("poly[[10pix,20pix],[30pix,20pix],[30pix,25pix],[10pix,25pix]]")[0], (X >= 10) & (X <= 30) & (Y >= 20) & (Y <= 25),
     "a polygon along the pixels takes its border")
same(masks("circle[[-5pix, 75pix], 20pix]")[0], np.hypot(X + 5, Y - 75) <= 20, "a region that leaves the image")

along, across = turned(30.25, 41.5, 35)
same(masks("ellipse[[30.25pix, 41.5pix], [22pix, 8pix], 35deg]")[0], (along / 22) ** 2 + (across / 8) ** 2 <= 1, "ellipse in pixels")
same(masks(f"ellipse[[30.25pix, 41.5pix], [8pix, 22pix], {np.radians(35):.12f}rad]")[0], (along / 8) ** 2 + (across / 22) ** 2 <= 1,
     "ellipse with the smaller half axis first, its angle in radians")
same(masks("rotbox[[30.25pix, 41.5pix], [36pix, 12pix], -55deg]")[0],
     (np.abs(turned(30.25, 41.5, -55)[1]) <= 18) & (np.abs(turned(30.25, 41.5, -55)[0]) <= 6), "rotbox in pixels, a negative angle")
same(masks("annulus[[30pix, 41pix], [5pix, 13pix]]")[0], (np.hypot(X - 30, Y - 41) <= 13) & (np.hypot(X - 30, Y - 41) > 5),
     "an annulus takes the pixels on its outer border, not those on the inner one")
same(masks("annulus[[30.25pix, 41.5pix], [4pix, 9pix]]")[0], (np.hypot(X - 30.25, Y - 41.5) <= 9) & (np.hypot(X - 30.25, Y - 41.5) > 4),
     "annulus in pixels")
same(masks(f"circle[[{ra}deg, {dec}deg], 18.6pix]")[0], r <= 18.6, "a centre in the sky, a radius in pixels")
same(masks("circle[[30.25pix, 41.5pix], 0.1arcmin]")[0], np.hypot(X - 30.25, Y - 41.5) <= 12, "a centre in pixels, a radius in the sky")

# ---- files, globals, exclusion, annotation, ranges ----
with open("r.crtf", "w") as f:
    f.write(f"""#CRTFv0 CASA Region Text Format version 0
global coord=ICRS, color=red, restfreq={libmask.FREQ}Hz

# a comment
+circle[[{ra}deg, {dec}deg], 9.3arcsec], label="a, b", range=[1chan, 2chan]
-centerbox[[{ra}deg, {dec}deg], [18arcsec, 6arcsec]]
ann circle[[0pix, 0pix], 50pix]
symbol[[1pix, 1pix], .]
box[[0pix, 0pix], [4pix, 4pix]], corr=[V]
""")
got = masks("r.crtf")
small = (np.abs(X - x) <= 18) & (np.abs(Y - y) <= 6)
same(got[1], disc & ~small, "a file: '-' takes away, ann and symbols do nothing, Stokes V is another plane")
tap.ok(got[2].any() and not got[0].any() and not got[3].any(), "its range of channels holds")
circle = f"circle[[{ra}deg, {dec}deg], 9.3arcsec]"
for text in (f"range=[{(libmask.FREQ + 0.9e6) / 1e9}GHz, {(libmask.FREQ + 2.1e6) / 1e9}GHz]", "range=[-3km/s, -1km/s]",
             "frame=LSRK, veltype=optical, range=[-1km/s, -3km/s]"):
    got = masks(f"{circle}, {text}")
    tap.ok([g.any() for g in got] == [False, True, True, False], f"channels 1 and 2 by {text}")
# as CASA's viewer and CARTA write them, with Windows' ends of lines
with open("viewer.crtf", "wb") as f:
    f.write(f"""#CRTFv0 CASA Region Text Format version 0
centerbox [[{clock(ra, dec, 'dots').replace('-30', '-030')}], [18arcsec, 6arcsec]] coord=ICRS, corr=[I], linewidth=1, linestyle=-, \
symsize=1, symthick=1, color=magenta, font="DejaVu Sans", fontsize=11, fontstyle=normal, usetex=false
ann poly[[1pix, 1pix], [2pix, 5pix], [70pix, 60pix]], coord=ICRS, linestyle=:
""".replace("\\\n", "").replace("\n", "\r\n").encode())
same(masks("viewer.crtf")[0], small, "a region as CASA's viewer writes it")
# a global range, one of its own, and globals that change
with open("global.crtf", "w") as f:
    f.write(f"""#CRTF
global coord=ICRS, range=[0chan, 1chan], corr=[I]
{circle}
{circle}, range=[3chan, 3chan]
global range=[{libmask.FREQ + 1.9e6}Hz, {(libmask.FREQ + 2.1e6) / 1e6}MHz]
box[[60pix, 1pix], [70pix, 3pix]]
""")
strip = (X >= 60) & (X <= 70) & (Y >= 1) & (Y <= 3)
got = masks("global.crtf")
tap.ok(all((g == w).all() for g, w in zip(got, (disc, disc, strip, disc))), "ranges of globals hold until the next, a region's own wins")
got = masks(f"{circle}, range=[1chan, 2chan],-box[[60pix, 1pix], [70pix, 3pix]],box[[60pix, 1pix], [70pix, 3pix]], range=[2chan, 9chan]")
tap.ok(all((g == w).all() for g, w in zip(got, (disc & False, disc & ~strip, disc | strip, strip))),
       "taken away, and added again later: regions are applied in their order")
# far from the rest frequency both kinds of velocity differ by many channels
rest = 1.01 * libmask.FREQ
for kind, v in (("radio", lambda f: 299792.458 * (1 - f / rest)), ("optical", lambda f: 299792.458 * (rest / f - 1))):
    ends = [v(libmask.FREQ + c * libmask.WIDTH) for c in (0.9, 2.1)]
    got = masks(f"{circle}, restfreq={rest!r}Hz, veltype={kind}, range=[{ends[1]!r}km/s, {ends[0]!r}km/s]")
    tap.ok([g.any() for g in got] == [False, True, True, False], f"channels 1 and 2 by {kind} velocities around {ends[0]:.0f} km/s")
same(masks(f"-{circle}")[0], ~disc, "an exclusion alone is taken from the whole image")

# ---- lists and images ----
side = np.zeros((NY, NX), np.uint8)
side[:, 5:9] = 1
libmask.write_plane("side.fits", side, CELL)
want = disc | (side > 0) | ((X >= 60) & (X <= 70) & (Y >= 1) & (Y <= 3))
same(masks(f"side.fits,{circle}, coord=ICRS,box[[60pix, 1pix], [70pix, 3pix]]")[0], want, "images, regions and their options in a list")
same(masks("side.fits", circle, "box[[60pix, 1pix], [70pix, 3pix]]")[0], want, "the same by repeating --mask")

rng = np.random.default_rng(5)
for name, ctype, cell in (("a coarser grid elsewhere", "SIN", 1.3), ("a finer one", "SIN", 0.21), ("a tangential projection", "TAN", 0.7)):
    other = (rng.random((80, 60)) > 0.5).astype(np.float32)
    h = libmask.header(cell)
    h["CTYPE1"], h["CTYPE2"] = f"RA---{ctype}", f"DEC--{ctype}"
    h["CRVAL1"], h["CRVAL2"], h["CRPIX1"], h["CRPIX2"] = RA + 0.002, DEC - 0.001, 33.3, 37.8
    fits.writeto("other.fits", other[None, None], h, overwrite=True)
    i, j = (np.floor(v + 0.5).astype(int) for v in WCS(h).celestial.world_to_pixel(world))
    there = (i >= 0) & (i < 60) & (j >= 0) & (j < 80)
    want = np.zeros((NY, NX), bool)
    want[there] = other[j[there], i[there]] > 0.5
    same(masks("other.fits")[0], want, f"an image on {name}, nearest pixel")

# ---- DS9 ----
with open("r.reg", "w") as f:
    f.write(f"""# Region file format: DS9 version 4.1
global color=green dashlist=8 3 width=1
icrs
-box({ra},{dec},18",6",0) # text={{not; this}}
circle({clock(ra, dec, "colons").replace(" ", "")},9.3")
image
point(3,4) # point=cross
polygon(61,2,71,2,71,4,61,4)
""")
same(masks("r.reg")[0], (disc & ~((np.abs(X - x) <= 18) & (np.abs(Y - y) <= 6))) | ((X >= 60) & (X <= 70) & (Y >= 1) & (Y <= 3)),
     "a DS9 file: exclusions wherever they stand, pixels from 1")
along, across = turned(x, y, 35 - 90)
same(masks(f"icrs;ellipse({ra}d {dec}d 11\" 4\" 35)")[0], (along / 22) ** 2 + (across / 8) ** 2 <= 1,
     "a DS9 ellipse turns from the x axis")
same(masks(f"icrs;annulus({ra},{dec},4\",6\",{9.3 / 60}')")[0], disc & (r > 4 / CELL), "a DS9 annulus of several rings")
along, across = turned(30.2, 41.1, 30 - 90)
same(masks("image; box(31.2,42.1,20,10,30)")[0], (np.abs(along) <= 10) & (np.abs(across) <= 5), "a DS9 box in pixels")

v = erfa.bp00(2451545.0, 0.0)[0].T @ SkyCoord(ra, dec, unit="deg").cartesian.xyz.value  # J2000 to ICRS, as casacore
xj, yj = pixel(np.degrees(np.arctan2(v[1], v[0])) % 360, np.degrees(np.arcsin(v[2])))
shifted = np.hypot(X - xj, Y - yj) <= 9.3 / CELL
same(masks(f"fk5; circle({ra},{dec},9.3\")")[0], shifted, "DS9's fk5 on an image in ICRS")
same(masks(f"J2000; circle({clock(ra, dec, 'letters')}, {9.3 / 60}')")[0], shifted, "DS9's J2000, sexagesimal with letters, arcmin")
tap.ok((shifted != disc).any(), "which is not the ICRS one")
same(masks(f"icrs; circle({ra}d,{dec}d,{np.radians(9.3 / 3600):.12f}r)")[0], disc, "DS9's units d and r")
same(masks(f"icrs; circle({ra},{dec},{9.3 / 3600})")[0], disc, "a bare length in the sky: degrees")
same(masks("physical;circle 31.25 42.5 12.25 # color=red")[0], np.hypot(X - 30.25, Y - 41.5) <= 12.25, "physical pixels, without brackets")
same(masks("image; circle(31.25,42.5,6\")")[0], np.hypot(X - 30.25, Y - 41.5) <= 12, "a centre in pixels, a radius in the sky")
same(masks("image; ellipse(31.25,42.5,22,8,0)")[0], ((X - 30.25) / 22) ** 2 + ((Y - 41.5) / 8) ** 2 <= 1, "an ellipse along x")
with open("composite.reg", "wb") as f:
    f.write(f"""# Region file format: DS9 version 4.1\r
fk5\r
# composite({ra},{dec},0) || composite=1\r
circle({ra},{dec},9.3") ||\r
-box({ra},{dec},18",6",0) || # color=blue\r
&box({ra},{dec},18",6",0) # text={{in; "again"}}\r
image; !box(66,3,10,2)\r
# vector(1,2,3,4) vector=1\r
icrs;point({ra},{dec}) # point=x\r
""".encode())
same(masks("composite.reg")[0], shifted & ~small, "a composite of DS9, excluded with - and !, ends of lines of Windows")

# ---- galactic coordinates, by the ERFA library (astropy turns them from FK5, 20 mas from there) ----
def galactic(c):
    """As if they were RA and Dec: only for their geometry."""
    return SkyCoord(*erfa.icrs2g(c.ra.rad, c.dec.rad), unit="rad")


gal = galactic(centre)
off = galactic(world).transform_to(gal.skyoffset_frame())
l_off, b_off = off.lon.arcsec, off.lat.arcsec
pa = np.radians(35)
along, across = b_off * np.cos(pa) + l_off * np.sin(pa), l_off * np.cos(pa) - b_off * np.sin(pa)
where = f"[{gal.ra.deg:.12f}deg, {gal.dec.deg:.12f}deg]"
same(masks(f"circle[{where}, 9.3arcsec], coord=GALACTIC")[0], disc, "a circle in galactic coordinates")
same(masks(f"ellipse[{where}, [11arcsec, 4arcsec], 35deg], coord=GALACTIC")[0], (along / 11) ** 2 + (across / 4) ** 2 <= 1,
     "an ellipse, its angle from the galactic pole")
same(masks(f"rotbox[{where}, [18arcsec, 6arcsec], 35deg], coord=GALACTIC")[0], (np.abs(across) <= 9) & (np.abs(along) <= 3), "a rotbox")
same(masks(f"galactic; box({gal.ra.deg:.12f},{gal.dec.deg:.12f},18\",6\",0)")[0], (np.abs(l_off) <= 9) & (np.abs(b_off) <= 3),
     "DS9's box along galactic latitude")
corners = [(gal.ra.deg + i / 600, gal.dec.deg + j / 600) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
want = inside(np.array([pixel(*np.degrees(erfa.g2icrs(*np.radians(c)))) for c in corners]))
same(masks("galactic; polygon(" + ",".join(f"{a:.12f},{d:.12f}" for a, d in corners) + ")")[0], want, "DS9's polygon")
same(masks(f"galactic; circle({gal.ra.to_string('deg', sep=':', precision=6)} {gal.dec.to_string('deg', sep=':', precision=6)} 9.3\")")[0], disc,
     "with colons galactic longitudes are in degrees")

# The frame bias of J2000 against the ERFA library's, where pixels are a tenth of it. The image is in ICRS.
libmask.write_bundle("fine", [np.zeros((NY, NX), np.float32)], 0.002, (0.01, 0.01, 0), 0.05)
v = erfa.bp00(2451545.0, 0.0)[0] @ SkyCoord(RA, DEC, unit="deg").cartesian.xyz.value
a, d = np.degrees(np.arctan2(v[1], v[0])) % 360, np.degrees(np.arcsin(v[2]))
tap.ok(np.hypot((a - RA) * np.cos(np.radians(DEC)), d - DEC) * 3600 > 0.01, "the frame bias is 5 pixels here at least")
libmask.pc_mask("fine", {}, f"--mask=circle[[{a:.12f}deg, {d:.12f}deg], 0.0186arcsec], coord=J2000", usemask="user")
same(libmask.masknext("fine", 0)[0], np.hypot(X - NX // 2, Y - NY // 2) <= 9.3, "J2000 on an ICRS image")


# ---- what is wrong, and where ----
def refused(code, words, arg):
    p = subprocess.run([os.path.join(tap.BIN, "pc-mask"), f"--mask={arg}", "b"], capture_output=True, text=True)
    tap.ok(p.returncode == code and words in p.stderr, f"{arg!r}: {code}, {words!r} (was {p.returncode}: {p.stderr.strip()})")


refused(64, "--mask:1:9: \"10\" needs a unit", "circle[[10, 20], 5]")
refused(64, "--mask:1:9: \"1pix, 2deg\": pixels and sky", "circle[[1pix, 2deg], 5pix]")
refused(64, "--mask:1:26: ']' is expected", "circle[[1pix, 2pix], 3pix")
refused(64, "--mask:1:32: coord=B1950", "circle[[1deg,2deg],3deg],coord=B1950")
refused(64, "--mask:1:9: \"12h99m1s\" is neither", "circle[[12h99m1s, -40d1m2s], 3arcsec]")
refused(64, "three corners", "poly[[1pix,2pix],[3pix,4pix]]")
refused(64, "--mask:1:8: \"panda\"", "image; panda(1,2,3,4,5,6,7,8)")
refused(66, "nowhere.crtf", "nowhere.crtf")
with open("bad.crtf", "w") as f:
    f.write("#CRTFv0\ncircle[[1pix, 2pix], 3pix]\n  circel[[1pix, 2pix], 3pix]\n")
refused(65, "bad.crtf:3:3: \"circel\" is no region", "bad.crtf")
with open("bad.reg", "w") as f:
    f.write("fk5\ncircle(150,-30,5x)\n")
refused(65, "bad.reg:2:16: \"5x\"", "bad.reg")
refused(65, "frame BARY", f"{circle}, frame=BARY, range=[1GHz,2GHz]")
tap.done()
