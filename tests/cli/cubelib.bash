# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests of pc-cube: one small MeasurementSet and one cube made in the simplest way, ref, for all tests of a file.

OPTIONS=(--imsize 64 --cell 0.1arcsec --weighting briggs --robust 0.5 --niter 60 --cycleniter 20 --threshold 20mJy
    --usemask auto-multithresh --sidelobethreshold 2.0 --noisethreshold 4.0)

setup_file() {
    local bin=${PC_BIN:-${BATS_TEST_DIRNAME}/../../build/bin}
    PATH=$(cd "$bin" && pwd):$(cd "${BATS_TEST_DIRNAME}/../../pipelines" && pwd):$PATH
    cd "$BATS_FILE_TMPDIR" || return 1
    pc-mock --sky points --nchan 5 --nant 12 --ntime 6 --bmax 300 --noise 0.2Jy -o sky.ms || return 1
    pc-cube sky.ms --imagename ref "${OPTIONS[@]}" --jobs 1 --keep
}

cube() { # IMAGENAME [OPTION...]
    local name=$1
    shift
    pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${OPTIONS[@]}" "$@"
}

begin_cube() { # IMAGENAME [OPTION...]: the same in the background; its process number is in CUBE, its words in run.txt
    local name=$1
    shift
    : >run.txt
    pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${OPTIONS[@]}" "$@" >/dev/null 2>run.txt 3>&- &
    CUBE=$!
}

# The products of that name are the bytes of ref's.
same_as_ref() { # IMAGENAME
    local product count=0
    for product in "$BATS_FILE_TMPDIR"/ref.*.fits; do
        cmp "$product" "./$1${product#"$BATS_FILE_TMPDIR"/ref}" || return 1
        count=$((count + 1))
    done
    [ "$count" -ge 3 ]
}

# The same cube by a line of programs, no directory in between.
stream_cube() { # MS IMAGENAME
    local mask=(--usemask auto-multithresh --sidelobethreshold 2.0 --noisethreshold 4.0 --threshold 20mJy)
    local clean=(--niter 60 --cycleniter 20 --threshold 20mJy)
    cycle() { pc-mask "${mask[@]}" | pc-clean "${clean[@]}" | pc-grid; }
    pc-select "$1" | pc-psf --imsize 64 --cell 0.1arcsec --weighting briggs --robust 0.5 | pc-grid |
        cycle | cycle | cycle | cycle | cycle | cycle | pc-restore | pc-concat -o "$2"
}

# A tool, pc-grid if no other is named, that does something else first, in ./bad: COMMAND on channel 3.
bad_tool() { # COMMAND [TOOL]
    mkdir -p bad
    cat >"bad/${2:-pc-grid}" <<END
#!/bin/bash
case "\$*" in
*ch00003*) $1 ;;
esac
exec "$PC_BIN/${2:-pc-grid}" "\$@"
END
    chmod +x "bad/${2:-pc-grid}"
}

# Runs of a cube of which one process after the other is killed, by signal 9, whoever it is and whenever; then it is left
# alone, and makes the cube. Who was killed is in kills.txt.
kill_rounds() { # IMAGENAME COUNT [OPTION...]
    local name=$1 count=$2 victims victim session
    shift 2
    : >kills.txt
    while [ "$(wc -l <kills.txt)" -lt "$count" ]; do
        setsid bash -c 'exec pc-cube "$@"' - "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${OPTIONS[@]}" "$@" \
            >out.txt 2>err.txt 3>&- &
        session=$!
        while kill -0 "$session" 2>/dev/null && [ "$(wc -l <kills.txt)" -lt "$count" ]; do
            sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
            mapfile -t victims < <(ps -o pid=,comm= -s "$session" | grep -v ' ps$')
            [ ${#victims[@]} -gt 0 ] || break
            victim=${victims[RANDOM % ${#victims[@]}]}
            read -r victim _ <<<"$victim"
            ps -o comm= -p "$victim" >>kills.txt 2>/dev/null || true
            kill -9 "$victim" 2>/dev/null || true
        done
        wait "$session" || true
        # a run that came to its end although some of it was killed leaves no more to be killed
        [ ! -e "$name.pc/complete" ] || rm -rf "$name".* "$name.pc"
    done
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${OPTIONS[@]}" "$@"
    same_as_ref "$name"
}
