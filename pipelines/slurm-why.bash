# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of backend-slurm.bash (sourced): why the tasks of an array ended, for the channels that no job could say anything
# about because it was ended itself. By sacct where there is accounting, else by squeue, as long as the controller
# remembers.
# shellcheck disable=SC2154

slurm_patience=20 # seconds for an answer

slurm_ask() { (without_locks timeout -k 5 "$slurm_patience" "$@") </dev/null; } # COMMAND...

# In slurm_said: the tasks of the array as lines TASK|STATE|NODE, by sacct when it knows that nothing of it is left to
# run, else 1. Whoever requeues counts by the last end. Where there is no accounting it is asked once.
slurm_ended() { # ID
    slurm_said=
    [[ -z ${slurm_no_sacct-} ]] || return 1
    slurm_said=$(slurm_ask sacct --noheader --parsable2 --allocations --array --jobs "$1" --format JobID,State,NodeList \
        2>>"$work/engine.log") && [[ $slurm_said == *'|'* ]] || { slurm_no_sacct=1 && return 1; }
    ! grep -qE '\|(PENDING|RUNNING|REQUEUED|RESIZING|SUSPENDED|COMPLETING|CONFIGURING|STAGE_OUT)' <<<"$slurm_said"
}

slurm_states() { # ID: the same, by the controller when the accounting does not know, or not yet
    slurm_ended "$1" ||
        slurm_said=$(slurm_ask squeue --noheader --array --states all --jobs "$1" --format '%F_%K|%T|%N' 2>>"$work/engine.log")
}

# The first line of WORK/todo of a task of which something is neither done nor failed, in pc_value; whether the task has
# come to the end of anything, in slurm_any.
slurm_was_at() { # TASK
    local line n chan
    pc_value='' slurm_any=
    while read -r line; do
        for n in ${line//,/ }; do
            printf -v chan 'ch%05d' "$n"
            if [[ -s $work/$chan.$slurm_end || -s $work/$chan.failed ]]; then
                slurm_any=1
            else
                pc_value=$line
                return
            fi
        done
    done < <(sed -n "$(($1 + 1))~${slurm_n}p" -- "$work/todo")
}

slurm_failed() { # LINE CODE REASON...: what of the line is left has failed by that
    local n chan line=$1 code=$2
    shift 2
    pc_say "warning: channel $line: $*"
    for n in ${line//,/ }; do
        printf -v chan 'ch%05d' "$n"
        [[ ! -s $work/$chan.$slurm_end && ! -s $work/$chan.failed ]] || continue
        printf '%s\n' "index=$n" "stage=slurm" "exit=$code" "reason=$*" "log=engine.log" "host=$node" |
            pc_record_put "$work/$chan.failed"
    done
}

# A task that ended for want of memory, as one that a signal 9 ended; one whose time limit came before it had finished
# anything. That a node went is no fault of a channel: it is submitted again, as all is that was merely not reached.
slurm_explain() { # ID
    local task state node lost=0 words=''
    slurm_states "$1"
    while IFS='|' read -r task state node; do
        task=${task##*_} state=${state%% *} node=${node:-unknown}
        [[ $task =~ ^[0-9]+$ && $state != COMPLETED ]] || continue
        printf 'task %s: %s on %s\n' "$task" "$state" "$node" >>"$work/engine.log"
        slurm_was_at "$task"
        [[ -n $pc_value ]] || continue
        case $state in
            OUT_OF_ME*)
                slurm_failed "$pc_value" 75 "Slurm ended its task on $node for want of memory ($state): fewer jobs, or --sbatch --mem=..., may help"
                ;;
            TIMEOUT | DEADLINE)
                [[ -n $slurm_any ]] ||
                    slurm_failed "$pc_value" 124 "the time limit of its task on $node came before it was finished ($state): --sbatch --time=... gives more"
                ;;
            NODE_FAIL | BOOT_FAIL | PREEMPTED | REVOKED)
                lost=$((lost + 1)) words="$state on $node"
                ;;
        esac
    done <<<"$slurm_said"
    [[ $lost -eq 0 ]] || pc_say "warning: $lost tasks were ended by Slurm ($words): what they left is submitted again"
}
