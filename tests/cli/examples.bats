# SPDX-License-Identifier: GPL-3.0-or-later
# The examples in README.md and the man pages: every program exists and has the options it is shown with, and all of them
# run.

load lib

# "file program option" for every use of a program in the documents; "-" where there is no option. Lines that go on are
# joined, a command ends at a pipe, a semicolon, a redirection or the end of its line.
uses() {
    perl -0777 -ne '
        s/\\e?[ \t]*\n/ /g;
        s/\|[ \t]*\n/|/g;
        s/^\.\\".*$//mg;
        s/^\.(Xr|Nm|Nd|Dt|It|Sh|Ss|Fl|Ar|Cm)\b.*$//mg;
        while (/(?<![\w.\/-])(pc-[a-z]+)(?![\w.-])([^|;\n<>()`]*)/g) {
            my ($program, $rest) = ($1, $2);
            next if $program eq "pc-stream"; # a format
            print "$ARGV $program -\n";
            print "$ARGV $program $1\n" while $rest =~ /(?<!\S)--([a-z][\w-]*)/g;
        }' "$@" | sort -u
}

# The options of a program; of a pipeline: its own, and those of the programs it hands them to.
options() {
    if [ -x "$PC_BIN/$1" ]; then
        "$PC_BIN/$1" --print-options | cut -d' ' -f1
    else
        "$ROOT/pipelines/$1" --help | grep -oE -- '^ *--[a-z][a-z-]*' | tr -d ' -'
        local tool
        for tool in select psf grid mask clean restore concat memest; do
            [ ! -x "$PC_BIN/pc-$tool" ] || "$PC_BIN/pc-$tool" --print-options | cut -d' ' -f1
        done
    fi
    printf '%s\n' help version
}

@test "every program and option in an example exists" {
    local file program option bad=0 count=0
    cd "$ROOT"
    while read -r file program option; do
        count=$((count + 1))
        if [ ! -x "$PC_BIN/$program" ] && [ ! -x "pipelines/$program" ]; then
            echo "$file: there is no program $program"
            bad=$((bad + 1))
        elif [ "$option" != - ] && ! options "$program" | tr -d - | grep -qx -- "$(tr -d - <<<"${option#no-}")"; then
            echo "$file: $program has no option --$option"
            bad=$((bad + 1))
        fi
    done < <(uses README.md man/*.[1-8])
    echo "$count uses, $bad wrong"
    [ "$count" -gt 20 ] && [ "$bad" -eq 0 ]
}

# What the examples speak of: MeasurementSets of 4, 24, 200 and 1000 channels, channels in each state and form, cubes, a
# planned and finished run. Every example has a copy of those that it names.
setup_file() {
    local bin=${PC_BIN:-${BATS_TEST_DIRNAME}/../../build/bin}
    PATH=$(cd "$bin" && pwd):$(cd "${BATS_TEST_DIRNAME}/../../pipelines" && pwd):$PATH
    mkdir "$BATS_FILE_TMPDIR/kit"
    cd "$BATS_FILE_TMPDIR" || return 1
    (
        set -e
        for nchan in 4 24 200 1000; do
            pc-mock --sky points --nchan $nchan --nant 8 --ntime 3 --bmax 1200 -o $nchan.ms
        done
        cd kit
        cp -a ../200.ms obs2.ms
        tar czf obs.ms.tar.gz obs2.ms
        ln -s ../24.ms obs.ms # its name goes into the channels
        pc-select ../1000.ms --nchan 1000 --channels 0,3,8,42,200 -o begun
        pc-select ../1000.ms --nchan 1000 --channels 42 -o vis.tar
        pc-psf --imsize 64 --cell 0.04arcsec begun -o stage
        pc-grid stage
        rm -r begun
        pc-mask stage -o imaged
        pc-clean --niter 20 imaged
        pc-grid imaged
        pc-restore --pbcor imaged
        pc-concat imaged -o disc
        cp disc.image.fits disc.mask.fits # of floats: above 0.5
        cp disc.image.fits disc.fits
        cp disc.image.fits a.image.fits
        cp disc.image.fits b.image.fits
        pc-cube ../4.ms --imagename cube --imsize 32 --cell 0.1arcsec --niter 5
        rm -r cube.pc
        pc-image -o cube.image cube.image.fits
        pc-image -o disc.mask cube.image.fits
        mkdir ch42
        cp -a imaged/. ch42
        pc-psf --imsize 64 --cell 0.1arcsec vis.tar -o a.tar
        pc-grid a.tar -o b.tar
        cp b.tar in.tar
        cp b.tar stage.tar
        cp b.tar before.tar
        mkdir after work
        tar xf b.tar -C after
        tar xf b.tar -C work
        pc-restore b.tar -o ch42.tar
        echo '#CRTF' >jet.crtf
        echo 'circle[[20pix, 20pix], 3pix]' >>jet.crtf
        pc-cube obs.ms --imagename co --imsize 32 --cell 0.1arcsec --niter 5 --channels 17,18,0 --keep
        rm obs.ms
        cp -a co.pc cube.pc
        pc-cube ../1000.ms --imagename run --nchan 1000 --channels 42 --imsize 32 --cell 0.1arcsec --niter 5 --keep
        rm -r run.*.fits
        mv run.pc disc.pc
        pc-concat --archive archive.tar.zst disc
    ) >"$BATS_FILE_TMPDIR/kit.txt" 2>&1 || { tail "$BATS_FILE_TMPDIR/kit.txt" && return 1; }
}

# Examples that are not run, and why.
excluded() { # SCRIPT
    case $(cat "$1") in
        *"ssh far"* | *"--backend ssh"* | *"--backend slurm"*) return 0 ;; # no other machine is at hand
    esac
    return 1
}

# What an example leaves to its reader, or would do for minutes.
completed() { # SCRIPT: to standard output
    sed -e 's/ --backend make --jobs 8 \.\.\.$/ --backend make --jobs 2 --imsize 32 --cell 0.1arcsec --niter 5 --channels 17,18,0 --keep/' \
        -e 's/^\.\.\. |/cat in.tar |/; s/^pc-grid | pc-mask/cat in.tar | &/; s/^pc-clean --niter 1000 |/cat in.tar | &/' \
        -e 's/ \.\.\. --threshold/ --imsize 32 --cell 0.1arcsec --niter 5 --threshold/' \
        -e 's/  *disc\.image\.fits, disc.*//' \
        -e "s,/usr/local/share/pc/cube.mk -j8,$ROOT/pipelines/cube.mk -j2," \
        -e 's/--ntime 576/--ntime 2/' "$1"
}

# The MeasurementSet that obs.ms stands for: cubes are made of few channels, and of many only where one of them is picked.
obs_of() { # SCRIPT PAGE
    case $(cat "$1") in
        *pc-cube*--nchan\ 24* | *pc-cube*--backend*) echo 24.ms ;;
        *pc-cube*) echo 4.ms ;;
        *--put-model\ co.pc*) echo 24.ms ;; # co is made from it
        *) [[ $2 = pc-select* ]] && echo 200.ms || echo 1000.ms ;;
    esac
}

# of_help PROGRAM: the examples of its --help, a line each, as examples.py writes those of its page.
of_help() {
    mkdir "examples-$1"
    "$1" --help | sed -n '1,/^Examples:/d; s/^  //p' | (cd "examples-$1" && split -l 1 -d --additional-suffix .sh - '')
    # those that stand in its man page as well are run once
    local script page
    for script in "examples-$1"/*.sh; do
        for page in "examples-$1.1"/*.sh; do
            [ -e "$script" ] && [ -e "$page" ] && cmp -s "$script" "$page" && rm "$script"
        done
    done
    true
}

@test "every example of the man pages, of README.md and of --help runs" {
    local page name script made thing bad=0 count=0
    for page in README.md $(cd "$ROOT" && echo man/*.1) man/pc.7 $(cd "$PC_BIN" && echo pc-*); do
        name=$(basename "$page")
        if [ -x "$PC_BIN/$name" ]; then
            of_help "$name"
        else
            "$ROOT/tests/cli/examples.py" "$ROOT/$page" "examples-$name"
        fi
        for script in "examples-$name"/*.sh; do
            [ -e "$script" ] || continue
            excluded "$script" && continue
            count=$((count + 1))
            rm -rf run
            mkdir run
            completed "$script" >run/example.sh
            for thing in "$BATS_FILE_TMPDIR"/kit/*; do # what it speaks of
                grep -qE "\\b${thing##*/}\\b|ch\\*\\.tar" run/example.sh && cp -a "$thing" run/
            done
            # what it makes is not there yet
            for made in $(grep -oE -- '(-o|--imagename) [a-zA-Z]\S*' "$script" | cut -d' ' -f2); do
                rm -rf "run/$made"
                [[ $name = pc-image* ]] || rm -rf "run/$made".*
            done
            ln -s "$BATS_FILE_TMPDIR/$(obs_of "$script" "$name")" run/obs.ms
            if ! (cd run && bash -e -o pipefail example.sh) >out.txt 2>err.txt </dev/null; then
                echo "$page:"
                cat "$script"
                tail -n 5 err.txt
                bad=$((bad + 1))
            fi
        done
    done
    echo "$count examples, $bad fail"
    [ "$count" -gt 30 ] && [ "$bad" -eq 0 ]
}

@test "README.md links to files that are there" {
    local link bad=0
    while read -r link; do
        [ -e "$ROOT/$link" ] || { echo "README.md: $link is not there"; bad=1; }
    done < <(grep -oE '\]\([^)#:]+\)' "$ROOT/README.md" | tr -d '()]')
    [ "$bad" -eq 0 ]
}
