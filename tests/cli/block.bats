# SPDX-License-Identifier: GPL-3.0-or-later
# Channels that a job works on together (pc-channel --job WORK N,N...): the same bytes, and no channel pays for another.

load lib
bats_require_minimum_version 1.5.0

# A planned cube of six channels, "plan", and its products made channel by channel, "ref".
setup_file() {
    local bin=${PC_BIN:-${BATS_TEST_DIRNAME}/../../build/bin}
    PATH=$(cd "$bin" && pwd):$(cd "${BATS_TEST_DIRNAME}/../../pipelines" && pwd):$PATH
    cd "$BATS_FILE_TMPDIR" || return 1
    pc-mock --sky shell --nchan 6 --nant 10 --ntime 4 --bmax 300 --noise 0.2Jy -o sky.ms || return 1
    mkdir plan && pc-select sky.ms -o plan/vis || return 1
    seq 0 5 >plan/channels
    # channels stop after different numbers of cycles
    printf '%s\n' pc-psf=--imsize=48 pc-psf=--cell=0.2arcsec pc-clean=--niter=40 pc-clean=--cycleniter=8 \
        pc-clean=--threshold=150mJy pc-mask=--usemask=auto-multithresh pc-mask=--sidelobethreshold=2 >plan/params
    printf '%s\n' id=none scratch= keep= >plan/run
    cp -a plan one && pc-channel --job one 0 1 2 3 4 5 && pc-concat --finish one -o ref
}

planned() { # NAME: a copy of the plan
    cp -a "$BATS_FILE_TMPDIR/plan" "$1"
}

same_as_ref() { # WORK
    local product count=0
    pc-concat --finish "$1" -o "$1"
    for product in "$BATS_FILE_TMPDIR"/ref.*.fits; do
        cmp "$product" "./$1${product#"$BATS_FILE_TMPDIR"/ref}" || return 1
        count=$((count + 1))
    done
    [ "$count" -ge 6 ]
}

nothing_left() { # WORK: of what a job needs for itself only
    [ -z "$(find "$1" -maxdepth 1 \( -name 'block*' -o -name '*.notes' -o -name '*.seconds' \))" ]
}

@test "channels one by one have cycles of their own" {
    cd "$BATS_FILE_TMPDIR"
    [ "$(sed -s -n 's/^nmajor=//p' one/ch*.done | sort -u | wc -l)" -ge 2 ]
    nothing_left one
}

@test "blocks give the same bytes" {
    planned all
    works pc-channel --job all 0,1,2,3,4,5
    same_as_ref all
    nothing_left all
    # each record has a channel's share of the seconds
    awk -F = '$1 == "seconds" { n++; if (!($2 > 0)) exit 1; s[$2] } END { exit !(n == 6 && length(s) == 1) }' all/ch*.done
    # any way they are put together, in any order, some that are done among them
    planned "so & so"
    works pc-channel --job "so & so" 4,1 2
    works pc-channel --job "so & so" 5,4,3,2,1,0
    same_as_ref "so & so"
    # two at once, that want some of the same
    planned both
    pc-channel --job both 0,1,2,3 2>a.txt &
    works pc-channel --job both 3,2,5,4
    wait $!
    same_as_ref both
}

@test "the same on a scratch directory, which is left empty" {
    planned scratched
    mkdir "a scratch"
    printf '%s\n' id=none "scratch=$PWD/a scratch" keep=1 >scratched/run
    works pc-channel --job scratched 0,1,2 3,4,5
    same_as_ref scratched
    [ -z "$(ls "a scratch")" ]
    nothing_left scratched
    [ -s scratched/vis/ch00004/image.fits ] # --keep
    # no room there: it is done in the work directory, and said
    planned full
    : >"no scratch"
    printf '%s\n' id=none "scratch=$PWD/no scratch" keep= >full/run
    works pc-channel --job full 0,1,2,3,4,5
    grep -q 'ch00000: no room in .*no scratch' full/ch00000.log
    same_as_ref full
}

@test "by every backend, and chosen by itself" {
    local options=(--imsize 48 --cell 0.2arcsec --niter 40 --cycleniter 8 --threshold 150mJy --usemask auto-multithresh
        --sidelobethreshold 2 --jobs 1 --keep) product
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename one "${options[@]}" --block 1
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename auto "${options[@]}"
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename made "${options[@]}" --block 4 --backend make --scratch none
    for product in one.*.fits; do
        cmp "$product" "auto${product#one}"
        cmp "$product" "made${product#one}"
    done
    # six channels, one job at a time, which gets four turns: blocks of one; by make of four and two
    [ "$(cat auto.pc/ch*.log | grep -c '^with ch')" -eq 0 ]
    [ "$(cat made.pc/ch*.log | grep -c '^with ch00000:')" -eq 3 ]
    [ "$(cat made.pc/ch*.log | grep -c '^with ch00004:')" -eq 1 ]
    # what a killed job has left goes
    mkdir made.pc/block.ch00003
    touch made.pc/block.ch00003/zzend made.pc/ch00003.seconds
    # done records are what counts: what is there is kept, what is not is made with the rest of its block
    rm made.pc/complete made.pc/ch0000[125].done
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename made "${options[@]}" --block 2 --backend make --scratch none
    [ "$(cat made.pc/ch*.log | grep -c '^with ch00001:')" -eq 1 ]
    nothing_left made.pc
    for product in one.*.fits; do
        cmp "$product" "made${product#one}"
    done
    fails 64 'block 0: a number from 1' pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename x --block 0
}

@test "a channel that fails stops no other of its block, and is told apart" {
    planned damaged
    printf damage >damaged/vis/ch00002/vis00000/weight.fits
    run -65 pc-channel --job damaged 0,1,2,3,4,5
    [ "$(cat damaged/ch*.done | grep -c ^index=)" -eq 5 ]
    [ ! -e damaged/ch00002.done ]
    grep -qx 'stage=psf' damaged/ch00002.failed
    grep -qx 'exit=65' damaged/ch00002.failed
    grep -q 'reason=.*ch00002.*weight.fits' damaged/ch00002.failed
    nothing_left damaged
    # healed, the others stay as they are
    touch -d '2000-01-01' damaged/ch00001.done
    cp "$BATS_FILE_TMPDIR/plan/vis/ch00002/vis00000/weight.fits" damaged/vis/ch00002/vis00000/
    works pc-channel --job damaged 0,1,2,3,4,5
    same_as_ref damaged
    [ damaged/ch00001.done -ot damaged/params ]
}

@test "beams of a block" {
    planned a
    planned b
    works pc-channel --beam a 0 1 2 3 4 5
    works pc-channel --beam b 0,1,2,3,4,5
    for chan in 0 1 2 3 4 5; do
        [ -s a/ch0000$chan.beam ]
        cmp a/ch0000$chan.beam b/ch0000$chan.beam
    done
    fails 64 "channel 1,,2 is not a number" pc-channel --beam b 1,,2
}

@test "the runner of a job's programs" {
    # words that hold anything, nothing to be read, what is said goes to stderr, each answered before the next is read
    commands() {
        printf '%s\0' 5 grid sh -c 'printf "<%s>" "$0" "$#"; cat; exit 3' $'two\nlines'
        printf '%s\0' 3 grid sh ''
        printf '%s\0' 2 '' true
        printf '%s\0' 4 mask sh -c 'kill -9 $$'
        printf '%s\0' 2 '' ./no-such-program
        printf '%s\0' 3 clean sleep 60
    }
    commands | pc-status --serve --record seconds --share 2 --timeout 0.2s >answers 2>said
    printf '%s\n' 3 127 0 137 127 124 >wanted
    # what a shell answers to a program without a name is its own affair
    sed 2d answers >known && sed -i 2d wanted && cmp known wanted
    grep -qxF '<two' said && grep -qF 'lines><0>' said
    grep -q 'pc-status: sleep was ended: it took longer than 0.2 s' said
    for key in seconds seconds_grid seconds_mask mem_byte_clean; do grep -q "^$key=" seconds; done
    [ "$(grep -c seconds_ seconds)" -eq 3 ] # the plain ones are not measured
    # a command that is cut short is none: who gave it is gone
    printf '3\0grid\0touch\0a-file' | pc-status --serve --record seconds
    [ ! -e a-file ]
    fails 65 'a command of none words' bash -c 'printf "none\0" | pc-status --serve --record seconds'
    fails 64 'alone' pc-status --serve --record seconds true </dev/null
    fails 64 'needs a command' pc-status --exec grid --record seconds
}

@test "a runner that is killed costs its channel an attempt, and no more" {
    planned killed
    mkdir bin
    cat >bin/pc-mask <<'END'
#!/bin/bash
[ -e killed/once ] || { : >killed/once; kill -9 "$PPID"; }
PATH=${PATH#*:} exec pc-mask "$@"
END
    chmod +x bin/pc-mask
    sed -i "\$acwd=$PWD" killed/params
    PATH=$PWD/bin:$PATH run -75 pc-channel --job killed 2
    grep -qx exit=75 killed/ch00002.failed
    grep -q 'reason=pc-mask was killed (signal 9)' killed/ch00002.failed
    nothing_left killed
    PATH=$PWD/bin:$PATH works pc-channel --job killed 0,1,2 3 4 5
    same_as_ref killed
}
