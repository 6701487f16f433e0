# SPDX-License-Identifier: GPL-3.0-or-later
# Why the tasks of a job array ended, as Slurm tells: programs of its names that say what the test wants to hear, and run
# the tasks themselves. A real Slurm is in backends.bats.

load lib
load cubelib
bats_require_minimum_version 1.5.0

# slurm_says TASK STATE: in the first round that task does not get to anything and ends like that; the others complete.
slurm_says() {
    mkdir -p slurm
    cd slurm || return 1
    printf '%s\n' '#!/bin/bash' "cd '$PWD'" "lost=$1 state=$2" >begin
    cat begin - >sbatch <<'END'
round=$(($(cat round 2>/dev/null || echo 0) + 1))
echo "$round" >round
while [ "$1" != -- ]; do
    case $1 in
        --array) tasks=${2%%%*} tasks=${tasks#0-} ;;
        --mem) echo "${2%M}" >>mem.txt ;;
    esac
    shift
done
shift
for ((i = 0; i <= tasks; i++)); do
    if [ "$round.$i" = "1.$lost" ]; then
        echo "77_$i|$state|nodeX"
    else
        SLURM_ARRAY_TASK_ID=$i "$@" </dev/null >>task.log 2>&1
        echo "77_$i|COMPLETED|nodeX"
    fi
done >states.txt
echo 77
END
    cat begin - >sacct <<'END'
touch asked
cat states.txt
END
    # all are gone from the queue; with --states all they are remembered
    cat begin - >squeue <<'END'
[[ " $* " == *" --states all "* ]] || exit 0
touch asked.squeue
cat states.txt
END
    cat begin - >scancel <<<'exit 0'
    cat begin - >scontrol <<<'echo "MaxArraySize            = 1001"'
    chmod +x s*
    cd ..
    PATH=$PWD/slurm:$PATH
}

@test "want of memory: tried again, with more of it and fewer at a time" {
    slurm_says 1 OUT_OF_MEMORY
    works cube c --backend slurm --jobs 4 --block 1
    same_as_ref c
    grep -q 'channel 1: Slurm ended its task on nodeX for want of memory (OUT_OF_MEMORY)' err.txt
    grep -q 'trying 1 channels again, up to 2 jobs at a time' err.txt
    [ "$(wc -l <slurm/mem.txt)" -eq 2 ]
    awk 'NR == 1 { m = $1 - 64 } NR == 2 { exit !($1 - 64 >= 2 * m - 2 && $1 - 64 <= 2 * m + 2) }' slurm/mem.txt
    grep -q '^task 1: OUT_OF_MEMORY on nodeX$' c.pc/engine.log
    [ -e slurm/asked ] && [ ! -e slurm/asked.squeue ]
}

@test "a block that ended for want of memory is tried one by one" {
    slurm_says 0 OUT_OF_MEMORY
    works cube c --backend slurm --jobs 1 --block 3
    same_as_ref c
    grep -q 'channel 0,1,2: Slurm ended' err.txt
    grep -q 'trying 3 channels again' err.txt
}

@test "no accounting: the controller remembers; a time limit is the channel's failure only where nothing came of it" {
    slurm_says 2 TIMEOUT
    printf '%s\n' '#!/bin/bash' "echo 'Slurm accounting storage is disabled' >&2; touch '$PWD/slurm/asked'; exit 1" >slurm/sacct
    works cube c --backend slurm --jobs 5 --block 1
    same_as_ref c
    grep -q 'channel 2: the time limit of its task on nodeX came before it was finished (TIMEOUT)' err.txt
    [ -e slurm/asked ] && [ -e slurm/asked.squeue ]
}

@test "accounting that lags behind, or knows nothing: the controller's word" {
    slurm_says 2 OUT_OF_MEMORY
    printf '%s\n' '#!/bin/bash' "sed 's/COMPLETED/RUNNING/' '$PWD/slurm/states.txt'" >slurm/sacct
    works cube c --backend slurm --jobs 5 --block 1
    same_as_ref c
    grep -q 'channel 2: .*OUT_OF_MEMORY' err.txt
}

@test "a node that went is no fault of the channel" {
    slurm_says 3 NODE_FAIL
    works cube c --backend slurm --jobs 5 --block 1
    same_as_ref c
    grep -q 'warning: 1 tasks were ended by Slurm (NODE_FAIL on nodeX): what they left is submitted again' err.txt
    run ! grep -q 'failed in' err.txt
}

@test "sacct that does not answer is waited for once, and nobody else is asked for long" {
    slurm_says 3 OUT_OF_MEMORY
    printf '%s\n' '#!/bin/bash' "echo x >>'$PWD/slurm/asked'; exec sleep 1000" >slurm/sacct
    sed 's/^slurm_patience=.*/slurm_patience=1/' "$ROOT/pipelines/slurm-why.bash" >why.bash
    grep -q '^slurm_patience=1$' why.bash
    cp -r "$ROOT/pipelines" ours && cp why.bash ours/slurm-why.bash
    PATH=$PWD/ours:$PATH works cube c --backend slurm --jobs 5 --block 1
    same_as_ref c
    [ "$(wc -l <slurm/asked)" -eq 1 ]
    grep -q 'channel 3: .*OUT_OF_MEMORY' err.txt
}

@test "a controller that does not answer, where the accounting knows that all is over" {
    slurm_says 9 COMPLETED
    printf '%s\n' '#!/bin/bash' 'echo "slurm_load_jobs error: Unable to contact slurm controller" >&2; exit 1' >slurm/squeue
    works cube c --backend slurm --jobs 5 --block 1
    same_as_ref c
}

@test "more memory than any node has: what was planned, again" {
    slurm_says 1 OUT_OF_MEMORY
    sed -i 's/^shift$/[ "$(wc -l <mem.txt)" -ne 2 ] || { echo "sbatch: error: Memory specification can not be satisfied" >\&2; exit 1; }\nshift/' slurm/sbatch
    works cube c --backend slurm --jobs 4 --block 1
    same_as_ref c
    [ "$(wc -l <slurm/mem.txt)" -eq 3 ]
    [ "$(sed -n 1p slurm/mem.txt)" -eq "$(sed -n 3p slurm/mem.txt)" ] && [ "$(sed -n 2p slurm/mem.txt)" -gt "$(sed -n 1p slurm/mem.txt)" ]
}
