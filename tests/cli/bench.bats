# SPDX-License-Identifier: GPL-3.0-or-later
# make bench, at a size so small that its figures mean nothing: it runs, its table has every row, and cleans up.

load lib

rows_of() { # STAGE GRIDDER ACCURACY: how many rows of the TSV are of that stage, with positive figures
    awk -F '\t' -v s="$1" -v g="$2" -v a="$3" '
        $3 == s && $4 == g && $5 == a && $1 == 64 && $2 == 3120 && $6 > 0 && $8 > 0 && $11 > 0 && $14 > 0 && $17 > 0 { n++ }
        END { print n + 0 }' bench.tsv
}

@test "the table of make bench has a row for every stage" {
    [ -x "$PC_BIN/../bench/bench_run" ] || skip "the bench programs have not been built"
    mkdir tmp
    TMPDIR=$T/tmp PC_BENCH_TSV=bench.tsv PC_BENCH_IMSIZE=64 PC_BENCH_NTIME=4 PC_BENCH_CUBES='3 2 64' PC_BENCH_PASS=1 works "$ROOT/tests/bench/bench.sh"
    for stage in select mask "mask, grown" clean "restore, sparse" "restore, dense"; do
        [ "$(rows_of "$stage" - -)" -eq 1 ]
        grep -qE "^$stage +[0-9.]+ +[0-9.]+ " out.txt
    done
    for gridder in standard widefield; do
        for accuracy in 1e-4 1e-5; do
            for stage in psf "first residual" "residual, sparse" "residual, dense"; do
                [ "$(rows_of "$stage" $gridder $accuracy)" -eq 1 ]
            done
        done
    done
    grep -qE '^residual, dense, w, 1e-5 +[0-9.]+ +[0-9.]+ ' out.txt
    [ "$(rows_of "channel to 4 mJy" standard 1e-4)" -eq 1 ]
    grep -qE '^a job of one channel of 256 x 256: -?[0-9.]+ s and -?[0-9.]+ s of processor' out.txt
    [ "$(awk -F '\t' '$3 ~ /^(a job of one small|3 channels of 256|2 channels of 64 x 64, wsclean)/ && $20 > 0' bench.tsv | wc -l)" -ge 2 ]
    grep -qE '^1000 channels, 2 threads +[0-9.]+ +[0-9.]+ +[0-9]+ MB/s' out.txt
    grep -qE '^1000 channels, writing \(as cp does\) aside: -?[0-9.]+ times one' out.txt
    [ "$(awk -F '\t' 'NF != 21' bench.tsv | wc -l)" -eq 0 ]
    grep -qE '^(wsclean: not installed|wsclean [0-9])' out.txt
    if command -v wsclean >/dev/null; then
        grep -qE '^channel to 4 mJy, wsclean, 2-D, 1e-4 +[0-9.]+ +[0-9.]+ +[0-9.]+ times faster, target 10' out.txt
        grep -qE '^  rms of the residual: [0-9.]+ and [0-9.]+ Jy' out.txt
    fi
    [ -z "$(ls tmp)" ]
}

@test "what bench_run measures is the command, not what prepares it" {
    [ -x "$PC_BIN/../bench/bench_run" ] || skip "the bench programs have not been built"
    works "$PC_BIN/../bench/bench_run" -n 3 -p 'echo again >>prepared; sleep 0.2' -o log.txt dd if=/dev/zero of=f bs=1M count=8
    [ "$(grep -c again prepared)" -eq 3 ]
    awk '{ for (i = 1; i <= NF; i++) { split($i, kv, "="); v[kv[1]] = kv[2] } }
        END { exit !(v["runs"] == 3 && v["wall"] > 0 && v["sys"] <= v["cpu"] && v["wall"] <= v["wall_median"] && v["cpu"] <= v["cpu_median"] &&
            (v["written"] == -1 || v["written"] > 8.3 && v["written"] < 8.5)) }' out.txt
    fails 1 'status 3: sh' "$PC_BIN/../bench/bench_run" -o log.txt sh -c 'echo the reason; exit 3'
    grep -qx 'the reason' err.txt
    fails 1 'cannot prepare: false' "$PC_BIN/../bench/bench_run" -p false true
    fails 1 'no-such-program' "$PC_BIN/../bench/bench_run" no-such-program
    fails 64 usage "$PC_BIN/../bench/bench_run"
}
