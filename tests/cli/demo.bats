# SPDX-License-Identifier: GPL-3.0-or-later
# What "make demo" runs: a newcomer's first five minutes.

load lib

is_png() {
    [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ]
}

@test "the demo: a summary, the flux that was put in, a picture" {
    DEMO=$T/demo works "$ROOT/pipelines/demo"
    [ "$(grep -c 'threshold reached$' out.txt)" -eq 24 ]
    # flux found (column 11) against flux put in (12), where there is much of it
    awk '/threshold reached$/ && $12 > 0.3 { n++; if ($11 < 0.93 * $12 || $11 > 1.04 * $12) bad++ }
        END { exit !(n >= 10 && !bad) }' out.txt || { cat out.txt; return 1; }
    is_png demo/cube.png
    local product
    for product in image residual model mask psf pb; do
        grep -qx "  $T/demo/cube.$product.fits" out.txt
    done
    grep -qx "  $T/demo/cube.png" out.txt
}

@test "the demo on one's own MeasurementSet, in one hand, whose pixels it chooses" {
    pc-mock --sky points --nchan 3 --nant 10 --ntime 4 --bmax 200 --noise 0.1Jy --corr XX -o "my data.ms"
    DEMO=$T/demo works "$ROOT/pipelines/demo" "my data.ms"
    grep -qx 'stokes=XX' out.txt
    # a fifth of lambda/bmax: 1.3 mm, 200 m at most, baselines a little shorter in projection
    awk -F '[=a]' '/^cell=/ { exit !($2 >= 0.26 && $2 < 0.36) }' out.txt || { cat out.txt; return 1; }
    [ "$(grep -c ' level reached$' out.txt)" -eq 3 ]
    is_png "demo-my data/cube.png"
}

@test "the demo on two spectral windows makes one image; on several fields it asks" {
    test_data
    tar xzf "$DATA/data/hd142527_alma_b9_cont.ms.tar.gz"
    DEMO=$T/demo works "$ROOT/pipelines/demo" hd142527_alma_b9_cont.ms
    grep -q '^No cube: between the spectral windows 7 channels would be empty' out.txt
    # no rest frequency, no velocity; 3 to 4 Jy are there
    awk '/ level reached$/ { n++; if ($3 != "-" || $11 < 3 || $11 > 4) bad++ } END { exit !(n == 1 && !bad) }' out.txt
    is_png demo-hd142527_alma_b9_cont/cube.png
    DEMO=$T/demo SPW=1 THRESHOLD=100mJy works "$ROOT/pipelines/demo" hd142527_alma_b9_cont.ms
    grep -q -- '--spw 1 ' out.txt
    [ "$(grep -c ' threshold reached$' out.txt)" -eq 1 ]
    tar xzf "$DATA/data/lupus3mms_alma7m_co10_mosaic.ms.tar.gz"
    DEMO=$T/demo fails 64 "^demo: FIELD=.*VIS=lupus3mms_alma7m_co10_mosaic.ms FIELD=0" \
        "$ROOT/pipelines/demo" lupus3mms_alma7m_co10_mosaic.ms
}

@test "the demo on something else" {
    DEMO=$T/demo fails 66 'nothing.ms: no such MeasurementSet' "$ROOT/pipelines/demo" nothing.ms
    mkdir empty.ms
    DEMO=$T/demo fails 65 'empty.ms' "$ROOT/pipelines/demo" empty.ms
}
