#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The reference job's first channels at full size, as a job: pc-cube from the MeasurementSet to the cubes, with the w-term
# that the accuracy needs, by one job at a time and by two, and 2-D. What it took stands beside the rows of
# spec/targets.md and beside what pc-memest had planned. Ends with 1 when bytes, memory, stop codes or the products are not
# what they should be; nothing fails by the clock.
#
# PC_REFERENCE_NCHAN   channels (10)             PC_REFERENCE_IMSIZE  pixels (8000); cells and baselines go with it
# PC_REFERENCE_NTIME   integrations of 780 rows (576)
# PC_REFERENCE_JOBS    how many at a time, run by run ("1 2")
# PC_REFERENCE_MS      this one instead of a simulated one, of the array and the cells of the full size
# PC_REFERENCE_TABLE   file for the rows, tab-separated            PC_BIN  the programs (build/bin)
#
# At full size a run takes 14 GB where TMPDIR is, and 2 GB of memory a job.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PC_BIN=$(cd "${PC_BIN:-$here/../../build/bin}" && pwd)
PATH=$PC_BIN:$PC_BIN/../bench:$here/../../pipelines:$PATH
export LC_ALL=C
nchan=${PC_REFERENCE_NCHAN:-10} n=${PC_REFERENCE_IMSIZE:-8000} ntime=${PC_REFERENCE_NTIME:-576}
table=${PC_REFERENCE_TABLE:+$(realpath "$PC_REFERENCE_TABLE")}
ms=${PC_REFERENCE_MS:+$(realpath "$PC_REFERENCE_MS")}
read -ra at_a_time <<<"${PC_REFERENCE_JOBS:-1 2}"
cell=$(awk -v n="$n" 'BEGIN { printf "%.6g", 0.0046 * 8000 / n }')
npix=$((n * n)) failed=0
declare -A m f

parameters=(--imsize "$n" --cell "${cell}arcsec" --specmode cube --accuracy 1e-4 --weighting briggsbwtaper --robust 0.5
    --fracbw 0.000907945 --deconvolver hogbom --niter 50000 --threshold 4mJy --usemask auto-multithresh --sidelobethreshold 2.5
    --noisethreshold 5 --lownoisethreshold 1.5 --negativethreshold 7 --minbeamfrac 0.3 --growiterations 50 --pbcor)

# ---- rows ----

# row LABEL MEASURED [OP LIMIT [judged]]: OP is <=, == or in (from, to). One that is judged and does not hold fails the whole.
row() {
    local verdict=''
    if [ $# -ge 4 ]; then
        verdict=$(awk -v a="$2" -v op="$3" -v b="$4" 'BEGIN {
            split(b, range, ",")
            print (op == "<=" ? a + 0 <= b + 0 : op == "in" ? a >= range[1] + 0 && a <= range[2] + 0 : a == b) ? "holds" : "misses" }')
        [ "$verdict" = holds ] || [ "${5-}" != judged ] || failed=1
    fi
    printf '%-72s %10s  %-2s %10s  %s\n' "$1" "$2" "${3-}" "${4-}" "$verdict" | sed 's/ *$//'
    [ -z "$table" ] || printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$run" "$1" "$2" "${3-}" "${4-}" "$verdict" >>"$table"
}

over() { awk -v a="$1" -v b="$2" -v digits="${3:-2}" 'BEGIN { printf "%.*f", digits, a / (b > 0 ? b : 1e-9) }'; } # A B [DIGITS]

largest() { # KEY: in the done records
    cat -- "$run".pc/ch*.done | awk -F = -v key="$1" '$1 == key && $2 > most { most = $2 } END { printf "%.0f", most }'
}

planned() { sed -n "s/^$1=//p" "$run.pc/plan"; } # KEY

# What a stage held against what was planned before the channels: within 15 %, 8 MB aside (a process is counted in steps of
# four), or not above it where the plan says that it is a bound.
stages() {
    local stage took plan
    for stage in psf grid mask clean restore; do
        took=$(largest mem_byte_$stage)
        plan=$(planned ${stage}_mem_byte)
        if [[ ,$(planned bound), == *,${stage}_mem_byte,* ]]; then
            row "pc-$stage: memory over pc-memest's, a bound" "$(over $((took - 4000000)) "$plan" 3)" "<=" 1.05 judged
        else
            row "pc-$stage: memory over pc-memest's, 8 MB aside" "$(awk -v a="$took" -v b="$plan" 'BEGIN {
                d = a - b
                printf "%.3f", (d * d <= 64e12 ? 1 : (a + (d < 0 ? 8e6 : -8e6)) / b) }')" "in" "0.85,1.15" judged
        fi
    done
}

# What each job took beside its stages, by the clock: placing the planes, first of all.
beside() {
    [ -s "$run.pc/joblog" ] || return 0
    awk -v stages="$(cat -- "$run".pc/ch*.done | awk -F = '$1 == "seconds" { s += $2 } END { print s }')" -v nchan="$nchan" \
        'NR > 1 || $1 ~ /^[0-9]/ { s += $4 } END { printf "%.2f", (s - stages) / nchan }' "$run.pc/joblog"
}

bytes_of() { du -sk "$@" | awk '{ s += $1 } END { printf "%.0f", s * 1024 }'; }

# ---- a run ----

watch_bundles() { # the largest bundle there ever is on the scratch directory, in kB, into FILE
    local most=0 now
    while [ -e "$scratch" ]; do
        now=$(du -sk "$scratch"/*/ 2>/dev/null | sort -n | tail -n 1 | cut -f 1)
        [ "${now:-0}" -le "$most" ] || { most=$now && echo "$most" >"$1"; }
        sleep 0.2
    done
}

# one NAME TARGET OPTION...: TARGET in units of F
one() {
    local target=$2 line bundle peak products vis
    run=$1
    shift 2
    printf '\n%s: %s channels of %s x %s pixels of %s arcsec, %s\n' "$run" "$nchan" "$n" "$n" "$cell" "$*"
    echo 0 >bundle.kb
    watch_bundles bundle.kb &
    local watcher=$!
    line=$(bench_run -n 1 -o log -- pc-cube "$ms" --imagename "$run" "${parameters[@]}" --nchan "$nchan" --scratch "$scratch" "$@") || {
        kill "$watcher"
        cat log >&2
        exit 1
    }
    kill "$watcher"
    # shellcheck disable=SC2086
    for line in $line; do m[${line%%=*}]=${line#*=}; done
    bundle=$(($(cat bundle.kb) * 1024))
    peak=$(largest peak_mem_byte)
    products=$(bytes_of "$run".*.fits)
    vis=$(($(planned vis_byte) * nchan))
    [ "$n" -eq 8000 ] || target=
    row "processor time of a channel, F" "$(over "${m[cpu]}" "$(awk -v f="${f[f]}" -v k="$nchan" 'BEGIN { print f * k }')")" ${target:+"<=" "$target"}
    row "  the same, s" "$(over "${m[cpu]}" "$nchan")"
    row "  of which the system's, s" "$(over "${m[sys]}" "$nchan")"
    row "wall time of a channel, s" "$(over "${m[wall]}" "$nchan")"
    row "a job beside its stages, wall time, s" "$(beside)"
    row "largest process, bytes a pixel" "$(over "$peak" "$npix" 1)" "<=" "$(over $((16 * npix + 33554432)) "$npix" 1)" judged
    row "largest process, pc-concat and others included, MB" "${m[rss]}" "<=" "$(over $((16 * npix + 50000000)) 1000000 1)" judged
    row "a channel's bundle, bytes a pixel" "$(over "$bundle" "$npix" 1)" "<=" "$(over "$(planned bundle_byte)" "$npix" 1)" judged
    row "a job, its bundle counted, bytes a pixel" "$(over $((bundle + peak)) "$npix" 1)" "<=" "$(over $((32 * npix + 67108864 + vis / nchan)) "$npix" 1)" judged
    stages
    if awk -v w="${m[stored]}" 'BEGIN { exit !(w > 0) }'; then
        row "written to disk, 2 MB of records aside, over products and visibilities" \
            "$(awk -v mb="${m[stored]}" -v all="$((products + vis))" 'BEGIN { printf "%.3f", (mb - 2) * 1e6 / all }')" "<=" 1.1 judged
    fi
    row "channels that stopped at the threshold" "$(cat -- "$run".pc/ch*.done | grep -c '^stopcode=2$')" "==" "$nchan" judged
    awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
        { for (i = 1; i <= split("index beam_maj_arcsec peak_jy rms_jy model_flux_jy mask_px iterdone nmajor stopcode seconds", key, " "); i++)
            printf "%s%s", $column[key[i]], i < 10 ? "\t" : "\n" }' "$run.channels.tsv" | column -t -s "$(printf '\t')" | sed 's/^/  /'
}

sums() { cat "$1".*.fits | sha256sum | cut -d ' ' -f 1; } # NAME

finish() {
    rm -rf "$work" "$scratch"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/pc-reference.XXXXXX")
scratch=$work/scratch
trap finish EXIT
if [ -w /dev/shm ]; then scratch=$(mktemp -d /dev/shm/pc-reference.XXXXXX); fi
mkdir -p "$scratch"
cd "$work"
[ -z "$table" ] || printf 'run\trow\tmeasured\t\tlimit\tverdict\n' >"$table"
if [ -z "$ms" ]; then
    # the same noise in the image, whatever the number of integrations
    pc-mock --nant 40 --ntime "$ntime" --nchan "$nchan" --sky shell --freq 268.5GHz --width 244kHz --dec 13.28deg \
        --bmax "$(awk -v n="$n" 'BEGIN { printf "%.6g", 9000 * n / 8000 }')" \
        --noise "$(awk -v n="$ntime" 'BEGIN { printf "%.4g", 0.3 * sqrt(n / 576) }')Jy" -o obs.ms 2>/dev/null
    ms=$work/obs.ms
fi
for word in $(bench_unit "$n"); do f[${word%%=*}]=${word#*=}; done
printf 'F, one real transform of %s x %s: %.4f s; load %s\n' "$n" "$n" "${f[f]}" "$(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null)"
first=
for jobs in "${at_a_time[@]}"; do
    one "w-jobs$jobs" 30 --jobs "$jobs"
    now=$(sums "$run")
    row "the same products as by ${at_a_time[0]} at a time" "$([ "${first:=$now}" = "$now" ] && echo yes || echo no)" "==" yes judged
    rm -f "$run".*.fits
done
one "2d-jobs${at_a_time[0]}" 15 --jobs "${at_a_time[0]}" --gridder standard
exit $failed
