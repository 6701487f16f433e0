# SPDX-License-Identifier: GPL-3.0-or-later
# The examples in README.md and the man pages: every program exists and has the options it is shown with.

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

@test "the pipe in README.md works as it stands" {
    need pc-mock pc-select pc-psf pc-grid pc-mask pc-clean pc-restore pc-concat
    pc-mock -o obs.ms --nchan 2 --nant 6 --ntime 4 2>/dev/null
    perl -0777 -ne 'print $1 if /^    (pc-select obs\.ms.*?-o ch42)$/ms' "$ROOT/README.md" >pipe.sh
    # the mock has 2 channels, the example 1000
    grep -q -- '--channels 42' pipe.sh
    sed -i 's/--nchan 1000 --channels 42/--nchan 2 --channels 1/; s/--imsize 1024/--imsize 64/; s/--niter 1000/--niter 20/g' pipe.sh
    works bash -eo pipefail pipe.sh
    [ -s ch42.tar ] && [ -s ch42.image.fits ]
    tar tf ch42.tar | grep -q '^ch00001/image.fits$'
}

@test "README.md links to files that are there" {
    local link bad=0
    while read -r link; do
        [ -e "$ROOT/$link" ] || { echo "README.md: $link is not there"; bad=1; }
    done < <(grep -oE '\]\([^)#:]+\)' "$ROOT/README.md" | tr -d '()]')
    [ "$bad" -eq 0 ]
}
