# SPDX-License-Identifier: GPL-3.0-or-later
# --stokes, --precision, --accuracy and --threads on the command line: what is refused, what 00plane and headers say, the
# same bytes in every form.

load lib

small=(--imsize "24,20" --cell 0.4arcsec)

stage() { # a mock of two channels, XX and YY
    need pc-mock pc-select pc-psf pc-grid
    pc-mock -o obs.ms --sky points --nchan 2 --nant 5 --ntime 4 --bmax 200 --noise 0.1Jy 2>/dev/null
    pc-select --datacolumn data obs.ms -o stage 2>/dev/null
}

# pix FILE EXPRESSION: of the pixels p (planes, y, x) and the header h; the file must be sound.
pix() {
    /usr/bin/python3 -c '
import sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1], checksum=True) as f:
    f.verify("exception")
    p, h = f[0].data[:, 0], f[0].header
    print(eval(sys.argv[2]))' "$1" "$2"
}

@test "a name that --stokes does not know names the nearest" {
    stage
    fails 64 'IQUV' pc-psf "${small[@]}" --stokes IQVU stage
    fails 64 'XXYY' pc-psf "${small[@]}" --stokes XX,YY stage
    fails 64 'pseudoI' pc-psf "${small[@]}" --stokes psuedoI stage
    fails 64 'stokes' pc-psf "${small[@]}" --stokes '' stage
    [ ! -e stage/ch00000/psf.fits ]
}

@test "Stokes planes that the correlations cannot make: what it takes, what is there, what would do" {
    stage
    local what
    for what in U V IV QU IQU IQUV; do
        fails 65 'ch00000: Stokes [UV] cannot be made: it takes XY and YX, .*obs.ms has the correlations XX,YY .these make --stokes I, Q, XX, YY, XXYY, pseudoI.' \
            pc-psf "${small[@]}" --stokes "$what" stage
    done
    fails 65 'Stokes RR cannot be made: it takes that correlation itself' pc-psf "${small[@]}" --stokes RRLL stage
    [ ! -e stage/ch00000/psf.fits ]
}

@test "planes in psf, sumwt, pb and residual; I counts two hands, planes of one hand one" {
    stage
    works pc-psf "${small[@]}" --stokes I stage
    local both
    both=$(pix stage/ch00000/sumwt.fits 'p[0, 0, 0]')
    works pc-psf "${small[@]}" --stokes XXYY stage
    works pc-grid stage
    grep -qx stokes=XXYY stage/ch00000/00plane
    local file
    for file in psf pb residual; do
        [ "$(pix "stage/ch00001/$file.fits" '(p.shape, h["CRVAL4"], h["CDELT4"])')" = "((2, 20, 24), -5.0, -1.0)" ]
    done
    [ "$(pix stage/ch00000/sumwt.fits "(p.shape, abs(2 * p / $both - 1).max() < 1e-6)")" = "((2, 1, 1), True)" ]
    [ "$(pix stage/ch00000/psf.fits '(p[0] == p[1]).all()')" = True ]
    [ "$(pix stage/ch00000/residual.fits '(p[0] == p[1]).all()')" = False ]
    # the planes are those of a channel that has one alone, and I is their mean
    cp -r stage two
    works pc-psf "${small[@]}" --stokes I stage
    works pc-grid stage
    [ "$(pix two/ch00000/residual.fits 'abs(p.mean(0) - fits.getdata("stage/ch00000/residual.fits")[0, 0]).max() < 1e-5 * abs(p).max()')" = True ]
    works pc-psf "${small[@]}" --stokes YY stage
    works pc-grid stage
    [ "$(pix two/ch00000/residual.fits 'abs(p[1] - fits.getdata("stage/ch00000/residual.fits")[0, 0]).max() < 1e-5 * abs(p).max()')" = True ]
}

@test "a flag on one hand: I drops the sample, pseudoI takes the other hand" {
    stage
    /usr/bin/python3 -c '
from astropy.io import fits
with fits.open("stage/ch00000/vis00000/weight.fits", mode="update") as f:
    f[0].data[:] = 1
    f[0].data[5, 0, 1] = 0
    f[0].add_checksum()'
    local stokes
    for stokes in I:78 XX:39 XXYY:39 Q:39 pseudoI:79; do # 40 samples, of which one has one hand
        works pc-psf "${small[@]}" --stokes "${stokes%:*}" stage/ch00000
        [ "$(pix stage/ch00000/sumwt.fits "(p == ${stokes#*:}).all()")" = True ] || {
            echo "$stokes: $(pix stage/ch00000/sumwt.fits p)"
            return 1
        }
    done
}

@test "--accuracy is bounded by --precision" {
    stage
    fails 64 'accuracy 1e-07 is finer than single precision has .1e-06.; --precision double reaches 1e-12' \
        pc-psf "${small[@]}" --accuracy 1e-7 stage
    fails 64 'accuracy' pc-psf "${small[@]}" --accuracy 1e-13 --precision double stage
    fails 64 'accuracy' pc-psf "${small[@]}" --accuracy 0.02 stage
    fails 64 'double' pc-psf "${small[@]}" --precision duoble stage
    [ ! -e stage/ch00000/psf.fits ]
    local accuracy
    for accuracy in 1e-6 1e-2; do
        works pc-psf "${small[@]}" --accuracy $accuracy stage
        works pc-grid stage
        [ "$(pix stage/ch00000/residual.fits 'h["BITPIX"]')" = -32 ]
    done
    for accuracy in 1e-12 1e-2; do
        works pc-psf "${small[@]}" --accuracy $accuracy --precision double stage
        works pc-grid stage
        grep -qx precision=double stage/ch00000/00plane
        [ "$(pix stage/ch00000/psf.fits 'h["BITPIX"]')" = -64 ] && [ "$(pix stage/ch00000/residual.fits 'h["BITPIX"]')" = -64 ]
        [ "$(pix stage/ch00000/pb.fits 'h["BITPIX"]')" = -32 ]
    done
}

@test "--threads: 1 to 256, and the same bytes" {
    stage
    local n
    for n in 0 300 -1 two; do
        fails 64 'threads' pc-psf "${small[@]}" --threads=$n stage
        fails 64 'threads' pc-grid --threads=$n stage
    done
    cp -r stage three
    works pc-psf "${small[@]}" --stokes XXYY stage
    works pc-grid stage
    works pc-psf "${small[@]}" --stokes XXYY --threads 3 three
    works pc-grid --threads 3 three
    same stage three
}

@test "double precision: the same bytes as directory, tar file and pipe" {
    stage
    local psf=("${small[@]}" --precision double --accuracy 1e-11 --stokes XXYY --weighting briggs)
    local clean=(--niter 30 --threshold 10mJy)
    cp -r stage dir
    works pc-psf "${psf[@]}" dir
    works pc-grid dir
    works pc-mask dir
    works pc-clean "${clean[@]}" dir
    works pc-grid dir
    works pc-restore dir
    works pc-psf "${psf[@]}" --threads 2 stage -o 1.tar
    works pc-grid --mem 1MB 1.tar -o 2.tar
    works pc-mask 2.tar -o 3.tar
    works pc-clean "${clean[@]}" 3.tar -o 4.tar
    works pc-grid 4.tar -o 5.tar
    works pc-restore 5.tar -o tar
    same dir tar
    pc-psf "${psf[@]}" <1.tar 2>/dev/null | pc-grid 2>/dev/null | pc-mask 2>/dev/null | pc-clean "${clean[@]}" 2>/dev/null |
        pc-grid 2>/dev/null | pc-restore >pipe.tar 2>/dev/null
    tar xf pipe.tar --one-top-level=pipe
    same dir pipe
    [ "$(pix dir/ch00000/image.fits '(h["BITPIX"], p.shape, np.isfinite(p).any())')" = "(-32, (2, 20, 24), True)" ]
}

@test "00plane is damaged, or of another channel: 65 and a sentence, no residual" {
    stage
    works pc-psf "${small[@]}" --stokes XXYY --gridder wproject stage
    plane() { # REGEX SED: what pc-grid says when 00plane was edited so
        rm -rf bad
        cp -r stage bad
        sed -i "$2" bad/ch00000/00plane
        if cmp -s stage/ch00000/00plane bad/ch00000/00plane; then
            echo "nothing changed: $2"
            return 1
        fi
        fails 65 "ch00000: .*$1" pc-grid bad
        [ ! -e bad/ch00000/residual.fits ]
    }
    local key
    for key in stokes precision accuracy wterm wmax_lambda; do
        plane "00plane says nothing of $key: pc-psf completes it" "/^$key=/d"
    done
    plane "00plane: .*XZ.*IQUV" 's/^stokes=.*/stokes=XZ/'
    plane "00plane has stokes=I, psf.fits has other planes .2, 1 wanted" 's/^stokes=.*/stokes=I/'
    plane "00plane has stokes=RRLL, psf.fits has other planes" 's/^stokes=.*/stokes=RRLL/'
    plane "00plane has precision=half, it is single or double" 's/^precision=.*/precision=half/'
    plane "00plane has wterm=auto, it is none or full" 's/^wterm=.*/wterm=auto/'
    plane "00plane: accuracy is .fine." 's/^accuracy=.*/accuracy=fine/'
    for key in -1 0 1 1e-09 nan inf; do
        plane "00plane has accuracy=$key, it is 1e-06 to 0.01" "s/^accuracy=.*/accuracy=$key/"
    done
    for key in -3e9 nan inf; do
        plane "00plane has wmax_lambda=" "s/^wmax_lambda=.*/wmax_lambda=$key/"
    done
    plane "the w-term turns phases by up to .* rad" 's/^wmax_lambda=.*/wmax_lambda=1e20/'
    works pc-grid stage
}

@test "psf.fits and sumwt.fits of different lives are refused" {
    stage
    works pc-psf "${small[@]}" --stokes XXYY stage -o two
    works pc-psf "${small[@]}" stage
    cp two/ch00000/sumwt.fits stage/ch00000/sumwt.fits
    fails 65 "ch00000: sumwt.fits does not belong to psf.fits of 1 Stokes planes" pc-grid stage
    cp stage/ch00001/sumwt.fits two/ch00000/sumwt.fits
    fails 65 "ch00000: sumwt.fits does not belong to psf.fits of 2 Stokes planes" pc-grid two
    fails 65 "ch00000: sumwt.fits does not belong" pc-grid --predict two
    cp two/ch00001/psf.fits stage/ch00001/psf.fits
    fails 65 "ch00001: sumwt.fits does not belong" pc-grid stage/ch00001
    # a model of one plane, cleaned from an earlier life
    works pc-psf "${small[@]}" --stokes XXYY stage
    works pc-grid stage
    cp stage/ch00000/psf.fits model.fits
    works pc-psf "${small[@]}" stage
    cp model.fits stage/ch00000/model.fits
    fails 65 "ch00000: model.fits" pc-grid stage
    [ ! -e stage/ch00000/residual.fits ]
}

@test "no weights at all, in two planes: blank, zero, stop code -1; and no prediction of nothing" {
    stage
    /usr/bin/python3 -c '
from astropy.io import fits
with fits.open("stage/ch00001/vis00000/weight.fits", mode="update") as f:
    f[0].data[:, :, 1] = 0
    f[0].add_checksum()'
    local precision
    for precision in single double; do
        for weighting in natural uniform briggs; do
            works pc-psf "${small[@]}" --stokes XXYY --precision $precision --weighting $weighting stage
            works pc-grid stage
            grep -q 'ch00001 peak_jy=nan rms_jy=nan samples=0 .*nodata=1' err.txt
            [ "$(pix stage/ch00001/residual.fits '(np.isnan(p).all(), p.shape)')" = "(True, (2, 20, 24))" ]
            [ "$(pix stage/ch00001/psf.fits 'np.isnan(p).all()')" = True ]
            [ "$(pix stage/ch00001/sumwt.fits '(p == 0).all()')" = True ]
            grep -qx stopcode=-1 stage/ch00001/state
            [ "$(pix stage/ch00000/residual.fits 'np.isfinite(p).all()')" = True ]
        done
    done
    works pc-psf "${small[@]}" --stokes pseudoI stage # one hand is left
    [ "$(pix stage/ch00001/sumwt.fits 'p[0, 0, 0] > 0')" = True ]
}

@test "a cube of two Stokes planes: planes, table, and the same bytes whatever the threads" {
    need parallel pc-mask pc-clean pc-restore pc-concat
    stage
    local options=("${small[@]}" --datacolumn data --stokes XXYY --weighting briggs --niter 40 --threshold 20mJy
        --usemask auto-multithresh --sidelobethreshold 2.0 --noisethreshold 4.0)
    works pc-cube obs.ms --imagename one "${options[@]}" --threads 1 --jobs 1
    works pc-cube obs.ms --imagename two "${options[@]}" --threads 2 --jobs 2
    works pc-cube obs.ms --imagename three "${options[@]}" --threads 3 --jobs 1
    local file count=0
    for file in one.*.fits; do
        cmp "$file" "two${file#one}"
        cmp "$file" "three${file#one}"
        count=$((count + 1))
    done
    [ "$count" -ge 5 ]
    for file in image residual model mask psf; do
        /usr/bin/python3 - "one.$file.fits" <<'END'
import sys
import numpy as np
from astropy.io import fits
with fits.open(sys.argv[1]) as f:
    h, p = f[0].header, f[0].data
    assert [h[f"NAXIS{i}"] for i in (1, 2, 3, 4)] == [24, 20, 2, 2], h
    assert (h["CTYPE4"], h["CRVAL4"], h["CDELT4"]) == ("STOKES", -5, -1)
    assert all(np.isfinite(plane).any() for stokes in p for plane in stokes)
END
    done
    [ "$(wc -l <one.channels.tsv)" -eq 3 ] # the heading and a row per channel
    [ "$(awk -F '\t' 'NR > 1 && $14 ~ /^[1-9]$/ && $12 > 0' one.channels.tsv | wc -l)" -eq 2 ]
}
