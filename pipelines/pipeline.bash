# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by pc-channel and pc-cube (sourced): sentences, records, and the options of the tools.
#
# A tool's options are learned from the tool itself ("pc-psf --print-options": name, type and placeholder, one option a
# line), so that no list of them is kept here. An argument for a tool is held as "pc-psf=--cell=0.1arcsec": one line of
# the record WORK/params.
# What is set here and read there, and the other way about, shellcheck sees as unused or unassigned.
# shellcheck disable=SC2034,SC2154

command -v pc-status >/dev/null || PATH=$PATH:$here/../build/bin # run from the source tree

pc_say() { printf '%s: %s\n' "$pc_name" "$*" >&2; }

pc_die() { # CODE SENTENCE...
    local code=$1
    shift
    pc_say "$@"
    exit "$code"
}

pc_need() { # PROGRAM PACKAGE: ends with 69 when it is missing
    command -v -- "$1" >/dev/null || pc_die 69 "$1 is missing (Debian package $2)"
}

# ---- records ----

pc_record_get() { # FILE KEY: the first value of KEY in pc_value; 1 when absent
    local line
    pc_value=
    [[ -r $1 ]] || return 1
    while IFS= read -r line || [[ -n $line ]]; do # whole: the shell would take a last = away
        if [[ $line == "$2="* ]]; then
            pc_value=${line#*=}
            return 0
        fi
    done <"$1"
    return 1
}

pc_record_put() { # FILE: standard input becomes FILE at once or not at all
    local tmp=$1.tmp.$$
    cat >"$tmp" && sync -- "$tmp" && mv -f -- "$tmp" "$1"
}

# Bundles that are worked on in memory are called so, with .chNNNNN behind it.
pc_scratch_of() { # WORK: in pc_value
    pc_value=pc.$(stat -c %d.%i -- "$1")
}

# ---- options of the tools ----

declare -A pc_type=() # "psf.cell" -> type
pc_args=()            # "pc-psf=--cell=0.1arcsec"

pc_learn() { # TOOL...
    local tool list name type _
    for tool; do
        pc_need "pc-$tool" pc
        list=$("pc-$tool" --print-options) || pc_die 70 "pc-$tool --print-options failed"
        while read -r name type _; do
            [[ -n $name ]] && pc_type[$tool.$name]=$type
        done <<<"$list"
    done
}

# Hands the option ARG (NEXT is the argument after it) to every tool that has it. pc_shift: how many arguments were
# used. Returns 1 when no tool has it.
pc_take() { # NARG ARG NEXT
    local name=${2#--} value=$3 tool type flag known=1
    [[ $2 == *=* ]] && name=${name%%=*}
    [[ $2$3 != *$'\n'* || $1 -lt 2 ]] || pc_die 64 "--$name: its value holds a line break"
    [[ $name != predict ]] || pc_die 64 "--predict makes no image: it is for pc-grid alone, once a channel has been cleaned"
    [[ $name != restart ]] || pc_die 64 "--restart is for pc-grid alone; pc-channel restarts with --calcpsf and --calcres"
    pc_shift=1
    for tool in "${!pc_tool_on[@]}"; do
        type=${pc_type[$tool.$name]-} flag=--$name
        if [[ -z $type && $name == no-* && ${pc_type[$tool.${name#no-}]-} == bool* ]]; then
            type=bool
        fi
        [[ -n $type ]] || continue
        known=0
        if [[ $2 == *=* ]]; then
            flag=$2
        elif [[ $type != bool* ]]; then
            [[ $1 -ge 2 ]] || pc_die 64 "--$name needs a value"
            flag=--$name=$value pc_shift=2
        fi
        pc_put "$tool" "${name#no-}" "$type" "pc-$tool=$flag"
    done
    return $known
}

declare -A pc_place=() # where in pc_args the option of a tool is

pc_put() { # TOOL NAME TYPE ARGUMENT: of an option that is given twice the last counts, unless it is a list
    local place=${pc_place[$1.$2]-}
    if [[ -n $place && $3 != list ]]; then
        pc_args[place]=$4
    else
        pc_place[$1.$2]=${#pc_args[@]}
        pc_args+=("$4")
    fi
}

declare -A pc_tool_on=() # the tools whose options are taken

pc_on() { # TOOL...
    local tool
    pc_learn "$@"
    for tool; do pc_tool_on[$tool]=1; done
}

pc_unknown() { # ARG OWN...: 64, naming the nearest option there is
    local name=${1#--} near own=("${@:2}") key
    name=${name%%=*}
    near=$({
        printf '%s\n' "${own[@]}"
        for key in "${!pc_type[@]}"; do printf '%s\n' "${key#*.}"; done
    } | sort -u | pc-status --nearest "$name")
    pc_die 64 "unknown option --$name${near:+; the nearest there is: --$near}"
}

pc_args_of() { # TOOL: its arguments, in pc_list
    local arg
    pc_list=()
    for arg in "${pc_args[@]}"; do
        [[ $arg == "pc-$1="* ]] && pc_list+=("${arg#*=}")
    done
    return 0
}

# Whether the weights want the density of all channels of the cube (and the user has given none).
pc_needs_density() {
    local arg specmode=cube weighting=natural per=true
    pc_args_of select
    for arg in "${pc_list[@]}"; do
        [[ $arg != --specmode=* ]] || specmode=${arg#*=}
    done
    pc_args_of psf
    for arg in "${pc_list[@]}"; do
        case $arg in
            --density=*) return 1 ;;
            --weighting=*) weighting=${arg#*=} ;;
            --no-perchanweightdensity | --perchanweightdensity=[f0]*) per=false ;;
            --perchanweightdensity*) per=true ;;
        esac
    done
    [[ $specmode != mfs ]] || return 1
    case $weighting in
        superuniform) return 0 ;;
        uniform | briggs*) [[ $per == false ]] ;;
        *) return 1 ;;
    esac
}
