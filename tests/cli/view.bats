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
for key in ("RESTFRQ", "BMAJ", "BMIN", "BPA"):
    del h[key]
fits.writeto("norest.fits", cube[None].astype(np.float32), h)
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
data, stride = zlib.decompress(data), 1 + 3 * w
p, above = np.zeros((h, w, 3), np.uint8), [0] * 3 * w
for j in range(h):
    f, r = data[j * stride], list(data[j * stride + 1:(j + 1) * stride])
    if f == 2:
        r = [(a + b) & 255 for a, b in zip(r, above)]
    elif f:
        a = [0, 0, 0]
        c = [0, 0, 0]
        for i in range(3 * w):
            k, u = i % 3, above[i]
            left, corner = a[k], c[k]
            if f == 4:
                pa, pb, pc = abs(u - corner), abs(left - corner), abs(left + u - 2 * corner)
                left = left if pa <= pb and pa <= pc else u if pb <= pc else corner
            elif f == 3:
                left = (left + u) // 2
            r[i] = a[k] = (r[i] + left) & 255
            c[k] = u
    p[j], above = np.array(r, np.uint8).reshape(w, 3), r
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

@test "a part of a channel is drawn as the same part of its moment is, for which all rows are read" {
    local size how=(--width 600 --channels 3 --stretch linear --min 0Jy --max 1Jy)
    for size in 3arcsec 0.5arcsec 6.4arcsec; do
        works pc-view "$VIEW_DATA/cube.fits" -o channel.png --size $size "${how[@]}"
        works pc-view "$VIEW_DATA/cube.fits" -o moment.png --size $size "${how[@]}" --moment 8
        # below the label
        [ "$(png channel.png 'zlib.crc32(p[90:490, 60:505].tobytes())')" = "$(png moment.png 'zlib.crc32(p[90:490, 60:505].tobytes())')" ]
        [ "$(png channel.png 'len(np.unique(light[90:490, 60:505])) > 20')" = True ]
    done
}

@test "the sum of channels, a mask's outline, one's own range, a picture through a pipe" {
    pc-view "$VIEW_DATA/cube.fits" -o - --moment 0 --width 400 2>err.txt >m0.png
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
    works pc-view "$VIEW_DATA/iq.fits" -o a.png --width 500 --stokes Q --moment 0
    works pc-view "$VIEW_DATA/q.fits" -o b.png --width 500 --stokes Q --moment 0
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

# seen FILE WIDTH: what a terminal shows of half blocks, as a PNG's lines of "red green blue" (the upper halves' and the
# lower halves' colours), and of sixel; Python on p as above.
seen() {
    /usr/bin/python3 - "$1" "$2" <<'END'
import re
import sys
import numpy as np
text = open(sys.argv[1], "rb").read().decode()
rows = []
if text.startswith("\x1bP"):
    body = text[text.index("q") + 1:text.index("\x1b\\")]
    width, height = map(int, re.match(r'"1;1;(\d+);(\d+)', body).groups())
    p, palette, x, y, color = np.zeros((height, width, 3)), {}, 0, 0, 0
    for m in re.finditer(r'#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)(.)|([?-~])|([$])|(-)', body[body.index("#"):]):
        if m[1]:
            palette[int(m[1])] = [int(v) * 2.55 for v in m.groups()[1:4]]
        elif m[5]:
            color = palette[int(m[5])]
        elif m[9]:
            x = 0
        elif m[10]:
            x, y = 0, y + 6
        else:
            n, bits = (int(m[6]), ord(m[7]) - 63) if m[6] else (1, ord(m[8]) - 63)
            for k in range(6):
                if bits >> k & 1:
                    assert x + n <= width and y + k < height
                    p[y + k, x:x + n] = color
            x += n
else:
    for line in text.splitlines():
        upper, lower = [], []
        for code, r, g, b, block in re.findall(r"\x1b\[(38|48);2;(\d+);(\d+);(\d+)m|(\u2580)", line):
            if block:
                upper.append(fore)
                lower.append(back)
            elif code == "38":
                fore = (int(r), int(g), int(b))
            else:
                back = (int(r), int(g), int(b))
        rows += [upper, lower] if upper else []
    p = np.array(rows)
light = p.sum(axis=2)
print(eval(sys.argv[2]))
END
}

@test "in the terminal: half blocks, as wide as it is" {
    export COLUMNS=62 COLORTERM=truecolor
    works pc-view "$VIEW_DATA/cube.fits" --channels 3 --size 6.4arcsec --stretch linear --term
    cp out.txt one.txt
    [ "$(seen one.txt 'p.shape')" = "(62, 62, 3)" ]
    # the source, at x 40.5 and 43.5 from the top of 64 pixels
    [ "$(seen one.txt 'abs(np.argmax(light) % 62 + 0.5 - 40.5 / 64 * 62) < 1.01')" = True ]
    [ "$(seen one.txt 'abs(np.argmax(light) // 62 + 0.5 - 43.5 / 64 * 62) < 1.01')" = True ]
    grep -q '^6.4 arcsec wide, north up, east left; beam 0.4 x 0.3 arcsec at 20 deg$' out.txt
    LINES=24 works pc-view "$VIEW_DATA/cube.fits" --channels 3 --term
    [ "$(wc -l <out.txt)" -le 24 ]
    works pc-view "$VIEW_DATA/cube.fits" --term --columns 3
    [ "$(seen out.txt 'p.shape')" = "(40, 60, 3)" ] # three panels of 20 beside each other, twice
    works pc-view "$VIEW_DATA/cube.fits" --moment 0 --term
    works pc-view "$VIEW_DATA/cube.fits" --pv 90deg --term
    grep -q ' arcsec left to right, .* km/s upwards$' out.txt
    works pc-view "$VIEW_DATA/cube.fits" --spectrum 40,20 --term
    # of six channels the fourth towards higher frequency, the third towards higher velocity
    [ "$(sed 's/^.\{12\}//' out.txt | awk 'index($0, "\342\226\210") { print index($0, "\342") - 1; exit }')" -ge 16 ]
    unset COLORTERM
    works pc-view "$VIEW_DATA/cube.fits" --channels 3 --term
    grep -q '38;5;' out.txt
    if grep -q '38;2;' out.txt; then false; fi
}

@test "in the terminal: sixel shows what the PNG shows" {
    works pc-view "$VIEW_DATA/cube.fits" --channels 3 --contours auto --width 500 --sixel
    pc-view "$VIEW_DATA/cube.fits" --channels 3 --contours auto --width 500 -o p.png 2>/dev/null
    [ "$(seen out.txt 'p.shape')" = "$(png p.png 'p.shape')" ]
    png p.png '[int(v) for v in p[:400, :400].reshape(8, 50, 8, 50, 3).mean(axis=(1, 3)).ravel()]' >a.txt
    seen out.txt '[int(v) for v in p[:400, :400].reshape(8, 50, 8, 50, 3).mean(axis=(1, 3)).ravel()]' >b.txt
    /usr/bin/python3 -c 'a, b = (eval(open(n).read()) for n in ("a.txt", "b.txt")); d = max(abs(x - y) for x, y in zip(a, b))
assert d < 8 and max(a) - min(a) > 100, d'
}

@test "spectra, cuts and moments as pictures; colours, contours" {
    works pc-view "$VIEW_DATA/cube.fits" --spectrum 'circle[[40pix, 20pix], 5pix]' -o s.png --width 500
    [ "$(png s.png 'p.shape')" = "(275, 500, 3)" ]
    works pc-view "$VIEW_DATA/cube.fits" --pv 30deg --length 3arcsec -o pv.png --width 500
    [ "$(png pv.png 'p.shape')" = "(375, 500, 3)" ]
    for m in 0 1 2 8 9; do
        works pc-view "$VIEW_DATA/cube.fits" --moment $m -o m$m.png --width 400
    done
    grep -q 'noise=nan' err.txt
    works pc-view "$VIEW_DATA/cube.fits" --moment 9 --min 0km/s --max 2.5km/s --colormap sea -o x.png --width 400
    if cmp -s m9.png x.png; then false; fi
    works pc-view "$VIEW_DATA/cube.fits" --channels 3 -o plain.png --width 400
    works pc-view "$VIEW_DATA/cube.fits" --channels 3 --contours 5,50 -o lines.png --width 400
    if cmp -s plain.png lines.png; then false; fi
    works pc-view "$VIEW_DATA/cube.fits" --channels 3 --colormap grey -o grey.png --width 400
    [ "$(png grey.png '(abs(p[100:200, 100:200, 0].astype(int) - p[100:200, 100:200, 2]) <= 1).all()')" = True ]
    works pc-view "$VIEW_DATA/cube.fits" --unit k --min 0 --max 200K -o k.png --width 400
    works pc-view "$VIEW_DATA/blank.fits" --moment 1 -o b.png --width 400
    works pc-view "$VIEW_DATA/blank.fits" --spectrum 3,3 -o b.png --width 400
    works pc-view "$VIEW_DATA/blank.fits" --pv 3deg -o b.png --width 400
}

@test "a CASA image is drawn as the FITS file it is" {
    need pc-image
    works pc-image "$VIEW_DATA/cube.fits" -o cube.image
    works pc-image "$VIEW_DATA/mask.fits" -o mask.image
    mkdir tmp
    TMPDIR=$PWD/tmp works pc-view cube.image --mask mask.image -o casa.png --width 400
    [ -z "$(ls tmp)" ]
    works pc-view "$VIEW_DATA/cube.fits" --mask "$VIEW_DATA/mask.fits" -o fits.png --width 400
    cmp casa.png fits.png
    rm cube.image/table.dat && echo nothing >cube.image/table.dat
    fails 65 'cube.image' pc-view cube.image -o x.png
    [ -z "$(ls tmp)" ] && [ ! -e x.png ]
}

@test "errors" {
    local cube=$VIEW_DATA/cube.fits
    fails 64 'give -o' pc-view "$VIEW_DATA/cube.fits"
    fails 64 'channels 5~9 are asked for; there are 0~5' pc-view "$VIEW_DATA/cube.fits" --channels 5~9 -o x.png
    fails 64 'no list of channels' pc-view "$VIEW_DATA/cube.fits" --channels some -o x.png
    fails 64 'stretch' pc-view "$VIEW_DATA/cube.fits" --stretch log -o x.png
    fails 66 'none.fits' pc-view none.fits -o x.png
    fails 65 'text.fits' pc-view "$VIEW_DATA/text.fits" -o x.png
    fails 65 'directory' pc-view "$VIEW_DATA" -o x.png
    fails 65 'the mask has 32 x 32 pixels, the image 64 x 64' pc-view "$VIEW_DATA/cube.fits" --mask "$VIEW_DATA/other.fits" -o x.png
    fails 73 'no/such' pc-view "$VIEW_DATA/cube.fits" -o no/such/x.png
    fails 64 'spectrum 64,3: the image has 64 x 64 pixels, counted from 0' pc-view "$cube" --spectrum 64,3 -o x.png
    fails 66 'spectrum nowhere.crtf' pc-view "$cube" --spectrum nowhere.crtf -o x.png
    fails 64 '^pc-view: --spectrum:1:' pc-view "$cube" --spectrum 'circle[[1pix, 2pix]' -o x.png
    fails 65 'holds no pixel of .*cube.fits, which has 64 x 64' pc-view "$cube" --spectrum 'circle[[300pix, 20pix], 5pix]' -o x.png
    fails 64 'a sum of K is no flux' pc-view "$cube" --spectrum 'circle[[3pix, 20pix], 5pix]' --unit k --statistic sum -o x.png
    fails 65 'no velocity.*rest frequency.*--restfreq gives one' pc-view "$VIEW_DATA/norest.fits" --moment 1 -o x.png
    works pc-view "$VIEW_DATA/norest.fits" --moment 1 --restfreq 230GHz -o y.png
    fails 65 'no beam' pc-view "$VIEW_DATA/norest.fits" --unit k -o x.png
    fails 64 'three pictures' pc-view "$cube" --moment 1 --pv 3deg -o x.png
    fails 64 'not for --pv' pc-view "$cube" --contours auto --pv 3deg -o x.png
    fails 64 'evenly spaced' pc-view "$cube" --channels 0,1,3 --pv 3deg -o x.png
    fails 64 '--center here' pc-view "$cube" --pv 3deg --center here -o x.png
    fails 64 'not on the image' pc-view "$cube" --pv 3deg --center 22h00m00s,30d00m00s -o x.png
    fails 64 '--contours 3,x: a list of levels' pc-view "$cube" --contours 3,x -o x.png
    fails 64 'a map of velocities has none' pc-view "$cube" --contours 3 --moment 1 -o x.png
    fails 64 'x.fits: a FITS image is made of a --moment' pc-view "$cube" -o x.fits
    fails 64 'x.tsv: a table is made of' pc-view "$cube" --moment 0 -o x.tsv
    fails 64 'leave -o out' pc-view "$cube" --term -o x.png
    fails 64 '--min' pc-view "$cube" --moment 1 --min 3mJy -o x.png
    fails 64 'a number of K' pc-view "$cube" --unit k --min 3mJy -o x.png
    [ -z "$(ls x.* 2>/dev/null)" ]
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
    works pc-view disc.image.fits --channels 1~4 --moment 0 -o m0.png
    works pc-view disc.residual.fits --channels 0~5^2 --mask disc.mask.fits -o residual.png
    grep -q 'channels=3 ' err.txt
    works pc-view disc.image.fits --moment 1 -o m1.fits
    works pc-view disc.image.fits --spectrum 'circle[[40pix, 20pix], 8pix]' -o flux.tsv
    [ "$(wc -l <flux.tsv)" -eq 7 ]
    works pc-view disc.image.fits --pv 65deg --length 3arcsec -o pv.png
    COLUMNS=80 works pc-view disc.image.fits --channels 3 --term
}
