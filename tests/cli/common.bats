# SPDX-License-Identifier: GPL-3.0-or-later
# What every program has in common: help, version, errors of usage, man page, completion.

load lib

# each FUNCTION: runs it with every program that was built; fails if one fails, or if there is none.
each() {
    local tool count=0 bad=0
    for tool in "$PC_BIN"/pc-*; do
        [ -x "$tool" ] || continue
        count=$((count + 1))
        "$1" "$tool" || bad=$((bad + 1))
    done
    echo "$1: $count programs, $bad failed"
    [ "$count" -gt 0 ] && [ "$bad" -eq 0 ]
}

help_is_whole() {
    local name type rest
    works "$1" --help || return 1
    cp out.txt help.txt
    grep -q "^${1##*/} - " help.txt || { echo "${1##*/} --help does not begin with its name"; return 1; }
    works "$1" --print-options || return 1
    while read -r name type rest; do
        : "$type" "$rest"
        grep -qE -- "^  --(\[no-\])?$name( |$)" help.txt || { echo "${1##*/} --help lacks --$name"; return 1; }
    done <out.txt
    works "$1" -h && cmp out.txt help.txt
}
@test "--help exits 0 and mentions every option" {
    each help_is_whole
}

help_is_narrow() {
    works "$1" --help || return 1
    if grep -nE '^.{101}' out.txt; then
        echo "${1##*/} --help is wider than 100 columns"
        return 1
    fi
}
@test "--help fits a terminal" {
    each help_is_narrow
}

has_version() {
    works "$1" --version || return 1
    grep -qE "^${1##*/} [^ ]+$" out.txt || { cat out.txt; return 1; }
    cp out.txt version.txt
    works "$1" -V && cmp out.txt version.txt
}
@test "--version" {
    each has_version
}

# A letter twice is nearer to the option it came from than to any other.
names_the_nearest() {
    local name rest
    fails 64 "^${1##*/}: there is no option --verison, did you mean --version\?$" "$1" --verison || return 1
    works "$1" --print-options || return 1
    while read -r name rest; do
        : "$rest"
        [ ${#name} -ge 4 ] || continue
        fails 64 "^${1##*/}: there is no option --${name}${name: -1}, did you mean --$name\?$" \
            "$1" "--${name}${name: -1}" </dev/null || return 1
    done < <("$1" --print-options)
    fails 64 "^${1##*/}: there is no option -! *;|^${1##*/}: there is no option -!" "$1" '-!'
}
@test "an unknown option is 64 and names the nearest" {
    each names_the_nearest
}

needs_values() {
    local name type rest
    while read -r name type rest; do
        : "$rest"
        [ "$type" = bool ] && continue
        fails 64 "^${1##*/}: --$name lacks its value" "$1" "--$name" || return 1
    done < <("$1" --print-options)
}
@test "an option without its value is 64" {
    each needs_values
}

refuses_nonsense() {
    local name type rest
    while read -r name type rest; do
        : "$rest"
        case $type in
        int | number | choice | pair_int | pair_number | bool)
            fails 64 "^${1##*/}: --$name" "$1" "--$name=@nonsense@" || return 1
            ;;
        esac
    done < <("$1" --print-options)
}
@test "a value that cannot be read is 64 and names the option" {
    each refuses_nonsense
}

complains_about_full_disk() {
    local got=0
    "$1" --help >/dev/full 2>err.txt || got=$?
    [ "$got" -eq 74 ] || { echo "${1##*/} --help >/dev/full: exit code $got"; return 1; }
    grep -q "^${1##*/}: standard output: " err.txt || { cat err.txt; return 1; }
}
@test "a full disk is 74" {
    [ -c /dev/full ] || skip "there is no /dev/full"
    each complains_about_full_disk
}

dies_by_sigpipe() {
    local got=0
    gone "$1" --help 2>err.txt || got=$?
    if [ "$got" -ne 141 ] || [ -s err.txt ]; then
        echo "${1##*/}: exit code $got, stderr \"$(cat err.txt)\""
        return 1
    fi
}
@test "a reader that goes away ends a program silently, by the signal" {
    each dies_by_sigpipe
}

completes() {
    works "$1" --print-completion || return 1
    cp out.txt completion.txt
    bash -n completion.txt || return 1
    # what bash would offer for "pc-x --"
    local name rest offered fn
    fn=_$(basename "$1" | tr -c 'A-Za-z0-9\n' _)
    # shellcheck disable=SC1091
    offered=$(. ./completion.txt && COMP_WORDS=("${1##*/}" --) COMP_CWORD=1 && "$fn" && printf '%s\n' "${COMPREPLY[@]}")
    while read -r name rest; do
        : "$rest"
        grep -qx -- "--$name" <<<"$offered" || { echo "${1##*/}: completion lacks --$name"; return 1; }
    done < <("$1" --print-options)
}
@test "the completion script parses and offers every option" {
    each completes
}

has_page() {
    local name=${1##*/} page
    page=$ROOT/man/$name.1
    [ -f "$page" ] || { echo "$name has no man page: man/$name.1"; return 1; }
    local section
    for section in NAME SYNOPSIS DESCRIPTION EXAMPLES 'SEE ALSO'; do
        grep -q "^\.Sh $section\$" "$page" || { echo "man/$name.1 lacks the section $section"; return 1; }
    done
    grep -qE '^\.Sh (DIAGNOSTICS|EXIT STATUS)$' "$page" || { echo "man/$name.1 lacks DIAGNOSTICS"; return 1; }
    grep -q '^\.\\" @OPTIONS@$' "$page" || { echo "man/$name.1 lacks the line .\\\" @OPTIONS@"; return 1; }
}
@test "every program has a man page with the usual sections" {
    each has_page
}

@test "the man pages are built, whole and without faults" {
    need mandoc
    local page bad=0 count=0
    for page in "$ROOT"/man/*.[1-8]; do
        local built=$PC_BIN/../man/${page##*/}
        count=$((count + 1))
        if ! "$ROOT/mk/manpage" "$page" "$PC_BIN" | cmp - "$built"; then
            echo "$built is stale"
            bad=$((bad + 1))
        fi
        if grep -q '@OPTIONS@' "$built"; then
            echo "$built lacks its options: there is no program of that name"
            bad=$((bad + 1))
        fi
        # cross references are to pages that may not be installed yet
        mandoc -T lint -W warning "$built" || bad=$((bad + 1))
    done
    [ "$count" -gt 0 ] && [ "$bad" -eq 0 ]
}

@test "every page that a page refers to exists" {
    local name section bad=0
    while read -r _ name section _; do
        case $name in pc | pc-*) ;; *) continue ;; esac
        [ -f "$ROOT/man/$name.$section" ] || { echo "no man/$name.$section"; bad=1; }
    done < <(grep -hE '^\.Xr pc' "$ROOT"/man/*.[1-8] | sort -u)
    [ "$bad" -eq 0 ]
}
