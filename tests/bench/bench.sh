#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What each stage takes for one channel of the reference job's kind (spec/targets.md), beside the time F that FFTW takes
# for one real transform of that size and the speed at which planes are copied, both measured in the same run; and
# wsclean on the same data, where it is installed. Nothing fails by the clock.
#
# PC_BENCH_IMSIZE  sizes, "1024 4096 8000" unless given     PC_BENCH_NTIME  integrations of 780 rows (576)
# PC_BENCH_CUBES   whole cubes, see cubes.bash
# PC_BENCH_STAGES  gridding: the rows of pc-psf and pc-grid alone (all)
# PC_BENCH_PASS    integrations of the MeasurementSet whose reading is measured (40: 500 MB)
# PC_BENCH_TSV     file for all figures, tab-separated      PC_BIN          the programs (build/bin)
#
# Stages run in place on hard-linked copies of a prepared bundle, from the visibilities' files to the plane's. Times are
# the best of up to three runs, in processor time (user and system), which other jobs change less than the clock.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PC_BIN=$(cd "${PC_BIN:-$here/../../build/bin}" && pwd)
PATH=$PC_BIN:$PC_BIN/../bench:$here/../../pipelines:$PATH
export LC_ALL=C
# shellcheck source=figures.bash
. "$here/figures.bash"
# shellcheck source=peer.bash
. "$here/peer.bash"
# shellcheck source=pass.bash
. "$here/pass.bash"
# shellcheck source=cubes.bash
. "$here/cubes.bash"

read -ra sizes <<<"${PC_BENCH_IMSIZE:-1024 4096 8000}"
ntime=${PC_BENCH_NTIME:-576}
stages=${PC_BENCH_STAGES:-all}
tsv=${PC_BENCH_TSV:+$(realpath "$PC_BENCH_TSV")}
automask=(--usemask auto-multithresh --sidelobethreshold 2.5 --noisethreshold 5 --lownoisethreshold 1.5
    --negativethreshold 7 --minbeamfrac 0.3 --growiterations 50)

# make_work: a directory of its own on tmpfs, where that has room for a dozen planes; removed at the end.
make_work() {
    local s most=0 room
    for s in "${sizes[@]}"; do
        [ "$s" -le "$most" ] || most=$s
    done
    room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    if [ -w /dev/shm ] && [ "${room:-0}" -gt $((12 * 4 * most * most / 1024 + 300000)) ]; then
        TMPDIR=/dev/shm
    fi
    work=$(mktemp -d "${TMPDIR:-/tmp}/pc-bench.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
}

# in_place STAGE GRIDDER ACCURACY BUNDLE COMMAND...: the row of a command that changes "run", a copy of BUNDLE.
in_place() {
    local stage=$1 gridder=$2 accuracy=$3 from=$4
    shift 4
    measure "rm -rf run; cp -al $from run" "$@"
    row "$stage" "$gridder" "$accuracy"
}

# model KIND BUNDLE NEW: NEW is BUNDLE with a model.
model() {
    rm -rf "$3"
    cp -al "$2" "$3"
    bench_model "$1" "$3"
}

quietly() {
    "$@" >log 2>&1 || { cat log >&2; exit 1; }
}

# gridding GRIDDER ACCURACY: pc-psf's bundle "psf", first residual and residuals with models.
gridding() {
    local gridder=$1 accuracy=$2 kind
    in_place psf "$gridder" "$accuracy" select \
        pc-psf --imsize "$n" --cell "${cell}arcsec" --gridder "$gridder" --accuracy "$accuracy" run
    rm -rf psf && mv run psf
    in_place "first residual" "$gridder" "$accuracy" psf pc-grid run
    rm -rf first && mv run first
    for kind in sparse dense; do
        model $kind psf model
        in_place "residual, $kind" "$gridder" "$accuracy" model pc-grid run
    done
    rm -rf dense && mv run dense
}

# From "first" and "dense": masks, one minor cycle of 1000 components in 2 % of the image, images.
deconvolution() {
    in_place "mask" - - first pc-mask "${automask[@]}" run
    quietly pc-clean --niter 100 run
    quietly pc-grid run
    mv run later
    in_place "mask, grown" - - later pc-mask "${automask[@]}" run
    quietly pc-mask --mask "circle[[$((n / 2))pix,$((n / 2))pix],$(awk -v n="$n" 'BEGIN { print 0.0798 * n }')pix]" first
    in_place clean - - first pc-clean --niter 1000 --cyclethreshold 1e-9Jy run
    rm -rf later && mv run later
    quietly pc-grid later
    in_place "restore, sparse" - - later pc-restore --pbcor run
    in_place "restore, dense" - - dense pc-restore --pbcor run
    rm -rf first later
}

# The whole of a channel as the reference job has it, files written, selection apart.
whole() {
    runs=1 in_place "channel to 4 mJy" "$1" 1e-4 select pc-channel --imsize "$n" --cell "${cell}arcsec" --gridder "$1" \
        --accuracy 1e-4 --weighting briggs --robust 0.5 --niter 50000 --threshold 4mJy --pbcor "${automask[@]}" run
    rms_of[$1]=$(bench_rms run/ch00000/residual.fits)
}

threads() {
    if ! pc-psf --help | grep -q -e --threads || ! pc-grid --help | grep -q -e --threads; then
        echo "two threads: not measured, pc-psf and pc-grid have no --threads"
        return
    fi
    echo "two threads: wall time of one over that of two (target 1.7)"
    local gridder
    for gridder in standard widefield; do
        against_one psf $gridder select pc-psf --threads 2 --imsize "$n" --cell "${cell}arcsec" --gridder $gridder \
            --accuracy 1e-4 run
        rm -rf psf && mv run psf
        against_one "first residual" $gridder psf pc-grid --threads 2 run
        model dense psf model
        against_one "residual, dense" $gridder model pc-grid --threads 2 run
    done
}

# against_one STAGE GRIDDER BUNDLE COMMAND...
against_one() {
    local stage=$1 gridder=$2 from=$3
    shift 3
    measure "rm -rf run; cp -al $from run" "$@"
    versus "$stage, 2 threads" "$gridder" 1e-4 "${m[wall]}" "${wall_of[$stage $gridder 1e-4]}" 1.7
}

one_size() {
    local gridder accuracy
    cell=$(awk -v n="$n" 'BEGIN { printf "%.6g", 0.0046 * 8000 / n }')
    quietly pc-mock --nant 40 --ntime "$ntime" --nchan 1 --sky shell \
        --bmax "$(awk -v n="$n" 'BEGIN { printf "%.6g", 9000 * n / 8000 }')" -o obs.ms
    rows=$(sed -n 's/.* rows=\([0-9]*\).*/\1/p' log)
    units
    measure "rm -rf select" pc-select --datacolumn data -o select obs.ms
    row select - -
    for gridder in standard widefield; do
        for accuracy in 1e-5 1e-4; do
            gridding $gridder $accuracy
        done
        [ "$stages" = all ] || continue
        [ $gridder = widefield ] || deconvolution
        if [ $gridder = standard ] || [ "$n" -ge 8000 ]; then whole $gridder; fi
    done
    threads
    rm -rf run psf first model dense
    [ "$stages" != all ] || peer
    units_again
    rm -rf ./*
}

make_work
tsv_head
for n in "${sizes[@]}"; do
    one_size
done
[ "$stages" = all ] || exit 0
the_pass
cubes
