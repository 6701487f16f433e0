# SPDX-License-Identifier: GPL-3.0-or-later
# The backends of pc-cube give the same bytes; hosts vanish, nodes are drained, time limits come.

load lib
load cubelib
load loopback
bats_require_minimum_version 1.5.0

# skip_unless FUNCTION DIR: skips the test, with the reason, where the server cannot be had
skip_unless() {
    "$1" "$2" >why.txt 2>&1 || skip "$(tail -n 1 why.txt)"
}

teardown() {
    vanish "$T/sshd"
    vanish "$T/other"
    slurm_stop "$T/slurm"
    cd / && rm -rf "$T"
}

@test "streamed, without a run of pc-cube: the same bytes" {
    stream_cube "$BATS_FILE_TMPDIR/sky.ms" streamed
    same_as_ref streamed
}

@test "--dry-run prints the commands of each backend" {
    echo "2/host.example.org" >hosts
    works cube dry --dry-run
    grep -qx "command='pc-select' .*'-o' '$PWD/dry.pc/vis' '--' '.*/sky.ms'" out.txt
    grep -qx "command='env' '-C' '$PWD/dry.pc' 'PARALLEL_SHELL=.*' 'parallel' .*'--jobs' './jobs' .*'pc-channel' '--job' '.' '{}'" out.txt
    grep -qx "command='pc-concat' '--finish' '$PWD/dry.pc' '-o' '$PWD/dry'" out.txt
    works cube dry --dry-run --backend make --jobs 3
    grep -qx "command='env' .*'make' .*'-k' '-j' '3' .*'channels'" out.txt
    works cube dry --dry-run --backend ssh --sshloginfile hosts
    grep -qx "command=.*'--sshloginfile' '$PWD/dry.pc/hosts' .*'--job' .*" out.txt
    works cube dry --dry-run --backend slurm --sbatch '--time=10 --partition=short' --jobs 7
    grep -qx "command='sbatch' .*%7' .*'--time=10' '--partition=short' .*'--job' '$PWD/dry.pc'" out.txt
    [ ! -e dry.pc ]
}

@test "ssh, the hosts seeing the work directory: the same bytes" {
    skip_unless sshd_start "$T/sshd"
    printf '%s\n' '# two of them' "1/$SSH 127.0.0.1" '' "2/$SSH root@localhost # the faster" >"my hosts"
    works cube "by ssh" --backend ssh --sshloginfile "my hosts"
    same_as_ref "by ssh"
    [ "$(cut -f 2 "by ssh.pc/joblog" | grep -c 'localhost\|127.0.0.1')" -eq 5 ]
    run ! grep -q 'failed' err.txt
}

@test "ssh, each channel carried there and back: the same bytes, and nothing left there" {
    skip_unless sshd_start "$T/sshd"
    printf '%s\n' "1/$SSH 127.0.0.1" "1/$SSH root@localhost" >hosts
    # neither cron nor a container has a SHELL: GNU parallel would guess one
    unset SHELL
    works cube carried --backend ssh --sshloginfile hosts --transfer --restoringbeam common --keep
    [ "$(grep -h '^host=' carried.pc/ch*.done | sort -u)" = "host=$(hostname)" ]
    works cube here --restoringbeam common --keep
    local product
    for product in here.*.fits; do cmp "$product" "carried${product#here}"; done
    same here.pc/vis carried.pc/vis
    [ -z "$(ls -d carried.pc/*.came /dev/shm/pc.carried.* 2>/dev/null)" ]
}

@test "ssh: a host that is not there, one that vanishes in the middle, and none that is left" {
    skip_unless sshd_start "$T/sshd"
    local nobody="ssh -o ConnectTimeout=2 -o BatchMode=yes -p 1 127.0.0.1" stays=$SSH transfer
    for transfer in '' --transfer; do
        sshd_start "$T/other"
        printf '%s\n' "1/$nobody" "1/$stays 127.0.0.1" "2/$SSH 127.0.0.1" >hosts
        begin_cube "two$transfer" --backend ssh --sshloginfile hosts ${transfer:+"$transfer"}
        wait_until grep -q 'ch0000[0-4] done' run.txt
        vanish "$T/other"
        wait "$CUBE"
        same_as_ref "two$transfer"
    done
    vanish "$T/sshd"
    fails 70 '5 channels were not tried; .*engine.log has what the ssh backend said' cube none --backend ssh --sshloginfile hosts
    works cube none
    same_as_ref none
}

@test "ssh: mistakes" {
    fails 64 'needs --sshloginfile' cube x --backend ssh
    fails 64 'meaning of its own for braces' cube 'x{}' --backend ssh --sshloginfile hosts
    fails 66 'no such file of hosts' cube x --backend ssh --sshloginfile nosuch
    echo '# nobody' >hosts
    fails 65 'names no host' cube x --backend ssh --sshloginfile hosts
    [ ! -e x.pc ]
    # a host with another version makes other bytes
    cp -a "$BATS_FILE_TMPDIR/ref.pc" old.pc
    sed -i 's/^version=.*/version=0.0/' old.pc/params
    tar -C old.pc -cf old.tar params run vis/00stream vis/00cube vis/ch00001
    tar -C "$BATS_FILE_TMPDIR/ref.pc" -cf new.tar params run vis/00stream vis/00cube vis/ch00001
    run -69 pc-channel --carried 1 --keep 0 <old.tar
    [[ $output == *"has version $(pc-status --version | cut -d ' ' -f 2), the run was begun with 0.0"* ]]
    pc-channel --carried 1 --keep 0 <new.tar | tar -tf - | grep -qx planes/image.fits
    [ -z "$(ls -d /dev/shm/pc.carried.* 2>/dev/null)" ]
}

@test "slurm: the same bytes, and nothing left in the queue" {
    skip_unless slurm_start "$T/slurm"
    works cube "by slurm" --backend slurm --jobs 2
    same_as_ref "by slurm"
    [ -z "$(squeue -h)" ]
}

# begin_held IMAGENAME: begins a cube of one task at a time, and holds the task of its channel 1 before it has done anything,
# until let_go. However fast channels are, that task is at work, those behind it have yet to be.
begin_held() {
    scontrol update "nodename=$(hostname -s)" state=drain reason=held
    begin_cube "$1" --backend slurm --jobs 1
    wait_until test -s "$1.pc/slurm.id"
    exec {HELD}>>"$1.pc/ch00001.lock"
    flock "$HELD"
    scontrol update "nodename=$(hostname -s)" state=resume
    wait_until grep -q 'ch00001: waits for another process' "$1.pc/engine.log"
}

let_go() { exec {HELD}>&-; }

no_tasks() { [ -z "$(squeue -h)" ]; }

@test "slurm: a node that is drained, a task that is ended, and a time limit" {
    skip_unless slurm_start "$T/slurm"
    local node
    node=$(hostname -s)
    begin_held drained
    scontrol update "nodename=$node" state=drain reason=test
    let_go
    wait_until grep -q 'ch00001 done' run.txt
    sleep 3
    [ -n "$(squeue -h -t pending)" ]
    kill -0 "$CUBE"
    [ "$(pc-cube --imagename drained --status | sed -n 's/^todo=//p')" -gt 0 ]
    scontrol update "nodename=$node" state=resume
    wait "$CUBE"
    same_as_ref drained
    # whoever is cancelled by hand, or by Slurm at its time limit, is submitted again
    begin_held cut
    scancel "$(cut -d ';' -f 1 cut.pc/slurm.id)"
    wait_until no_tasks
    let_go
    wait "$CUBE"
    same_as_ref cut
    # of which the controller, there being no accounting, has told
    grep -qE "^task [0-9]+: CANCELLED on $node\$" cut.pc/engine.log
    # a pc-cube that is killed leaves an array, which the next one cancels
    begin_held killed
    kill -9 "$CUBE"
    let_go
    works cube killed --backend slurm --jobs 2
    same_as_ref killed
    [ -z "$(squeue -h)" ]
}

@test "slurm: mistakes" {
    skip_unless slurm_start "$T/slurm"
    fails 69 'Slurm takes no job' cube x --backend slurm --sbatch '--partition=nosuch'
    slurm_stop "$T/slurm"
    fails 69 'Slurm does not answer' cube y --backend slurm
}
