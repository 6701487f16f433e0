# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A backend of pc-cube (see cube-run.bash): GNU parallel on the hosts of --sshloginfile. Either they see the work directory
# under its path here (the default), and a job is "pc-channel --job" there; or, with --transfer, the job is here, and
# sends the channel to the host and takes its planes back as streams (pc-channel --carried).
#
# A host that does not answer, or vanishes, is not the channel's fault: GNU parallel gives the channel to another one.
# shellcheck disable=SC2034,SC2154
backend_elsewhere=100%

backend_check() {
    pc_need parallel parallel
    [[ $work$here != *'{'*'}'* ]] || pc_die 64 "$work: GNU parallel has a meaning of its own for braces in a name; --work gives another"
    pc_need ssh openssh-client
    [[ -n $sshloginfile ]] || pc_die 64 "--backend ssh needs --sshloginfile: the hosts, one a line"
    [[ -r $sshloginfile ]] || pc_die 66 "$sshloginfile: no such file of hosts"
    grep -qv '^ *\(#\|$\)' -- "$sshloginfile" || pc_die 65 "$sshloginfile: names no host"
}

ssh_patient="-o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"

# The file of hosts for GNU parallel: a command for each. A host that falls silent is given up after a minute, unless the
# file says otherwise; to ssh the first value of an option is the one that counts.
ssh_hosts() {
    local line slots
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%%#*} slots=''
        read -r line <<<"$line"
        [[ -n $line ]] || continue
        [[ ! $line =~ ^([0-9]+/)(.*)$ ]] || slots=${BASH_REMATCH[1]} line=${BASH_REMATCH[2]}
        case $line in
            :) ;;
            ssh\ *) line="${line% *} $ssh_patient ${line##* }" ;;
            *\ *) ;; # another command
            *) line="ssh $ssh_patient $line" ;;
        esac
        [[ -z $transfer || $line == : ]] || line="backend-here $line"
        printf '%s%s\n' "$slots" "$line"
    done <"$sshloginfile"
}

backend_begin() { ssh_hosts | pc_record_put "$work/hosts" || pc_die 74 "$work/hosts: cannot be written"; }

backend_command() { # KIND: beams are found here with --transfer, being quick
    local place=(--sshloginfile "$work/hosts" --retries 4)
    [[ -z $transfer || $1 == job ]] || place=()
    pc_list=(env "PATH=$share:$PATH" "PARALLEL_SHELL=$BASH" parallel --will-cite --quote --ungroup --halt never
        "${place[@]}" --jobs "$work/jobs" --joblog "+$work/joblog" -a "$work/todo"
        env "PC_RUN=${PC_RUN-}" "$here/pc-channel" "--$1" --tried "$work" '{}')
}
