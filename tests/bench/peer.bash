# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# wsclean on the data of bench.sh: same image, one thread, on the same file system; natural weights but for the channel
# that is cleaned.
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

# cleaned GRIDDER OPTION...: the whole of a channel by both, programs from start to end in processor time, and what is
# left. Cleaned down to the same threshold; it needs no mask, which would only cost it time, and writes no MODEL_DATA.
cleaned() {
    local gridder=$1 rms
    [ -n "${cpu_of[channel to 4 mJy $gridder 1e-4]-}" ] || return 0
    shift
    runs=1 measure true wsclean -j 1 -name peer -size "$n" "$n" -scale "${cell}asec" -pol I -weight briggs 0.5 -niter 50000 \
        -threshold 0.004 -mgain 0.8 -reorder -temp-dir . -no-update-model-required "$@" obs.ms
    versus "channel to 4 mJy, wsclean" "$gridder" 1e-4 "${cpu_of[channel to 4 mJy $gridder 1e-4]}" "${m[cpu]}" 10
    rms=$(bench_rms peer-residual.fits)
    awk -v a="${rms_of[$gridder]}" -v b="$rms" 'BEGIN {
        printf "  rms of the residual: %.6g and %.6g Jy, %.4f of it (target at most 1)\n", a, b, (b > 0 ? a / b : 1) }'
    tsv_row "rms of the residual, wsclean" "$gridder" 1e-4 "" "" "" "" "" "" "" "" "" "" "" "" 1 "${rms_of[$gridder]}" "$rms" \
        "$(awk -v a="${rms_of[$gridder]}" -v b="$rms" 'BEGIN { printf "%.4f", (a > 0 ? b / a : 1) }')"
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
    cleaned standard "${stacking[@]}" -nwlayers 1
    cleaned widefield "${wgridder[@]}" -wgridder-accuracy 1e-4
}
