# SPDX-License-Identifier: GPL-3.0-or-later
# pc-clean and pc-restore on the command line: errors, what they leave alone, and one answer in every form.

load lib

# bundle DIR NCHAN [KEY=VALUE...]: channels of 32 x 32 pixels with a source of 1 Jy (2 Jy in the second ...) convolved
# with a Gaussian PSF, over noise of 1 mJy.
bundle() {
    PYTHONPATH=$ROOT/tests/science PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$@" <<'END'
import sys
import numpy as np
import libmask
y, x = np.mgrid[:32, :32]
def gauss(cx, cy):
    return np.exp(-4 * np.log(2) * ((x - cx) ** 2 / 9 + (y - cy) ** 2 / 16)).astype(np.float32)
pb = np.exp(-((x - 16) ** 2 + (y - 16) ** 2) / 200).astype(np.float32)
keys = {k: int(v) for k, v in (a.split("=") for a in sys.argv[3:])}
noise = (0.001 * np.cos(1.7 * x * y)).astype(np.float32)
n = int(sys.argv[2])
libmask.write_bundle(sys.argv[1], [noise + gauss(14, 18) * (i + 1) for i in range(n)], 0.1, (0.4, 0.3, 0), 0.05, pb=pb, **keys)
for i in range(n):
    libmask.write_plane(f"{sys.argv[1]}/ch{i:05d}/psf.fits", gauss(16, 16), 0.1, beam=(0.4, 0.3, 0), SIDELOBE=0.2)
END
}

# edit FILE STATEMENT: Python on the pixels m and the header h of a FITS file.
edit() {
    /usr/bin/python3 -c '
import sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1], mode="update") as f:
    m, h = f[0].data[0, 0], f[0].header
    exec(sys.argv[2])' "$1" "$2"
}

# mask FILE TYPE: ones in a quarter of the image, as numbers of that type.
mask() {
    PYTHONPATH=$ROOT/tests/science PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$1" "$2" <<'END'
import sys
import numpy as np
import libmask
m = np.zeros((32, 32), sys.argv[2])
m[16:, :16] = 1
libmask.write_plane(sys.argv[1], m, 0.1)
END
}

# value FILE EXPRESSION: the same, printed; the file must be sound.
value() {
    /usr/bin/python3 -c '
import sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1], checksum=True) as f:
    f.verify("exception")
    m, h = np.squeeze(f[0].data), f[0].header
    print(eval(sys.argv[2]))' "$1" "$2"
}

# state CHANNEL KEY
state() {
    sed -n "s/^$2=//p" "$1/state"
}

# regrid CHANNEL: stands in for pc-grid: the residual now belongs to the model.
regrid() {
    local sum
    sum=$(/usr/bin/python3 -c 'import sys; from astropy.io import fits; print(fits.getheader(sys.argv[1])["DATASUM"])' "$1/model.fits")
    sed -i "s/^residual_model=.*/residual_model=$sum/; s/^nmajor=.*/nmajor=$(($(state "$1" nmajor) + 1))/" "$1/state"
}

@test "wrong options are refused with the value" {
    bundle b 1
    fails 64 "gain" pc-clean --gain 0 b
    fails 64 "gain" pc-clean --gain 1.5 b
    fails 64 "gain" pc-clean --gain -0.1 b
    fails 64 "ch00000: a scale of 40 pixels is 80 across and does not fit into an image of 32x32" pc-clean --deconvolver multiscale --scales 0,40 --niter 5 b
    [ ! -e b/ch00000/model.fits ]
    fails 64 "niter" pc-clean --niter -3 b
    fails 64 "niter" pc-clean --niter many b
    fails 64 "threshold" pc-clean --threshold 4GHz b
    fails 64 "hogbom" pc-clean --deconvolver hogbum b
    fails 64 "scales.*too" pc-clean --scales 0,too b
    fails 64 "smallscalebias" pc-clean --smallscalebias 2 b
    fails 64 "largestscale" pc-clean --deconvolver asp --largestscale -2 b
    fails 64 "fusedthreshold" pc-clean --deconvolver asp --fusedthreshold 4GHz b
    fails 64 "cycleniter" pc-clean --cyclenitre 3 b
    fails 64 "1,2,3,4" pc-clean --beam 1,2,3,4 b
    fails 66 "nowhere" pc-clean nowhere
    fails 64 "restoringbeam common needs all channels at once, and this is one of them" pc-restore --restoringbeam common b/ch00000
    (cd b && fails 64 "this is one of them" pc-restore --restoringbeam common ch00000)
    tar cf b.tar -C b 00stream 00cube ch00000 zzend
    fails 64 "a stream brings them one by one: give a directory" bash -c 'pc-restore --restoringbeam common <b.tar'
    fails 64 "a stream brings them one by one: give a directory" bash -c 'cat b.tar | pc-restore --restoringbeam common -o c.tar'
    [ ! -e c.tar ]
    rm b.tar
    fails 64 "0arcsec" pc-restore --restoringbeam 0arcsec b
    [ ! -e b/ch00000/model.fits ] && [ ! -e b/ch00000/image.fits ]
}

@test "what is missing or does not fit is said, and nothing is written" {
    bundle b 1
    cp -r b whole
    rm b/ch00000/psf.fits
    fails 65 "ch00000: no psf.fits: pc-psf makes it" pc-clean --niter 5 b
    fails 65 "ch00000: no psf.fits: pc-psf makes it" pc-restore b
    rm -r b && cp -r whole b && rm b/ch00000/residual.fits
    fails 65 "ch00000: no residual.fits: pc-grid makes it" pc-clean --niter 5 b
    fails 65 "ch00000: no residual.fits: pc-grid makes it" pc-restore b
    rm -r b && cp -r whole b && rm b/ch00000/pb.fits
    fails 65 "no pb.fits: --pbcor needs it" pc-restore --pbcor b
    rm -r b && cp -r whole b && sed -i 's/^iterdone=.*/iterdone=some/' b/ch00000/state
    fails 65 "iterdone is 'some'" pc-clean --niter 5 b
    rm -r b && cp -r whole b && mask b/ch00000/psf.fits u1
    fails 65 "psf.fits must have BITPIX -32" pc-clean --niter 5 b
    rm -r b && cp -r whole b && edit b/ch00000/psf.fits 'm[3, 3] = np.nan'
    fails 65 "psf has values that are not finite" pc-clean --niter 5 b
    fails 73 "/nowhere/h.tsv" pc-clean --niter 5 --history /nowhere/h.tsv whole
    [ ! -e b/ch00000/model.fits ]
}

@test "a residual that does not belong to the model is refused" {
    bundle b 1
    works pc-clean --niter 5 b
    fails 65 "ch00000: residual.fits belongs to a model with DATASUM 0, model.fits has [0-9]+" pc-clean --niter 5 b
    fails 65 "ch00000: residual.fits belongs to a model with DATASUM 0" pc-restore b
    regrid b/ch00000
    works pc-restore b
    sed -i '/^residual_model/d' b/ch00000/state
    fails 65 "names no model" pc-clean --niter 9 b
}

@test "components, header and history" {
    bundle b 1
    works pc-clean --niter 7 --gain 0.5 --history h.tsv b
    [ "$(state b/ch00000 iterdone)" = 3 ]
    [ "$(value b/ch00000/model.fits 'h["BUNIT"], int(np.argmax(m)) == 18 * 32 + 14, abs(float(m.sum()) - 0.875) < 0.01, "BMAJ" in h')" = "('Jy/pixel', True, True, False)" ]
    value b/ch00000/model.fits '"\n".join(h["HISTORY"])' >hist.txt
    grep -q -- '--gain=0.5' hist.txt
    grep -q -- '--psfsidelobe' hist.txt && return 1
    grep -q -- 'h.tsv' hist.txt && return 1
    [ "$(wc -l <h.tsv)" = 2 ]
    grep -qE "iterations=3 .*cyclethreshold_jy=0.2[0-9]* .*stop=\"not stopped\"" err.txt
}

@test "each form gives the same bytes" {
    bundle b 2
    cp -r b in
    works pc-clean --niter 20 b
    works pc-clean --niter 20 in -o out.tar
    works pc-clean --niter 20 in -o dir
    pc-clean --niter 20 in -o - >pipe.tar 2>/dev/null
    same out.tar pipe.tar
    same b dir
    for c in b/ch00000 b/ch00001; do regrid $c; done
    cp -r b again
    works pc-restore --pbcor b
    works pc-restore --pbcor again -o restored
    same b restored
    pc-restore --pbcor again -o - 2>/dev/null | tar x --one-top-level=x
    same b x
}

@test "a dense model and another beam: the same image in each form, and the sum of its parts" {
    local rows='m[:] = np.where(m == 0, 1e-3 * np.sin(np.arange(1024.0) ** 2).reshape(32, 32), m); f[0].add_checksum()'
    bundle b 2
    works pc-clean --niter 5 b
    for c in b/ch00000 b/ch00001; do
        edit $c/model.fits "$rows"
        regrid $c
    done
    edit b/ch00001/residual.fits 'm[3, 4:9] = np.nan; f[0].add_checksum()'
    # with a stop code pc-clean passes channels on
    sed -i 's/^stopcode=.*/stopcode=2/' b/ch0000?/state
    local beam
    for beam in "" 0.7arcsec,0.5arcsec,20deg; do
        rm -rf d x t.tar
        works pc-restore --pbcor --restoringbeam "$beam" b -o d
        works pc-restore --pbcor --restoringbeam "$beam" b -o t.tar
        mkdir x && tar xf t.tar -C x
        same d x
        rm -rf x
        # what comes from a stream is held
        pc-clean b -o - 2>/dev/null | pc-restore --pbcor --restoringbeam "$beam" 2>/dev/null | tar x --one-top-level=x
        same d x
        works pc-check d
    done
    # by the definition, on an image that repeats itself
    works pc-restore --pblimit -0.5 b
    /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
get = lambda name: np.squeeze(fits.getdata(f"b/ch00000/{name}.fits")).astype(float)
y, x = (np.mgrid[:32, :32] + 16) % 32 - 16
e = 4 * np.log(2) * ((x * 0.1 / 0.3) ** 2 + (y * 0.1 / 0.4) ** 2)
beam = np.where(e > 20, 0, np.exp(-e))
want = np.fft.ifft2(np.fft.fft2(get("model")) * np.fft.fft2(beam)).real + get("residual")
worst = np.abs(get("image") - want).max()
assert worst < 1e-6 * np.abs(want).max(), worst
END
}

# widen FILE...: the same pixels in double precision, as astropy writes them.
widen() {
    /usr/bin/python3 -c '
import sys
from astropy.io import fits
for name in sys.argv[1:]:
    m, h = fits.getdata(name, header=True)
    fits.writeto(name, m.astype(">f8"), h, overwrite=True, checksum=True)
    assert fits.getheader(name)["BITPIX"] == -64' "$@"
}

# products DIR NAME: what is made of a bundle in it, and cubes of that name.
products() {
    works pc-mask --usemask auto-multithresh "$1"
    works pc-clean --niter 20 "$1"
    regrid "$1/ch00000"
    regrid "$1/ch00001"
    works pc-restore --pbcor "$1"
    works pc-concat "$1" -o "$2"
}

@test "a residual and a psf in double precision give the products that floats give" {
    bundle floats 2
    cp -r floats doubles
    widen doubles/ch0000?/{psf,residual}.fits
    fails 1 . pc-check doubles # for the sizes in zzplane
    cp -r doubles in
    mkdir a b
    (cd a && mv ../floats . && products floats cube)
    (cd b && mv ../doubles . && products doubles cube)
    works pc-check b/doubles
    [ "$(value b/doubles/ch00001/residual.fits 'h["BITPIX"]')" = -64 ]
    [ "$(value b/cube.residual.fits 'h["BITPIX"]')" = -32 ]
    for name in mask masknext model image image.pbcor; do
        same "a/floats/ch00001/$name.fits" "b/doubles/ch00001/$name.fits"
    done
    [ "$(find a -name 'cube.*' | wc -l)" -ge 7 ]
    for cube in a/cube.*; do same "$cube" "b/${cube#a/}"; done
    works pc-diff --rtol 0 a/floats/ch00001 b/doubles/ch00001
    pc-mask --usemask auto-multithresh in -o - 2>err.txt | pc-clean --niter 20 2>>err.txt | tar x --one-top-level=x
    for c in x/ch00000 x/ch00001; do regrid $c; done
    pc-restore --pbcor x -o - 2>>err.txt | tar x --one-top-level=y
    same b/doubles y
}

@test "a channel that has stopped passes through untouched" {
    bundle b 2 stopcode=2
    find b -type f -printf '%p %T@ %s\n' | sort >before
    works pc-clean --niter 20 b
    grep -q "ch00001 stopcode=2 passed=1" err.txt
    find b -type f -printf '%p %T@ %s\n' | sort >after
    cmp before after
}

@test "stop codes that end a loop at once" {
    bundle b 1
    works pc-clean b
    [ "$(state b/ch00000 stopcode)" = 1 ] && [ ! -e b/ch00000/model.fits ]
    grep -q 'stop="iteration limit"' err.txt
    rm -r b && bundle b 1
    works pc-clean --niter 5 --threshold 3Jy b
    [ "$(state b/ch00000 stopcode)" = 2 ]
    rm -r b && bundle b 1
    works pc-clean --niter 5 --stop b
    [ "$(state b/ch00000 stopcode)" = 3 ]
    rm -r b && bundle b 1
    edit b/ch00000/residual.fits 'm[:] = np.nan'
    works pc-clean --niter 5 b
    [ "$(state b/ch00000 stopcode)" = -1 ]
    works pc-restore b
    [ "$(value b/ch00000/image.fits 'np.isnan(m).all(), "BMAJ" in h')" = "(True, False)" ]
}

# again CHANNEL [STATEMENT]: as after a major cycle, the residual changed by the statement.
again() {
    regrid "$1"
    [ -z "${2-}" ] || edit "$1/residual.fits" "$2"
}

# stop_of TSV: stop code and words of the last row.
stop_of() {
    tail -n 1 "$1" | cut -f 18,19 | tr '\t' ' '
}

@test "stop codes that need a cycle before, in state, in the history and on stderr" {
    bundle a 1
    works pc-clean --niter 50 --cycleniter 5 a
    cp -r a b && again b/ch00000
    works pc-clean --niter 50 --history h4.tsv b
    [ "$(state b/ch00000 stopcode)" = 4 ] && [ "$(stop_of h4.tsv)" = "4 no change in peak" ]
    rm -r b && cp -r a b && again b/ch00000 'm *= 5'
    works pc-clean --niter 50 --history h6.tsv b
    [ "$(state b/ch00000 stopcode)" = 6 ] && [ "$(stop_of h6.tsv)" = "6 diverged from the lowest peak" ]
    grep -q 'warning: ch00000: diverged from the lowest peak: from 1.0[0-9]* Jy to 5.0[0-9]* Jy; the best model is put back' err.txt
    # 6 holds whenever 5 does, as the lowest peak is at most the last: 5 is left where the lowest is not known
    rm -r b && cp -r a b && again b/ch00000 'm *= 5'
    sed -i 's/^peak_min_jy=.*/peak_min_jy=-1/' b/ch00000/state
    works pc-clean --niter 50 --history h5.tsv b
    [ "$(state b/ch00000 stopcode)" = 5 ] && [ "$(stop_of h5.tsv)" = "5 diverged in a major cycle" ]
    rm -r b && cp -r a b && again b/ch00000 'm *= 0.5'
    works pc-clean --niter 50 --nsigma 1e4 --history h8.tsv b
    [ "$(state b/ch00000 stopcode)" = 8 ] && [ "$(stop_of h8.tsv)" = "8 n-sigma level reached" ]
    rm -r b && cp -r a b && again b/ch00000 'm *= 0.5'
    works pc-clean --niter 50 --nmajor 1 --history h9.tsv b
    [ "$(state b/ch00000 stopcode)" = 9 ] && [ "$(stop_of h9.tsv)" = "9 nmajor reached" ]
    rm -r b && cp -r a b && again b/ch00000 'm *= 0.5'
    works pc-clean --niter 5 --history h1.tsv b
    [ "$(state b/ch00000 stopcode)" = 1 ] && [ "$(stop_of h1.tsv)" = "1 iteration limit" ]
    [ "$(wc -l <h1.tsv)" = 2 ] && grep -q 'stopcode=1 stop="iteration limit"' err.txt
}

@test "a minor cycle that diverges ends early; a peak a tenth higher is enough then" {
    bundle a 1
    # a beam far wider than the source: its flanks dig deeper than they clean
    edit a/ch00000/psf.fits 'm[:] = np.exp(-((np.mgrid[:32, :32] - 16.0) ** 2).sum(0) / 400) * np.where(np.add.outer(np.arange(32), np.arange(32)) % 2, -1, 1)'
    works pc-clean --niter 100000 --gain 1 --history h.tsv a
    grep -qE 'warning: ch00000: the minor cycle diverges: it was ended after [0-9]{1,4} components' err.txt
    [ "$(tail -n 1 h.tsv | cut -f 16-17)" = $'4\tdiverging' ]
    cp -r a b
    again b/ch00000 'm *= 1.2'
    works pc-clean --niter 100000 --gain 1 b
    [ "$(state b/ch00000 stopcode)" = 6 ] && [ ! -e b/ch00000/model.fits ]
    cp -r a c
    again c/ch00000 'm *= 0.9'
    works pc-clean --niter 100000 --gain 1 c
    [ "$(state c/ch00000 stopcode)" = 0 ]
}

@test "the history of many channels in one file, by many processes, with what the state says" {
    local c
    bundle b 4
    edit b/ch00003/residual.fits 'm[:] = np.nan'
    for c in 2 0 3 1; do pc-clean --niter 40 --cycleniter 5 --threshold 0.1Jy --history h.tsv b/ch0000$c 2>/dev/null & done
    wait
    [ "$(cut -f 1 h.tsv | tr '\n' ' ')" = "channel ch00000 ch00001 ch00002 ch00003 " ]
    [ "$(stop_of h.tsv)" = "-1 no data" ]
    for c in 0 1 2; do again b/ch0000$c 'm *= 0.5'; done
    works pc-clean --niter 40 --cycleniter 5 --threshold 0.1Jy --history h.tsv b
    [ "$(cut -f 1,2 h.tsv | tail -n +2 | tr '\t\n' ': ')" = "ch00000:1 ch00000:2 ch00001:1 ch00001:2 ch00002:1 ch00002:2 ch00003:0 " ]
    # a row is what state says of the cycle
    /usr/bin/python3 - h.tsv b/ch00001/state <<'END'
import csv, sys
rows = [r for r in csv.DictReader(open(sys.argv[1]), delimiter="\t") if r["channel"] == "ch00001"]
cycles = [dict(kv.split("=") for kv in line[6:].split()) for line in open(sys.argv[2]) if line.startswith("cycle=")]
pairs = {"iterations": "iterdone", "startpeak_jy": "startpeak_jy", "startpeak_nomask_jy": "startpeak_nomask_jy", "peak_jy": "peakres_jy",
         "peak_nomask_jy": "peakres_nomask_jy", "flux_jy": "modelflux_jy", "rms_jy": "rms_jy", "cyclethreshold_jy": "cyclethreshold_jy",
         "nsigma_jy": "nsigma_jy", "mask_px": "masksum", "minorstop": "stop"}
assert len(rows) == len(cycles) == 2
for row, cycle in zip(rows, cycles):
    assert row["stokes"] == cycle["stokes"] == "I"
    for a, b in pairs.items():
        x, y = float(row[a]), float(cycle[b])
        assert abs(x - y) <= 1e-8 * abs(y) or (x != x and y != y), (a, x, y)
assert rows[0]["newpeak_jy"] == rows[1]["startpeak_jy"] and rows[1]["newpeak_jy"] == "nan"
assert rows[0]["minor"] == "cycleniter" and rows[1]["stop"] == "not stopped"
END
    # the rows do not depend on how often they are put there, and a channel that passes brings its own
    cp h.tsv before.tsv
    sed -i '/^ch00003/d' h.tsv
    works pc-clean --niter 40 --history h.tsv b/ch00003
    cmp h.tsv before.tsv
    echo "something else" >other.tsv
    fails 65 "other.tsv: is there already, and is not such a table: its first line is 'something else'" pc-clean --niter 5 --history other.tsv b
    [ "$(cat other.tsv)" = "something else" ]
    pc-clean --niter 40 --history /dev/stdout b/ch00003 2>/dev/null | grep -q $'^ch00003\t0\t'
}

@test "a mask of zeros stops, and stays" {
    bundle b 1
    /usr/bin/python3 -c '
from astropy.io import fits
import numpy as np
h = fits.getheader("b/ch00000/residual.fits")
fits.writeto("b/ch00000/masknext.fits", np.zeros((1, 1, 32, 32), np.uint8), h)'
    works pc-clean --niter 5 b
    [ "$(state b/ch00000 stopcode)" = 7 ]
    [ "$(value b/ch00000/mask.fits 'int(m.sum())')" = 0 ]
}

@test "a mask put in by hand may be of floats, as CASA's are" {
    local name
    bundle a 1
    for name in mask masknext; do
        rm -rf bytes floats bytes.* floats.*
        cp -r a bytes && mask bytes/ch00000/$name.fits u1
        cp -r a floats && mask floats/ch00000/$name.fits f4
        works pc-clean --niter 20 bytes
        works pc-clean --niter 20 floats
        same bytes/ch00000/model.fits floats/ch00000/model.fits
        same bytes/ch00000/state floats/ch00000/state
        works pc-concat bytes -o bytes --products mask
        works pc-concat floats -o floats --products mask
        same bytes.mask.fits floats.mask.fits
    done
}

@test "divergence brings the best model back" {
    bundle b 1
    works pc-clean --niter 50 --gain 0.5 b
    [ ! -e b/ch00000/modelbest.fits ]
    regrid b/ch00000
    cp b/ch00000/model.fits best.fits
    edit b/ch00000/residual.fits 'm *= 0.2'
    cp -r b second
    works pc-clean --niter 50 --gain 0.5 b
    pc-clean --niter 50 --gain 0.5 second -o - 2>/dev/null | tar x --one-top-level=y
    same b y
    same_pixels() { [ "$(value "$1" 'h["DATASUM"]')" = "$(value "$2" 'h["DATASUM"]')" ]; }
    same_pixels b/ch00000/modelbest.fits best.fits
    regrid b/ch00000
    edit b/ch00000/residual.fits 'm *= 10'
    cp -r b stream
    works pc-clean --niter 50 --gain 0.5 b
    [ "$(state b/ch00000 stopcode)" = 6 ]
    pc-clean --niter 50 --gain 0.5 stream -o - 2>/dev/null | tar x --one-top-level=x
    same b x
    same_pixels b/ch00000/model.fits best.fits
    fails 65 "belongs to a model" pc-restore b
}

@test "without a clean beam the image is blank, and that is said" {
    bundle b 1
    edit b/ch00000/psf.fits 'del h["BMAJ"], h["BMIN"], h["BPA"]'
    works pc-restore b
    grep -q 'warning: psf.fits has no clean beam: the image is blank' err.txt
    [ "$(value b/ch00000/image.fits 'np.isnan(m).all()')" = True ]
    works pc-restore --restoringbeam 0.4arcsec,0.3arcsec,0deg b
    [ "$(value b/ch00000/image.fits 'np.isnan(m).all()')" = False ]
}

@test "a restored image and its header" {
    bundle b 1
    works pc-clean --niter 50 b
    regrid b/ch00000
    works pc-restore b
    [ "$(value b/ch00000/image.fits 'h["BUNIT"], round(h["BMAJ"] * 3600, 6), bool(np.isnan(m[0, 0])), bool(np.isnan(m[16, 16]))')" = "('Jy/beam', 0.4, True, False)" ]
    value b/ch00000/image.fits '"\n".join(h["HISTORY"])' >hist.txt
    grep -q "^pc-clean --niter=50" hist.txt
    grep -q "^pc-restore --pbcor=false" hist.txt
    works pc-restore --restoringbeam 1arcsec,0.5arcsec,30deg b
    [ "$(value b/ch00000/image.fits 'round(h["BMAJ"] * 3600, 6), round(h["BPA"], 6)')" = "(1.0, 30.0)" ]
    works pc-restore --restoringbeam 0.1arcsec b
    grep -q "warning: .*smaller than the PSF" err.txt
    [ ! -e b/ch00000/image.pbcor.fits ]
    # another limit of the primary beam than its own (0.2)
    local inside='int(np.isfinite(m).sum())' above
    for above in 0.2 0.5 0.9; do
        works pc-restore --pbcor --pblimit $above b
        [ "$(value b/ch00000/image.fits "$inside")" = "$(value b/ch00000/pb.fits "int((m > np.float32($above)).sum())")" ]
        [ "$(value b/ch00000/image.pbcor.fits "$inside")" = "$(value b/ch00000/image.fits "$inside")" ]
    done
    works pc-restore --pblimit -0.2 b
    [ "$(value b/ch00000/image.fits "$inside")" = 1024 ]
    fails 64 "pblimit" pc-restore --pblimit 1.5 b
}

# beams DIR MAJ,MIN,PA...: the clean beams of its channels, arcsec and degrees; - is none.
beams() {
    local dir=$1 i=0 b
    shift
    for b; do
        edit "$dir/ch0000$i/psf.fits" "
for k in ('BMAJ', 'BMIN', 'BPA'): h.pop(k, None)
if '$b' != '-': h['BMAJ'], h['BMIN'], h['BPA'] = [float(v) / s for v, s in zip('$b'.split(','), (3600, 3600, 1))]"
        i=$((i + 1))
    done
}

@test "a beam common to all channels: one answer in every form, and a channel without data does not count" {
    local c beam='0.5arcsec,0.4arcsec,10deg'
    bundle b 4
    beams b 0.4,0.3,0 0.5,0.4,10 - 0.3,0.2,-80
    edit b/ch00002/residual.fits 'm[:] = np.nan'
    works pc-clean --niter 30 b
    [ "$(state b/ch00002 stopcode)" = -1 ]
    for c in 0 1 3; do regrid b/ch0000$c; done
    cp -r b given
    cp -r b in
    works pc-status --common-beam b
    [ "$(cat out.txt)" = "beam=$beam
channels=3
without=1" ]
    works pc-restore --restoringbeam common in -o made
    works pc-restore in -o in.tar
    works pc-restore --restoringbeam common in.tar -o - && tar x --one-top-level=piped <out.txt
    same made piped
    works pc-restore --restoringbeam common b
    same b made
    works pc-restore --restoringbeam "$beam" given
    for c in 0 1 2 3; do
        [ "$(value given/ch0000$c/image.fits 'h["DATASUM"]')" = "$(value b/ch0000$c/image.fits 'h["DATASUM"]')" ]
    done
    for c in 0 1 3; do
        [ "$(value b/ch0000$c/image.fits 'round(h["BMAJ"] * 3600, 9), round(h["BMIN"] * 3600, 9), round(h["BPA"], 9)')" = "(0.5, 0.4, 10.0)" ]
    done
    [ "$(value b/ch00002/image.fits 'np.isnan(m).all(), "BMAJ" in h')" = "(True, False)" ]
    value b/ch00000/image.fits '"\n".join(h["HISTORY"])' | grep -q -- '--restoringbeam=common'
    # what the table says is of the image's beam, not of the psf's
    works pc-status --measure b/ch00000
    grep -qx 'beam_maj_arcsec=0.5' out.txt
    flux=$(value b/ch00000/image.fits 'float(np.nansum(m)) / (np.pi * 0.5 * 0.4 / (4 * np.log(2)) / 0.1 ** 2)')
    awk -F= -v want="$flux" '$1 == "flux_jy" { exit !($2 / want > 0.9999 && $2 / want < 1.0001) }' out.txt
    # no channel has a beam: blank, and no error
    beams given - - - -
    works pc-status --common-beam given
    grep -qx 'beam=' out.txt
    works pc-restore --restoringbeam common given
    [ "$(value given/ch00001/image.fits 'np.isnan(m).all()')" = True ]
    rm b/ch00003/psf.fits
    fails 65 "ch00003: no psf.fits: pc-psf makes it" pc-restore --restoringbeam common b
    fails 65 "ch00003: no psf.fits" pc-status --common-beam b
}
