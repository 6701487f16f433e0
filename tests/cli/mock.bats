# SPDX-License-Identifier: GPL-3.0-or-later
# pc-mock: what it leaves behind, and what it refuses.

load lib

small=(--ntime 2 --nant 4 --nchan 3)

@test "a disk too small is said before anything is written" {
    mkdir small
    mount -t tmpfs -o size=1m none small 2>/dev/null || skip "cannot mount a tmpfs"
    fails 73 'small/m.ms: takes about [0-9]+ bytes, 1048576 are free' pc-mock --nchan 2 --ntime 8 -o small/m.ms
    ls -A small >left.txt
    umount small
    [ ! -s left.txt ]
}

@test "a MeasurementSet and its truth, and nothing else" {
    need pc-mock
    works pc-mock "${small[@]}" -o a.ms
    grep -q 'rows=12 channels=3' err.txt
    [ ! -s out.txt ]
    [ "$(ls -d a.ms*)" = "a.ms
a.ms.truth.tsv" ]
    [ "$(grep -c '^#total' a.ms.truth.tsv)" -eq 3 ]
}

@test "what exists is not overwritten" {
    need pc-mock
    mkdir a.ms
    fails 73 'a.ms: exists already' pc-mock "${small[@]}" -o a.ms
    rmdir a.ms
    works pc-mock "${small[@]}" -o a.ms/
    [ -f a.ms/table.dat ]
    fails 73 'exists already' pc-mock "${small[@]}" -o a.ms
}

@test "no place to write" {
    need pc-mock
    fails 73 'cannot write in nowhere' pc-mock "${small[@]}" -o nowhere/a.ms
    [ ! -e nowhere ]
}

@test "no half MeasurementSet under any name when its truth cannot be written" {
    need pc-mock
    mkdir a.ms.truth.tsv
    fails 73 'truth.tsv' pc-mock "${small[@]}" -o a.ms
    [ "$(ls -d a.ms*)" = a.ms.truth.tsv ]
}

@test "usage" {
    need pc-mock
    fails 64 'name it with -o' pc-mock
    fails 64 'name it with -o' pc-mock -o -
    fails 64 'nant' pc-mock --nant 1 -o a.ms
    fails 64 'below 0 Hz' pc-mock --width 0Hz -o a.ms
    fails 64 'below 0 Hz' pc-mock --freq 1GHz --width 1GHz -o a.ms
    for dish in "12," ",7" twelve 0 "12,-7" 1e9 ""; do
        fails 64 "--dish $dish: diameters in metres" pc-mock --dish "$dish" -o a.ms
    done
    fails 64 'sky' pc-mock --sky dics -o a.ms
    fails 64 '' pc-mock -o a.ms operand
    [ ! -e a.ms ]
}

@test "the examples of the page" {
    need pc-mock
    sed -n '/^.Sh EXAMPLES/,/^.Sh DIAG/s/^\.Dl //p' "$ROOT/man/pc-mock.1" >page
    [ "$(wc -l <page)" -eq 3 ]
    # the big one with a hundredth of its rows
    while read -r line; do
        works bash -c "${line/--ntime 576/--ntime 6}" || return 1
    done <page
    grep -q 'rows=4680 channels=8' err.txt
    [ -d disc.ms ] && [ -d points.ms ] && [ -f big.ms.truth.tsv ]
}
