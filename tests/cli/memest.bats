# SPDX-License-Identifier: GPL-3.0-or-later
# pc-memest on the command line. Whether its bytes are right is tested in tests/science/memest.py.

load lib

value() {
    sed -n "s/^$1=//p" out.txt
}

@test "one key=value a line, and what they add up to" {
    works pc-memest --imsize 1000,500 --nchan 10 --niter 100 --ram 1GB
    grep -vqE '^([a-z_]+=[-+0-9.,e]+|bound=[a-z_,]+)$' out.txt && return 1
    [ "$(value imsize)" = 1000,500 ] && [ "$(value nchan)" = 10 ]
    # 14 bytes a pixel, the list of runs, and the process
    [ "$(value clean_mem_byte)" -gt 7000000 ] && [ "$(value clean_mem_byte)" -lt 30000000 ]
    [ "$(value jobs)" -ge 1 ] && [ "$(value jobs)" -le 10 ]
}

@test "what is an upper bound is said to be one" {
    works pc-memest --imsize 256 --ram 1GB
    [ "$(value bound)" = psf_mem_byte,grid_mem_byte,mem_byte ]
    works pc-memest --imsize 256 --niter 10 --usemask pb --ram 1GB
    [ "$(value bound)" = psf_mem_byte,grid_mem_byte,clean_mem_byte,mem_byte,bundle_byte,job_mem_byte ]
    pc-mock -o obs.ms --nchan 3 --nant 5 --ntime 4 2>/dev/null
    pc-select obs.ms -o b 2>/dev/null
    works pc-memest --imsize 256 b
    [ "$(value bound)" = psf_mem_byte,grid_mem_byte,mem_byte ]
    # without the w-term rows of the residual go into its file: what is counted is a dense model
    works pc-memest --imsize 256 --cell 0.1arcsec --gridder standard b
    [ "$(value bound)" = grid_mem_byte ]
    works pc-memest --imsize 256 --cell 0.1arcsec --gridder widefield b
    [ -z "$(value bound)" ]
    works pc-memest --imsize 256 --cell 0.1arcsec --gridder widefield --niter 10 b
    [ "$(value bound)" = bundle_byte,job_mem_byte ]
    pc-psf --imsize 48 --cell 1arcsec --gridder widefield b 2>/dev/null
    works pc-memest b
    [ -z "$(value bound)" ]
    works pc-memest --imsize 256 b # whose cells are not known
    [ "$(value bound)" = psf_mem_byte,grid_mem_byte,mem_byte ]
}

@test "how far samples reach is known from their uvw, before pc-psf as after it" {
    pc-mock -o obs.ms --nchan 3 --nant 10 --ntime 8 --bmax 1000 2>/dev/null
    pc-select obs.ms -o b 2>/dev/null
    local image=(--imsize 1024 --cell 0.05arcsec --weighting briggs --gridder standard) before full
    works pc-memest "${image[@]}" b
    before=$(value psf_mem_byte),$(value grid_mem_byte)
    works pc-memest --imsize 1024 --weighting briggs --gridder standard b
    full=$(value grid_mem_byte)
    [ $((full - ${before#*,})) -gt 6000000 ] # of 16.8 MB that are not reached
    pc-psf "${image[@]}" b 2>/dev/null
    works pc-memest b
    awk -v a="$before" -v b="$(value psf_mem_byte),$(value grid_mem_byte)" 'BEGIN { split(a, x, ","); split(b, y, ",")
        exit !(x[1] >= y[1] && x[1] < 1.02 * y[1] && x[2] >= y[2] && x[2] < 1.02 * y[2]) }'
    # the same of a stream
    pc-select obs.ms 2>/dev/null | pc-memest "${image[@]}" - >out.txt
    [ "$(value psf_mem_byte),$(value grid_mem_byte)" = "$before" ]
}

@test "without cleaning there is no mask and no minor cycle" {
    works pc-memest --imsize 256
    [ -z "$(value clean_mem_byte)" ] && [ -z "$(value mask_mem_byte)" ] && [ -n "$(value grid_mem_byte)" ]
}

@test "no room for one job is 75, with the bytes; the estimate is printed" {
    fails 75 "one channel of 20000 x 20000 pixels needs [0-9]{10,} bytes, there are 1000000000" pc-memest --imsize 20000 --ram 1GB
    [ "$(value jobs)" = 0 ]
    fails 75 "100000000 x 100000000" pc-memest --imsize 100000000
}

@test "wrong options" {
    fails 64 "imsize" pc-memest
    fails 64 "imsize" pc-memest --imsize 0
    fails 64 "gridder" pc-memest --imsize 10 --gridder mosaic
    fails 66 "nowhere" pc-memest nowhere
}

@test "what single precision does not have is refused, as pc-psf does" {
    fails 64 'accuracy 1e-08 is finer than single precision has' pc-memest --imsize 100 --accuracy 1e-8
    works pc-memest --imsize 100 --accuracy 1e-8 --precision double
}

@test "a job of Slurm has what it was given" {
    works env SLURM_CPUS_ON_NODE=1 SLURM_MEM_PER_NODE=200 pc-memest --imsize 64 --nchan 9
    [ "$(value cores)" -eq 1 ] && [ "$(value memory_byte)" -eq $((200 * 1048576 / 10 * 9)) ]
    works env SLURM_CPUS_ON_NODE=3 SLURM_MEM_PER_CPU=50 pc-memest --imsize 64 --nchan 9
    [ "$(value cores)" -le 3 ] && [ "$(value memory_byte)" -eq $((150 * 1048576 / 10 * 9)) ]
    # --ram has the last word, and a limit of 0 is none
    works env SLURM_MEM_PER_NODE=200 pc-memest --imsize 64 --ram 1GB
    [ "$(value memory_byte)" -eq 1000000000 ]
    works env SLURM_MEM_PER_NODE=0 pc-memest --imsize 64
    [ "$(value memory_byte)" -gt 188743680 ]
}

@test "a plan of pc-cube knows how far samples reach" {
    pc-mock -o obs.ms --nchan 2 --nant 10 --ntime 8 --bmax 1000 2>/dev/null
    works pc-cube obs.ms --imagename c --imsize 64 --cell 0.5arcsec --niter 5 --jobs 1 --gridder widefield
    grep -qx 'bound=bundle_byte,job_mem_byte' c.pc/plan
}

@test "finished channels of the same run take the place of the estimate" {
    mkdir work
    printf '0\n1\n2\n' >work/channels
    printf '%s\n' index=0 nmajor=2 seconds=10 seconds_psf=2 seconds_grid=4 seconds_mask=1 seconds_clean=2 seconds_restore=1 \
        mem_byte_psf=40000000 mem_byte_clean=90000000 >work/ch00000.done
    printf '%s\n' index=1 nmajor=4 seconds=20 seconds_psf=4 seconds_grid=11 seconds_mask=2 seconds_clean=2 seconds_restore=1 \
        mem_byte_psf=50000000 mem_byte_clean=70000000 >work/ch00001.done
    works pc-memest --imsize 1000 --nchan 3 --niter 10 --ram 1GB
    local grid
    grid=$(value grid_mem_byte)
    works pc-memest --imsize 1000 --nchan 3 --niter 10 --ram 1GB --finished work
    [ "$(value measured)" -eq 2 ] && [ "$(value channel_time_s)" = 15 ] && [ "$(value block)" -eq 1 ]
    [ "$(value psf_mem_byte)" -eq 50000000 ] && [ "$(value clean_mem_byte)" -eq 90000000 ]
    [ "$(value grid_mem_byte)" -eq "$grid" ] # not measured
    [ "$(value mem_byte)" -eq $((grid > 90000000 ? grid : 90000000)) ]
    [ "$(value psf_time_s)" = 3 ] && [ "$(value grid_time_s)" = 2.5 ] && [ "$(value mask_time_s)" = 0.5 ]
    rm work/ch*.done
    works pc-memest --imsize 1000 --nchan 3 --niter 10 --ram 1GB --finished work
    [ "$(value measured)" -eq 0 ] && [ "$(value grid_mem_byte)" -eq "$grid" ]
    fails 66 'finished: .*nowhere' pc-memest --imsize 1000 --finished nowhere
}

@test "the table of make bench gives the seconds" {
    {
        printf 'imsize\trows\tstage\tgridder\taccuracy\tcpu_s\tsys_s\n'
        printf '1000\t99\t%s\t%s\t%s\t%s\t0\n' psf standard 1e-4 0.5 psf standard 1e-5 0.7 psf widefield 1e-4 1.5 \
            'residual, sparse' standard 1e-4 0.25 'mask, grown' - - 0.1 clean - - 0.2 'restore, sparse' - - 0.3
        printf '8000\t99\t%s\t%s\t%s\t%s\t0\n' psf standard 1e-4 99
    } >bench.tsv
    works pc-memest --imsize 2000 --niter 10 --gridder standard --accuracy 1e-4 --bench bench.tsv
    [ "$(value psf_time_s)" = 2 ] && [ "$(value grid_time_s)" = 1 ] && [ "$(value restore_time_s)" = 1.2 ]
    [ "$(value channel_time_s)" = 12 ] # 2 + 4 (1 + 0.4 + 0.8) + 1.2
    works pc-memest --imsize 2000 --niter 10 --gridder widefield --accuracy 1e-4 --bench bench.tsv
    [ "$(value psf_time_s)" = 6 ]
    fails 66 'bench: nowhere' pc-memest --imsize 2000 --bench nowhere
    fails 65 'no table of make bench' pc-memest --imsize 2000 --bench /dev/null
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
