# SPDX-License-Identifier: GPL-3.0-or-later
# pc-mask on the command line: its errors, what it leaves alone, and one answer in every form.

load lib

# bundle DIR NCHAN [KEY=VALUE...]: channels of 32 x 32 pixels with a source, by the writer of the science tests.
bundle() {
    local dir=$1 n=$2
    shift 2
    PYTHONPATH=$ROOT/tests/science PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$dir" "$n" "$@" <<'END'
import sys
import numpy as np
import libmask
y, x = np.mgrid[:32, :32]
plane = (0.001 * np.cos(1.7 * x * y) + np.exp(-((x - 14) ** 2 + (y - 18) ** 2) / 6)).astype(np.float32)
pb = np.exp(-((x - 16) ** 2 + (y - 16) ** 2) / 200).astype(np.float32)
keys = {k: float(v) for k, v in (a.split("=") for a in sys.argv[3:])}
keys = {k: int(v) if k in ("iterdone", "stopcode") else v for k, v in keys.items()}
libmask.write_bundle(sys.argv[1], [plane * (i + 1) for i in range(int(sys.argv[2]))], 0.1, (0.4, 0.3, 20), 0.05, pb=pb, **keys)
END
}

# user_mask FILE NX NY NCHAN: 1 in column c of channel c.
user_mask() {
    PYTHONPATH=$ROOT/tests/science PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$@" <<'END'
import sys
import numpy as np
from astropy.io import fits
import libmask
nx, ny, n = map(int, sys.argv[2:])
cube = np.zeros((n, ny, nx), np.uint8)
for c in range(n):
    cube[c, :, 10 + c] = 1
h = libmask.header(0.1)
h["CRPIX1"], h["CRPIX2"] = nx // 2 + 1, ny // 2 + 1
fits.writeto(sys.argv[1], cube[None], h)
END
}

# value FILE EXPRESSION: Python on the plane m and the header h of a FITS file.
value() {
    /usr/bin/python3 -c '
import sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1]) as f:
    f.verify("exception")
    m, h = np.squeeze(f[0].data), f[0].header
    print(eval(sys.argv[2]))' "$1" "$2"
}

@test "wrong options are named, with the nearest right one" {
    bundle b 1
    fails 64 "auto-multithresh" pc-mask --usemask auto-multitresh b
    fails 64 "did you mean .*noisethreshold|--noisethreshold" pc-mask --noisetreshold 3 b
    fails 64 "1,2,3" pc-mask --usemask auto-multithresh --beam 1,2,3 b
    fails 64 "cutthreshold" pc-mask --cutthreshold 2 b
    fails 64 "needs --usemask user" pc-mask --usemask pb --mask m.fits b
}

@test "what is missing is said, with what to do about it" {
    bundle b 1
    fails 66 "none.fits" pc-mask --mask none.fits b
    fails 66 "nowhere" pc-mask nowhere
    rm b/ch00000/residual.fits
    fails 65 "ch00000: there is no residual.fits; run pc-grid first" pc-mask --usemask auto-multithresh b
    rm b/ch00000/psf.fits
    fails 65 "ch00000: there is no psf.fits; run pc-psf first" pc-mask --usemask pb b
    [ ! -e b/ch00000/masknext.fits ]
}

@test "a psf without beam or sidelobe is refused unless they are given" {
    bundle b 1
    /usr/bin/python3 -c 'from astropy.io import fits
fits.delval("b/ch00000/psf.fits", "SIDELOBE")
fits.delval("b/ch00000/psf.fits", "BMAJ")'
    fails 65 "no beam .*--beam" pc-mask --usemask auto-multithresh b
    fails 65 "SIDELOBE.*--psfsidelobe" pc-mask --usemask auto-multithresh --beam 0.4,0.3,20 b
    works pc-mask --usemask auto-multithresh --beam 0.4,0.3,20 --psfsidelobe 0.05 b
    cp b/ch00000/masknext.fits given.fits
    bundle c 1
    works pc-mask --usemask auto-multithresh c
    [ "$(value given.fits 'm.sum()')" = "$(value c/ch00000/masknext.fits 'm.sum()')" ]
}

@test "a user's mask of another size needs a WCS, and is resampled then" {
    bundle b 1
    user_mask m.fits 40 32 1
    works pc-mask --mask m.fits b
    [ "$(value b/ch00000/masknext.fits 'm.nonzero()[1].min(), m.nonzero()[1].max()')" = "(6, 6)" ] # 4 pixels less in the east
    rm b/ch00000/masknext.fits
    /usr/bin/python3 -c 'from astropy.io import fits
for i in "12":
    for key in ("CTYPE", "CDELT", "CRVAL", "CRPIX"):
        fits.delval("m.fits", key + i)'
    fails 65 "m.fits: the mask has 40 x 32 pixels, the image 32 x 32" pc-mask --mask m.fits b
    [ ! -e b/ch00000/masknext.fits ]
}

@test "a user's mask: one plane for all channels, or one for each, within the primary beam" {
    bundle b 3
    user_mask one.fits 32 32 1
    user_mask three.fits 32 32 3
    works pc-mask --mask one.fits b
    [ "$(value b/ch00002/masknext.fits 'm.nonzero()[1].min()')" = 10 ]
    works pc-mask --mask three.fits b
    [ "$(value b/ch00002/masknext.fits 'm.nonzero()[1].min(), m.nonzero()[1].max()')" = "(12, 12)" ]
    n=$(value b/ch00002/masknext.fits 'm.sum()')
    works pc-mask --mask three.fits --pbmask 0.7 b
    [ "$(value b/ch00002/masknext.fits 'm.sum()')" -lt "$n" ]
    [ "$(value b/ch00002/masknext.fits 'h["BITPIX"]')" = 8 ]
}

@test "no mask at all is left out, and an old one goes" {
    bundle b 1
    works pc-mask --usemask pb --pbmask 0.5 b
    [ "$(value b/ch00000/masknext.fits 'm.sum()')" -gt 100 ]
    works pc-mask b
    [ ! -e b/ch00000/masknext.fits ]
    [ -e b/ch00000/zzplane ]
    works pc-mask --usemask pb --pbmask 0.5 b
    mv b/ch00000/masknext.fits b/ch00000/mask.fits
    works pc-mask b
    [ "$(value b/ch00000/masknext.fits 'm.min()')" = 0 ] # pb > pblimit bounds it
    [ "$(value b/ch00000/masknext.fits 'm.sum()')" -gt "$(value b/ch00000/mask.fits 'm.sum()')" ]
}

@test "a channel that has stopped passes untouched" {
    bundle b 1 stopcode=2
    cp -a b before
    works pc-mask --usemask auto-multithresh b
    same b before
    grep -q 'ch00000 stopcode=2' err.txt
    fails 0 "stopcode=2" pc-mask --usemask pb b
    same b before
}

@test "a mask that is done stays, a mask that is not is made anew" {
    bundle b 1 iterdone=5
    works pc-mask --usemask auto-multithresh --noisethreshold 1e5 --sidelobethreshold 0 b
    [ "$(value b/ch00000/masknext.fits 'h["AMDONE"], h["AMLIMIT"], m.sum()')" = "(True, 'noise', 0)" ]
    cp -a b before
    works pc-mask --usemask auto-multithresh b
    same b before
    grep -q 'done=1 passed=1' err.txt
    bundle c 1 iterdone=5
    works pc-mask --usemask auto-multithresh c
    [ "$(value c/ch00000/masknext.fits 'h["AMDONE"]')" = False ]
    works pc-mask --usemask auto-multithresh --sidelobethreshold 8 c
    [ "$(value c/ch00000/masknext.fits 'round(h["AMTHRESH"], 3)')" = 0.4 ]
}

@test "pipe, tar and directory give the same bytes; twice is once" {
    bundle b 2
    tar --format=ustar -cf in.tar -C b 00stream 00cube ch00000/00plane ch00000/psf.fits ch00000/pb.fits ch00000/state \
        ch00000/residual.fits ch00000/zzplane ch00001/00plane ch00001/psf.fits ch00001/pb.fits ch00001/state \
        ch00001/residual.fits ch00001/zzplane zzend
    pc-mask --usemask auto-multithresh <in.tar >piped.tar 2>err.txt
    works pc-mask --usemask auto-multithresh in.tar -o out.tar
    cmp piped.tar out.tar
    works pc-mask --usemask auto-multithresh in.tar -o d
    works pc-mask --usemask auto-multithresh b
    same b/ch00001/masknext.fits d/ch00001/masknext.fits
    mkdir x
    tar xf out.tar -C x
    same x/ch00000/masknext.fits b/ch00000/masknext.fits
    works pc-mask --usemask auto-multithresh b
    same x/ch00000/masknext.fits b/ch00000/masknext.fits
    [ "$(value b/ch00000/masknext.fits 'str(h["HISTORY"]).count("--noisethreshold=5")')" = 1 ]
    if grep -aq -- "$T" b/ch00000/masknext.fits; then false; fi
}

@test "--verbose counts the pixels after each step" {
    bundle b 1
    works pc-mask --usemask auto-multithresh --verbose b
    grep -qE 'after pruning [1-9][0-9]*, after smoothing [1-9]' err.txt
    command -v fitsverify >/dev/null || skip "fitsverify is not there"
    works fitsverify -q b/ch00000/masknext.fits
}

@test "the examples of the manual" {
    need pc-clean
    bundle stage 1
    works pc-mask --usemask auto-multithresh --sidelobethreshold 2.5 --minpercentchange 1 --threshold 4mJy stage
    works pc-mask --usemask auto-multithresh --noisethreshold 4.25 stage
    user_mask disc.mask.fits 32 32 1
    bundle in 2
    works pc-mask in -o in.tar
    pc-mask --mask disc.mask.fits --pbmask 0.3 <in.tar 2>err.txt | pc-clean --niter 1000 >out.tar 2>>err.txt
    tar tf out.tar | grep -q '^ch00001/masknext.fits$'
    tar tf out.tar | grep -q '^zzend$'
}

@test "a mask that is empty stops the channel with code 7" {
    bundle b 1
    works pc-mask --mask 'circle[[-50pix, -50pix], 3pix]' b
    [ "$(value b/ch00000/masknext.fits 'm.sum()')" = 0 ]
    works pc-clean --niter 10 --threshold 0.01Jy b
    grep -q '^stopcode=7' b/ch00000/state
}

@test "regions that are wrong are refused before anything is read, with line and column" {
    fails 64 "mask:1:9: .* needs a unit" pc-mask --mask 'circle[[1, 2], 3]' nowhere
    printf 'fk5\ncircle(1,2)\n' >r.reg
    fails 65 "r.reg:2:11: a number is missing" pc-mask --mask r.reg nowhere
    printf '#CRTF\n\ncircle[[1deg, 2deg], 3deg\n' >r.crtf
    fails 65 "r.crtf:3:26: .\\]. is expected" pc-mask --mask r.crtf nowhere
}

@test "a preset is the ALMA pipeline's table; what is given wins, and HISTORY has what came of it" {
    bundle b 1
    works pc-mask --usemask auto-multithresh --automask-preset 12m-short b
    value b/ch00000/masknext.fits '"\n".join(h["HISTORY"])' >history
    for want in sidelobethreshold=2 noisethreshold=4.25 lownoisethreshold=1.5 negativethreshold=15 minbeamfrac=0.3 \
        growiterations=50 minpercentchange=1 fastnoise=false; do
        grep -q -- "--$want\$" history
    done
    works pc-mask --usemask auto-multithresh --automask-preset 7m --noisethreshold 5.5 --fastnoise b
    value b/ch00000/masknext.fits '"\n".join(h["HISTORY"])' >history
    for want in sidelobethreshold=1.25 noisethreshold=5.5 lownoisethreshold=2 negativethreshold=0 minbeamfrac=0.1 \
        growiterations=75 minpercentchange=1 fastnoise=true; do
        grep -q -- "--$want\$" history
    done
    fails 64 "needs --usemask auto-multithresh" pc-mask --automask-preset 7m b
    fails 64 "12m-long" pc-mask --usemask auto-multithresh --automask-preset 12m-lnog b
}

@test "a preview shows the residual and the mask's outline" {
    bundle b 2
    works pc-mask --mask 'circle[[14pix, 18pix], 6pix]' --preview m.png b
    [ -s m.png ] && [ -s m.ch00001.png ] && [ ! -e m.png.part ]
    cp m.png with.png
    works pc-mask --mask 'circle[[10pix, 18pix], 6pix]' --preview m.png b
    if cmp -s m.png with.png; then false; fi
    /usr/bin/python3 -c 'import sys
from struct import unpack
b = open("with.png", "rb").read()
w, h = unpack(">II", b[16:24])
sys.exit(not (b[:8] == b"\x89PNG\r\n\x1a\n" and w > 500 and h > 500))'
    works pc-restore --preview i.png b
    [ -s i.png ] && [ -s i.ch00001.png ]
    fails 73 "nowhere/m.png" pc-mask --mask 'circle[[14pix, 18pix], 6pix]' --preview nowhere/m.png b
}
