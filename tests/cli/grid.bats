# SPDX-License-Identifier: GPL-3.0-or-later
# pc-psf and pc-grid on the command line: errors, channels with bad or no data, what they leave alone, one answer in every
# form.

load lib

# bundle DIR [STATEMENT]: three channels with two blocks of visibilities each: a source of 1 Jy 3 pixels east and 2 north
# of the centre (cell 1 arcsec). The Python statement may change block(k, i)'s u, v, w, vis, weight, head.
bundle() {
    PYTHONPATH=$ROOT/tests PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$@" <<'END'
import sys
import numpy as np
import pcs
cube = pcs.cube(nchan=3, freq_hz=1e11, width_hz=1e6)
arcsec = np.pi / 648000
def block(k, i, statement):
    rng = np.random.default_rng(10 * i)
    n = 40 + i
    uvw = rng.normal(size=(n, 3)) * [120, 120, 3]
    freq = np.array([1e11 + 1e6 * k])
    turns = (uvw[:, 0] * 3 + uvw[:, 1] * 2) * arcsec * freq[0] / 299792458
    vis = np.zeros((n, 1, 2, 2), np.float32)
    vis[..., 0], vis[..., 1] = np.cos(2 * np.pi * turns)[:, None, None], np.sin(2 * np.pi * turns)[:, None, None]
    weight = np.ones((n, 1, 2), np.float32)
    head = {"MSNAME": "t.ms", "FIELDID": 0, "FIELD": "f", "SPWID": 0, "PHASERA": 10.0, "PHASEDEC": -30.0,
            "POINTRA": 10.0, "POINTDEC": -30.0, "IMAGERA": 10.0, "IMAGEDEC": -30.0, "RADESYS": "ICRS",
            "SPECSYS": "LSRK", "TELESCOP": "ALMA", "OBSERVER": "o", "OBJECT": "disc", "NCORR": 2, "CORR1": -5, "CORR2": -6,
            "NANT": 1, "DIAM1": 12.0}
    exec(statement, {"np": np}, locals())
    row = np.zeros((n, 4))
    row[:, 3] = 1
    return {f"vis{i:05d}/{name}": (head, a) for name, a in
            [("uvw.fits", uvw), ("freq.fits", freq), ("vis.fits", vis), ("weight.fits", weight), ("row.fits", row)]}
change = sys.argv[2] if len(sys.argv) > 2 else ""
channels = {k: {**block(k, 0, change), **block(k, 1, change)} for k in range(3)}
pcs.write_bundle(sys.argv[1], cube, channels)
END
}

# pix CHANNEL/FILE EXPRESSION: of the pixels p and the header h; the file must be sound.
pix() {
    /usr/bin/python3 -c '
import sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1], checksum=True) as f:
    f.verify("exception")
    p, h = f[0].data[0, 0], f[0].header
    print(eval(sys.argv[2]))' "$1" "$2"
}

state() {
    sed -n "s/^$2=//p" "$1/state"
}

small=(--imsize "40,36" --cell 1arcsec)

@test "a primary beam of one's own" {
    bundle b
    works pc-psf "${small[@]}" b
    /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
with fits.open("b/ch00001/pb.fits") as f:
    h = f[0].header
    y, x = np.mgrid[0:36, 0:40]
    one = (1 - 0.02 * np.hypot(x - 20, y - 18)).astype("f4")
    fits.writeto("one.fits", one[None, None], h)
    fits.writeto("bare.fits", one)
    fits.writeto("small.fits", one[:30])
    h["CRVAL3"] = 1e11
    fits.writeto("cube.fits", np.stack([one, one / 2, one / 4])[None], h)
END
    fails 66 "--pb nope.fits" pc-psf "${small[@]}" --pb nope.fits b
    fails 64 "--vptable t: tables of voltage patterns are not read; .* --pb" pc-psf "${small[@]}" --vptable t b
    fails 65 "small.fits: the beam has no position on the sky, and 40 x 30 pixels where the image has 40 x 36" pc-psf "${small[@]}" --pb small.fits b
    for beam in one bare cube; do
        works pc-psf "${small[@]}" --pb $beam.fits b
        [ "$(pix b/ch00000/pb.fits 'abs(p[18, 20] - 1) < 1e-5 and abs(p[18, 25] - 0.9) < 1e-5 and p.min() > 0.4 and h["PBLIMIT"] == 0.2')" = True ]
    done
    [ "$(pix b/ch00002/pb.fits 'abs(p[18, 20] - 0.25) < 1e-7 and p.min() == 0 and h["CRVAL3"]' | cut -c1-3)" = 100 ]
    works pc-psf --imsize 20 --cell 2arcsec --pb one.fits b
    [ "$(pix b/ch00000/pb.fits 'abs(p[10, 10] - 1) < 1e-5 and abs(p[10, 12] - 0.92) < 1e-5 and p[0, 0] == 0')" = True ]
}

@test "a primary beam given at other frequencies: the nearest plane, scaled" {
    bundle b # 100, 100.001, 100.002 GHz
    works pc-psf "${small[@]}" b
    /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
h = fits.getheader("b/ch00001/pb.fits")
y, x = np.mgrid[0:36, 0:40]
r = np.hypot(x - 20, y - 18)
plane = [(1 - slope * r).astype("f4") for slope in (0.02, 0.01, 0.005)]
def write(name, planes, **cards):
    head = h.copy()
    head.update(cards)
    fits.writeto(name, np.stack(planes)[None], head)
write("low.fits", plane[:1], CRVAL3=50e9)
write("high.fits", plane[:1], CRVAL3=200e9)
# 250, 200, 150 GHz: the last is nearest
write("cube.fits", plane, CRVAL3=250e9, CDELT3=-50e9)
# in velocities: -c/2, -c/4, 0 from 150 GHz on are 225, 187.5, 150 GHz
write("vrad.fits", plane, CTYPE3="VRAD", CUNIT3="m/s", RESTFRQ=150e9, CRVAL3=-299792458 / 2, CDELT3=299792458 / 4)
write("norest.fits", plane, CTYPE3="VRAD", CUNIT3="m/s", RESTFRQ=0.0, CRVAL3=-299792458 / 2, CDELT3=299792458 / 4)
write("two.fits", plane[:2], CTYPE3="WHAT")
END
    for case in low:0:0.8 high:0:0.95 cube:0:0.98333 vrad:2:0.98333 norest:0:0.9 norest:1:0.95 norest:2:0.975; do
        IFS=: read -r name channel want <<<"$case"
        works pc-psf "${small[@]}" --pb "$name.fits" b
        [ "$(pix "b/ch0000$channel/pb.fits" "abs(p[18, 25] - $want) < 1e-4 and abs(p[18, 15] - $want) < 1e-4")" = True ] || {
            echo "$case: $(pix "b/ch0000$channel/pb.fits" 'p[18, 25]')"
            return 1
        }
    done
    fails 65 "ch00002: two.fits: plane 2 asked for, NAXIS3 is 2" pc-psf "${small[@]}" --pb two.fits b
}

@test "dishes of several sizes: the beam of their baselines, and who they are in the report" {
    bundle b 'head.update(NANT=2, DIAM2=7.0)' # all rows are of a 12 m and a 7 m dish
    works pc-psf "${small[@]}" b
    [ "$(grep -c 'dishes=12m:0.5000,7m:0.5000$' err.txt)" -eq 3 ]
    bundle twelve
    bundle seven 'head.update(DIAM1=7.0)'
    for dish in twelve seven; do
        works pc-psf "${small[@]}" $dish
        if grep dishes= err.txt; then return 1; fi
    done
    # a product of voltages is the root of the product of powers
    [ "$(pix b/ch00001/pb.fits 'abs(p - np.sqrt(fits.getdata("twelve/ch00001/pb.fits")[0, 0] * fits.getdata("seven/ch00001/pb.fits")[0, 0])).max() < 3e-4')" = True ]
    works pc-psf "${small[@]}" b -o b.tar
    tar xf b.tar --one-top-level=x
    cmp b/ch00002/pb.fits x/ch00002/pb.fits
    cmp b/ch00002/vis00001/row.fits x/ch00002/vis00001/row.fits
    rm b/ch00000/vis00000/row.fits
    fails 65 "t.ms has dishes of several sizes .12 m, 7 m.: row.fits has to say" pc-psf "${small[@]}" b
}

@test "wrong options are refused with the value" {
    bundle b
    fails 64 "imsize" pc-psf --cell 1arcsec b
    fails 64 "cell" pc-psf --imsize 40 b
    fails 64 "imsize is 0" pc-psf --imsize 0 --cell 1arcsec b
    fails 64 "imsize is -4" pc-psf --imsize=-4 --cell 1arcsec b
    fails 64 "cell is 0" pc-psf --imsize 40 --cell 0 b
    fails 64 "parsec" pc-psf --imsize 40 --cell 1parsec b
    fails 64 "accuracy" pc-psf "${small[@]}" --accuracy 1e-7 b
    fails 64 "accuracy" pc-psf "${small[@]}" --accuracy 0.1 b
    fails 64 "robust" pc-psf "${small[@]}" --weighting briggs --robust 3 b
    fails 64 "briggs" pc-psf "${small[@]}" --weighting brigs b
    fails 64 "weighting" pc-psf "${small[@]}" --wieghting briggs b
    fails 64 "perchanweightdensity" pc-psf "${small[@]}" --weighting uniform --no-perchanweightdensity b
    fails 64 "npixels is -1" pc-psf "${small[@]}" --weighting uniform --npixels=-1 b
    fails 64 "box of 41 cells .* 40 x 36" pc-psf "${small[@]}" --weighting superuniform --npixels 20 b
    fails 64 "ch00000: --npixels 18: a box" pc-psf "${small[@]}" --weighting uniform --npixels 18 b
    fails 64 "one must not be 0" pc-psf "${small[@]}" --weighting briggsabs --robust 0 --noise 0Jy b
    fails 64 "noise" pc-psf "${small[@]}" --weighting briggsabs --noise 1GHz b
    fails 64 "briggsbwtaper .*perchanweightdensity=false" pc-psf "${small[@]}" --weighting briggsbwtaper --no-perchanweightdensity b
    fails 64 "fracbw" pc-psf "${small[@]}" --weighting briggsbwtaper --fracbw=-0.1 b
    fails 64 '"400kparsec" in the uv taper .*klambda' pc-psf "${small[@]}" --uvtaper 400kparsec b
    fails 64 "above 0" pc-psf "${small[@]}" --uvtaper 0arcsec b
    fails 64 "superuniform weights want .*--density-out" pc-psf "${small[@]}" --weighting superuniform b
    fails 64 "standard" pc-psf "${small[@]}" --gridder mosaic b
    fails 64 "nothing" pc-grid --nothing b
    fails 66 "nowhere" pc-psf "${small[@]}" nowhere
    fails 66 "nowhere" pc-grid nowhere
    [ ! -e b/ch00000/psf.fits ]
}

@test "an image that memory cannot hold is 75 with the bytes" {
    bundle b
    fails 75 "needs [0-9]{12,} bytes" pc-psf --imsize 300000 --cell 1arcsec b
    fails 75 "bytes" pc-psf --imsize 999999999 --cell 1arcsec b
}

@test "correlations that are not there are 65 and those that are get named" {
    bundle b
    fails 65 "ch00000: Stokes RR .* XX,YY" pc-psf "${small[@]}" --stokes RR b
    bundle x 'head.update(NCORR=1, CORR1=-5); del head["CORR2"]; vis.resize((n, 1, 1, 2), refcheck=False); weight.resize((n, 1, 1), refcheck=False)'
    fails 65 "XX and YY, or RR and LL, t.ms has the correlations XX" pc-psf "${small[@]}" x
    works pc-psf "${small[@]}" --stokes XX x
    [ "$(pix x/ch00000/psf.fits 'h["CRVAL4"]')" = -5.0 ]
}

@test "a psf, a dirty image, and what their headers say" {
    bundle b
    works pc-psf "${small[@]}" --weighting briggs b
    grep -q 'ch00002 .*samples=81 flagged=0 outside=0' err.txt
    works pc-grid b
    grep -q 'ch00002 .*samples=81 flagged=0 nan=0 outside=0 nmajor=1 model=0' err.txt
    [ "$(pix b/ch00001/psf.fits '(p.shape, p[18, 20], p.max(), h["CRPIX1"], h["CRPIX2"], h["CTYPE1"], h["SIDELOBE"] > 0, h["BMAJ"] > 0)')" = "((36, 40), 1.0, 1.0, 21.0, 19.0, 'RA---SIN', True, True)" ]
    [ "$(pix b/ch00001/residual.fits '(np.unravel_index(p.argmax(), p.shape), abs(p.max() - 1) < 1e-4, h["BUNIT"], h["OBJECT"], h["CRVAL3"])')" = "((20, 17), True, 'Jy/beam', 'disc', 100001000000.0)" ]
    [ "$(pix b/ch00001/pb.fits '(h["PBLIMIT"], 0.99 < p.max() <= 1, p[18, 20] == p.max())')" = "(0.2, True, True)" ]
    [ "$(pix b/ch00000/sumwt.fits 'p.shape')" = "(1, 1)" ]
    pix b/ch00000/residual.fits 'h["HISTORY"]' | grep -q -- '--weighting=briggs'
    grep -q gridder=auto b/ch00000/00plane
    grep -q weighting=briggs b/ch00000/00plane
    [ "$(state b/ch00000 stopcode)" = 0 ] && [ "$(state b/ch00000 nmajor)" = 1 ] && [ "$(state b/ch00000 residual_model)" = 0 ]
    if command -v fitsverify >/dev/null; then fitsverify -q b/ch00000/*.fits b/ch00000/vis00001/*.fits; fi
}

@test "the sum of weights counts both hands, a flag on one removes both" {
    bundle b 'weight[:] *= 3; weight[5, 0, 1] = 0'
    works pc-psf "${small[@]}" b
    grep -q 'flagged=2 ' err.txt
    [ "$(pix b/ch00000/sumwt.fits 'p[0, 0]')" = 474.0 ] # (81 - 2) samples, weight 3, two hands
    works pc-psf "${small[@]}" --stokes YY b
    [ "$(pix b/ch00000/sumwt.fits 'p[0, 0]')" = 237.0 ]
}

@test "all data flagged: blank planes, stop code -1, no error" {
    bundle b 'weight[:] *= k != 1'
    works pc-psf "${small[@]}" --weighting uniform b
    grep -q 'ch00001 .*nodata=1' err.txt
    works pc-grid b
    [ "$(state b/ch00001 stopcode)" = -1 ] && [ "$(state b/ch00000 stopcode)" = 0 ]
    for f in psf pb residual; do
        [ "$(pix b/ch00001/$f.fits 'np.isnan(p).all()')" = True ]
        [ "$(pix b/ch00002/$f.fits 'np.isfinite(p).all()')" = True ]
    done
    [ "$(pix b/ch00001/sumwt.fits 'p[0, 0]')" = 0.0 ]
    [ "$(pix b/ch00001/psf.fits '"BMAJ" in h')" = False ]
    works pc-grid b
    grep -q 'ch00001 stopcode=-1 passed=1' err.txt
}

@test "visibilities that are not finite are flagged, counted and told of" {
    bundle b 'vis[7, 0, 1, 0] = np.nan if k == 2 else vis[7, 0, 1, 0]'
    works pc-psf "${small[@]}" b
    works pc-grid b
    grep -q 'ch00002 .*samples=79 flagged=2 nan=2' err.txt
    grep -q 'warning: ch00002: 2 visibilities are not finite' err.txt
    [ "$(pix b/ch00002/residual.fits 'np.isfinite(p).all()')" = True ]
}

@test "visibilities beyond the uv plane are left out, counted and warned of" {
    bundle b 'uvw[3] = [-400, 10, 0]'
    works pc-psf "${small[@]}" b
    grep -q 'ch00000 .*samples=81 flagged=0 outside=2' err.txt
    grep -q 'warning: ch00000: 2 of 81 visibilities are beyond' err.txt
    [ "$(pix b/ch00000/sumwt.fits 'p[0, 0]')" = 158.0 ]
    works pc-grid b
    [ "$(pix b/ch00000/residual.fits 'abs(p.max() - 1) < 1e-4')" = True ]
}

@test "what is missing is said, and nothing is written" {
    bundle b
    fails 65 "ch00000: no psf.fits: pc-psf makes it" pc-grid b
    works pc-psf "${small[@]}" b
    mv b/ch00001/sumwt.fits .
    fails 65 "ch00001: no sumwt.fits" pc-grid b/ch00001
    [ ! -e b/ch00001/residual.fits ]
    mv sumwt.fits b/ch00001/
    rm -r b/ch00001/vis00000 b/ch00001/vis00001
    fails 65 "ch00001: .*visibilities" pc-psf "${small[@]}" b/ch00001
}

@test "a model that does not fit, or is not finite, is refused" {
    bundle b
    works pc-psf "${small[@]}" b
    cp b/ch00000/psf.fits b/ch00000/model.fits
    works pc-grid b/ch00000
    /usr/bin/python3 -c '
from astropy.io import fits
with fits.open("b/ch00000/model.fits", mode="update") as f:
    f[0].data[0, 0, 6, 11] = float("nan")'
    fails 65 "model.fits: pixel \(12, 7\)" pc-grid b/ch00000
    works pc-psf --imsize 30 --cell 1arcsec b/ch00001
    cp b/ch00001/psf.fits b/ch00000/model.fits
    fails 65 "model.fits: NAXIS1 is 30, psf.fits has 40" pc-grid b/ch00000
}

@test "a perfect model leaves nothing; pc-psf begins a new life" {
    bundle b
    works pc-psf "${small[@]}" b
    works pc-grid b
    /usr/bin/python3 -c '
from astropy.io import fits
with fits.open("b/ch00000/residual.fits") as f:
    f[0].data[:] = 0
    f[0].data[0, 0, 20, 17] = 1
    f.writeto("b/ch00000/model.fits", checksum=True)'
    works pc-grid b/ch00000
    [ "$(pix b/ch00000/residual.fits 'abs(p).max() < 2e-5')" = True ]
    [ "$(state b/ch00000 nmajor)" = 2 ] && [ "$(state b/ch00000 residual_model)" != 0 ]
    before=$(stat -c %Y%i b/ch00000/zzplane)
    works pc-grid b/ch00000
    [ "$(stat -c %Y%i b/ch00000/zzplane)" = "$before" ]
    works pc-psf "${small[@]}" b
    [ ! -e b/ch00000/model.fits ] && [ ! -e b/ch00000/residual.fits ] && [ "$(state b/ch00000 nmajor)" = 0 ]
}

@test "an unfinished channel is refused by pc-grid, and begun afresh by pc-psf" {
    bundle b
    works pc-psf "${small[@]}" b
    rm b/ch00001/zzplane
    fails 65 "ch00001" pc-grid b
    works pc-psf "${small[@]}" b
    works pc-grid b
}

@test "the same bytes as directory, tar file and pipe, and whatever --mem" {
    bundle b
    cp -r b c
    works pc-psf "${small[@]}" --weighting briggs b
    works pc-grid b
    works pc-psf "${small[@]}" --weighting briggs c -o d.tar
    works pc-grid --mem 1MB d.tar -o d
    diff -r b d
    pc-psf "${small[@]}" --weighting briggs --mem 1MB c -o - 2>/dev/null | pc-grid >e.tar 2>/dev/null
    mkdir e
    tar -xf e.tar -C e
    diff -r b e
}

@test "a stream cut short is an error, never an image" {
    bundle b
    works pc-psf "${small[@]}" b -o s.tar
    size=$(stat -c %s s.tar)
    for cut in 700 5000 60000 $((size - 1500)); do
        head -c "$cut" s.tar >cut.tar
        fails 65 "" pc-grid cut.tar -o out.tar
        [ ! -e out.tar ]
    done
}

@test "the density of all channels: made once, and what channels weigh with it" {
    bundle b
    cp -a b c
    local shared=("${small[@]}" --weighting uniform --no-perchanweightdensity)
    works pc-psf "${shared[@]}" --density-out d.fits b
    grep -q 'density channels=3 cells=40,36 box=0 density_sum=486' err.txt # 2 x 81 samples of weight 1 in 3 channels
    same b c
    works pc-psf "${shared[@]}" --density d.fits b
    grep -qx density=cube b/ch00001/00plane
    pix b/ch00001/psf.fits 'h["HISTORY"]' | grep -q -- '--perchanweightdensity=false'
    /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
with fits.open("d.fits", checksum=True) as f:
    f.verify("exception")
    density, h = f[0].data, f[0].header
assert density.sum() == h["DENSSUM"] == 486 and density.shape == (36, 40)
for chan in range(3):
    for block in range(2):
        where = f"b/ch{chan:05d}/vis{block:05d}"
        uvw, freq, weight = (fits.getdata(f"{where}/{n}.fits") for n in ("uvw", "freq", "imweight"))
        u, v = uvw[:, 0] * freq / 299792458, uvw[:, 1] * freq / 299792458
        cell = density[np.int64(v / h["CDELT2"] + 18), np.int64(u / h["CDELT1"] + 20)]
        assert np.allclose(weight[:, 0] * cell, 1, rtol=1e-6), (where, weight[:, 0] * cell)
END
}

@test "the same density from a directory, a tar file, a stream and with little memory" {
    bundle b
    local shared=("${small[@]}" --weighting superuniform --npixels 2)
    works pc-psf "${shared[@]}" --density-out d.fits b
    grep -q 'box=2' err.txt
    works pc-psf "${small[@]}" b -o b.tar
    works pc-psf "${shared[@]}" --density-out e.fits b.tar
    cmp d.fits e.fits
    pc-psf "${shared[@]}" --mem 1MB --density-out f.fits <b.tar
    cmp d.fits f.fits
    works pc-psf "${shared[@]}" --density d.fits b -o c.tar
    pc-psf "${shared[@]}" --density e.fits - <b.tar 2>/dev/null | cmp - c.tar
}

@test "a density that does not fit is refused" {
    bundle b
    local shared=(--weighting briggs --no-perchanweightdensity)
    works pc-psf "${small[@]}" "${shared[@]}" --density-out d.fits b
    fails 65 'd.fits: a density of 40 x 36 cells .* want 40 x 40' pc-psf --imsize 40 --cell 1arcsec "${shared[@]}" --density d.fits b
    fails 65 'pixels of 1 x 1 arcsec.* want 40 x 36, 2 x 2 arcsec' pc-psf --imsize 40,36 --cell 2arcsec "${shared[@]}" --density d.fits b
    fails 65 'box 0.* box 3' pc-psf "${small[@]}" --weighting superuniform --density d.fits b
    fails 66 'nowhere.fits' pc-psf "${small[@]}" "${shared[@]}" --density nowhere.fits b
    fails 64 'of no use here: briggs .*perchanweightdensity=true' pc-psf "${small[@]}" --weighting briggs --density d.fits b
    fails 64 'of no use here: natural' pc-psf "${small[@]}" --density d.fits b
    fails 64 'no channels: -o has no use' pc-psf "${small[@]}" "${shared[@]}" --density-out e.fits b -o c
    fails 73 'none' pc-psf "${small[@]}" "${shared[@]}" --density-out none/e.fits b
    head -c 5000 d.fits >short.fits
    fails 65 'short.fits' pc-psf "${small[@]}" "${shared[@]}" --density short.fits b
    cp b/ch00000/vis00000/uvw.fits other.fits
    fails 65 'other.fits: not a density' pc-psf "${small[@]}" "${shared[@]}" --density other.fits b
    [ ! -e b/ch00000/psf.fits ]
}

@test "weights by radius, taper and bandwidth" {
    bundle b
    works pc-psf "${small[@]}" --weighting radial --uvtaper '20klambda,10klambda,90deg' b
    grep -qx 'uvtaper=20klambda,10klambda,90deg' b/ch00000/00plane
    pix b/ch00000/psf.fits 'h["HISTORY"]' | grep -q -- '--uvtaper=20klambda,10klambda,90deg'
    /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
uvw, freq, weight = (fits.getdata(f"b/ch00000/vis00000/{n}.fits") for n in ("uvw", "freq", "imweight"))
u, v = uvw[:, 0] * freq / 299792458, uvw[:, 1] * freq / 299792458
want = np.hypot(u, v) * 2 ** -((u / 20e3) ** 2 + (v / 10e3) ** 2)
assert np.allclose(weight[:, 0], want, rtol=1e-6)
END
    works pc-psf "${small[@]}" --weighting briggs b -o briggs
    works pc-psf "${small[@]}" --weighting briggsbwtaper --fracbw 0.5 b -o wide
    works pc-psf "${small[@]}" --weighting briggsbwtaper --fracbw 1e-30 b -o none
    cmp briggs/ch00001/vis00000/imweight.fits none/ch00001/vis00000/imweight.fits
    if cmp -s briggs/ch00001/vis00000/imweight.fits wide/ch00001/vis00000/imweight.fits; then false; fi
    # without --fracbw the bandwidth is the cube's
    fails 65 'fracbw' pc-psf "${small[@]}" --weighting briggsbwtaper b
    echo fracbw=0.5 >>b/00cube
    works pc-psf "${small[@]}" --weighting briggsbwtaper b
    cmp b/ch00001/vis00000/imweight.fits wide/ch00001/vis00000/imweight.fits
}

@test "a disk that is full while rows are written: an error, and the channel is as it was" {
    bundle b
    pc-psf --imsize 400 --cell 1arcsec b
    mkdir small
    mount -t tmpfs -o size=6m none small 2>/dev/null || skip "cannot mount a tmpfs"
    rm -r b/ch00001 b/ch00002
    cp -a b/ch00000 small/
    cp b/00* small/
    printf 'nchan=1\n' >small/zzend
    head -c 8000000 /dev/zero >small/filler 2>/dev/null || true
    rm -f small/ch00000/pb.fits
    truncate -s -400000 small/filler
    cp small/ch00000/state before.txt
    run pc-grid --threads 2 small/ch00000
    [ "$status" -eq 74 ]
    grep -q 'residual.fits.*No space left' <<<"$output"
    run pc-psf --imsize 400 --cell 1arcsec --threads 2 small/ch00000
    cp small/ch00000/state after.txt
    ls -A small/ch00000 >left.txt
    umount small
    [ "$status" -eq 74 ]
    grep -q 'psf.fits.*No space left' <<<"$output"
    cmp before.txt after.txt
    ! grep -q residual left.txt
}
