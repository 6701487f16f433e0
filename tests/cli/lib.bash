# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Helpers of the command-line tests: `load lib` at the top of a .bats file.
#
# Every test runs in an empty directory of its own, $T, which is removed after it. $PC_BIN holds the tools (the build
# sets it; build/bin by default) and is first in PATH. $ROOT is the project.

ROOT=$(cd "${BATS_TEST_DIRNAME}/../.." && pwd)
: "${PC_BIN:=$ROOT/build/bin}"
PC_BIN=$(cd "$PC_BIN" && pwd)
export ROOT PC_BIN PATH="$PC_BIN:$ROOT/pipelines:$PATH" LC_ALL=C

setup() {
    T=$(mktemp -d "${BATS_TMPDIR:-/tmp}/pc-test.XXXXXX")
    export T
    cd "$T" || return 1
}

teardown() {
    cd / || return 1
    chmod -R u+w "$T" 2>/dev/null || true
    rm -rf "$T"
}

# fails CODE REGEX COMMAND...: the command exits with CODE and its stderr matches REGEX (extended; empty: anything).
# What it wrote is in $T/out.txt and $T/err.txt.
fails() {
    local code=$1 regex=$2 got=0
    shift 2
    "$@" >"$T/out.txt" 2>"$T/err.txt" </dev/null || got=$?
    if [ "$got" -ne "$code" ]; then
        echo "exit code $got, wanted $code: $*"
        cat "$T/err.txt"
        return 1
    fi
    if ! grep -qE -- "$regex" "$T/err.txt"; then
        echo "stderr does not match /$regex/: $*"
        cat "$T/err.txt"
        return 1
    fi
}

# works COMMAND...: the command exits with 0; stdout and stderr as above.
works() {
    local got=0
    "$@" >"$T/out.txt" 2>"$T/err.txt" </dev/null || got=$?
    [ "$got" -eq 0 ] && return 0
    echo "exit code $got: $*"
    cat "$T/err.txt"
    return 1
}

# gone COMMAND...: runs it with stdout a pipe whose reader has gone, and SIGPIPE ignored as children of Python find it.
# A program of ours dies silently by the signal: status 141.
gone() {
    # shellcheck disable=SC2016
    perl -e '$SIG{PIPE} = "IGNORE"; pipe(my $r, my $w); open(STDOUT, ">&", $w); close $w; close $r; exec @ARGV' "$@"
}

# need TOOL...: skips the test when one of the programs has not been built or installed.
need() {
    local p
    for p; do
        command -v "$p" >/dev/null || skip "$p is not there"
    done
}

# same A B: two files or directory trees are byte-identical.
same() {
    diff -r "$1" "$2" >"$T/same.txt" && return 0
    head -n 5 "$T/same.txt"
    return 1
}

# test_data: sets DATA to the directory that holds data/ and casa-ref/; skips the test when it is absent by default.
# Not to be called in a subshell: skip would not get out of it.
test_data() {
    DATA=${PC_TEST_DATA:-$ROOT/../shared}
    if [ -d "$DATA/data" ]; then
        DATA=$(cd "$DATA" && pwd)
        export DATA
    elif [ -n "${PC_TEST_DATA:-}" ]; then
        echo "PC_TEST_DATA is $PC_TEST_DATA, but there is no $PC_TEST_DATA/data"
        return 1
    else
        skip "no test data: set PC_TEST_DATA"
    fi
}
