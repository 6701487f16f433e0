# SPDX-License-Identifier: GPL-3.0-or-later
# pc-view on the command line: pictures that are pictures, and its errors.

load lib

setup_file() {
    export VIEW_DATA=$BATS_FILE_TMPDIR
    cd "$VIEW_DATA" || return 1
    PYTHONPATH=${BATS_TEST_DIRNAME}/../science PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
import libmask
rng = np.random.default_rng(0)
y, x = np.mgrid[:64, :64]
cube = 0.001 * rng.normal(size=(6, 64, 64))
cube[3] += np.exp(-((x - 40) ** 2 + (y - 20) ** 2) / 8)  # west and south of the centre
h = libmask.header(0.1, beam=(0.4, 0.3, 20), RESTFRQ=libmask.FREQ, OBJECT="a test")
h["CRPIX1"] = h["CRPIX2"] = 33
fits.writeto("cube.fits", cube[None].astype(np.float32), h)
fits.writeto("mask.fits", (cube > 0.1)[None].astype(np.uint8), h)
fits.writeto("other.fits", np.zeros((1, 1, 32, 32), np.uint8), h)
q = -0.3 * np.roll(cube, 3, axis=2)
fits.writeto("iq.fits", np.stack([cube, q]).astype(np.float32), h)
h["CRVAL4"] = 2
fits.writeto("q.fits", q[None].astype(np.float32), h)
h["CRVAL4"] = 1
cube[:] = np.nan
fits.writeto("blank.fits", cube[None].astype(np.float32), h)
open("text.fits", "w").write("SIMPLE but not FITS\n" * 200)
END
}

# png FILE EXPRESSION: Python on p, the picture as height x width x 3.
png() {
    /usr/bin/python3 - "$1" "$2" <<'END'
import struct
import sys
import zlib
import numpy as np
b = open(sys.argv[1], "rb").read()
assert b[:8] == b"\x89PNG\r\n\x1a\n"
at, data = 8, b""
while at < len(b):
    n, kind = struct.unpack(">I4s", b[at:at + 8])
    body = b[at + 8:at + 8 + n]
    assert zlib.crc32(kind + body) == struct.unpack(">I", b[at + 8 + n:at + 12 + n])[0]
    if kind == b"IHDR":
        w, h, depth, color = struct.unpack(">IIBB", body[:10])
        assert (depth, color) == (8, 2)
    data += body if kind == b"IDAT" else b""
    at += 12 + n
rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(h, 1 + 3 * w)
p, above = np.zeros((h, w, 3), np.uint8), np.zeros(3 * w, int)
for j, row in enumerate(rows):
    f, r = row[0], row[1:].astype(int)
    if f == 2:
        r = (r + above) % 256
    elif f:
        for i in range(3 * w):
            a, c, u = (r[i - 3], above[i - 3], above[i]) if i > 2 else (0, 0, above[i])
            pa, pb, pc = abs(u - c), abs(a - c), abs(a + u - 2 * c)
            paeth = a if pa <= pb and pa <= pc else u if pb <= pc else c
            r[i] = (r[i] + {1: a, 3: (a + u) // 2, 4: paeth}[f]) % 256
    p[j], above = r.reshape(w, 3), r
light = p.astype(int).sum(axis=2)
print(eval(sys.argv[2]))
END
}

@test "a cube becomes a page of panels" {
    works pc-view "$VIEW_DATA/cube.fits" -o maps.png --width 600
    [ "$(png maps.png '590 < p.shape[1] <= 600 and 200 < p.shape[0] < 700')" = True ]
    grep -qE 'channels=6 .*max=(1|0\.99|1\.0)' err.txt
    [ ! -e maps.png.part ]
    works pc-view "$VIEW_DATA/cube.fits" -o again.png --width 600
    cmp maps.png again.png
}

@test "north is up and east to the left" {
    works pc-view "$VIEW_DATA/cube.fits" -o one.png --width 600 --channels 3 --size 6.4arcsec --stretch linear --title ''
    # the panel begins at (57, 39) and is 453 wide; the source, at x 40 and y 20 of 64 pixels, is the lightest thing in
    # it but for the beam in its corner
    [ "$(png one.png 'light[0, 0], light[38, 57] == 765, light[39, 57] < 700')" = "(765, True, True)" ]
    png one.png 'divmod(np.argmax(light[90:430, 90:490]), 400)'
    [ "$(png one.png 'abs((np.argmax(light[90:430, 90:490]) % 400 + 33) / 453 - 40.5 / 64) < 0.02')" = True ]
    [ "$(png one.png 'abs((np.argmax(light[90:430, 90:490]) // 400 + 51) / 453 - 43.5 / 64) < 0.02')" = True ]
}

@test "the sum of channels, a mask's outline, one's own range, a picture through a pipe" {
    pc-view "$VIEW_DATA/cube.fits" -o - --moment0 --width 400 2>err.txt >m0.png
    [ "$(png m0.png 'p.shape[1]')" = 400 ]
    works pc-view "$VIEW_DATA/cube.fits" -o a.png --width 500 --channels 2~4
    works pc-view "$VIEW_DATA/cube.fits" -o b.png --width 500 --channels 2~4 --mask "$VIEW_DATA/mask.fits"
    if cmp -s a.png b.png; then false; fi
    works pc-view "$VIEW_DATA/cube.fits" -o c.png --width 500 --channels 2~4 --min -10mJy --max 20mJy --columns 1
    [ "$(png c.png 'p.shape[0] > p.shape[1]')" = True ]
}

@test "a Stokes plane looks as it does alone, a negative source is seen" {
    works pc-view "$VIEW_DATA/iq.fits" -o iq.png --width 500 --stokes Q
    grep -qE 'channels=6 .*max=0\.(29|3)' err.txt
    works pc-view "$VIEW_DATA/q.fits" -o q.png --width 500 --stokes Q
    cmp iq.png q.png
    works pc-view "$VIEW_DATA/iq.fits" -o a.png --width 500 --stokes Q --moment0
    works pc-view "$VIEW_DATA/q.fits" -o b.png --width 500 --stokes Q --moment0
    cmp a.png b.png
    works pc-view "$VIEW_DATA/iq.fits" -o i.png --width 500
    works pc-view "$VIEW_DATA/iq.fits" -o first.png --width 500 --stokes I
    cmp i.png first.png
    if cmp -s i.png iq.png; then false; fi
    fails 64 'stokes V: .*iq.fits has I, Q' pc-view "$VIEW_DATA/iq.fits" -o x.png --stokes V
}

@test "a blank cube is a page too" {
    works pc-view "$VIEW_DATA/blank.fits" -o blank.png --width 400
    [ "$(png blank.png 'p.shape[1] <= 400')" = True ]
}

@test "errors" {
    fails 64 'give -o' pc-view "$VIEW_DATA/cube.fits"
    fails 64 'channels 5~9 are asked for; there are 0~5' pc-view "$VIEW_DATA/cube.fits" --channels 5~9 -o x.png
    fails 64 'no list of channels' pc-view "$VIEW_DATA/cube.fits" --channels some -o x.png
    fails 64 'stretch' pc-view "$VIEW_DATA/cube.fits" --stretch log -o x.png
    fails 66 'none.fits' pc-view none.fits -o x.png
    fails 65 'text.fits' pc-view "$VIEW_DATA/text.fits" -o x.png
    fails 65 'directory' pc-view "$VIEW_DATA" -o x.png
    fails 65 'the mask has 32 x 32 pixels, the image 64 x 64' pc-view "$VIEW_DATA/cube.fits" --mask "$VIEW_DATA/other.fits" -o x.png
    fails 73 'no/such' pc-view "$VIEW_DATA/cube.fits" -o no/such/x.png
    [ -z "$(ls x.png* 2>/dev/null)" ]
}

@test "a full disk is an error" {
    [ -e /dev/full ] || skip "no /dev/full"
    local got=0
    pc-view "$VIEW_DATA/cube.fits" -o - >/dev/full 2>err.txt || got=$?
    [ "$got" -eq 74 ]
}

@test "the examples of the manual" {
    cp "$VIEW_DATA/cube.fits" disc.image.fits
    cp "$VIEW_DATA/cube.fits" disc.residual.fits
    cp "$VIEW_DATA/mask.fits" disc.mask.fits
    works pc-view disc.image.fits -o maps.png
    works pc-view disc.image.fits --channels 1~4 --moment0 -o m0.png
    works pc-view disc.residual.fits --channels 0~5^2 --mask disc.mask.fits -o residual.png
    grep -q 'channels=3 ' err.txt
}
