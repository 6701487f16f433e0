# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# wsclean on the data of bench.sh: same image, natural weights, one thread, on the same file system.
#
# 2-D: its own gridder with one w-layer and default kernel, against ours at accuracy 1e-4. w: its wgridder (ducc) at
# accuracy 1e-4, against ours with w. Its seconds are those it prints itself for inversion and prediction, from files that
# it has reordered the MS into (reordering, weighting and writing of images left out), times the share of a processor that
# the process had; ours are the whole process, files read and written. Inversion is compared with the first residual, inversion and prediction with the residual of a
# dense model.

# own NAME: seconds that the run logged in "log" printed for Inversion or prediction
own() {
    sed -n "s/.*$1: \([0-9:.]*\).*/\1/p" log | tail -n 1 |
        awk -F: -v cpu="${m[cpu]}" -v wall="${m[wall]}" '{ print ($1 * 3600 + $2 * 60 + $3) * (cpu < wall ? cpu / wall : 1) }'
}

# both GRIDDER OPTION...: times of one inversion and one prediction, and the two lines
both() {
    local gridder=$1 inversion prediction
    shift
    set -- -j 1 -name peer -size "$n" "$n" -scale "${cell}asec" -pol I -weight natural -reorder -temp-dir . "$@"
    runs=1 measure true wsclean "$@" -niter 0 -no-update-model-required obs.ms
    inversion=$(own Inversion)
    mv peer-dirty.fits peer-model.fits
    runs=1 measure true wsclean "$@" -predict obs.ms
    prediction=$(own prediction)
    versus "first residual, wsclean" "$gridder" 1e-4 "${cpu_of[first residual $gridder 1e-4]}" "$inversion" ""
    versus "residual, dense, wsclean" "$gridder" 1e-4 "${cpu_of[residual, dense $gridder 1e-4]}" \
        "$(awk -v a="$inversion" -v b="$prediction" 'BEGIN { print a + b }')" 8
    rm -f peer-*
}

peer() {
    if ! command -v wsclean >/dev/null; then
        echo "wsclean: not installed"
        return
    fi
    local stacking=() wgridder=(-use-wgridder)
    if wsclean 2>&1 | grep -q -e '^-gridder '; then # since 3.2
        stacking=(-gridder wstacking) wgridder=(-gridder wgridder)
    fi
    echo "$(wsclean --version | awk '/version/ { print "wsclean", $3; exit }'), one thread: seconds of ours and its own"
    both standard "${stacking[@]}" -nwlayers 1
    both widefield "${wgridder[@]}" -wgridder-accuracy 1e-4
}
