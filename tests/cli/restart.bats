# SPDX-License-Identifier: GPL-3.0-or-later
# Cleaning that goes on from what an earlier run left: tclean's calcpsf and calcres on bundles, and start models between
# cubes. The truth is one run that does it all: 30 iterations and 30 more are 60.

load lib

IMAGE=(--imsize 64 --cell 0.1arcsec --weighting briggs --robust 0.5)
HALF=(--niter 30 --cycleniter 30)

setup_file() {
    local bin=${PC_BIN:-${BATS_TEST_DIRNAME}/../../build/bin}
    PATH=$(cd "$bin" && pwd):$(cd "${BATS_TEST_DIRNAME}/../../pipelines" && pwd):$PATH
    cd "$BATS_FILE_TMPDIR" || return 1
    {
        pc-mock --sky points --nchan 2 --nant 12 --ntime 6 --bmax 300 --noise 0.2Jy -o sky.ms &&
            pc-select sky.ms -o begun && pc-psf "${IMAGE[@]}" begun && pc-grid begun &&
            cp -a begun whole && pc-channel whole --niter 60 --cycleniter 30 &&
            cp -a begun half && pc-channel half "${HALF[@]}"
    } 2>setup.txt || { cat setup.txt && return 1; }
}

state() {
    sed -n "s/^$2=//p" "$1/state"
}

# The two channels of DIR have the pixels of the run that did it all.
as_whole() { # DIR
    local chan member
    for chan in ch00000 ch00001; do
        for member in model residual image; do
            /usr/bin/python3 - "$1/$chan/$member.fits" "$BATS_FILE_TMPDIR/whole/$chan/$member.fits" <<'END' || return 1
import sys
import numpy as np
from astropy.io import fits
a, b = (fits.getdata(f) for f in sys.argv[1:])
if not np.array_equal(a, b) or not np.any(a):
    sys.exit(f"{sys.argv[1]} differs by {np.abs(a - b).max()}, of {np.abs(b).max()}")
END
        done
        [ "$(state "$1/$chan" iterdone)" = 30 ] && [ "$(state "$1/$chan" stopcode)" = 1 ] || return 1
    done
}

@test "half of it is not the whole" {
    ! as_whole "$BATS_FILE_TMPDIR/half" 2>/dev/null
}

@test "calcpsf false, calcres false: psf and residual are kept" {
    cp -a "$BATS_FILE_TMPDIR/half" r
    local before
    before=$(stat -c %i r/ch00000/psf.fits)
    works pc-channel r --calcpsf=false --calcres=false "${HALF[@]}"
    as_whole r
    [ "$before" = "$(stat -c %i r/ch00000/psf.fits)" ]
    grep -q "pc-grid: ch00000 stopcode=0 restarted=1" err.txt
    # the first residual was kept, one was made after the minor cycle
    [ "$(state r/ch00000 nmajor)" = 2 ]
    works pc-check r
}

@test "calcpsf false, calcres true: the residual is made where it does not belong to the model" {
    cp -a "$BATS_FILE_TMPDIR/half" r
    works pc-channel r --no-calcpsf "${HALF[@]}"
    as_whole r
    rm -rf r
    cp -a "$BATS_FILE_TMPDIR/half" r
    cp r/ch00001/psf.fits r/ch00001/residual.fits
    rm r/ch00000/residual.fits
    sed -i 's/^residual_model=.*/residual_model=5/' r/ch00001/state
    works pc-channel r --calcpsf=false --calcres "${HALF[@]}"
    as_whole r
}

@test "calcpsf true: everything but the model is made again" {
    cp -a "$BATS_FILE_TMPDIR/half" r
    rm -f r/ch0000?/residual.fits r/ch0000?/zzplane
    works pc-channel r --calcpsf "${IMAGE[@]}" "${HALF[@]}"
    as_whole r
    rm -rf r
    cp -a "$BATS_FILE_TMPDIR/half" r
    works pc-channel r --calcres=false "${IMAGE[@]}" "${HALF[@]}"
    grep -q "warning: a new psf wants a new residual" err.txt
    as_whole r
    # another cell: the model is regridded, and keeps its flux
    works pc-channel r --calcpsf --imsize 100 --cell 0.071arcsec --niter 0
    [ "$(/usr/bin/python3 -c 'from astropy.io import fits
a, b = (fits.getdata(f"{d}/ch00000/model.fits").sum(dtype=float) for d in ("r", "'"$BATS_FILE_TMPDIR"'/whole"))
print(abs(a - b) < 1e-5 * abs(b))')" = True ]
}

@test "without a model there is nothing to go on from: that is a beginning" {
    cp -a "$BATS_FILE_TMPDIR/begun" r
    works pc-channel r --calcpsf=false --calcres=false --niter 60 --cycleniter 30
    local chan
    for chan in ch00000 ch00001; do
        cmp r/$chan/model.fits "$BATS_FILE_TMPDIR/whole/$chan/model.fits"
        cmp r/$chan/state "$BATS_FILE_TMPDIR/whole/$chan/state"
    done
}

@test "what is to be kept and is not there" {
    cp -a "$BATS_FILE_TMPDIR/half" r
    fails 64 "calcres=maybe: --calcres=true or --calcres=false is wanted" pc-channel r --calcres=maybe
    fails 64 "--startmodel .* is of no use with --calcpsf=false" pc-channel r --calcpsf=false --startmodel m.fits
    fails 64 "ch00000: has a model to go on from" pc-channel r --calcpsf "${IMAGE[@]}" --startmodel m.fits
    fails 64 "--restart is for pc-grid alone" pc-channel r --restart
    rm r/ch00000/residual.fits
    fails 65 "ch00000: there is no residual.fits to be kept; --calcres=true makes it" pc-channel r --calcpsf=false --calcres=false
    cp r/ch00001/residual.fits r/ch00000/
    rm r/ch00000/model.fits
    fails 65 "residual.fits does not belong to model.fits and cannot be kept" pc-channel r --calcpsf=false --calcres=false
    rm r/ch00000/psf.fits
    fails 65 "ch00000: there is no psf.fits to be kept" pc-channel r --calcpsf=false
    fails 64 "not for pc-cube: --startmodel NAME.model.fits continues" pc-cube x.ms --imagename x --calcres=false
    fails 64 "one of them" pc-grid --restart --predict r
    fails 64 "which is not asked for" pc-grid --calcres=false r
}

@test "pc-grid --restart: the same in a stream, and the best model goes" {
    cp -a "$BATS_FILE_TMPDIR/half" r
    [ -e r/ch00000/image.fits ]
    works pc-grid --restart --calcres=false -o s.tar r
    works pc-grid --restart r
    works pc-diff s.tar r
    [ ! -e r/ch00000/image.fits ]
    [ ! -e r/ch00000/modelbest.fits ]
    [ "$(state r/ch00000 iterdone)$(state r/ch00000 stopcode)$(state r/ch00000 nmajor)" = 001 ]
    cmp r/ch00000/model.fits "$BATS_FILE_TMPDIR/half/ch00000/model.fits"
}

@test "a cube goes on under another name, from the model of the first" {
    cd "$BATS_FILE_TMPDIR"
    works pc-cube sky.ms --imagename one "${IMAGE[@]}" "${HALF[@]}"
    cd "$T"
    ln -s "$BATS_FILE_TMPDIR/one.model.fits" .
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename two "${IMAGE[@]}" "${HALF[@]}" --startmodel one.model.fits --keep
    as_whole two.pc/vis
    works pc-image -o one.model.im one.model.fits
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename three "${IMAGE[@]}" "${HALF[@]}" --startmodel one.model.im
    cmp two.model.fits three.model.fits
    cmp two.image.fits three.image.fits
    fails 66 "--startmodel: none.fits" pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename four "${IMAGE[@]}" --startmodel none.fits
    fails 65 "--startmodel: .*image.fits: a start model is in Jy/pixel; its unit \(BUNIT\) is Jy/beam" \
        pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename four "${IMAGE[@]}" --startmodel two.image.fits
}
