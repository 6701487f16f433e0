# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A backend of pc-cube (see cube-run.bash): a job array of Slurm, on nodes that see the work directory under its path here.
# A task takes every so manieth line of WORK/todo. What the tasks leave undone, because their time limit came or their
# node went, is in the next round's array. WORK/slurm.id is the array that was submitted last.
#
# Where memory was short and there are to be fewer jobs, each is given as much more of it, up to four times.
# shellcheck disable=SC2034,SC2154
backend_elsewhere=1000
# shellcheck source=slurm-why.bash
. "$share/slurm-why.bash"

backend_check() {
    local program
    for program in sbatch squeue scancel scontrol; do
        pc_need "$program" slurm-client
    done
}

backend_begin() {
    slurm_max=$(scontrol show config 2>/dev/null | sed -n 's/^MaxArraySize *= *//p')
    [[ -n $slurm_max ]] || pc_die 69 "Slurm does not answer (scontrol show config)"
    [[ ! -s $work/slurm.id ]] || backend_cancel
}

slurm_ntask() { # in pc_value: not more than an array may have
    pc_value=$(wc -l 2>/dev/null <"$work/todo") || pc_value=1
    [[ $pc_value -lt ${slurm_max:-1001} ]] || pc_value=$((slurm_max - 1))
}

# How many times as much memory as was planned, in pc_value.
slurm_share() {
    pc_value=$((${slurm_jobs:=$jobs} / jobs))
    [[ -z ${slurm_modest-} ]] || pc_value=1
    [[ $pc_value -le 4 ]] || pc_value=4
}

backend_command() { # KIND
    local cpus=1 arg share_of memory=()
    pc_args_of grid
    for arg in "${pc_list[@]}"; do
        [[ $arg != --threads=* ]] || cpus=${arg#*=}
    done
    slurm_share
    share_of=$pc_value
    planned mem_byte
    arg=$pc_value
    planned bundle_byte
    [[ $arg -eq 0 ]] || memory=(--mem "$(((arg + ${block:-1} * pc_value) * share_of * 5 / 4 / 1048576 + 64))M")
    slurm_ntask
    read -ra pc_list <<<"$sbatch"
    pc_list=(sbatch --parsable --job-name "pc-cube" --array "0-$((pc_value - 1))%$jobs" --cpus-per-task "$cpus"
        "${memory[@]}" --requeue --open-mode append --output "${work//%/%%}/engine.log" --chdir /
        "${pc_list[@]}" -- "$share/slurm-task" "$pc_value" "$here/pc-channel" "--$1" "$work")
}

backend_submit() { # KIND
    local try
    slurm_end="done"
    [[ $1 == job ]] || slurm_end=$1
    slurm_begin=$SECONDS
    for try in 1 2 3; do
        backend_command "$1"
        (without_locks "${pc_list[@]}") 2>>"$work/engine.log" </dev/null | pc_record_put "$work/slurm.id"
        slurm_ntask
        slurm_n=$pc_value
        [[ ! -s $work/slurm.id ]] || return 0
        slurm_modest=1 # no node may have more than was planned
        pause "$((try * 2))"
    done
    tail -n 3 -- "$work/engine.log" >&2
    pc_die 69 "Slurm takes no job: ${pc_list[*]}"
}

# A Slurm that does not answer for a while says nothing of the tasks, unless its accounting does; that it knows no such
# job, it says in words.
backend_poll() {
    local id said code pause=$(((SECONDS - slurm_begin) / 20 + 1))
    pause "$((pause < 15 ? pause : 15))"
    id=$(<"$work/slurm.id")
    id=${id%%;*}
    said=$(slurm_ask squeue --noheader --jobs "$id" --format %T 2>&1)
    code=$?
    if [[ $code -ne 0 && $said != *"Invalid job id"* ]]; then
        printf '%s\n' "$said" >>"$work/engine.log"
        slurm_ended "$id" || return 0
    elif [[ $code -eq 0 && -n $said ]]; then
        return 0
    fi
    slurm_explain "$id"
    return 1
}

backend_cancel() {
    local id
    id=$(<"$work/slurm.id")
    scancel "${id%%;*}" >>"$work/engine.log" 2>&1
    rm -f -- "$work/slurm.id"
}
