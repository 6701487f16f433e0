# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of pc-channel (sourced): channels of the cube that pc-cube planned in WORK. What every backend runs.
#
# A job works on a block: one channel, or several that are small. They make a bundle of their own, over which each stage
# goes once, so that a program is started once for all of them; what is made of a channel does not depend on the others.
# Where a block fails each of its channels is tried by itself, and what is wrong is said of that one alone.
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

# ---- the bundle of a block ----

# As pc-cube has it, or, where that is another machine and the numbers of files are others, as it is here; in pc_value.
bundles_name() {
    pc_record_get "$work/run" id
    [[ ${pc_value#*@} == "$HOSTNAME" ]] && pc_record_get "$work/run" bundles || pc_scratch_of "$work"
}

# In memory: copies on a tmpfs, named after the work directory and the first channel, the same for every attempt. What
# another host makes comes into an empty one.
into_scratch() { # CHANNEL...
    bundles_name
    local files=("$work"/vis/{00stream,00cube})
    bundle=$scratch/$pc_value.$1
    [[ ! -e $bundle ]] || runner '' rm -rf -- "$bundle"
    if [[ ${#elsewhere[@]} -gt 0 ]]; then
        runner '' mkdir -p -- "$bundle/$1" || return
    else
        runner '' mkdir -p -- "$bundle" || return
        files+=("${@/#/"$work/vis/"}")
    fi
    runner '' cp -a -- "${files[@]}" "$bundle" || return
    printf 'nchan=%d\n' $# >"$bundle/zzend"
}

into_work() { # CHANNEL...: the channels in WORK/vis, by name
    bundle=$work/block.$1
    [[ ! -e $bundle ]] || runner '' rm -rf -- "$bundle"
    runner '' mkdir -- "$bundle" && runner '' ln -s -- "$work"/vis/{00stream,00cube} "${@/#/"$work/vis/"}" "$bundle" || return
    printf 'nchan=%d\n' $# >"$bundle/zzend"
}

wipe() { # DIR: its channels, back to the visibilities
    local file left=()
    for file in "$1"/ch*/*.fits "$1"/ch*/state; do
        [[ ! -e $file ]] || left+=("$file")
    done
    [[ ${#left[@]} -eq 0 ]] || { runner '' rm -f -- "$1"/ch*/zzplane && runner '' rm -f -- "${left[@]}"; } || return 74
}

close_bundle() { # STATUS FILE...: and removes the files
    local kept=$keep
    [[ $ends_with == "done" ]] || kept=
    if [[ $bundle == "$work"/* ]]; then
        [[ $1 -ne 0 || -n $kept ]] || wipe "$bundle"
    elif [[ -n $kept ]]; then
        runner '' cp -a -- "$bundle"/ch* "$work/vis"
    fi
    runner '' rm -rf -- "$bundle" "${@:2}"
}

# ---- what is done with it ----

cpu_type() { # of this machine, in pc_value: the same bytes are promised on one type
    local key value model=
    while IFS=: read -r key value; do
        [[ $key == "model name"* ]] && model=$value && break
    done 2>/dev/null </proc/cpuinfo
    pc_value=$HOSTTYPE$model
}

make_planes() { # CHANNEL...: in $bundle from visibilities to planes, and what is to be said of each in WORK/CHANNEL.notes
    local chan
    wipe "$bundle" || return
    stage psf "$bundle" && stage grid "$bundle" && converge "$bundle" && stage restore "$bundle" || return
    failed_stage=measure
    runner '' pc-status --measure --notes "$work" --record "$record" "$bundle" || return
    cpu_type
    for chan; do
        printf '%s\n' "cpu=$pc_value" "host=$HOSTNAME" >>"$work/$chan.notes" || return 74
    done
}

keep_states() { # of $bundle: how the cleaning of each channel went, for pc-report; nothing else depends on them
    local chan text
    for chan in "$bundle"/ch*; do
        [[ -s $chan/state ]] || continue
        IFS= read -r -d '' text <"$chan/state"
        printf '%s' "$text" >"$work/${chan##*/}.state" || return 74
    done
}

place_planes() { # of $bundle, into the cube, with the notes
    failed_stage=place
    keep_states || return
    runner '' pc-concat --place "$work" "$bundle"
}

find_beams() { # CHANNEL...: of $bundle, into their records
    local chan
    wipe "$bundle" || return
    stage psf "$bundle" || return
    failed_stage=beam
    for chan; do
        pc-status --beams "$bundle/$chan" 2>>"$last_log" | pc_record_put "$work/$chan.beam" || return 74
        [[ -s $work/$chan.beam ]] || return 74
    done
}

attempt() { # CHANNEL...: in $bundle
    if [[ $ends_with == beam ]]; then
        find_beams "$@"
    elif [[ ${#elsewhere[@]} -gt 0 ]]; then
        carry_planes "$1" && place_planes
    else
        make_planes "$@" && place_planes
    fi
}

# In memory; where that has no room, in WORK. What could not be written there was not for want of memory.
attempt_anywhere() { # CHANNEL...
    local status
    if [[ -n $scratch ]]; then
        if into_scratch "$@" 2>>"$last_log"; then
            attempt "$@"
            status=$?
            [[ $status -eq 74 && $failed_stage != place && $failed_stage != beam ]] || return "$status"
        fi
        rm -rf -- "$bundle"
        pc_say "$1: no room in $scratch, goes on in $work" 2>>"$last_log"
        rm -f -- "$record"
    fi
    into_work "$@" 2>>"$last_log" || return 74
    attempt "$@"
}

try() { # CHANNEL...: a block, their locks held
    local chan status file files=("${@/#/"$work/"}") stale=()
    last_log=$work/$1.log record=$work/$1.seconds together=$# bundle=$work/block.$1
    for file in "${files[@]/%/.failed}" "${files[@]/%/.notes}" "$record"; do
        [[ ! -e $file ]] || stale+=("$file")
    done
    [[ ${#stale[@]} -eq 0 ]] || rm -f -- "${stale[@]}"
    : >"$last_log" || return 74
    for chan in "${@:2}"; do
        printf 'with %s: %s\n' "$1" "$last_log" >"$work/$chan.log" || return 74
    done
    failed_stage=select
    for chan; do
        [[ -d $work/vis/$chan ]] || { pc_say "$chan: no visibilities in $work/vis" 2>>"$last_log" && return 65; }
    done
    begin_runner
    attempt_anywhere "$@"
    status=$?
    [[ $status -eq 0 || $ends_with == beam ]] || keep_states 2>>"$last_log"
    close_bundle "$status" "${files[@]/%/.notes}" "$record"
    end_runner
    return "$status"
}

# ---- what may become of it ----

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

# Not failed: it is for the next round, or the next run.
is_interrupted() { [[ $1 == 129 || $1 == 130 || $1 == 131 || $1 == 143 || $1 == 255 ]]; } # STATUS

# Whether the pc-cube that started this job is gone, or has given up. PC_RUN is its process number, a time and its host.
superseded() {
    [[ ! -e $work/halted ]] || return 0
    [[ -n ${PC_RUN-} ]] || return
    pc_record_get "$work/run" id
    [[ $pc_value == "$PC_RUN" ]] || return 0
    [[ ${PC_RUN#*@} == "$HOSTNAME" ]] && ! kill -0 "${PC_RUN%%.*}" 2>/dev/null
}

is_wanted() { [[ ! -s $work/$1.$ends_with ]] && ! superseded; } # CHANNEL

# ---- jobs ----

one_by_one() { # CHANNEL...: the status of the last that failed; one that has tried has done its work
    local chan status=0 rc
    for chan; do
        is_wanted "$chan" || continue
        try "$chan"
        rc=$?
        ! is_interrupted $rc || return $rc
        [[ $rc -ne 0 ]] || continue
        note_failure "$chan" $rc
        consider_halt "$chan" $rc
        [[ -n $tried && -s $work/$chan.failed ]] || status=$rc
    done
    return $status
}

block() { # CHANNEL...: 0 when the done records (with --beam: the beams) are there at the end
    local status
    if [[ $# -gt 1 && ${#elsewhere[@]} -eq 0 ]]; then
        try "$@"
        status=$?
        [[ $status -ne 0 ]] && ! is_interrupted $status || return $status
        pc_say "$# channels together: pc-$failed_stage failed; each is tried by itself" 2>>"$last_log"
    fi
    one_by_one "$@"
}

take_lock() { # CHANNEL: its lock, in pc_value
    local fd
    exec {fd}>>"$work/$1.lock" || pc_die 73 "$work/$1.lock: cannot be written"
    if ! flock -n "$fd"; then
        pc_say "$1: waits for another process that is at work on it"
        flock "$fd"
    fi
    printf '%s on %s\n' $$ "$HOSTNAME" >"$work/$1.lock" # for people
    pc_value=$fd
}

jobs() { # N[,N...]...: block after block
    local list n chan fd status=0 rc all chans locks
    for list; do
        [[ $list =~ ^[0-9]+(,[0-9]+)*$ ]] || pc_die 64 "channel $list is not a number, nor some joined by commas"
        # in order, so that of two jobs with the same channels one waits and goes on
        all=("$list")
        [[ $list != *,* ]] || mapfile -t all < <(tr ',' '\n' <<<"$list" | sort -nu)
        chans=() locks=()
        for n in "${all[@]}"; do
            printf -v chan 'ch%05d' "$((10#$n))"
            take_lock "$chan"
            locks+=("$pc_value")
            ! is_wanted "$chan" || chans+=("$chan")
        done
        [[ ${#chans[@]} -eq 0 ]] || block "${chans[@]}"
        rc=$?
        [[ $rc -eq 0 ]] || status=$rc
        for fd in "${locks[@]}"; do exec {fd}>&-; done
    done
    [[ $status -ne 137 ]] || status=75
    return "$status"
}

# Where a job that was started here is to make its planes: backend-ssh has put backend-here before the command that gets
# there.
find_elsewhere() {
    elsewhere=()
    [[ ${PARALLEL_SSHLOGIN-} == *backend-here\ * ]] || return 0
    read -ra elsewhere <<<"${PARALLEL_SSHLOGIN#*backend-here }"
    # shellcheck source=channel-carry.bash
    . "$share/channel-carry.bash"
}

whole_path() { # DIR: in pc_value
    local here=$PWD dir=$1
    [[ $dir == /* ]] || dir=./$dir
    cd -P -- "$dir" 2>/dev/null || pc_die 66 "$1: no such directory"
    pc_value=$PWD
    cd -- "$here" 2>/dev/null || :
}

planned_jobs() { # --job|--beam [--tried] WORK N[,N...]...
    [[ $1 == --job ]] || ends_with=beam
    shift
    if [[ ${1-} == --tried ]]; then
        tried=1
        shift
    fi
    [[ $# -ge 2 ]] || pc_die 64 "--job and --beam need a work directory and channels"
    whole_path "$1"
    work=$pc_value
    shift
    pc_need flock util-linux
    load_params "$work"
    find_elsewhere
    jobs "$@"
}
