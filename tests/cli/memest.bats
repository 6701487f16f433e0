# SPDX-License-Identifier: GPL-3.0-or-later
# pc-memest on the command line. Whether its bytes are right is tested in tests/science/memest.py.

load lib

value() {
    sed -n "s/^$1=//p" out.txt
}

@test "one key=value a line, and what they add up to" {
    works pc-memest --imsize 1000,500 --nchan 10 --niter 100 --available 1GB
    grep -vqE '^[a-z_]+=[-+0-9.,e]+$' out.txt && return 1
    [ "$(value imsize)" = 1000,500 ] && [ "$(value nchan)" = 10 ]
    # 14 bytes a pixel, the list of runs, and the process
    [ "$(value clean_mem_byte)" -gt 7000000 ] && [ "$(value clean_mem_byte)" -lt 30000000 ]
    [ "$(value jobs)" -ge 1 ] && [ "$(value jobs)" -le 10 ]
}

@test "without cleaning there is no mask and no minor cycle" {
    works pc-memest --imsize 256
    [ -z "$(value clean_mem_byte)" ] && [ -z "$(value mask_mem_byte)" ] && [ -n "$(value grid_mem_byte)" ]
}

@test "no room for one job is 75, with the bytes; the estimate is printed" {
    fails 75 "one channel of 20000 x 20000 pixels needs [0-9]{10,} bytes, there are 1000000000" pc-memest --imsize 20000 --available 1GB
    [ "$(value jobs)" = 0 ]
    fails 75 "100000000 x 100000000" pc-memest --imsize 100000000
}

@test "wrong options" {
    fails 64 "imsize" pc-memest
    fails 64 "imsize" pc-memest --imsize 0
    fails 64 "gridder" pc-memest --imsize 10 --gridder mosaic
    fails 66 "nowhere" pc-memest nowhere
}

@test "a bundle tells its own size, visibilities and channels" {
    need pc-mock pc-select pc-psf
    pc-mock -o obs.ms --nchan 3 --nant 5 --ntime 4 2>/dev/null
    pc-select obs.ms -o b 2>/dev/null
    works pc-memest --imsize 64 b
    [ "$(value nchan)" = 3 ]
    local vis single double part
    vis=$(value vis_byte)
    [ "$vis" -gt 5000 ] && [ "$vis" -lt 100000 ]
    pc-psf --imsize 48,32 --cell 1arcsec b 2>/dev/null
    works pc-memest b
    [ "$(value imsize)" = 48,32 ]
    # how it was gridded is known; an option has the last word
    works pc-memest b
    single=$(value grid_mem_byte)
    works pc-memest --precision double b
    [ "$(value grid_mem_byte)" -gt "$single" ]
    pc-psf --imsize 512 --cell 1arcsec --stokes XXYY --precision double b 2>/dev/null
    works pc-memest b
    double=$(value grid_mem_byte)
    works pc-memest --stokes XXYY --precision double b
    [ "$(value grid_mem_byte)" = "$double" ]
    works pc-memest --stokes I b
    [ "$(value grid_mem_byte)" -lt "$double" ]
    # what reaches less far takes less
    pc-psf --imsize 512 --cell 0.01arcsec b 2>/dev/null
    works pc-memest b
    part=$(value grid_mem_byte)
    works pc-memest --imsize 512 --rows 36 --stokes I
    [ "$(value grid_mem_byte)" -gt "$part" ]
    pc-psf --imsize 48,32 --cell 1arcsec b 2>/dev/null
    works pc-memest --compare b
    [ "$(value pclean_mem_byte)" = $((76 * 48 * 32)) ]
}
