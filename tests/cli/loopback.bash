# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests: an ssh server and a Slurm of one node on the loopback interface, with keys, ports and directories of their own,
# started and stopped by the test. Each says why when it cannot be had here, and returns 1.

free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

# wait_until COMMAND...: at most a minute
wait_until() {
    local i
    for ((i = 0; i < 600; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    return 1
}

# sshd_start DIR: sets SSH, the command up to the host 127.0.0.1 or localhost; the server's process number is in DIR/pid.
# HOME is DIR there: what the start-up files of whoever tests do (wait for a lock that a vanished host left) is not tested.
sshd_start() {
    local dir=$1 port
    [ "$(id -u)" -eq 0 ] || { echo "an ssh server of one's own wants root"; return 1; }
    [ -x /usr/sbin/sshd ] || { echo "no ssh server (Debian package openssh-server)"; return 1; }
    mkdir -p "$dir" /run/sshd
    port=$(free_port)
    ssh-keygen -q -t ed25519 -N '' -f "$dir/host" && ssh-keygen -q -t ed25519 -N '' -f "$dir/key" || return 1
    cp "$dir/key.pub" "$dir/authorized"
    printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' "HostKey $dir/host" "AuthorizedKeysFile $dir/authorized" \
        "PidFile $dir/pid" 'StrictModes no' 'PasswordAuthentication no' 'PermitRootLogin yes' 'MaxStartups 100' \
        "SetEnv HOME=$dir" >"$dir/config"
    /usr/sbin/sshd -f "$dir/config" -E "$dir/log" || return 1
    SSH="ssh -p $port -i $dir/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    # shellcheck disable=SC2086
    wait_until $SSH 127.0.0.1 true || { echo "the ssh server does not let us in"; cat "$dir/log"; return 1; }
}

# vanish DIR: the ssh server of DIR, and all that came in through it, are gone at once.
vanish() {
    [ -s "$1/pid" ] || return 0
    local gone new
    gone=$(<"$1/pid") new=$gone
    while new=$(pgrep -d , -P "$new"); do gone=$gone,$new; done
    # shellcheck disable=SC2086
    kill -9 ${gone//,/ } 2>/dev/null || true
    rm -rf "$1"
}

daemon_stop() { # PIDFILE...
    local file pid
    for file; do
        [ -s "$file" ] || continue
        pid=$(<"$file")
        kill "$pid" 2>/dev/null || continue
        wait_until sh -c "! kill -0 $pid" || kill -9 "$pid"
    done
}

# slurm_start DIR [LINE...]: with more lines of its configuration; sets and exports SLURM_CONF
slurm_start() {
    local dir=$1 program name ports
    shift
    [ "$(id -u)" -eq 0 ] || { echo "a Slurm of one's own wants root"; return 1; }
    for program in munged slurmctld slurmd sbatch; do
        command -v "$program" >/dev/null || { echo "$program is not there (Debian packages munge, slurm-wlm)"; return 1; }
    done
    mkdir -p "$dir/munge" "$dir/state" "$dir/spool"
    chmod 700 "$dir/munge"
    head -c 1024 /dev/urandom >"$dir/munge/key" && chmod 400 "$dir/munge/key"
    munged --force --socket="$dir/munge/socket" --key-file="$dir/munge/key" --log-file="$dir/munge/log" \
        --pid-file="$dir/munge/pid" --seed-file="$dir/munge/seed" 2>/dev/null || { echo "munged does not start"; return 1; }
    name=$(hostname -s)
    ports=("$(free_port)" "$(free_port)")
    printf '%s\n' ClusterName=loop "SlurmctldHost=$name(127.0.0.1)" SlurmUser=root "SlurmctldPort=${ports[0]}" \
        "SlurmdPort=${ports[1]}" AuthType=auth/munge "AuthInfo=socket=$dir/munge/socket" CredType=cred/munge \
        ProctrackType=proctrack/linuxproc TaskPlugin=task/none MpiDefault=none ReturnToService=2 "StateSaveLocation=$dir/state" \
        "SlurmdSpoolDir=$dir/spool" "SlurmctldPidFile=$dir/slurmctld.pid" "SlurmdPidFile=$dir/slurmd.pid" \
        "SlurmctldLogFile=$dir/slurmctld.log" "SlurmdLogFile=$dir/slurmd.log" SchedulerType=sched/builtin \
        SchedulerParameters=batch_sched_delay=0 SelectType=select/cons_tres SelectTypeParameters=CR_CPU_Memory KillWait=2 \
        "NodeName=$name NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN" \
        "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP" "$@" >"$dir/slurm.conf"
    export SLURM_CONF=$dir/slurm.conf
    if ! { slurmctld && slurmd; } >"$dir/start.log" 2>&1 || ! wait_until sh -c 'sinfo -h -o %t | grep -qx idle'; then
        echo "Slurm does not start here: $(tail -n 1 "$dir/slurmctld.log" 2>/dev/null)"
        return 1
    fi
}

slurm_stop() { # DIR
    daemon_stop "$1/slurmd.pid" "$1/slurmctld.pid" "$1/munge/pid"
}
