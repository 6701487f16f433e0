# SPDX-License-Identifier: GPL-3.0-or-later
# The reference job's first channels, so small that seconds mean nothing: memory, bytes on disk, stop codes and products
# are what they should be at any size.

load lib

@test "three channels of the reference job: planned memory, bytes on disk, stop codes, the same products" {
    [ -z "${SAN:-}" ] || skip "sanitizers take memory of their own"
    [ -x "$PC_BIN/../bench/bench_run" ] || skip "the bench programs have not been built"
    mkdir tmp
    TMPDIR=$T/tmp PC_REFERENCE_NCHAN=3 PC_REFERENCE_IMSIZE=512 PC_REFERENCE_NTIME=8 PC_REFERENCE_TABLE=table.tsv \
        works "$ROOT/tests/bench/reference.sh"
    [ "$(grep -c 'misses' out.txt)" -eq 0 ]
    for run in w-jobs1 w-jobs2 2d-jobs1; do
        [ "$(awk -F '\t' -v run=$run '$1 == run && $6 == "holds"' table.tsv | wc -l)" -ge 9 ]
        awk -F '\t' -v run=$run '$1 == run && /^[^\t]*\tpc-(psf|grid)/ { n++ } END { exit n != 2 }' table.tsv
    done
    [ -z "$(ls tmp)" ]
}

@test "a row that does not hold is said, and fails" {
    [ -x "$PC_BIN/../bench/bench_run" ] || skip "the bench programs have not been built"
    # a plan that counts twenty times the memory
    mkdir bad
    printf '%s\n' '#!/bin/bash' "out=\$('$PC_BIN/pc-memest' \"\$@\") || exit" \
        "awk -F = '/^psf_mem_byte/ { printf \"%s=%.0f\\n\", \$1, \$2 * 20; next } { print }' <<<\"\$out\"" >bad/pc-memest
    chmod +x bad/pc-memest
    for program in "$PC_BIN"/*; do
        [ -e "bad/${program##*/}" ] || ln -s "$program" "bad/${program##*/}"
    done
    ln -s "$PC_BIN/../bench" bench
    local code=0
    PC_BIN=$PWD/bad PC_REFERENCE_NCHAN=1 PC_REFERENCE_IMSIZE=256 PC_REFERENCE_NTIME=4 PC_REFERENCE_JOBS=1 \
        "$ROOT/tests/bench/reference.sh" >out.txt 2>err.txt || code=$?
    [ "$code" -eq 1 ]
    grep -qE '^pc-psf: .* misses$' out.txt
}
