# SPDX-License-Identifier: GPL-3.0-or-later
# Two channels of the reference job at full size, in every way that tests/bench/reference.sh has: 2 GB of memory a job and
# 6 GB of disk. PC_REFERENCE_NCHAN=10 is the whole of it.

load lib

@test "channels of the reference job at full size" {
    [ -z "${SAN:-}" ] || skip "sanitizers take memory of their own"
    [ "$(df -Pk "$T" | awk 'NR == 2 { print $4 }')" -gt $((2000000 * ${PC_REFERENCE_NCHAN:=2})) ] || skip "no room where $T is"
    export PC_REFERENCE_NCHAN
    local code=0
    TMPDIR=$T "$ROOT/tests/bench/reference.sh" >out.txt || code=$?
    sed 's/^/# /' out.txt >&3
    [ "$code" -eq 0 ]
}
