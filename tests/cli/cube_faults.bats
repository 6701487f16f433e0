# SPDX-License-Identifier: GPL-3.0-or-later
# What can go wrong while pc-cube runs, and that the same command then makes the same bytes.

load lib
load cubelib
bats_require_minimum_version 1.5.0

teardown() {
    ! mountpoint -q "$T/small" || umount "$T/small"
    cd / && rm -rf "$T"
}

# small_disk SIZE: a file system of so many bytes at ./small; skips the test where none can be mounted
small_disk() {
    mkdir small
    mount -t tmpfs -o "size=$1" pc-test small 2>why.txt || skip "no file system can be mounted: $(<why.txt)"
}

@test "whoever is killed, whenever: the same bytes" {
    kill_rounds killed 12 --jobs 2
}

@test "a stage that hangs is ended, tried once more, and reported" {
    bad_tool 'exec sleep 60'
    PATH=$PWD/bad:$PATH fails 1 '1 of 5 channels failed' cube hangs --jobs 2 --timeout 1s
    grep -q 'trying 1 channels again' err.txt
    grep -qx 'exit=124' hangs.pc/ch00003.failed
    grep -qx 'stage=grid' hangs.pc/ch00003.failed
    grep -q 'reason=pc-status: pc-grid was ended: it took longer than 1 s' hangs.pc/ch00003.failed
    works cube hangs --timeout 1h
    same_as_ref hangs
    fails 64 'timeout' cube x --timeout soon
}

@test "a stage that was stopped for ever is ended as well" {
    bad_tool 'kill -STOP $$'
    PATH=$PWD/bad:$PATH fails 1 '1 of 5 channels failed' cube stopped --timeout 1s
    grep -qx 'exit=124' stopped.pc/ch00003.failed
}

@test "a channel that a signal ended is tried once more; one that was short of memory, with fewer jobs" {
    # shellcheck disable=SC2016
    bad_tool 'mkdir "'"$T"'/once" 2>/dev/null && exec dash -c "kill -SEGV \$\$"' # bash would catch it first
    PATH=$PWD/bad:$PATH works cube crashed --jobs 2
    grep -q 'ch00003 failed in grid: pc-grid was ended by signal 11' err.txt
    grep -q 'trying 1 channels again, 2 jobs at a time' err.txt
    same_as_ref crashed
    # enough memory for one pc-grid at a time
    mkdir -p bad
    printf '%s\n' '#!/bin/bash' "exec 9>'$T/memory'" 'flock -n 9 || { echo "pc-grid: no memory" >&2; exit 75; }' \
        'sleep 0.2' "'$PC_BIN/pc-grid' \"\$@\"" >bad/pc-grid
    PATH=$PWD/bad:$PATH works cube short --jobs 2
    grep -q 'failed in grid: pc-grid: no memory' err.txt
    grep -q 'again, 1 job at a time' err.txt
    same_as_ref short
}

@test "--halt ends a run that is of no use; --retry-failed needs nothing but the name" {
    bad_tool 'echo "pc-grid: no luck" >&2; exit 65'
    PATH=$PWD/bad:$PATH fails 1 'halted with 2 of 5 channels left to do: 1 have failed .--halt 1' cube few --jobs 1 --halt 1
    [ "$(pc-status --count "done" few.pc)" -eq 3 ]
    [ ! -e few.image.fits ]
    PATH=$PWD/bad:$PATH fails 1 '1 of 5 channels failed' pc-cube --imagename few --retry-failed
    works pc-cube --imagename few --retry-failed --jobs 2
    same_as_ref few
    fails 66 'no run of that name' pc-cube --imagename none --retry-failed
    fails 64 'takes the parameters from' pc-cube --imagename few --retry-failed --niter 7
}

@test "the disk is full in the middle: it says so, and goes on when there is room" {
    small_disk 8m
    bad_tool "head -c 100M /dev/zero >$T/small/filling" pc-restore
    PATH=$PWD/bad:$PATH fails 74 'halted with 2 of 5 channels left to do|no room is left' cube small/full --jobs 1
    [ ! -e small/full.image.fits ]
    fails 7[34] . cube small/full --jobs 1 || fails 73 . cube small/full --jobs 1
    rm small/filling
    works cube small/full --jobs 2
    same_as_ref small/full
}

@test "memory for bundles is full: the channel is worked on in the work directory" {
    small_disk 32k
    works cube roomless --scratch small
    same_as_ref roomless
    grep -q 'no room in .*small, goes on in' roomless.pc/ch00003.log
    [ -z "$(ls small)" ]
    works cube disk --scratch none
    same_as_ref disk
    run ! grep -q 'no room' disk.pc/ch00003.log
}

@test "output that cannot be written" {
    small_disk 8m
    works cube small/late --jobs 1
    rm small/late.pc/complete small/late.pc/ch00003.done
    mount -o remount,ro small
    fails 73 'late.pc/lock: cannot be written' cube small/late
    fails 73 'none.pc: cannot be made' cube small/none
    mount -o remount,rw small
    works cube small/late
    same_as_ref small/late
}

@test "finished channels are verified when a run goes on; one that is damaged is imaged again" {
    works cube kept --jobs 2 --keep
    local before
    before=$(stat -c %y kept.pc/ch00001.done)
    rm kept.pc/complete
    printf 'x' | dd of=kept.model.fits bs=1 seek="$((184320 + 2 * 64 * 64 * 4 + 5000))" conv=notrunc status=none
    works cube kept
    grep -q 'warning: ch00002: its planes in the cubes are not what was written: it is imaged again' err.txt
    grep -q 'imaging 1 of 5 channels' err.txt
    [ "$(stat -c %y kept.pc/ch00001.done)" = "$before" ]
    same_as_ref kept
    [ -z "$(pc-status --verify kept.pc)" ]
    same_as_ref kept
    # a cube that is cut short, or gone
    rm kept.pc/complete
    truncate -s 250000 kept.psf.fits
    works cube kept
    grep -q 'imaging 5 of 5 channels' err.txt
    same_as_ref kept
    rm kept.pc/complete kept.image.fits
    works cube kept
    grep -q 'imaging 5 of 5 channels' err.txt
    same_as_ref kept
}

@test "two works of one name, and names that cannot be" {
    flock -o "$PWD/name.log" sleep 30 3>&- &
    local holder=$!
    sleep 0.3
    fails 73 'another pc-cube is at work on .*name, with its work elsewhere' cube name --work other.pc
    kill "$holder"
    fails 64 'a name holds a line break' cube $'two\nlines'
    fails 64 'a name holds a line break' cube x --work $'two\nlines'
    fails 73 'cannot be made' cube /proc/cube
    works cube '*[a]?{}{#}%d' --jobs 2 --block 1
    same_as_ref '*[a]?{}{#}%d'
}

@test "jobs that a killed run left behind are waited for, and named" {
    works cube left --keep --jobs 2
    rm left.pc/complete left.pc/ch00002.done
    grep -qx "[0-9]* on $(hostname)" left.pc/ch00002.lock
    flock left.pc/ch00002.lock sleep 2 3>&- &
    sleep 0.3
    works cube left
    grep -qE 'waiting for 1 channels that jobs of an earlier run are at work on \(process [0-9]+ on .*\)$' err.txt
    same_as_ref left
}

@test "interrupted, a run ends its jobs and says so" {
    bad_tool 'exec sleep 60'
    PATH=$PWD/bad:$PATH begin_cube stops --jobs 2 --block 1
    local i
    for ((i = 0; i < 600; i++)); do
        [ "$(pc-status --count "done" stops.pc 2>/dev/null)" = 4 ] && break
        sleep 0.1
    done
    # from another terminal
    works pc-cube --imagename stops --status
    grep -qx running=1 out.txt
    grep -qx todo=1 out.txt
    grep -qE '^left_s=[0-9]+$' out.txt
    [ "$(sed -n 's/^mem_byte=//p' out.txt)" -gt 1000000 ]
    [ "$(sed -n 's/^disk_byte=//p' out.txt)" -ge "$((5 * 64 * 64 * 4))" ]
    kill -TERM "$CUBE"
    local code=0
    wait "$CUBE" || code=$?
    [ "$code" -eq 143 ]
    grep -q 'interrupted: the jobs are ended; the same command goes on' run.txt
    sleep 0.5
    [ "$(pc-status --count running stops.pc)" -eq 0 ]
    works cube stops
    same_as_ref stops
}

@test "hardly more is written than products and visibilities" {
    local big=(--imsize 864 --cell 0.015arcsec --niter 60 --usemask auto-multithresh)
    # what a shell and all that it waited for wrote, proc(5); a tmpfs does not count
    # shellcheck disable=SC2016
    bash -c 'pc-cube "$@" >/dev/null 2>&1; cat /proc/$$/io' - "$BATS_FILE_TMPDIR/sky.ms" --imagename io "${big[@]}" >io.txt
    local written products vis
    written=$(awk '/^write_bytes/ { n += $2 } /^cancelled/ { n -= $2 } END { print n }' io.txt)
    products=$(cat io.*.fits | wc -c)
    [ "$written" -gt 0 ] || skip "writes are not counted here"
    works pc-select "$BATS_FILE_TMPDIR/sky.ms" -o vis
    vis=$(find vis -type f -printf '%i %s\n' | sort -u | awk '{ n += $2 } END { print n }')
    echo "written $written, products $products, visibilities $vis"
    [ "$written" -ge "$((products / 2))" ]
    [ "$((written * 10))" -le "$(((products + vis) * 11))" ]
}
