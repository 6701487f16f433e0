# SPDX-License-Identifier: GPL-3.0-or-later
# pc-cube and pc-channel: the same bytes however a cube is made, and what happens when something goes wrong.

load lib
load cubelib
bats_require_minimum_version 1.5.0

@test "a cube: products, table, list" {
    cd "$BATS_FILE_TMPDIR"
    works pc-cube sky.ms --imagename ref "${OPTIONS[@]}"
    grep -q 'finished already' "$T/err.txt"
    grep -qx "$PWD/ref.image.fits" "$T/out.txt"
    grep -qx "$PWD/ref.channels.tsv" "$T/out.txt"
    grep -q "'pc-select' .*'sky.ms'$" ref.log
    [ "$(wc -l <ref.channels.tsv)" -eq 6 ]
    [ "$(cut -f 28 ref.channels.tsv | sort -u | tr '\n' ' ')" = "host $(hostname) " ]
    # every row has a finite peak, a beam, iterations and a reason to stop
    [ "$(awk -F '\t' 'NR > 1 && $7 > 0.5 && $4 > 0 && $12 > 0 && $14 ~ /^[1-9]$/ && $(NF - 1) != ""' ref.channels.tsv | wc -l)" -eq 5 ]
}

@test "the same bytes with two jobs" {
    works cube two --jobs 2 --history two.tsv
    same_as_ref two
    # the cycles of all jobs in one table, as the bundles of the other run have them
    [ "$(cut -f 1 two.tsv | sort -u | wc -l)" -eq 6 ]
    works pc-clean --history ref.tsv "$BATS_FILE_TMPDIR/ref.pc/vis"
    cmp two.tsv ref.tsv
    [ ! -e two.pc/vis ]
}

@test "the same bytes by make" {
    works cube made --backend make --jobs 2
    same_as_ref made
}

@test "the same bytes on a scratch directory" {
    mkdir scratch
    works cube scratched --scratch "$PWD/scratch"
    same_as_ref scratched
    [ -z "$(ls scratch)" ]
}

@test "cube.mk by hand: done records are its targets" {
    works cube hand --jobs 1
    rm -f hand.pc/complete hand.pc/ch00001.done hand.pc/ch00004.done
    cp -a "$BATS_FILE_TMPDIR/ref.pc/vis" hand.pc/
    mkdir "by hand" # a path with a blank, and a relative one
    cp "$ROOT/pipelines/cube.mk" "by hand/"
    PC_RUN='' make -f "by hand/cube.mk" -j2 -k WORK=hand.pc channels >make.txt 2>&1 || { cat make.txt; false; }
    [ "$(pc-status --count "done" hand.pc)" -eq 5 ]
    works cube hand
    same_as_ref hand
}

@test "killed again and again, then left alone: the same bytes" {
    local name victim
    for name in all one; do
        for _ in 1 2 3 4 5; do
            setsid bash -c 'exec pc-cube "$@"' - "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${OPTIONS[@]}" --jobs 2 \
                >/dev/null 2>&1 3>&- &
            victim=$!
            sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
            if [ "$name" = all ]; then
                kill -9 -- "-$victim" 2>/dev/null || true
            else
                kill -9 "$victim" 2>/dev/null || true # what it started lives on
            fi
            wait "$victim" || true
        done
        works cube "$name" --jobs 2
        same_as_ref "$name"
    done
}

@test "the pipe of three cycles, tee anywhere, is the loop in a directory" {
    local ms=$BATS_FILE_TMPDIR/sky.ms
    # pc-channel hands --threshold to pc-mask too
    local mask=(--usemask auto-multithresh --sidelobethreshold 2.0 --noisethreshold 4.0 --threshold 20mJy)
    local clean=(--niter 60 --cycleniter 20 --threshold 20mJy)
    local psf=(--imsize 64 --cell 0.1arcsec --weighting briggs --robust 0.5)
    pc-select "$ms" --channels 2 | tee 1.tar | pc-psf "${psf[@]}" | tee 2.tar | pc-grid | tee 3.tar |
        pc-mask "${mask[@]}" | tee 4.tar | pc-clean "${clean[@]}" | pc-grid |
        pc-mask "${mask[@]}" | pc-clean "${clean[@]}" | tee 5.tar | pc-grid |
        pc-mask "${mask[@]}" | pc-clean "${clean[@]}" | pc-grid |
        pc-mask "${mask[@]}" | pc-clean "${clean[@]}" | pc-grid |
        pc-mask "${mask[@]}" | pc-clean "${clean[@]}" | pc-grid | pc-restore >all.tar
    mkdir pipe
    tar -xf all.tar -C pipe
    pc-select "$ms" --channels 2 -o ch2 # a bundle that is called like a channel
    pc-psf "${psf[@]}" ch2
    pc-grid ch2
    works pc-channel "${mask[@]}" "${clean[@]}" ch2
    mv ch2 dir
    same pipe dir
    grep -q '^stopcode=[1-9]' dir/ch00002/state
    # from what the tees caught on the way, the same end
    pc-grid <2.tar | cmp - 3.tar
    mkdir tee
    tar -xf 5.tar -C tee
    pc-grid tee
    works pc-channel "${mask[@]}" "${clean[@]}" tee
    same pipe tee
    # and it is what the cube has
    local product
    pc-concat -o one dir
    for product in image residual model; do
        /usr/bin/python3 - "one.$product.fits" "$BATS_FILE_TMPDIR/ref.$product.fits" <<'END'
import sys, numpy as np
from astropy.io import fits
one, cube = (fits.getdata(f) for f in sys.argv[1:])
assert np.array_equal(one[:, 0], cube[:, 2], equal_nan=True), sys.argv
END
    done
}

@test "the pipe of pc(7), literally, is the same commands on a directory" {
    local ms=$BATS_FILE_TMPDIR/sky.ms
    pc-select "$ms" --nchan 5 --channels 4 | pc-psf --imsize 64 --cell 0.1arcsec | pc-grid |
        pc-mask | pc-clean --niter 1000 --threshold 4mJy | pc-grid |
        pc-mask | pc-clean --niter 1000 --threshold 4mJy | pc-grid | pc-restore | tee ch4.tar | pc-concat -o ch4
    pc-select "$ms" --nchan 5 --channels 4 -o dir
    pc-psf --imsize 64 --cell 0.1arcsec dir
    pc-grid dir/ch00004
    for _ in 1 2; do
        pc-mask dir
        pc-clean --niter 1000 --threshold 4mJy dir/ch00004
        pc-grid dir
    done
    pc-restore dir
    mkdir pipe
    tar -xf ch4.tar -C pipe
    same pipe dir
    pc-concat -o dir4 dir
    local product
    for product in image residual model psf; do cmp "ch4.$product.fits" "dir4.$product.fits"; done
}

@test "a clean that diverges ends with the best model and its residual" {
    pc-select "$BATS_FILE_TMPDIR/sky.ms" --channels 1 -o dir
    pc-psf --imsize 64 --cell 0.1arcsec dir
    pc-grid dir
    # a PSF five times too low: every component is five times too much
    /usr/bin/python3 - dir/ch00001/psf.fits <<'END'
import sys
from astropy.io import fits
with fits.open(sys.argv[1]) as f:
    f[0].data *= 0.2
    f.writeto(sys.argv[1], overwrite=True)
END
    works pc-channel --niter 3000 --cycleniter 300 --threshold 1mJy dir
    grep -qE '^stopcode=[56]$' dir/ch00001/state
    cp dir/ch00001/residual.fits before.fits
    works pc-grid dir
    cmp before.fits dir/ch00001/residual.fits
}

@test "a channel that fails is reported and blank, the others are done; the same command heals it" {
    bad_tool 'echo "pc-grid: ch00003: no luck" >&2; exit 65'
    PATH=$PWD/bad:$PATH fails 1 '1 of 5 channels failed.*ch00003: pc-grid: ch00003: no luck' cube bad --jobs 2
    grep -qx 'stage=grid' bad.pc/ch00003.failed
    grep -qx 'exit=65' bad.pc/ch00003.failed
    grep -q $'^3\t.*\tpc-grid: ch00003: no luck$' bad.channels.tsv
    [ "$(pc-status --count "done" bad.pc)" -eq 4 ]
    /usr/bin/python3 - bad.image.fits "$BATS_FILE_TMPDIR/ref.image.fits" <<'END'
import sys, numpy as np
from astropy.io import fits
bad, ref = (fits.getdata(f) for f in sys.argv[1:])
assert np.isnan(bad[:, 3]).all()
rest = [0, 1, 2, 4]
assert np.array_equal(bad[:, rest], ref[:, rest], equal_nan=True)
END
    works cube bad --jobs 2
    same_as_ref bad
}

@test "a channel that is killed counts as short of memory" {
    bad_tool 'kill -9 $$'
    PATH=$PWD/bad:$PATH fails 1 'killed \(signal 9\)' cube killed
    grep -qx 'exit=75' killed.pc/ch00003.failed
    works cube killed
    same_as_ref killed
}

SHARED=("${OPTIONS[@]}" --no-perchanweightdensity --niter 20)

shared() { # IMAGENAME [OPTION...]: a cube with one density for all channels
    local name=$1
    shift
    pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${SHARED[@]}" "$@"
}

same_products() { # A B
    local product count=0
    for product in "$1".*.fits; do
        cmp "$product" "$2${product#"$1"}" || return 1
        count=$((count + 1))
    done
    [ "$count" -ge 3 ]
}

@test "the density of all channels is made once, and the bytes are the same however" {
    works shared a --dry-run
    grep -qx "density=$PWD/a.pc/density.fits" out.txt
    works shared a --jobs 1 --keep
    [ "$(grep -c "'--density-out'" a.log)" -eq 1 ]
    grep -qx channels=5 a.pc/density
    grep -qx density=cube a.pc/vis/ch00003/00plane
    works shared b --jobs 2
    same_products a b
    works shared c --backend make --jobs 2
    same_products a c
    mkdir scratch
    works shared d --scratch "$PWD/scratch"
    same_products a d
    # by hand: the tools one after the other
    local psf=(--imsize 64 --cell 0.1arcsec --weighting briggs --robust 0.5 --no-perchanweightdensity)
    pc-select "$BATS_FILE_TMPDIR/sky.ms" -o dir
    pc-psf "${psf[@]}" --density-out dir.fits dir
    cmp dir.fits a.pc/density.fits
    pc-psf "${psf[@]}" --density dir.fits dir
    for file in psf.fits vis00000/imweight.fits; do cmp "dir/ch00002/$file" "a.pc/vis/ch00002/$file"; done
    # a density of one's own is taken, and none is made
    works shared e --density dir.fits
    [ ! -e e.pc/density ]
    same_products a e
    run ! cmp -s a.psf.fits "$BATS_FILE_TMPDIR/ref.psf.fits"
}

@test "the density of all channels: killed, resumed, changed, begun anew" {
    local victim
    works shared whole
    for _ in 1 2 3 4; do
        setsid bash -c 'exec pc-cube "$@"' - "$BATS_FILE_TMPDIR/sky.ms" --imagename cut "${SHARED[@]}" --jobs 2 \
            >/dev/null 2>&1 3>&- &
        victim=$!
        sleep "0.$((RANDOM % 9 + 1))"
        kill -9 -- "-$victim" 2>/dev/null || true
        wait "$victim" || true
    done
    works shared cut
    same_products whole cut
    # a density without its record was cut short: it is made again
    rm whole.pc/complete whole.pc/ch00002.done whole.pc/density
    echo damaged >whole.pc/density.fits
    works shared whole
    same_products whole cut
    fails 64 'was: no-perchanweightdensity' pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename whole "${OPTIONS[@]}" --niter 20
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename whole "${OPTIONS[@]}" --fresh
    [ ! -e whole.pc/density ]
    [ ! -e whole.pc/density.fits ]
    same_as_ref whole
    works shared super --weighting superuniform --perchanweightdensity
    grep -qx box=3 super.pc/density
    fails 64 'density-out is not for pc-cube' shared x --density-out x.fits
    fails 64 'in the uv taper' shared x --uvtaper 3km
    fails 64 'briggsbwtaper' shared x --weighting briggsbwtaper
}

COMMON=(--imsize 64 --cell 0.1arcsec --weighting briggs --robust 0.5 --niter 20 --threshold 20mJy --restoringbeam)

common() { # IMAGENAME BEAM [OPTION...]
    local name=$1 beam=$2
    shift 2
    pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename "$name" "${COMMON[@]}" "$beam" "$@"
}

@test "a beam common to all channels is found first, and the bytes are the same however" {
    works common a common --dry-run
    grep -qx "beam=$PWD/a.pc/beam" out.txt
    works common a common --jobs 1 --keep
    grep -qx channels=5 a.pc/beam
    local beam
    beam=$(sed -n 's/^beam=//p' a.pc/beam)
    [ "$(pc-status --common-beam a.pc/vis | sed -n 's/^beam=//p')" = "$beam" ]
    # one beam in the header, in the table, and in what pc-restore was told
    /usr/bin/python3 - a.image.fits "$beam" <<'END'
import sys
from astropy.io import fits
h = fits.getheader(sys.argv[1])
want = [float(v.strip("arcsecdg")) for v in sys.argv[2].split(",")]
for key, v, unit in zip(("BMAJ", "BMIN", "BPA"), want, (3600, 3600, 1)):
    assert abs(h[key] * unit - v) < 1e-9 * abs(v), (key, h[key], v)
assert len(fits.open(sys.argv[1])) == 1 # no table of beams
assert f"--restoringbeam={sys.argv[2]}" in "".join(h["HISTORY"]).replace("\\", "")
END
    [ "$(cut -f 4 a.channels.tsv | sort -u | wc -l)" -eq 2 ]
    works common b common --jobs 2 --backend make
    same_products a b
    mkdir scratch
    works common c common --scratch "$PWD/scratch"
    same_products a c
    [ -z "$(ls scratch)" ]
    works common d "$beam"
    [ ! -e d.pc/beam ]
    same_products a d
    # the tools by hand, on a directory
    pc-select "$BATS_FILE_TMPDIR/sky.ms" -o dir
    fails 64 'this is one of them|is one of them: name the directory' pc-channel "${COMMON[@]}" common dir/ch00001
    works pc-channel "${COMMON[@]}" common dir
    cmp dir/ch00003/residual.fits a.pc/vis/ch00003/residual.fits
    works pc-diff --rtol 0 dir/ch00003 a.pc/vis/ch00003
    works common e ''
    run ! cmp -s a.image.fits e.image.fits
    cmp a.residual.fits e.residual.fits
}

@test "a common beam: killed and resumed; a channel that failed changes it when it is healed" {
    local victim
    works common whole common
    for _ in 1 2 3 4; do
        setsid bash -c 'exec pc-cube "$@"' - "$BATS_FILE_TMPDIR/sky.ms" --imagename cut "${COMMON[@]}" common --jobs 2 \
            >/dev/null 2>&1 3>&- &
        victim=$!
        sleep "0.$((RANDOM % 9 + 1))"
        kill -9 -- "-$victim" 2>/dev/null || true
        wait "$victim" || true
    done
    works common cut common
    same_products whole cut
    # without the channel of the widest beam the common one is smaller
    mkdir bad
    printf '#!/bin/bash\n[[ "$*" != *ch00000* ]] || { echo "pc-psf: no luck" >&2; exit 65; }\nexec "%s/pc-psf" "$@"\n' "$PC_BIN" >bad/pc-psf
    chmod +x bad/pc-psf
    PATH=$PWD/bad:$PATH fails 1 '1 channels failed and do not count in the common beam. ch00000: pc-psf: no luck' common healed common
    grep -qx channels=4 healed.pc/beam
    grep -q '^stage=psf' healed.pc/ch00000.failed
    [ "$(pc-status --count "done" healed.pc)" -eq 4 ]
    run ! cmp -s healed.pc/beam whole.pc/beam
    works common healed common
    grep -q 'the common beam has changed: all images are made anew' err.txt
    cmp healed.pc/beam whole.pc/beam
    same_products whole healed
    # one channel by hand, on a copy of the plan that has no beam yet
    works common kept common --keep
    rm kept.pc/ch00003.beam
    works pc-channel --beam kept.pc 3
    cmp kept.pc/ch00003.beam whole.pc/ch00003.beam
}

@test "changed parameters are refused, and named" {
    cd "$BATS_FILE_TMPDIR"
    fails 64 'was: robust=0.5' pc-cube sky.ms --imagename ref "${OPTIONS[@]}" --robust 0
    fails 64 'is now: robust=0$' pc-cube sky.ms --imagename ref "${OPTIONS[@]/0.5/0}"
    fails 64 'is now: mask=' pc-cube sky.ms --imagename ref "${OPTIONS[@]}" --mask m.fits
    fails 64 'is now: vis=' pc-cube sky.ms ./ --imagename ref "${OPTIONS[@]}"
    works pc-cube sky.ms --imagename ref "${OPTIONS[@]}" --robust 0 --robust=0.5 --jobs 1
}

@test "what every channel would fail of is said first, and nothing is left" {
    fails 64 'pc-psf: --cell .* is needed' pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename none --imsize 64
    fails 64 'pc-psf: --imsize is 0' cube none --imsize 0
    fails 75 'pc-psf: .* needs [0-9]+ bytes' cube none --imsize 3000000
    fails 64 'pc-clean: --gain is 7' cube none --gain 7
    fails 64 'pc-restore: --restoringbeam: "wide" does not' cube none --restoringbeam wide
    fails 66 'pc-mask: --mask nosuch.fits: No such' cube none --usemask user --mask nosuch.fits
    [ -z "$(find . -name 'none*')" ]
}

@test "parameters that made nothing may be changed" {
    fails 64 'product .nosuch. is unknown' cube again --products nosuch
    fails 64 'not within the axis, 0 to 4' cube again --channels 7
    fails 64 'pc-clean: --gain is 7' cube again --gain 7
    works cube again --jobs 2
    grep -q 'no channel was imaged with the parameters given before' "$T/err.txt"
    same_as_ref again
}

@test "one run of a name at a time" {
    mkdir name.pc
    flock name.pc/lock sleep 30 3>&- &
    local holder=$!
    sleep 0.3
    fails 73 'another pc-cube .*is at work on .*name' cube name
    kill "$holder"
}

@test "a job waits for the lock of its channel, and uses what the other made" {
    works cube waits --keep
    rm waits.pc/complete
    mv waits.pc/ch00002.done kept
    flock waits.pc/ch00002.lock sh -c 'sleep 1; mv kept waits.pc/ch00002.done' 3>&- &
    sleep 0.3
    works pc-channel --job waits.pc 2
    grep -q 'ch00002: waits for another process' err.txt
    wait
}

@test "names with spaces, quotes and leading dashes" {
    local name="-it's a \"cube\""
    cp -a "$BATS_FILE_TMPDIR/sky.ms" "./-my 'sky'.ms"
    works pc-cube "./-my 'sky'.ms" --imagename "$name" "${OPTIONS[@]}" --jobs 2
    same_as_ref "$name"
    works pc-cube "./-my 'sky'.ms" --imagename "$name" "${OPTIONS[@]}" --fresh --backend make
    same_as_ref "$name"
}

@test "--fresh begins anew" {
    works cube fresh --jobs 2
    fails 64 'have changed' cube fresh --robust 1
    works cube fresh --robust 1 --fresh
    run ! cmp -s fresh.image.fits "$BATS_FILE_TMPDIR/ref.image.fits"
    works cube fresh --fresh
    same_as_ref fresh
}

@test "products without their work are not overwritten" {
    echo precious >mine.image.fits
    fails 73 'mine.image.fits is there already' cube mine
    grep -qx precious mine.image.fits
}

@test "--status and --dry-run" {
    fails 66 'no run of that name' cube none --status
    works cube none --dry-run
    grep -qx 'pc-psf=--cell=0.1arcsec' out.txt
    [ ! -e none.pc ]
    works pc-cube --imagename "$BATS_FILE_TMPDIR/ref" --status
    grep -qx 'done=5' out.txt
    works pc-status --report --truth "$BATS_FILE_TMPDIR/sky.ms.truth.tsv" "$BATS_FILE_TMPDIR/ref.pc"
    [ "$(grep -c '   2.100  [a-z]' out.txt)" -eq 5 ]
}

@test "memory and disk are looked at before the channels begin" {
    fails 75 'bytes' cube small --ram 1MB
    works cube small --ram 20MB --jobs 2
    grep -q 'memory is enough for 1 jobs at a time, 2 were asked for' err.txt
    grep -q 'warning: the bundles of 2 channels, [0-9]* bytes, do not fit into memory: they are worked on in .*small.pc/vis' err.txt
    same_as_ref small
    mkdir bin # a df that knows of one kilobyte
    printf '#!/bin/sh\necho "Filesystem 1024-blocks Used Available Capacity Mounted on"\necho "x 9 8 1 90%% /"\n' >bin/df
    chmod +x bin/df
    PATH=$PWD/bin:$PATH fails 73 'the products take [0-9]+ bytes; .* 1024 are free' cube full
    works cube full
}

@test "channels from different processors are pointed out" {
    works cube mix
    run ! grep processors err.txt
    sed -i 's/^cpu=.*/cpu=another/' mix.pc/ch00002.done
    rm mix.pc/complete
    works cube mix
    grep -q 'warning: channels were made on different processors.*another' err.txt
    same_as_ref mix
}

@test "on a terminal there is a bar with the time left, else a line per channel" {
    need script
    works cube lines
    [ "$(grep -c '^pc-cube: ch0000[0-4] done .*peak_jy=' err.txt)" -eq 5 ]
    script -qec "pc-cube '$BATS_FILE_TMPDIR/sky.ms' --imagename bar ${OPTIONS[*]}" typescript >/dev/null </dev/null
    grep -qE '\] [1-4] of 5 done, [0-9]+ in flight, [0-9]+:[0-9]{2} left' typescript
    grep -qE '\[#{30}\] 5 of 5 done, 0 in flight' typescript
    run ! grep 'ch00000 done' typescript
}

@test "a mask is found from where pc-cube was started, by every backend" {
    /usr/bin/python3 - <<'END'
import numpy as np
from astropy.io import fits
mask = np.zeros((64, 64), np.float32)
mask[20:44, 20:44] = 1
fits.writeto("mask.fits", mask)
END
    local masked=(--usemask user --mask mask.fits --imsize 64 --cell 0.1arcsec --niter 50)
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename a "${masked[@]}"
    works pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename b "${masked[@]}" --backend make
    cmp a.image.fits b.image.fits
    cmp a.mask.fits b.mask.fits
    [ "$(awk -F '\t' 'NR > 1 && $11 == 576' a.channels.tsv | wc -l)" -eq 5 ]
}

@test "the completion offers the options of the pipeline and of its tools" {
    pc-cube --print-completion >completion.txt
    local offered
    # shellcheck disable=SC1091
    offered=$(. ./completion.txt && COMP_WORDS=(pc-cube --i) COMP_CWORD=1 && _pc_cube && printf '%s\n' "${COMPREPLY[@]}")
    grep -qx -- --imagename <<<"$offered"
    grep -qx -- --imsize <<<"$offered"
    run ! grep -q -- --cell <<<"$offered"
}

@test "mistakes" {
    fails 64 'unknown option --imsise; the nearest there is: --imsize' pc-cube x.ms --imagename x --imsise 64
    fails 64 'unknown option --imagname; the nearest there is: --imagename' pc-cube x.ms --imagname x
    fails 64 'imagename is missing' pc-cube x.ms
    fails 64 'no MeasurementSet' pc-cube --imagename x
    fails 66 'x.ms: no such MeasurementSet' pc-cube x.ms --imagename x
    fails 64 'needs a value' pc-cube x.ms --imagename x --cell
    fails 64 'backend pbs is unknown; there are local, make, slurm, ssh' cube x --backend pbs
    fails 64 'a number from 1' cube x --jobs 0
    fails 73 'no such directory' cube none/x
    fails 66 'no planned cube' pc-channel --job "$T" 1
    fails 64 'not a number' pc-channel --job "$BATS_FILE_TMPDIR/ref.pc" x
    fails 66 'no such directory' pc-channel nowhere
    mkdir not.ms
    fails 65 'not.ms' pc-cube not.ms --imagename x "${OPTIONS[@]}"
    [ -z "$(ls ./*.fits 2>/dev/null)" ]
}

@test "an axis in velocity, in another frame than the data's" {
    pc-cube "$BATS_FILE_TMPDIR/sky.ms" --imagename line --imsize 64 --cell 0.1arcsec --niter 0 --outframe BARY --start 8km/s \
        --width 1km/s --nchan 3 2>err.txt || { cat err.txt; return 1; }
    grep -q 'pc-select.*--outframe=BARY' line.log
    cut -f 1,3 line.channels.tsv >axis.txt
    printf 'index\tvelocity_kms\n0\t8\n1\t9\n2\t10\n' | cmp - axis.txt
    head -c 184320 line.image.fits | tr '\0' '\n' | fold -w 80 >cards.txt
    grep -q "^SPECSYS = 'BARYCENT'" cards.txt && grep -q '^VELREF  = *258' cards.txt
}

@test "products as CASA images, or compressed: the same pixels, seen by the report, removed by --fresh" {
    works cube casa --format casa --report
    [ ! -e casa.image.fits ]
    grep -qx "$PWD/casa.image" out.txt
    works pc-diff casa.image "$BATS_FILE_TMPDIR/ref.image.fits"
    grep -q 'data:image/png' casa.report.html
    fails 73 'casa.image is there already' cube casa --work other.pc
    works cube casa --fresh --compress gzip --report
    [ ! -e casa.image ]
    [ -e casa.image.fits.fz ]
    funpack -O unpacked.fits casa.image.fits.fz
    works pc-diff unpacked.fits "$BATS_FILE_TMPDIR/ref.image.fits"
    grep -q 'data:image/png' casa.report.html
    fails 64 '--format png: fits, casa or both' cube other --format png
    fails 64 '--compress rice is for FITS files' cube other --format casa --compress rice
}
