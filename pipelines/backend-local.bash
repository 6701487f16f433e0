# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A backend of pc-cube (see cube-run.bash): GNU parallel on this machine. WORK/joblog is for people. WORK/jobs is looked at
# whenever a job ends, so that writing another number into it changes how many there are at a time.
# shellcheck disable=SC2034,SC2154
backend_elsewhere=

backend_check() { pc_need parallel parallel; }

# In WORK, so that no name but plain ones is in the command, where GNU parallel would take {} and the like for its own.
backend_command() { # KIND
    pc_list=(env -C "$work" "PARALLEL_SHELL=$BASH" parallel --will-cite --quote --ungroup --halt never
        --jobs ./jobs --joblog +./joblog -a todo pc-channel "--$1" . '{}')
}
