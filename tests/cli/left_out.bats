# SPDX-License-Identifier: GPL-3.0-or-later
# What of the visibilities does not count, and why: from the MeasurementSet to what pc-cube says at its end.

load lib

# 30 rows of 6 channels and 2 correlations, in which each reason has a number of its own.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    pc-mock --sky points --ntime 3 --nant 5 --nchan 6 -o bad.ms
    /usr/bin/python3 -c 'from casacore.tables import table
t = table("bad.ms", readonly=False)
n = t.nrows()
assert n == 30
t.putcol("SCAN_NUMBER", [1] * 26 + [2] * 4)      # 4 rows that are not selected
t.putcell("ANTENNA2", 4, t.getcell("ANTENNA1", 4)) # 1 row of an autocorrelation
flag = t.getcol("FLAG") * False                    # [row][channel][correlation]
flag[1, 2, 0] = flag[2, 2:4, :] = True             # channel 2: 3, channel 3: 2
t.putcol("FLAG", flag)
t.putcol("FLAG_ROW", [i in (7, 29) for i in range(n)]) # a row: 2 in each channel; row 29 is not selected
vis = t.getcol("DATA")
vis[9, 3, 1] = complex("nan")                      # channel 3: 2
vis[10, 3, 0] = complex("inf")
vis[7, 3, 0] = complex("nan")                      # is flagged already
t.putcol("DATA", vis)
w = t.getcol("WEIGHT")
w[11, 0] = 0                                       # 1 in each channel
w[12, :] = -1                                      # 2 in each channel
w[13, 1] = float("nan")                            # 1 in each channel
t.putcol("WEIGHT", w)
for name in t.colnames():                          # nothing says otherwise
    assert name not in ("WEIGHT_SPECTRUM", "CORRECTED_DATA"), name
'
    # channel 0 is before the axis, and its last plane, 5, after the data
    start=$(pc-select bad.ms --specmode cubedata --list 2>/dev/null | awk '$1 == 1 { print $2 }')
    pc-cube bad.ms --imagename cube --scan 1 --specmode cubedata --start "${start}Hz" --nchan 6 --datacolumn data --imsize 64 \
        --cell 0.25arcsec --niter 10 --report >out.txt 2>cube.txt || { cat cube.txt; return 1; }
}

column() { # NAME: of the table, from all channels
    awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) n = i; next } { printf "%s ", $n }' \
        "$BATS_FILE_TMPDIR/cube.channels.tsv"
}

@test "the table has the numbers of each channel" {
    [ "$(column visibilities)" = "50 50 50 50 50 2 " ] # 25 rows
    [ "$(column flagged)" = "2 5 4 2 2 0 " ]
    [ "$(column zero_weight)" = "1 1 1 1 1 0 " ]
    [ "$(column not_finite)" = "0 0 2 0 0 0 " ]
    [ "$(column bad_weight)" = "3 3 3 3 3 0 " ]
    [ "$(column no_channel)" = "0 0 0 0 0 2 " ]
}

@test "the closing words have the sums, per cent, and what never came to a channel" {
    cd "$BATS_FILE_TMPDIR"
    # 15 + 5 + 2 + 15 + 2 of 252
    want='of 252 visibilities 15.48 % do not count: 5.952 % flagged, 1.984 % without weight, 0.7937 % not finite, 5.952 % of bad weight, 0.7937 % where the data have no channel; beyond the axis: 50; rows of autocorrelations: 1; rows not selected: 4'
    grep -qFx "pc-cube: $want" cube.txt || { cat cube.txt; false; }
    [ "$(pc-status --left-out cube.pc)" = "$want" ]
    grep -qF "<p class=\"soft\" id=\"left-out\">Visibilities: $want</p>" cube.report.html
    [ "$(pc-cube --status --imagename cube | grep -c '^flagged=15$\|^visibilities=252$\|^unselected_rows=4$')" -eq 3 ]
}

@test "a run that does not know says nothing" {
    cp -r "$BATS_FILE_TMPDIR/cube.pc" old.pc
    rm old.pc/selected
    sed -i '/^\(visibilities\|flagged\)=/d' old.pc/ch00000.done
    [ -z "$(pc-status --left-out old.pc)" ]
    [ "$(pc-status --table old.pc | awk -F '\t' 'NR == 2 { print $(22) }')" = nan ]
}
