# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of pc-channel (sourced): channels of the cube that pc-cube planned in WORK. What every backend runs.
# shellcheck disable=SC2034,SC2154

load_params() { # WORK
    local line key value
    pc_args=() scratch='' keep='' timeout='' halt=''
    [[ -r $1/params ]] || pc_die 66 "$1: no planned cube (no params): pc-cube plans one"
    while IFS= read -r line; do # whole: the shell would take a last = away
        key=${line%%=*} value=${line#*=}
        case $key in
            pc-restore) # the beam of all channels, once it is known
                [[ $value != --restoringbeam=common ]] || ! pc_record_get "$1/beam" beam || value=--restoringbeam=$pc_value
                pc_args+=("$key=$value")
                ;;
            pc-*) pc_args+=("$key=$value") ;;
            cwd) cd -- "$value" 2>/dev/null || : ;;
        esac
    done <"$1/params"
    [[ ! -s $1/density ]] || pc_args+=("pc-psf=--density=$1/density.fits")
    for key in scratch keep timeout halt; do
        ! pc_record_get "$1/run" "$key" || declare -g "$key=$pc_value"
    done
}

wipe() { # CHANNEL: back to the visibilities
    rm -f -- "$1/zzplane" && rm -f -- "$1"/*.fits "$1/state" || return 74
}

# Works on the channel in memory: in a copy of its bundle on a tmpfs, named after the work directory, the same for every
# attempt. What another host makes comes into an empty one.
into_scratch() { # CHANNEL
    pc_scratch_of "$work"
    scratch_home=$scratch/$pc_value.$1
    rm -rf -- "$scratch_home"
    mkdir -p -- "$scratch_home/$1" || return
    cp -a -- "$work"/vis/{00stream,00cube,zzend} "$scratch_home" || return
    [[ ${#elsewhere[@]} -gt 0 ]] || cp -a -- "$work/vis/$1" "$scratch_home" || return
    bundle=$scratch_home/$1
}

leave_scratch() {
    [[ -z $scratch_home ]] || rm -rf -- "$scratch_home"
    scratch_home=
}

cpu_type() { # of this machine: the same bytes are promised on one type
    local key value model=
    while IFS=: read -r key value; do
        [[ $key == "model name"* ]] && model=$value && break
    done 2>/dev/null </proc/cpuinfo
    printf '%s%s' "$HOSTTYPE" "$model"
}

make_planes() { # in $bundle: the channel from visibilities to its planes, and its figures in the record
    wipe "$bundle" || return
    stage psf "$bundle" || return
    stage grid "$bundle" || return
    converge "$bundle" || return
    stage restore "$bundle" || return
    failed_stage=measure
    pc-status --measure "$bundle" >>"$record" 2>>"$last_log" || return
    printf '%s\n' "cpu=$(cpu_type)" "host=$HOSTNAME" >>"$record" || return 74
}

place_planes() { # of $bundle, into the cube
    local line notes=()
    while IFS= read -r line; do
        notes+=(--note "$line")
    done <"$record"
    failed_stage=place
    pc-concat --place "$work" "${notes[@]}" "$bundle" </dev/null >>"$last_log" 2>&1
}

find_beam() { # CHANNEL: of $bundle, into its record
    wipe "$bundle" || return
    stage psf "$bundle" || return
    failed_stage=beam
    pc-status --beams "$bundle" 2>>"$last_log" | pc_record_put "$work/$1.beam" || return 74
    [[ -s $work/$1.beam ]] || return 74
}

note_failure() { # CHANNEL STATUS: the record CHANNEL.failed
    local reason code=$2
    reason=$(tail -n 1 -- "$last_log" | tr -d '\r')
    if [[ $code -eq 137 ]]; then
        reason="pc-$failed_stage was killed (signal 9), most likely for want of memory: fewer jobs may help"
        code=75
    elif [[ $code -gt 128 ]]; then
        reason="pc-$failed_stage was ended by signal $((code - 128))"
    fi
    printf '%s\n' "index=$((10#${1#ch}))" "stage=$failed_stage" "exit=$code" \
        "reason=${reason:-no sentence was left}" "log=$1.log" "host=$HOSTNAME" | pc_record_put "$work/$1.failed"
}

# What cannot be written now cannot be written by the other channels either, and what failed as often as --halt allows is
# enough: no job begins another channel.
consider_halt() { # CHANNEL STATUS
    local failed=("$work"/ch*.failed)
    if [[ $2 -eq 73 || $2 -eq 74 ]]; then
        printf '%s\n' "exit=74" "reason=$1: $(tail -n 1 -- "$last_log")" >"$work/halted"
    elif [[ -n $halt && ${#failed[@]} -ge $halt ]]; then
        printf '%s\n' "exit=1" "reason=${#failed[@]} have failed (--halt $halt)" >"$work/halted"
    fi
}

# Whether the pc-cube that started this job is gone, or has given up. PC_RUN is its process number, a time and its host.
superseded() {
    [[ ! -e $work/halted ]] || return 0
    [[ -n ${PC_RUN-} ]] || return
    pc_record_get "$work/run" id
    [[ $pc_value == "$PC_RUN" ]] || return 0
    [[ ${PC_RUN#*@} == "$HOSTNAME" ]] && ! kill -0 "${PC_RUN%%.*}" 2>/dev/null
}

# ---- a job ----

attempt() { # CHANNEL: in $bundle
    if [[ $ends_with == beam ]]; then
        find_beam "$1"
    elif [[ ${#elsewhere[@]} -gt 0 ]]; then
        carry_planes "$1" && place_planes
    else
        make_planes && place_planes
    fi
}

# In memory; where that has no room, in WORK. What could not be written there was not for want of memory.
attempt_anywhere() { # CHANNEL
    local status=0
    bundle=$work/vis/$1
    if [[ -n $scratch ]]; then
        if into_scratch "$1" 2>>"$last_log"; then
            attempt "$1"
            status=$?
            [[ $status -eq 74 && $failed_stage != place && $failed_stage != beam ]] || return "$status"
        fi
        leave_scratch
        bundle=$work/vis/$1
        pc_say "$1: no room in $scratch, goes on in $work" 2>>"$last_log"
        rm -f -- "$record"
    fi
    attempt "$1"
}

job() { # CHANNEL, its lock held: 0 when its done record (with --beam: its beam) is there at the end
    local chan=$1 status home=$work/vis/$1
    ! superseded || return 0
    [[ ! -s $work/$chan.$ends_with ]] || return 0
    last_log=$work/$chan.log record=$work/$chan.notes scratch_home=''
    rm -f -- "$work/$chan.failed" "$record"
    : >"$last_log" || return 74
    failed_stage=select
    if [[ ! -d $home ]]; then
        pc_say "$chan: no visibilities in $work/vis" 2>>"$last_log"
        note_failure "$chan" 65
        return 65
    fi
    attempt_anywhere "$chan"
    status=$?
    case $status in
        0) rm -f -- "$record" ;;
        129 | 130 | 131 | 143 | 255) ;; # interrupted, not failed: it is for the next round, or the next run
        *)
            note_failure "$chan" "$status"
            consider_halt "$chan" "$status"
            ;;
    esac
    if [[ -n $scratch_home ]]; then
        [[ -z $keep || $ends_with == beam ]] || cp -a -- "$bundle/." "$home"
        leave_scratch
    elif [[ $status -eq 0 && (-z $keep || $ends_with == beam) ]]; then
        wipe "$bundle"
    fi
    return "$status"
}

jobs() { # N...
    local n chan status=0 rc lock
    for n; do
        [[ $n =~ ^[0-9]+$ ]] || pc_die 64 "channel $n is not a number"
        printf -v chan 'ch%05d' "$((10#$n))"
        exec {lock}>"$work/$chan.lock" || pc_die 73 "$work/$chan.lock: cannot be written"
        if ! flock -n "$lock"; then
            pc_say "$chan: waits for another process that is at work on it"
            flock "$lock"
        fi
        job "$chan"
        rc=$?
        if [[ $rc -ne 0 ]] && ! [[ -n $tried && -s $work/$chan.failed ]]; then
            status=$rc
        fi
        exec {lock}>&-
    done
    [[ $status -ne 137 ]] || status=75
    return "$status"
}

# Where a job that was started here is to make its planes: backend-ssh has put backend-here before the command that gets
# there.
find_elsewhere() {
    elsewhere=()
    [[ ${PARALLEL_SSHLOGIN-} != *backend-here\ * ]] || read -ra elsewhere <<<"${PARALLEL_SSHLOGIN#*backend-here }"
}

planned_jobs() { # --job|--beam [--tried] WORK N...
    [[ $1 == --job ]] || ends_with=beam
    shift
    if [[ ${1-} == --tried ]]; then
        tried=1
        shift
    fi
    [[ $# -ge 2 ]] || pc_die 64 "--job and --beam need a work directory and channels"
    work=$(readlink -f -- "$1")
    [[ -d $work ]] || pc_die 66 "$1: no such directory"
    shift
    pc_need flock util-linux
    load_params "$work"
    find_elsewhere
    jobs "$@"
}
