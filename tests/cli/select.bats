# SPDX-License-Identifier: GPL-3.0-or-later
# pc-select: every refusal is a sentence with its exit code, and leaves nothing behind.

load lib

# A small MeasurementSet, made once for this file.
setup_file() {
    export BATS_MS="$BATS_FILE_TMPDIR/a.ms"
    local bin=${PC_BIN:-$BATS_TEST_DIRNAME/../../build/bin}
    [ ! -x "$bin/pc-mock" ] || "$bin/pc-mock" --sky points --ntime 3 --nant 5 --nchan 6 -o "$BATS_MS" 2>/dev/null
}

ready() {
    need pc-select pc-mock
    ln -s "$BATS_MS" a.ms
}

@test "paths that are no MeasurementSet" {
    ready
    fails 66 'nope.ms: no such MeasurementSet' pc-select nope.ms -o b
    mkdir empty
    fails 65 'empty: is not a MeasurementSet: .*no table.dat' pc-select empty -o b
    echo nothing >x.tar
    fails 65 'x.tar: is a file, and neither a tar archive nor UVFITS; a MeasurementSet is a directory' pc-select x.tar -o b
    fails 65 'ANTENNA: is not a MeasurementSet: it has no subtable ANTENNA' pc-select a.ms/ANTENNA -o b
    fails 66 'no such MeasurementSet' pc-select a.ms nope.ms -o b
    fails 64 '' pc-select
    [ ! -e b ]
}

@test "a damaged MeasurementSet" {
    ready
    cp -r "$BATS_MS" broken.ms
    rm broken.ms/table.f1
    fails 65 'broken.ms' pc-select broken.ms -o b
    cp -r "$BATS_MS" cut.ms
    truncate -s 100 cut.ms/table.dat
    fails 65 'cut.ms' pc-select cut.ms -o b
    cp -r "$BATS_MS" lame.ms
    rm -r lame.ms/FIELD
    fails 65 'lame.ms' pc-select lame.ms -o b
    [ ! -e b ]
}

@test "missing columns are named" {
    ready
    works pc-select a.ms --channels 0 -o b
    grep -q 'warning: a.ms has no CORRECTED_DATA: using DATA' err.txt
    fails 65 'column MODEL_DATA is missing' pc-select a.ms --datacolumn model -o c
    cp -r "$BATS_MS" w.ms
    works /usr/bin/python3 -c 'from casacore.tables import table; table("w.ms", readonly=False).removecols("WEIGHT")'
    fails 65 'w.ms: .*column WEIGHT is missing' pc-select w.ms -o c
    rm -r w.ms && cp -r "$BATS_MS" w.ms
    works /usr/bin/python3 -c 'from casacore.tables import table; table("w.ms", readonly=False).removecols("SIGMA")'
    fails 65 'w.ms: .*column SIGMA is missing' pc-select w.ms -o c
    [ ! -e c ]
}

@test "selections that select nothing name their clause" {
    ready
    fails 66 "--field 'x' selects nothing .*its fields: 0 'mock'" pc-select a.ms --field x -o b
    fails 66 "--field '7' selects nothing" pc-select a.ms --field 7 -o b
    fails 66 "--spw '3' selects nothing .*its spectral windows: 0 \(6 channels\)" pc-select a.ms --spw 3 -o b
    fails 66 "--scan '9' selects nothing; its scans: 1 to 1" pc-select a.ms --scan 9 -o b
    fails 66 "--antenna 'ZZ' selects nothing .*its antennas: DA01 DV01" pc-select a.ms --antenna ZZ -o b
    fails 66 "--uvrange '>1000km' selects nothing" pc-select a.ms --uvrange '>1000km' -o b
    fails 66 "--timerange '2001/01/01~2001/01/02' selects nothing" pc-select a.ms --timerange 2001/01/01~2001/01/02 -o b
    fails 66 "--observation '5' selects nothing" pc-select a.ms --observation 5 -o b
    fails 66 "--intent '\*PHASE\*' selects nothing" pc-select a.ms --intent '*PHASE*' -o b
    fails 66 "--scan '9' selects nothing" pc-select a.ms --field 0 --scan 9 --intent '*TARGET*' -o b
    fails 66 "--taql 'ANTENNA1 > 99' selects nothing" pc-select a.ms --taql 'ANTENNA1 > 99' -o b
    fails 66 "a.ms: --taql 'ANTENNA1 > 1 && ANTENNA2 > 1' leaves none of the rows that --field '0' --antenna 'DA01' select$" \
        pc-select a.ms --field 0 --antenna DA01 --taql 'ANTENNA1 > 1 && ANTENNA2 > 1' -o b
    cp -r "$BATS_MS" auto.ms
    works /usr/bin/python3 -c 'from casacore.tables import table
t = table("auto.ms", readonly=False)
t.putcol("ANTENNA2", t.getcol("ANTENNA1"))'
    fails 66 'auto.ms: .*autocorrelations only' pc-select auto.ms -o b
    [ ! -e b ]
}

@test "selections that cannot be understood" {
    ready
    fails 64 "--field '0,\(' cannot be understood" pc-select a.ms --field '0,(' -o b
    fails 64 "--timerange 'soon' cannot be understood" pc-select a.ms --timerange soon -o b
    fails 64 "--uvrange 'far' cannot be understood" pc-select a.ms --uvrange far -o b
    fails 64 "--scan 'x' cannot be understood" pc-select a.ms --scan x -o b
    fails 64 "--taql 'ANTENNA1 ==' cannot be understood" pc-select a.ms --taql 'ANTENNA1 ==' -o b
    fails 64 "--taql 'COLOUR == 3' cannot be understood .*COLOUR" pc-select a.ms --taql 'COLOUR == 3' -o b
    fails 64 "--scan is given 2 times and there are 3 MeasurementSets: give it once for all, or once for each" \
        pc-select --scan 1 --scan 1 a.ms a.ms a.ms -o b
    [ ! -e b ]
}

@test "blocks of rows that cannot be" {
    ready
    local k
    for k in 0/3 4/3 1 a/b 1/0 -1/3 1/3/4 /3 1/; do
        fails 64 "--rows $k: write k/n, the k-th of n blocks, as in 1/8 or 8/8" pc-select a.ms --rows "$k" -o b
    done
    fails 66 'a.ms: 31 blocks cannot be made of the 30 rows that are selected' pc-select a.ms --rows 1/31 -o b
    works pc-select a.ms --rows 30/30 -o b
    grep -q 'rows=1 ' err.txt
}

@test "continuum fits that cannot be" {
    ready
    fails 64 "--fitspec '0:\(' cannot be understood" pc-select a.ms --fitspec '0:(' -o b
    fails 64 "--fitspec '1:2' cannot be understood" pc-select a.ms --fitspec '1:2' -o b
    fails 64 "--fitspec '0:2~3;6': there is no channel 6; spectral window 0 has the channels 0 to 5" pc-select a.ms --fitspec '0:2~3;6' -o b
    fails 64 '--fitorder is for --fitspec' pc-select a.ms --fitorder 1 -o b
    fails 64 'fitorder' pc-select a.ms --fitspec 0 --fitorder -1 -o b
    [ ! -e b ]
}

@test "channels that a window does not have" {
    ready
    fails 64 "--spw '0:6~9': there is no channel 6; spectral window 0 has the channels 0 to 5" pc-select a.ms --spw 0:6~9 -o b
    fails 64 "--spw '\*:7': there is no channel 7" pc-select a.ms --spw '0:1,*:7' -o b
    works pc-select a.ms --spw '0:4~9' -o b
    [ "$(find b -name 'ch*' -type d | wc -l)" -eq 2 ]
}

@test "phase centres that cannot be" {
    ready
    fails 64 "--phasecenter 'J2000 10:00:00 13:16:43': a declination of 199.179 degrees; .*13.16.43 degrees" pc-select a.ms --phasecenter 'J2000 10:00:00 13:16:43' -o b
    fails 64 "--phasecenter 'FOO 1deg 2deg': 'FOO' is no frame" pc-select a.ms --phasecenter 'FOO 1deg 2deg' -o b
    fails 64 "'2Jy' is no angle" pc-select a.ms --phasecenter 'J2000 1deg 2Jy' -o b
    fails 64 "write a direction, .* the number of a field, TRACKFIELD, or a source" pc-select a.ms --phasecenter URANOS -o b
    fails 64 "TRACKFIELD: a.ms has no ephemeris of field 0 'mock'" pc-select a.ms --phasecenter TRACKFIELD -o b
    fails 64 "directions in AZEL move with time" pc-select a.ms --phasecenter 'AZEL 1deg 2deg' -o b
    fails 66 "--phasecenter 7: a.ms has the fields 0 to 0" pc-select a.ms --phasecenter 7 -o b
    fails 64 "--phasecenter is 150 degrees from field 0 'mock' of a.ms: nothing was seen there" pc-select a.ms --phasecenter '345deg 60deg' -o b
    [ ! -e b ]
}

@test "axes that cannot be" {
    ready
    fails 64 '--nchan 7 .*window 0 has 6' pc-select a.ms --nchan 7 -o b
    fails 64 '--start 6' pc-select a.ms --start 6 -o b
    fails 64 '--channels 6: .*0 to 5' pc-select a.ms --channels 6 -o b
    fails 64 '--channels a: write' pc-select a.ms --channels a -o b
    fails 64 '--start 23GHz --width 1MHz: no plane lies within the data, which cover 230.5.* GHz \(LSRK\)' \
        pc-select a.ms --start 23GHz --width 1MHz --nchan 9 -o b
    fails 64 '--start 23x: write a number of channels \(3\), a frequency' pc-select a.ms --start 23x -o b
    fails 64 '--width 1Jy: write a number of channels' pc-select a.ms --width 1Jy -o b
    fails 64 '100000 is the most' pc-select a.ms --width 1Hz -o b
    fails 64 '--outframe MARS: there is no such frame; there are LSRK' pc-select a.ms --outframe MARS -o b
    fails 64 '--outframe BARY: a cube of --specmode cubedata stays in the frame of the data' \
        pc-select a.ms --specmode cubedata --outframe BARY -o b
    fails 64 '--interpolation' pc-select a.ms --interpolation fine -o b
    cp -r "$BATS_MS" rest.ms
    works /usr/bin/python3 -c 'from casacore.tables import table
t = table("rest.ms/SOURCE", readonly=False)
t.removerows(range(t.nrows()))'
    fails 64 'needs --restfreq: the SOURCE table of rest.ms has no rest frequency' pc-select rest.ms --start 0km/s -o b
    fails 64 'mfs' pc-select a.ms --specmode mfs --nchan 3 -o b
    fails 64 'nchan' pc-select a.ms --nchan -2 -o b
    [ ! -e b ]
}

@test "several fields and several windows" {
    need pc-select
    test_data
    tar xzf "$DATA/data/ngc4826_bima_co10_raw.ms.tar.gz"
    fails 64 "fields 0 '3C273-F0', 1 '2', 2 'NGC4826-F0'.*choose one with --field" pc-select ngc4826_bima_co10_raw.ms -o b
    works pc-select ngc4826_bima_co10_raw.ms --field 0 -o b
    works pc-select ngc4826_bima_co10_raw.ms --spw 1 -o c
}

@test "the plan, and what is left out" {
    ready
    works pc-select a.ms --list --start 1km/s --width -0.25km/s --restfreq 230.538GHz --veltype optical --nchan 9 --channels 0,3
    [ "$(head -1 out.txt)" = "channel	freq_hz	width_hz	velocity_m_s	rows	blocks" ]
    [ "$(wc -l <out.txt)" -eq 3 ]
    [ "$(cut -f 1,4 out.txt | tail -1)" = "3	250.0000" ]
    works pc-select a.ms --list
    [ "$(tail -1 out.txt)" = "5	230538961250	384500	-1250.0130	30	1" ]
    cp -r "$BATS_MS" bad.ms
    works /usr/bin/python3 -c 'from casacore.tables import table
t = table("bad.ms", readonly=False)
t.putcell("ANTENNA2", 4, t.getcell("ANTENNA1", 4))
t.putcol("FLAG", t.getcol("FLAG") * False)
t.putcol("FLAG_ROW", [i in (1, 2, 3) for i in range(30)])
w = t.getcol("WEIGHT")
w[7, 1] = 0
t.putcol("WEIGHT", w)'
    works pc-select bad.ms --start 1 --nchan 4 -o b
    grep -q 'ch00002 .* rows=29 .* zero_weight=1 flagged=6$' err.txt
    grep -q 'total planes=4 visibilities=232 zero_weight=4 flagged=24 beyond_axis=116 autocorrelation_rows=1' err.txt
    grep -qx flagged=6 b/ch00002/00plane && grep -qx visibilities=58 b/ch00002/00plane
}

@test "planes where there are no data are blank, not missing" {
    ready
    works pc-mock --sky points --ntime 3 --nant 5 --nchan 6 --freq 230.545GHz -o up.ms
    works pc-select a.ms up.ms --channels 0~23 -o b
    grep -q 'warning: [0-9]* of 24 planes are where there are no data: they are blank' err.txt
    [ -d b/ch00010/vis00000 ] && [ ! -e b/ch00010/vis00001 ]
    works pc-psf --imsize 32 --cell 0.2arcsec b
    works pc-grid b
    grep -qx stopcode=-1 b/ch00010/state
    works pc-check b
}

@test "two MeasurementSets of one field make one bundle" {
    ready
    works pc-mock --sky points --ntime 2 --nant 4 --nchan 6 --seed 9 -o b.ms
    works pc-select a.ms b.ms -o b
    [ -d b/ch00005/vis00001 ] && [ ! -e b/ch00005/vis00002 ]
    grep -q 'ch00003 .*rows=42 blocks=2' err.txt
    works pc-mock --sky points --ntime 2 --nant 4 --nchan 6 --freq 231GHz -o f.ms
    works pc-mock --sky points --ntime 2 --nant 4 --nchan 6 --dec -31deg -o d.ms
    fails 64 'phase centres 3.6e\+03 arcsec apart' pc-select a.ms d.ms -o c
    works pc-select a.ms f.ms --specmode mfs -o m
    [ ! -e c ]
}

@test "a read-only MeasurementSet, left as it was" {
    ready
    cp -r "$BATS_MS" ro.ms
    chmod -R a-w ro.ms
    find ro.ms -type f -exec md5sum {} + | sort >before
    works pc-select ro.ms -o b
    find ro.ms -type f -exec md5sum {} + | sort >after
    cmp before after
}

@test "no more than 64 files are open at once" {
    ready
    ulimit -n 64
    works pc-select a.ms "$BATS_MS" --mem 1MB --threads 3 -o b
    works pc-check b
}

@test "all flagged is no failure" {
    ready
    works pc-mock --ntime 2 --nant 4 --nchan 2 --flagged 1 -o f.ms
    works pc-select f.ms -o b
    [ "$(grep -c 'weight_sum=0 all_flagged=1' err.txt)" -eq 2 ]
}

# Bytes that a command reads, the loading of its libraries included.
read_by() { # COMMAND...
    # shellcheck disable=SC2016
    bash -c '"$@" >out.txt 2>err.txt || exit; while read -r key n; do [ "$key" != rchar: ] || echo "$n"; done </proc/$$/io' - "$@"
}

@test "the data are read once, whatever the number of channels, the memory and the tiles" {
    ready
    [ -r /proc/self/io ] || skip "no /proc/self/io"
    local tile mem member none one all files
    for tile in 60 20 1; do
        rm -rf big.ms*
        works pc-mock --sky empty --ntime 120 --nant 20 --nchan 60 --tile $tile -o big.ms
        files=$(find big.ms -name 'table.f*' -printf '%s\n' | awk '{ n += $1 } END { print n }')
        none=$(read_by pc-select --datacolumn data --list big.ms)
        for mem in 20MB 1GB; do
            rm -rf all one
            all=$(($(read_by pc-select --datacolumn data --mem $mem big.ms -o all) - none))
            echo "tiles of $tile channels, $mem: $all bytes of $files"
            [ "$all" -gt $((22800 * 60 * 2 * 8)) ] && [ "$all" -lt $((files + files / 50)) ]
        done
        one=$(($(read_by pc-select --datacolumn data --channels 30 big.ms -o one) - none))
        echo "one channel: $one"
        for member in vis weight; do # read in several pieces, and in one
            cmp <(tail -c 182400 all/ch00030/vis00000/$member.fits) <(tail -c 182400 one/ch00030/vis00000/$member.fits)
        done
        if [ $tile = 60 ]; then
            [ "$one" -gt $((all / 2)) ]
        else
            [ "$one" -lt $((files / 2)) ]
        fi
    done
}

@test "no place for what does not fit into memory" {
    ready
    works pc-mock --sky empty --ntime 20 --nant 20 --nchan 30 -o l.ms
    TMPDIR=$T/nowhere fails 73 'temporary file in .*nowhere' pc-select --mem 1MB l.ms -o b.tar
    [ ! -e b.tar ]
    TMPDIR=$T/nowhere works pc-select --mem 1MB l.ms -o b # a directory holds nothing back
    works pc-check b
}

@test "a full disk, and a reader that goes away" {
    ready
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c 'pc-select a.ms 2>err.txt >/dev/full'
    [ "$status" -eq 74 ]
    grep -q 'No space left' err.txt
    local got=0
    gone pc-select a.ms 2>err.txt || got=$?
    [ "$got" -eq 141 ]
    ! grep -qi error err.txt
}

@test "the examples of the page and of --help" {
    need pc-select pc-mock
    works pc-mock --sky empty --nchan 200 --width 50kHz --ntime 2 --nant 4 -o obs.ms
    works pc-mock --sky empty --nchan 200 --width 50kHz --ntime 2 --nant 4 --seed 2 -o obs2.ms
    tar czf obs.ms.tar.gz obs.ms
    sed -n '/^.Sh EXAMPLES/,/^.Sh DIAG/s/^\.Dl //p' "$ROOT/man/pc-select.1" >page
    pc-select --help | sed -n '/^Examples:/,$p' | sed '1d;s/^ *//' >help
    [ "$(wc -l <page)" -eq 13 ]
    grep -qxFf page help
    while read -r line; do
        works bash -o pipefail -c "$line" || return 1
    done <page
    [ -d work/ch00199 ] && [ -d pairs/ch00019 ] && [ -d cont/ch00000 ] && [ -d src/ch00009 ] && [ -d two/ch00199/vis00001 ] && [ -d bary/ch00019 ]
}
