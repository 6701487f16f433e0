# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# A backend of pc-cube (see cube-run.bash): GNU make and cube.mk, whose targets are the records.
# shellcheck disable=SC2034,SC2154
backend_elsewhere=

backend_check() { pc_need make make; }

backend_command() { # KIND
    local target=channels
    [[ $1 == job ]] || target=beams
    pc_list=(env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory -k -j "$jobs" -f "$share/cube.mk"
        "WORK=$work" LIST=todo "$target")
}
