# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of pc-cube (sourced): the channels, round by round, by a backend.
#
# A backend is a file backend-NAME.bash. It has
#   backend_elsewhere     empty when the jobs share this machine's memory, else what --jobs is there by default
#   backend_check         ends with 64 or 69 when it cannot be used
#   backend_command KIND  what it runs, in pc_list: a "pc-channel --KIND WORK N[,N...]..." for every line of WORK/todo, as many
#                         at a time as WORK/jobs says
# and, if there is need of it,
#   backend_begin         once, when WORK is there: prepares, and ends what an earlier pc-cube submitted
# and, unless that command lasts as long as the work does,
#   backend_submit KIND   begins
#   backend_poll          waits a while, or until the end; 0 while there may still be something at work
#   backend_cancel        ends everything
# KIND is job (images the channel) or beam (only finds its clean beam). What a backend says of success does not count: the
# truth is what the channels leave, chNNNNN.done (or .beam) and .failed.
# shellcheck disable=SC2034,SC2154

backend_load() {
    [[ $backend =~ ^[a-z]+$ && -r $share/backend-$backend.bash ]] ||
        pc_die 64 "--backend $backend is unknown; there are $(cd -- "$share" && echo backend-*.bash | sed 's/backend-//g; s/[.]bash//g; s/ /, /g')"
    backend_elsewhere=
    # shellcheck source=/dev/null
    . "$share/backend-$backend.bash"
}

# ---- a backend that is one command ----

backend_begin() { :; }

backend_submit() {
    backend_command "$1"
    (without_locks "${pc_list[@]}") </dev/null >>"$work/engine.log" 2>&1 &
    engine_pid=$!
}

backend_poll() {
    wait "$engine_pid"
    return 1
}

backend_cancel() { # GNU parallel waits for its jobs at the first signal, and ends them at the second
    kill -TERM "$engine_pid" 2>/dev/null
    sleep 0.2
    kill -TERM "$engine_pid" 2>/dev/null
    wait "$engine_pid"
}

# ---- rounds ----

# Into WORK/todo those that have neither what they end with nor a failure: a job a line, of $block channels joined by
# commas; how many channels, in ntodo.
list_todo() { # KIND
    local n chan end="done" together=
    [[ $1 == job ]] || end=$1
    ntodo=0
    while read -r n; do
        printf -v chan 'ch%05d' "$n"
        [[ ! -s $work/$chan.$end && ! -s $work/$chan.failed ]] || continue
        together+=${together:+,}$n
        ntodo=$((ntodo + 1))
        [[ $((ntodo % block)) -eq 0 ]] || continue
        printf '%s\n' "$together"
        together=
    done <"$work/channels" >"$work/todo"
    [[ -z $together ]] || printf '%s\n' "$together" >>"$work/todo"
}

# One more attempt for a channel that a signal ended or that went on too long; for those that were short of memory, with
# fewer jobs at a time, down to one.
take_back() {
    local record code memory=() again=()
    for record in "$work"/ch*.failed; do
        [[ -s $record ]] || continue
        pc_record_get "$record" exit
        code=$pc_value
        if [[ $code -eq 75 ]] && can_have_fewer; then
            memory+=("$record")
        elif [[ ($code -eq 75 || $code -eq 124 || $code -ge 128) && -z ${retried[$record]-} ]]; then
            retried[$record]=1
            again+=("$record")
        fi
    done
    [[ ${#memory[@]} -eq 0 ]] || fewer_jobs
    [[ ${#memory[@]} -eq 0 && ${#again[@]} -eq 0 ]] && return
    end_watch # which says what it has not seen yet: these records go
    pc_say "trying $((${#memory[@]} + ${#again[@]})) channels again, $(jobs_in_words) at a time"
    rm -f -- "${memory[@]}" "${again[@]}"
    begin_watch
}

jobs_in_words() {
    case $jobs in
        1) echo "1 job" ;;
        *%) echo "jobs for $jobs of each host's processors" ;;
        *) echo "$([[ $backend != slurm ]] || echo "up to ")$jobs jobs" ;;
    esac
}

can_have_fewer() { [[ ${jobs%\%} -gt 1 ]]; }

fewer_jobs() { # a number, or so many percent of the processors
    local n=$((${jobs%\%} / 2))
    if [[ $jobs == *% ]]; then jobs=$((n > 0 ? n : 1))%; else jobs=$n; fi
}

rounds() { # KIND: until every channel has what it ends with, or has failed for good, or the run is halted
    local before idle=0 block=$block
    local -A retried=()
    remove_records failed
    rm -f -- "$work/halted"
    list_todo "$1"
    while [[ $ntodo -gt 0 && ! -e $work/halted ]]; do
        before=$ntodo
        printf '%s\n' "$jobs" >"$work/jobs" || pc_die 74 "$work/jobs: cannot be written"
        backend_submit "$1"
        while backend_poll; do :; done
        await_orphans
        list_todo "$1"
        if [[ $ntodo -lt $before ]]; then idle=0; else idle=$((idle + 1)); fi
        [[ $idle -eq 0 || $(free_byte "$work") -gt 65536 ]] || pc_die 74 "no room is left where $work is; the same command goes on"
        if [[ $idle -ge 3 ]]; then
            tail -n 3 -- "$work/engine.log" >&2
            pc_die 70 "$ntodo channels were not tried; $work/engine.log has what the $backend backend said"
        fi
        [[ $idle -eq 0 ]] || pause "$idle"
        take_back && block=1 && list_todo "$1"
    done
}

interrupted() { # SIGNAL
    trap '' INT TERM HUP
    pc_say "interrupted: the jobs are ended; the same command goes on"
    backend_cancel
    exit $((128 + $1))
}

begin_watch() {
    [[ $watched == yes ]] || return 0
    exec {watch_fd}> >(without_locks pc-status --watch "$work")
    watcher=$!
}

end_watch() {
    [[ -n $watch_fd ]] || return 0
    exec {watch_fd}>&-
    watch_fd=
    wait "$watcher"
}

run_rounds() { # KIND, with progress for the channels themselves
    local watched=no watcher
    watch_fd=
    [[ $1 != job ]] || watched=yes
    begin_watch
    trap 'interrupted 1' HUP
    trap 'interrupted 2' INT
    trap 'interrupted 15' TERM
    rounds "$1"
    trap - HUP INT TERM
    end_watch
}
