# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# The one pass over a MeasurementSet, for bench.sh: megabytes of it a second, beside cat of the same files.
#
# PC_BENCH_PASS  integrations of 780 rows of 1000 channels, 40 (500 MB) unless given; 0: not measured

pass_row() { # STAGE: of what is in m
    local rate
    rate=$(awk -v mb="$mb" -v wall="${m[wall]}" -v cpu="${m[cpu]}" 'BEGIN {
        printf "%.0f %.0f", mb / (wall > 0 ? wall : 1e-4), mb / (cpu > 0 ? cpu : 1e-4) }')
    printf '%-36s %8.3f %8.3f %6s MB/s, %6s MB/s of processor\n' "$1" "${m[wall]}" "${m[cpu]}" "${rate% *}" "${rate#* }"
    tsv_row "$1" - - "${m[cpu]}" "${m[sys]}" "${m[wall]}" "${m[cpu_median]}" "${m[wall_median]}" "${m[rss]}" "${m[read]}" "${m[written]}" \
        "" "" "" "" "" "" "" ""
}

the_pass() {
    local mb ntime=${PC_BENCH_PASS:-40}
    [ "$ntime" -gt 0 ] || return 0
    quietly pc-mock --sky empty --nant 40 --ntime "$ntime" --nchan 1000 -o pass.ms
    mb=$(du -sm pass.ms | cut -f 1)
    printf '\nA MeasurementSet of %s MB, 1000 channels, into a directory (target: 500 MB/s of a core, or 70 %% of cat)\n' "$mb"
    measure true bash -c 'find pass.ms -type f -exec cat {} + | cat >/dev/null'
    pass_row "cat"
    measure "rm -rf out" pc-select --threads 1 --datacolumn data --channels 500 -o out pass.ms
    pass_row "one channel of 1000"
    measure "rm -rf out" pc-select --threads 1 --datacolumn data --specmode mfs --spw 0:0~9 -o out pass.ms
    pass_row "ten channels in one plane"
    measure "rm -rf out" pc-select --threads 1 --datacolumn data -o out pass.ms
    pass_row "1000 channels"
    measure "rm -rf out" pc-select --threads 2 --datacolumn data -o out pass.ms
    pass_row "1000 channels, 2 threads"
    measure "rm -rf out" pc-select --threads 1 --datacolumn data --width 300kHz --nchan 1000 -o out pass.ms
    pass_row "1000 planes, interpolated"
    rm -rf out pass.ms*
    whole_tiles "$ntime"
}

# Where a tile holds all channels, reading one is reading all: what turning them costs beside that, and what writing.
whole_tiles() { # NTIME
    local -A cpu
    quietly pc-mock --sky empty --nant 40 --ntime "$1" --nchan 1000 --tile 1000 -o pass.ms
    measure "rm -rf out" pc-select --threads 1 --datacolumn data --channels 500 -o out pass.ms
    pass_row "one channel, tiles of 1000"
    cpu[one]=${m[cpu]}
    measure "rm -rf out" pc-select --threads 1 --datacolumn data -o out pass.ms
    pass_row "1000 channels, tiles of 1000"
    cpu[all]=${m[cpu]}
    measure "rm -rf copy" cp -a out copy
    pass_row "their files, copied"
    awk -v one="${cpu[one]}" -v all="${cpu[all]}" -v copy="${m[cpu]}" 'BEGIN {
        printf "1000 channels, writing (as cp does) aside: %.1f times one (target: less than 2)\n",
            (all - copy) / (one > 0 ? one : 1e-4) }'
    rm -rf out copy pass.ms*
}
