# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of pc-cube (sourced): what is to be done, whether it may, and how many jobs this machine carries. All of it is kept
# in WORK: params (the parameters, which never change), run (this run of pc-cube), plan (pc-memest's estimate), jobs.
# shellcheck disable=SC2154

# ---- locks ----

# One run at a time: the locks last as long as this shell, and no child inherits them, so that what a killed run leaves
# behind does not bar the next one. The second one, on the log beside the products, is for runs of one name in two works.
take_locks() {
    mkdir -p -- "$work" || pc_die 73 "$work: cannot be made"
    exec {run_lock}>>"$work/lock" || pc_die 73 "$work/lock: cannot be written"
    flock -n "$run_lock" ||
        pc_die 73 "another pc-cube (process $(<"$work/lock")) is at work on $imagename: wait for it, or end it"
    printf '%s\n' $$ >"$work/lock"
    exec {name_lock}>>"$imagename.log" || pc_die 73 "$imagename.log: cannot be written"
    flock -n "$name_lock" ||
        pc_die 73 "another pc-cube is at work on $imagename, with its work elsewhere than in $work: wait for it, or end it"
}

without_locks() { # COMMAND...: in place of this (sub)shell, holding none of what is this shell's own
    exec {run_lock}>&- {name_lock}>&-
    [[ -z ${watch_fd-} ]] || exec {watch_fd}>&-
    exec "$@"
}

remove_records() { find "$work" -maxdepth 1 -name "ch*.$1" -delete; } # SUFFIX: of all channels, however many

pause() { (without_locks sleep "$1"); }

# A command that writes into WORK holds this lock as long as it or a child of it lives: what a killed run left is awaited.
phase() { # NAME COMMAND...: its words go to WORK/NAME.log, and to the user when it fails
    local name=$1 code
    shift
    (without_locks flock "$work/phase.lock" "$@") </dev/null >"$work/$name.log" 2>&1
    code=$?
    log_command "$@"
    if [[ $code -ne 0 ]]; then
        [[ $code -ne 137 ]] || code=75
        tail -n 3 -- "$work/$name.log" >&2
        pc_die "$code" "$name failed; $work/$name.log has the whole of what was said"
    fi
    grep -F 'warning:' -- "$work/$name.log" >&2 || :
}

lock_holder() { # the first process that holds a channel's lock, in words
    local lock
    for lock in "$work"/ch*.lock; do
        flock -n "$lock" true || { printf ' (process %s)' "$(<"$lock")" && break; }
    done
}

# Jobs of a run that was killed finish the channel they are at, and begin no other.
await_orphans() {
    local n said=
    [[ -s $work/channels ]] || return 0
    while n=$(pc-status --count running "$work") && [[ $n -gt 0 ]]; do
        [[ -n $said ]] || pc_say "waiting for $n channels that jobs of an earlier run are at work on$(lock_holder)"
        said=1
        pause 0.3
    done
}

# Finished channels are kept if their planes in the cubes are still what was written.
verify_done() {
    local bad n chan
    is_imaged || return 0
    bad=$(pc-status --verify "$work" 2>&1) || pc_die 74 "$bad"
    for n in $bad; do
        printf -v chan 'ch%05d' "$n"
        pc_say "warning: $chan: its planes in the cubes are not what was written: it is imaged again"
        rm -f -- "$work/$chan.done"
    done
    [[ -z $bad ]] || is_imaged || remove_cubes
}

list_cubes() { # in cubes: the products that are there, in each form
    local product form
    cubes=()
    for product in image image.pbcor mask model pb psf residual sumwt; do
        for form in .fits .fits.fz; do
            [[ ! -f $imagename.$product$form ]] || cubes+=("$imagename.$product$form")
        done
        # a CASA image is a directory with a table
        [[ ! -f $imagename.$product/table.dat ]] || cubes+=("$imagename.$product")
    done
}

remove_cubes() {
    rm -rf -- "$work/cube"
    list_cubes
    rm -rf -- "${cubes[@]}"
}

log_command() { printf '%s %s\n' "$(date -u +%FT%TZ)" "${*@Q}" >>"$imagename.log"; }

# ---- parameters ----

params_text() {
    local ms arg
    for ms in "${vis[@]}"; do
        printf 'vis=%s\n' "$(readlink -f -- "$ms")"
    done
    printf 'products=%s\n' "$products"
    [[ -z $format ]] || printf 'format=%s\n' "$format"
    [[ -z $compress ]] || printf 'compress=%s\n' "$compress"
    for arg in "${pc_args[@]}"; do
        [[ $arg =~ ^pc-memest=|^pc-[a-z]+=--(threads|mem|tmpdir|verbose|no-verbose)(=|$) ]] || printf '%s\n' "$arg"
    done | sort -s -t = -k 1,2
}

# --retry-failed: the parameters are those the work was begun with. Those on how to run are not among them.
recall_params() {
    local line option
    local -A seen=()
    [[ -s $work/params ]] || pc_die 66 "$work: no run of that name"
    vis=()
    while IFS= read -r line; do
        case $line in
            vis=*) vis+=("${line#vis=}") ;;
            products=*) products=${line#products=} ;;
            format=*) format=${line#format=} ;;
            compress=*) compress=${line#compress=} ;;
            pc-*)
                option=${line#*=}
                [[ -n ${seen[$option]-} ]] || pc_take 1 "$option" ''
                seen[$option]=1
                ;;
            cwd=*) cd -- "${line#cwd=}" 2>/dev/null || : ;;
        esac
    done <"$work/params"
}

refuse_changed() { # OLD NEW: two texts that differ; an option that several tools have is named once
    pc_say "the parameters have changed since $work was begun:"
    diff <(awk '{ sub(/^pc-[a-z]*=--/, "") } !seen[$0]++' <<<"$1") <(awk '{ sub(/^pc-[a-z]*=--/, "") } !seen[$0]++' <<<"$2") |
        sed -n 's/^< /  was: /p; s/^> /  is now: /p' >&2
    pc_die 64 "the same parameters continue that run; --fresh begins anew; another --imagename leaves it alone"
}

# What is wrong whatever the channel is found before anything is written: on an input of no channels a program ends with
# 65 and this sentence when its options, and the files they name, are right.
check_options() {
    local tool said code
    for tool in psf grid mask clean restore; do
        pc_args_of "$tool"
        said=$("pc-$tool" "${pc_list[@]}" </dev/null 2>&1 >/dev/null)
        code=$?
        [[ $code -eq 0 || $said == *": no stream came" ]] || { printf '%s\n' "$said" >&2 && exit "$code"; }
    done
    pc_args_of memest
    said=$(pc-memest "${pc_list[@]}" 2>&1 >/dev/null) || { code=$? && printf '%s\n' "$said" >&2 && exit "$code"; }
}

begin_params() { # TEXT
    list_cubes
    [[ ${#cubes[@]} -eq 0 ]] ||
        pc_die 73 "${cubes[0]} is there already, and its work in $work is not: --fresh removes it, another --imagename leaves it"
    printf '%s\n' "$1" "cwd=$PWD" "version=$pc_version" | pc_record_put "$work/params" ||
        pc_die 74 "$work/params: cannot be written"
}

is_imaged() {
    local records=("$work"/ch*.done)
    [[ -e ${records[0]} ]]
}

continue_params() { # TEXT
    local old
    old=$(grep -v '^\(cwd\|version\)=' -- "$work/params")
    if [[ $1 != "$old" ]]; then
        is_imaged && refuse_changed "$old" "$1"
        check_options
        pc_say "no channel was imaged with the parameters given before: beginning anew with these"
        empty_work
        begin_params "$1"
    fi
    pc_record_get "$work/params" version
    [[ $pc_value == "$pc_version" ]] ||
        pc_say "warning: this run was begun with version $pc_value, this is $pc_version: the same bytes are promised within one version only"
}

begin_run() { # the record WORK/run: from here on a job of an earlier run begins no channel
    pc_scratch_of "$work"
    printf '%s\n' "id=$$.$(date +%s%N)@$HOSTNAME" "scratch=$scratch" "bundles=$pc_value" "keep=$keep" "timeout=$timeout" "halt=$halt" |
        pc_record_put "$work/run" || pc_die 74 "$work/run: cannot be written"
    pc_record_get "$work/run" id
    export PC_RUN=$pc_value
}

plan() {
    local text
    version
    text=$(params_text)
    if [[ -s $work/params ]]; then
        continue_params "$text"
    else
        begin_params "$text"
    fi
    begin_run
}

empty_work() {
    local lock
    [[ -e $work/params || -z $(find "$work" -mindepth 1 ! -name lock -print -quit) ]] ||
        pc_die 73 "$work is not a work directory of pc-cube: it is not removed"
    printf 'id=none\n' >"$work/run" # whatever a killed run left starts nothing more
    for lock in "$work"/*.lock; do
        [[ ! -e $lock ]] || flock "$lock" true
    done
    find "$work" -mindepth 1 ! -name lock -delete || pc_die 73 "$work: cannot be removed"
}

begin_anew() {
    empty_work
    remove_cubes
    rm -f -- "$imagename.channels.tsv" "$imagename.report.html"
    : >"$imagename.log" # not removed: it is locked
}

# ---- memory and space ----

estimate() { # pc-memest's record of this run: WORK/plan
    local code finished=()
    ! is_imaged || finished=(--finished "$work") # what they took is known better than by an estimate
    pc_args_of memest
    pc-memest "${pc_list[@]}" "${finished[@]}" "$work/vis" >"$work/plan.tmp" 2>"$work/plan.log"
    code=$?
    if [[ $code -ne 0 ]]; then
        tail -n 1 -- "$work/plan.log" >&2
        pc_die "$code" "the run cannot be planned"
    fi
    mv -f -- "$work/plan.tmp" "$work/plan"
}

planned() { # KEY: of WORK/plan, a whole number, in pc_value; 0 when it is not there
    pc_record_get "$work/plan" "$1"
    pc_value=${pc_value:-0}
}

free_byte() { df -Pk -- "$1" | awk 'NR == 2 { printf "%.0f\n", $4 * 1024 }'; }

# How many jobs this machine carries, and whether their bundles find room in memory beside them. --jobs is the user's
# word, with a warning. Where the jobs run elsewhere the backend says what is usual there.
fit_jobs() {
    local fit each nchan memory
    nchan=$(wc -l <"$work/channels")
    if [[ -n $backend_elsewhere ]]; then
        jobs=${jobs:-$backend_elsewhere}
        scratch=${scratch:-/dev/shm}
    else
        planned memory_byte && memory=$pc_value
        planned mem_byte && each=$pc_value
        fit=$((each > 0 ? memory / each : nchan))
        if [[ -n $jobs && $jobs -gt $fit ]]; then
            pc_say "warning: memory is enough for $fit jobs at a time, $jobs were asked for"
        elif [[ -z $jobs ]]; then
            planned jobs && jobs=$pc_value
            [[ $jobs -ge 1 ]] || pc_die 75 "a job takes $each bytes of memory, there are $memory"
        fi
        [[ $jobs -le $nchan ]] || jobs=$nchan
    fi
    fit_block "$nchan"
    [[ -n $backend_elsewhere ]] || choose_scratch $((memory - jobs * each))
    [[ $scratch != none ]] || scratch=
    begin_run
}

# How many channels a job takes together: as many as are worth it, but so few that each job at a time has four turns.
fit_block() { # NCHAN
    local most=$(($1 / (4 * ${jobs%\%})))
    [[ -z $block ]] || return 0
    planned block && block=$pc_value
    [[ $block -le $most ]] || block=$most
    [[ $block -ge 1 ]] || block=1
}

# The channels' bundles are worked on in memory when all that are under way at a time find room there.
choose_scratch() { # BYTES that the jobs themselves leave
    local need free
    [[ -z $scratch ]] || return 0
    planned bundle_byte && need=$((jobs * block * pc_value))
    if [[ $(stat -f -c %T /dev/shm 2>/dev/null) == tmpfs && -w /dev/shm ]]; then
        free=$(free_byte /dev/shm)
        if [[ $need -le $1 && $need -lt $free ]]; then
            scratch=/dev/shm
            return
        fi
    fi
    pc_say "warning: the bundles of $((jobs * block)) channels, $need bytes, do not fit into memory: they are worked on in $work/vis"
}

sweep_scratch() { # what killed jobs left, in memory and in WORK
    rm -rf -- "$work"/block.ch* "$work"/ch*.{came,notes,seconds}
    pc_scratch_of "$work"
    local dir
    for dir in /dev/shm "$scratch"; do
        [[ ! -d $dir ]] || rm -rf -- "$dir/$pc_value".ch*
    done
}

# Whether the products find room, asked when nothing of them is written yet.
check_space() {
    local free need
    ! is_imaged || return 0
    planned product_byte && need=$pc_value
    planned bundle_byte
    [[ -n $scratch || -n $backend_elsewhere ]] || need=$((need + jobs * block * pc_value))
    free=$(free_byte "$work")
    [[ $need -lt $free ]] || pc_die 73 "the products take $need bytes; where $work is $free are free"
}
