# SPDX-License-Identifier: GPL-3.0-or-later
# pc-scaling(7): its tables are what pipelines/scaling says, and the bytes it counts are those of a real cube.

load lib

table_of() { # NAME: the display of man/pc-scaling.7 that is marked so
    awk -v mark=".\\\\\" @scaling $1@" '$0 == mark { seen = 1; next } seen && /^\.Ed/ { exit } seen && !/^\.Bd/' "$ROOT/man/pc-scaling.7"
}

@test "the tables of pc-scaling(7) are those of the script" {
    local name
    for name in reference large; do
        works scaling $name
        table_of $name >page.txt
        [ -s page.txt ]
        cmp page.txt out.txt || { diff page.txt out.txt; false; }
    done
}

@test "more nodes are never slower, nor faster than the file system" {
    works scaling --filesystem 2 --link 1 --nodes "1 2 4 8" 4096 100 50000
    awk 'NR > 4 { if (before && $5 > before) exit 1; before = $5; if ($6 > 2.001) exit 1; n++ } END { exit n != 4 }' out.txt
    # twice the cores halve what is bound by them: few rows, a fast file system
    works scaling --filesystem 1000 --link 1000 --nodes 1 --cores 4 --ram 1000 2048 800 1000
    local four eight
    four=$(awk 'NR == 5 { print $3 }' out.txt)
    works scaling --filesystem 1000 --link 1000 --nodes 1 --cores 8 --ram 1000 2048 800 1000
    eight=$(awk 'NR == 5 { print $3 }' out.txt)
    awk -v a="$four" -v b="$eight" 'BEGIN { exit !(a / b > 1.9 && a / b < 2.1) }'
    fails 75 'needs [0-9]+ bytes' scaling --ram 1 30000 10 1000
    fails 64 'imsize|IMSIZE' scaling
    fails 64 'unknown option --core' scaling --core 3 reference
}

@test "products are as large as the model counts them" {
    pc-mock --sky points --nchan 3 --nant 8 --ntime 4 --bmax 300 -o sky.ms 2>/dev/null
    works pc-cube sky.ms --imagename c --imsize 200 --cell 0.2arcsec --niter 20 --jobs 1 --pbcor
    works pc-memest --imsize 200 --nchan 3 --niter 20 --pbcor --rows 112
    local planned real
    planned=$(sed -n 's/^product_byte=//p' out.txt)
    real=$(cat c.*.fits | wc -c)
    # headers, which begin on 184320 bytes, are beside the planes
    [ "$real" -ge "$planned" ] && [ "$real" -le $((planned + 9 * 190000)) ]
}
