# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Part of pc-cube (sourced): the phases. Each leaves its result in WORK and is not repeated when that is there.
# shellcheck disable=SC2154

select_channels() {
    if [[ ! -s $work/vis/zzend || ! -s $work/channels ]]; then
        pc_say "selecting the visibilities (${#vis[@]} MeasurementSet$([[ ${#vis[@]} -eq 1 ]] || printf s))"
        rm -f -- "$work/vis/zzend" "$work/channels" "$work/selected" "$work/density" "$work/density.fits" "$work/beam"
        remove_records beam
        rm -rf -- "$work/vis"
        pc_args_of select
        phase select pc-select "${pc_list[@]}" -o "$work/vis" -- "${vis[@]/#-/./-}"
        sed -n 's/^pc-select: total //p' "$work/select.log" | tr ' ' '\n' | pc_record_put "$work/selected" ||
            pc_die 74 "$work/selected: cannot be written"
        find "$work/vis" -maxdepth 1 -type d -name 'ch[0-9]*' -printf '%f\n' | sed 's/^ch0*\([0-9]\)/\1/' | sort -n |
            pc_record_put "$work/channels"
    fi
    [[ -s $work/channels ]] || pc_die 65 "the selection holds no channel"
    phase create pc-concat --create "$work" ${products:+--products "$products"}
}

make_density() { # once: WORK/density.fits, and the record WORK/density when it is whole
    pc_needs_density || return 0
    [[ ! -s $work/density || ! -s $work/density.fits ]] || return 0
    pc_say "summing the density of visibilities over all channels"
    rm -f -- "$work/density" "$work/density.fits"
    pc_args_of psf
    phase density pc-psf "${pc_list[@]}" --density-out "$work/density.fits" "$work/vis"
    printf '%s\n' file=density.fits "$(sed -n 's/^pc-psf: density //p' "$work/density.log" | tr ' ' '\n')" |
        pc_record_put "$work/density" || pc_die 74 "$work/density: cannot be written"
}

wants_common_beam() {
    local arg beam=
    pc_args_of restore
    for arg in "${pc_list[@]}"; do
        [[ $arg != --restoringbeam=* ]] || beam=${arg#*=}
    done
    [[ $beam == common ]]
}

# Once, before the channels: the clean beam of each (WORK/chNNNNN.beam), and what is common to them (the record
# WORK/beam). No plane is kept for it: the channels make their PSFs again. A channel that fails here does not count; when
# it is healed later and the common beam is another then, all images are made anew.
make_beam() {
    local before failed
    wants_common_beam || return 0
    pc_say "finding the clean beams of the channels, $(jobs_in_words) at a time"
    run_rounds beam
    stop_if_halted
    failed=("$work"/ch*.failed)
    [[ ! -e ${failed[0]} ]] || pc_say "warning: ${#failed[@]} channels failed and do not count in the common beam. $(first_reason)"
    before=$(cat -- "$work/beam" 2>/dev/null)
    pc-status --common-beam "$work" >"$work/beam.tmp" || pc_die 70 "the common beam was not found"
    pc_record_get "$work/beam.tmp" beam
    if [[ -n $before && beam=$pc_value != "${before%%$'\n'*}" ]] && is_imaged; then
        pc_say "the common beam has changed: all images are made anew"
        remove_records "done"
    fi
    pc_record_put "$work/beam" <"$work/beam.tmp" || pc_die 74 "$work/beam: cannot be written"
    rm -f -- "$work/beam.tmp"
    pc_say "the common beam is ${pc_value:-none}"
}

run_channels() {
    local todo nchan
    todo=$(pc-status --count todo "$work") && nchan=$(wc -l <"$work/channels") ||
        pc_die 74 "$work: its records cannot be read"
    [[ $todo -gt 0 ]] || return 0
    pc_say "imaging $todo of $nchan channels, $(jobs_in_words) at a time"
    run_rounds job
    stop_if_halted
}

# WORK/halted: a job found that there is no sense in going on.
stop_if_halted() {
    local left
    [[ -e $work/halted ]] || return 0
    left=$(pc-status --count todo "$work")
    pc_record_get "$work/halted" exit
    local code=${pc_value:-74}
    pc_record_get "$work/halted" reason
    pc_die "$code" "halted with $left of $(wc -l <"$work/channels") channels left to do: ${pc_value:-$work cannot be written}; the same command goes on"
}

finish() {
    local left
    left=$(pc-status --count todo "$work")
    pc-status --table "$work" | pc_record_put "$imagename.channels.tsv" || pc_die 74 "$imagename.channels.tsv: cannot be written"
    if [[ $left -eq $(wc -l <"$work/channels") ]]; then
        make_report
        pc_die 1 "all $left channels failed: $(first_reason)"
    fi
    warn_of_a_mix
    say_left_out
    finish_command
    phase finish "${pc_list[@]}"
    if [[ $left -gt 0 ]]; then
        make_report
        pc_die 1 "$left of $(wc -l <"$work/channels") channels failed and are blank; the same command, or --retry-failed, tries them again. $(first_reason)"
    fi
    [[ -n $keep ]] || rm -rf -- "$work/vis"
    printf 'channels=%s\n' "$(wc -l <"$work/channels")" | pc_record_put "$work/complete"
}

finish_command() {
    pc_list=(pc-concat --finish "$work" -o "$imagename" ${format:+--format "$format"} ${compress:+--compress "$compress"})
}

make_report() {
    [[ -z $report ]] || phase report pc-report --imagename "$imagename" "$work"
}

say_left_out() {
    local words
    words=$(pc-status --left-out "$work") && [[ -z $words ]] || pc_say "$words"
}

# One build on one type of processor gives the same bytes; two types agree to 1e-6 of the peak.
warn_of_a_mix() {
    local types
    mapfile -t types < <(find "$work" -maxdepth 1 -name 'ch*.done' -exec sed -n 's/^cpu=//p' {} + | sort -u)
    [[ ${#types[@]} -le 1 ]] ||
        pc_say "warning: channels were made on different processors, which agree to 1e-6 of the peak only: $(printf '%s; ' "${types[@]}")"
}

first_reason() {
    local record
    for record in "$work"/ch*.failed; do
        pc_record_get "$record" reason
        printf '%s: %s' "$(basename -- "$record" .failed)" "$pc_value"
        break
    done
}
