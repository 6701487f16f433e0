# SPDX-License-Identifier: GPL-3.0-or-later
# One cube of many channels, made in every way there is: one sum. And many kills.

load lib
load cubelib
load loopback
bats_require_minimum_version 1.5.0

teardown() {
    vanish "$T/sshd"
    slurm_stop "$T/slurm"
    cd / && rm -rf "$T"
}

# All products of a name in one sum.
sum() { # IMAGENAME
    local product
    for product in image residual model mask psf pb sumwt; do
        cat "$1.$product.fits" || return 1
    done | sha256sum
}

many() { # IMAGENAME [OPTION...]
    local name=$1
    shift
    works pc-cube many.ms --imagename "$name" "${OPTIONS[@]}" "$@"
    sum "$name" >>sums.txt
    tail -n 1 sums.txt
}

@test "two hundred channels: by one job and by two, make, ssh, slurm, streamed, killed twenty times: one sum" {
    pc-mock --sky points --nchan 200 --nant 12 --ntime 6 --bmax 300 --noise 0.2Jy -o many.ms
    many one --jobs 1 --block 1
    many two --jobs 2
    many make --backend make --jobs 2
    many disk --scratch none
    stream_cube many.ms streamed
    sum streamed >>sums.txt
    local killed=0 session
    while [ "$killed" -lt 20 ] && [ ! -e killed.pc/complete ]; do
        setsid bash -c 'exec pc-cube "$@"' - many.ms --imagename killed "${OPTIONS[@]}" --jobs 2 >/dev/null 2>&1 3>&- &
        session=$!
        sleep "$((RANDOM % 2)).$((RANDOM % 10))"
        kill -9 -- "-$session" 2>/dev/null || true
        wait "$session" || true
        killed=$((killed + 1))
    done
    [ "$killed" -ge 10 ]
    many killed --jobs 2
    if sshd_start "$T/sshd" >why.txt 2>&1; then
        printf '%s\n' "1/$SSH 127.0.0.1" "1/$SSH root@localhost" >hosts
        many shared --backend ssh --sshloginfile hosts
        many carried --backend ssh --sshloginfile hosts --transfer
    else
        echo "# without ssh: $(tail -n 1 why.txt)" >&3
    fi
    if slurm_start "$T/slurm" >why.txt 2>&1; then
        many slurm --backend slurm
    else
        echo "# without slurm: $(tail -n 1 why.txt)" >&3
    fi
    [ "$(sort -u sums.txt | wc -l)" -eq 1 ]
    [ "$(wc -l <sums.txt)" -ge 6 ]
}

@test "slurm: a time limit that is enough for one channel, not for all of a task" {
    slurm_start "$T/slurm" MaxArraySize=3 OverTimeLimit=0 >why.txt 2>&1 || skip "$(tail -n 1 why.txt)"
    mkdir bad
    printf '%s\n' '#!/bin/bash' 'sleep 35' "exec '$PC_BIN/pc-psf' \"\$@\"" >bad/pc-psf
    chmod +x bad/pc-psf
    PATH=$PWD/bad:$PATH works cube limited --backend slurm --block 1 --sbatch '--time=1'
    grep -q 'DUE TO TIME LIMIT' limited.pc/engine.log
    same_as_ref limited
}

@test "sixty kills, of whoever it is and whenever: the same bytes" {
    kill_rounds killed 60 --jobs 2
    [ "$(sort -u kills.txt | wc -l)" -ge 5 ]
}

@test "thirty kills of runs that work on the disk, by make, with a common density and a common beam" {
    local shared=(--no-perchanweightdensity --restoringbeam common) product
    works cube whole "${shared[@]}"
    # kill_rounds compares with ref
    for product in "$BATS_FILE_TMPDIR"/ref.*.fits; do cp "whole${product#"$BATS_FILE_TMPDIR"/ref}" "$product"; done
    kill_rounds killed 30 --backend make --jobs 2 --scratch none "${shared[@]}"
}
