# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# The figures of bench.sh: measured, printed as rows of a table, written to the file $tsv.

runs=3
declare -A m       # of the command last measured, by bench_run's keys
declare -A unit    # bench_unit's, for this size
declare -A wall_of # "STAGE GRIDDER ACCURACY" of this size
declare -A cpu_of
declare -A rms_of # GRIDDER: of the residual of the channel that was cleaned

# keys NAME WORD...: words of the form key=value into the array NAME.
keys() {
    local -n into=$1
    local word
    shift
    for word; do
        into[${word%%=*}]=${word#*=}
    done
}

# measure PREPARE COMMAND...: into m
measure() {
    local line prepare=$1
    shift
    line=$(bench_run -n "$runs" -t 3 -p "$prepare" -o log -- "$@")
    # shellcheck disable=SC2086
    keys m $line
}

# The size's units and the head of its table.
units() {
    local line
    line=$(bench_unit "$n")
    # shellcheck disable=SC2086
    keys unit $line
    printf '\n%s x %s pixels of %s arcsec, %s rows\n' "$n" "$n" "$cell" "$rows"
    printf 'F, one real transform: %.4f s; memory: copied at %.1f, scanned at %.1f GB/s\n' "${unit[f]}" "${unit[copy]}" \
        "${unit[scan]}"
    printf '%-28s %8s %7s %8s %5s %6s %6s %7s %8s %7s\n' stage "cpu s" sys "wall s" MB GB/s copy% Mvis/s "cpu/F" target
}

# Whether the machine has changed its pace meanwhile.
units_again() {
    local -A again
    # shellcheck disable=SC2046
    keys again $(bench_unit "$n")
    printf 'F at the end: %.4f s; memory: copied at %.1f, scanned at %.1f GB/s\n' "${again[f]}" "${again[copy]}" "${again[scan]}"
}

tsv_head() {
    [ -z "$tsv" ] || printf '%s\t' imsize rows stage gridder accuracy cpu_s sys_s wall_s cpu_median_s wall_median_s rss_mb \
        read_mb written_mb gb_per_s share_of_copy mvis_per_s of_f target ours_s other_s times_faster | sed 's/\t$/\n/' >"$tsv"
}

# tsv_row VALUE...: the columns after imsize and rows
tsv_row() {
    [ -z "$tsv" ] || printf '%s\t%s' "$n" "$rows" >>"$tsv"
    [ -z "$tsv" ] || { printf '\t%s' "$@"; echo; } >>"$tsv"
}

# Of spec/targets.md, in units of F: they are the reference job's, 8000 x 8000 at accuracy 1e-4.
target() { # STAGE GRIDDER ACCURACY
    [ "$n" = 8000 ] || return 0
    case "$1/$2/$3" in
    psf/standard/1e-4 | first*/standard/1e-4 | *sparse/standard/1e-4) echo 1.25 ;;
    psf/widefield/1e-4 | first*/widefield/1e-4 | *sparse/widefield/1e-4) echo 3 ;;
    residual*/standard/1e-4) echo 2 ;;
    residual*/widefield/1e-4) echo 6 ;;
    channel*/standard/*) echo 15 ;;
    channel*/widefield/*) echo 30 ;;
    mask*) echo 0.6 ;;
    clean*) echo 0.8 ;;
    restore*) echo 1 ;;
    esac
}

# label STAGE GRIDDER ACCURACY
label() {
    case $2 in
    standard) echo "$1, 2-D, $3" ;;
    widefield) echo "$1, w, $3" ;;
    *) echo "$1" ;;
    esac
}

# row STAGE GRIDDER ACCURACY: of what is in m. Rates are per second of processor time.
row() {
    local rates target nvis=0
    cpu_of[$1 $2 $3]=${m[cpu]}
    wall_of[$1 $2 $3]=${m[wall]}
    case $1 in
    select | psf | *residual*) nvis=$rows ;;
    esac
    # GB/s, share of a copy's, Mvis/s, of F
    rates=$(awk -v cpu="${m[cpu]}" -v in_mb="${m[read]}" -v out_mb="${m[written]}" -v nvis="$nvis" -v copy="${unit[copy]}" \
        -v f="${unit[f]}" 'BEGIN {
            if (cpu <= 0) cpu = 1e-4
            gb = (in_mb + out_mb) / 1000 / cpu
            if (in_mb < 0) print "- -"; else printf "%.3g %.3g ", gb, gb / copy
            print nvis ? nvis / 1e6 / cpu : "-", cpu / f
        }')
    target=$(target "$@")
    # shellcheck disable=SC2086
    set -- "$1" "$2" "$3" $rates "$target"
    awk -v label="$(label "$1" "$2" "$3")" -v cpu="${m[cpu]}" -v sys="${m[sys]}" -v wall="${m[wall]}" -v mb="${m[rss]}" -v gb="$4" -v share="$5" \
        -v mvis="$6" -v f="$7" -v target="$8" 'BEGIN {
            printf "%-28s %8.3f %7.3f %8.3f %5.0f %6s %6s %7s %8.2f %7s\n", label, cpu, sys, wall, mb, gb == "-" ? gb : sprintf("%.2f", gb),
                share == "-" ? share : sprintf("%.1f", 100 * share), mvis == "-" ? mvis : sprintf("%.2f", mvis), f, target
        }' | sed 's/ *$//'
    tsv_row "$1" "$2" "$3" "${m[cpu]}" "${m[sys]}" "${m[wall]}" "${m[cpu_median]}" "${m[wall_median]}" "${m[rss]}" "${m[read]}" \
        "${m[written]}" "$4" "$5" "$6" "$7" "$target" "" "" ""
}

# versus STAGE GRIDDER ACCURACY SECONDS OTHER TARGET: a line and a row that say how often SECONDS go into OTHER
versus() {
    local ratio
    ratio=$(awk -v a="$4" -v b="$5" 'BEGIN { printf "%.2f", b / (a > 0 ? a : 1e-4) }')
    printf '%-36s %8.3f %8.3f %6.2f times faster%s\n' "$(label "$1" "$2" "$3")" "$4" "$5" "$ratio" "${6:+, target $6}"
    tsv_row "$1" "$2" "$3" "" "" "" "" "" "" "" "" "" "" "" "" "$6" "$4" "$5" "$ratio"
}
