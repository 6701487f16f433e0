# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Whole cubes for bench.sh: what a job takes beside the work of its channel, a thousand small channels beside their
# arithmetic, and a cube of 64 channels beside wsclean's. PC_BENCH_CUBES is three numbers, channels of 256 x 256 pixels,
# channels and pixels of the other cube: "1000 64 1024" unless given. Processor seconds, of all processes together.

# line LABEL SECONDS OTHER TARGET: a row that says how often SECONDS go into OTHER
cube_line() { versus "$1" - - "$2" "$3" "$4"; }

# over A B N: (A - B) / N
over() { awk -v a="$1" -v b="$2" -v n="$3" 'BEGIN { printf "%.4f", (a - b) / n }'; }

afresh='rm -rf work; cp -al planned work'

plan_small() { # N: the work directory of N channels of small.ms, planned by hand
    mkdir planned
    quietly pc-select small.ms -o planned/vis
    seq 0 $(($1 - 1)) >planned/channels
    printf '%s\n' "${small[@]/#--/pc-psf=--}" pc-clean=--niter=300 pc-clean=--threshold=20mJy \
        pc-mask=--usemask=auto-multithresh >planned/params
    printf '%s\n' "id=0.0@$HOSTNAME" "scratch=$PWD" bundles=pc.bench keep= >planned/run
}

# What twenty channels take one by one and in one block: the difference is what is not the channels' own work.
job_overhead() {
    local some=$(($1 < 20 ? $1 : 20)) all
    all=$(seq -s , 0 $((some - 1)))
    runs=3 measure "$afresh" bash -c "for i in ${all//,/ }; do pc-channel --job work \$i || exit; done"
    local one=${m[cpu]} one_wall=${m[wall]}
    runs=3 measure "$afresh" pc-channel --job work "$all"
    printf 'a job of one channel of 256 x 256: %s s and %s s of processor and wall time beside the channel (target 0.05)\n' \
        "$(over "$one" "${m[cpu]}" "$some")" "$(over "$one_wall" "${m[wall]}" "$some")"
    cube_line "a job of one small channel" "$(over "$one" "${m[cpu]}" "$some")" 0.05 1
}

# The programs alone over all channels at once, in as many cycles as the channels need, and the cube by pc-cube.
small_cube() {
    runs=1 measure "$afresh" pc-channel --job work "$(seq -s , 0 $(($1 - 1)))"
    local alone=${m[cpu]}
    runs=1 measure "rm -rf small.pc small.*.fits" pc-cube small.ms --imagename small "${small[@]}" --niter 300 --threshold 20mJy \
        --usemask auto-multithresh --jobs 1
    cube_line "$1 channels of 256 x 256, their arithmetic" "${m[cpu]}" "$alone" 0.9
    rm -rf small.* work planned
}

# 64 channels of 1024 x 1024 to 4 mJy, one core each: ours as it stands, wsclean's by the same threshold.
cube_peer() {
    local nchan=$1 n=$2
    quietly pc-mock --nant 40 --ntime "${PC_BENCH_NTIME:-120}" --nchan "$nchan" --sky shell --bmax 2000 -o cube.ms
    runs=1 measure "rm -rf cube.pc cube.*.fits" pc-cube cube.ms --imagename cube --imsize "$n" --cell 0.02arcsec \
        --gridder standard --accuracy 1e-4 --weighting briggs --robust 0.5 --niter 50000 --threshold 4mJy "${automask[@]}" \
        --jobs 1 --products image,residual,model
    local ours=${m[cpu]}
    if command -v wsclean >/dev/null; then
        runs=1 measure true wsclean -j 1 -name peer -size "$n" "$n" -scale 0.02asec -pol I -weight briggs 0.5 -niter 50000 \
            -threshold 0.004 -mgain 0.8 -channels-out "$nchan" -no-update-model-required -temp-dir . cube.ms
        cube_line "$nchan channels of $n x $n, wsclean" "$ours" "${m[cpu]}" 10
    fi
    rm -rf cube.* peer*
}

cubes() {
    local nsmall nchan n rows=- small=(--imsize=256 --cell=0.2arcsec --weighting=briggs --robust=0.5)
    read -r nsmall nchan n <<<"${PC_BENCH_CUBES:-1000 64 1024}"
    printf '\nwhole cubes, seconds of processor time\n'
    quietly pc-mock --nant 20 --ntime 20 --nchan "$nsmall" --sky shell --bmax 1000 -o small.ms
    plan_small "$nsmall"
    job_overhead "$nsmall"
    small_cube "$nsmall"
    cube_peer "$nchan" "$n"
}
