#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Seconds each program takes for one channel of a simulated observation, and how fast a plane moves through a pass.
# PC_BENCH_IMSIZE: pixels a side (2048).
set -eu
: "${PC_BIN:=$(cd "$(dirname "$0")/../.." && pwd)/build/bin}"
PATH=$PC_BIN:$PATH
n=${PC_BENCH_IMSIZE:-2048}
work=$(mktemp -d "${TMPDIR:-/tmp}/pc-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# timed NAME COMMAND...: seconds of the best of three
timed() {
    local name=$1 best=999999 t i
    shift
    TIMEFORMAT=%R
    for i in 1 2 3; do
        t=$({ time "$@" >"$work/out.$i" 2>"$work/err.txt"; } 2>&1) || { cat "$work/err.txt" >&2; exit 1; }
        best=$(awk -v a="$best" -v b="$t" 'BEGIN { print b < a ? b : a }')
    done
    printf '%-12s %8.3f s\n' "$name" "$best"
    mv "$work/out.1" "$work/$name.tar"
    rm -f "$work"/out.?
}

pc-mock -o obs.ms --nchan 1 2>/dev/null
echo "one channel, ${n}x$n pixels, $(nproc) processors"
timed pc-select pc-select obs.ms --datacolumn data
timed pc-psf pc-psf --imsize "$n" --cell 0.05arcsec pc-select.tar -o -
timed pc-grid pc-grid pc-psf.tar -o -
timed pc-mask pc-mask pc-grid.tar -o -
timed pc-clean pc-clean --niter 1000 --threshold 4mJy pc-mask.tar -o -
mv pc-clean.tar cleaned.tar
pc-grid cleaned.tar -o major.tar 2>/dev/null
timed pc-restore pc-restore major.tar -o -
size=$(stat -c %s pc-restore.tar)
t=$({ TIMEFORMAT=%R; time pc-check pc-restore.tar >/dev/null 2>&1; } 2>&1)
awk -v s="$size" -v t="$t" 'BEGIN { printf "pc-check     %8.3f s  %.2f GB/s\n", t, s / (t > 0 ? t : 0.001) / 1e9 }'
