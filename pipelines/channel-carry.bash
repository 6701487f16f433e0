# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of pc-channel (sourced): a channel of a planned cube whose planes are made on another host, which does not see WORK.
# shellcheck disable=SC2034,SC2154

# The channel is made on another host, which does not see WORK: a stream there, and one back. A link that breaks is no
# failure of the channel, and leaves no record.
carry_planes() { # CHANNEL
    local came=$work/$1.came files=() name sent=()
    for name in params run plan density density.fits beam vis/{00stream,00cube,zzend} "vis/$1"; do
        [[ ! -e $work/$name ]] || files+=("$name")
    done
    failed_stage=carry
    rm -rf -- "$came" && mkdir -- "$came" && ln -s -- "$bundle/$1" "$came/planes" || return 74
    tar -C "$work" -cf - "${files[@]}" |
        "${elsewhere[@]}" "$(printf '%q ' "$here/pc-channel" --carried "${1#ch}" --keep "${keep:-0}")" 2>>"$last_log" |
        tar -C "$came" --keep-directory-symlink -xf - 2>>"$last_log"
    sent=("${PIPESTATUS[@]}")
    if [[ ${sent[1]} -ne 0 || ! -e $came/end ]]; then
        pc_say "$1: the link to ${elsewhere[*]: -1} broke" 2>>"$last_log"
        rm -rf -- "$came"
        return 255
    fi
    cat -- "$came/log" >>"$last_log"
    [[ ! -e $came/notes ]] || mv -- "$came/notes" "$work/$1.notes"
    failed_stage=$(<"$came/stage") name=$(<"$came/end")
    rm -rf -- "$came"
    return "$name"
}

same_version() { # else the bytes are not the same; the host is to blame, not the channel
    local mine
    mine=$(pc-status --version | cut -d ' ' -f 2-)
    pc_record_get "$work/params" version
    [[ $mine == "$pc_value" ]] || pc_die 69 "$HOSTNAME has version $mine, the run was begun with $pc_value"
}

# The other end: a work directory of one channel comes as a stream, its planes, notes and log go as one.
carried() { # INDEX: of the channel
    local chan status=0 dir stale keep_vis=(--exclude='vis?????')
    printf -v chan 'ch%05d' "$((10#$1))"
    [[ $2 != 1 ]] || keep_vis=(--exclude='vis.fits' --exclude='uvw.fits' --exclude='weight.fits' --exclude='freq.fits' --exclude='row.fits')
    for dir in /dev/shm "${TMPDIR:-/tmp}"; do
        for stale in "$dir"/pc.carried.*; do # what was killed
            [[ ! -d $stale ]] || kill -0 "${stale##*.}" 2>/dev/null || rm -rf -- "$stale"
        done
    done
    for dir in /dev/shm "${TMPDIR:-/tmp}"; do
        work=$dir/pc.carried.$$
        trap 'rm -rf -- "$work"' EXIT
        [[ -w $dir ]] && mkdir -- "$work" && break
    done
    tar -C "$work" -xf - || exit 74
    load_params "$work"
    same_version
    bundle=$work/vis last_log=$work/log record=$work/seconds
    : >"$last_log" && printf 'nchan=1\n' >"$bundle/zzend"
    begin_runner
    make_planes "$chan"
    status=$?
    end_runner
    [[ ! -e $work/$chan.notes ]] || mv -- "$work/$chan.notes" "$work/notes" && : >>"$work/notes"
    printf '%s\n' "$failed_stage" >"$work/stage" && printf '%s\n' "$status" >"$work/end"
    tar -C "$work" "${keep_vis[@]}" --transform "s,^vis/$chan,planes," -cf - log notes stage "vis/$chan" end
}
