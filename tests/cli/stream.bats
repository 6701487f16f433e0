# SPDX-License-Identifier: GPL-3.0-or-later
# Streams, tar files and directories: the same bytes in every form, and damage is always seen. The unit test test_pass
# doubles as a writer of small bundles and as a filter (with a factor it changes each channel, with 0 it copies).

load lib

UNIT=$PC_BIN/../unit/test_pass
small() { "$UNIT" write "$@"; }                       # DST FIRST NCHAN NCUBE N
copy() { "$UNIT" filter "$1" "$2" 0 "${3:-0}"; }      # SRC DST MEM
# A.tar made again by tar, of the members whose names come on standard input.
retar() {
    rm -rf retar.dir && mkdir retar.dir
    tar xf "$1" -C retar.dir
    cp -r extra/. retar.dir 2>/dev/null || true
    tar cf "$1" --format=ustar --hard-dereference -C retar.dir -T -
}
change() { "$UNIT" filter "$1" "$2" 2 "${3:-0}"; }

@test "pipe, tar file and directory are the same bytes" {
    small a.tar 3 3 10 40
    small - 3 3 10 40 | cat >b.tar
    small dir 3 3 10 40
    same a.tar b.tar
    copy - - <a.tar | copy - c.tar
    same a.tar c.tar
    copy dir - | cat >d.tar
    same a.tar d.tar
    copy - dir2 <a.tar
    same dir dir2
    change - - <a.tar | change - - 1 | cat >e.tar
    change dir ''
    change dir ''
    copy dir f.tar
    same e.tar f.tar
    pc-check a.tar dir e.tar - <f.tar >out.txt
    [ "$(grep -c ': good: 3 channels' out.txt)" -eq 4 ]
}

@test "tar lists it; nothing of the writer's machine is in it" {
    small a.tar 0 1 1 8
    TZ=UTC tar tvf a.tar >list.txt
    grep -q '^-rw-r--r-- 0/0 .* 1970-01-01 00:00 ch00000/psf.fits$' list.txt
    [ "$(head -n 1 list.txt | awk '{print $NF}')" = 00stream ]
    [ "$(tail -n 1 list.txt | awk '{print $NF}')" = zzend ]
    tar xf a.tar
    pc-check .
}

@test "a stream cut anywhere is an error" {
    local size n d count=0
    small a.tar 0 1 1 4
    size=$(stat -c %s a.tar)
    for ((n = 0; n < size; n += 512)); do
        for d in -1 0 1; do
            ((n + d >= 0)) || continue
            head -c $((n + d)) a.tar >cut.tar
            fails 65 . pc-check cut.tar || { echo "file cut at $((n + d)) of $size"; return 1; }
            fails 65 . copy cut.tar out.tar || { echo "copy of a file cut at $((n + d)) of $size"; return 1; }
            [ ! -e out.tar ] || { echo "a tar was left by a stream cut at $((n + d))"; return 1; }
            count=$((count + 1))
        done
    done
    fails 65 . bash -c "head -c $((size - 1)) a.tar | pc-check"
    fails 65 'empty' bash -c "pc-check < /dev/null"
    [ "$count" -gt 200 ]
}

@test "a stream cut in a pipe is an error" {
    local size n
    small a.tar 0 1 1 4
    size=$(stat -c %s a.tar)
    for ((n = 300; n < size; n += 1777)); do
        fails 65 . bash -c "head -c $n a.tar | pc-check -" || { echo "cut at $n"; return 1; }
    done
    # and goes on to the end of a pipe of several programs
    fails 65 . bash -c "set -o pipefail; head -c 9000 a.tar | '$UNIT' filter - - 0 0 | '$UNIT' filter - out.tar 0 0"
    [ ! -e out.tar ]
}

# A byte of FILE at OFFSET is turned over.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059
    printf "\\x$(printf %02x $((byte ^ 0x10)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

@test "pc-check finds flipped bytes in FITS members, in headers and data" {
    local f at
    small dir 0 1 1 40
    for f in dir/ch00000/psf.fits dir/ch00000/mask.fits dir/ch00000/vis00000/uvw.fits; do
        for at in 45 200 2000 2890; do
            cp "$f" keep
            flip "$f" $at
            fails 1 '' pc-check dir || { echo "$f at $at"; return 1; }
            grep -q "$(basename "$f")" out.txt
            cat keep >"$f"
        done
    done
    works pc-check dir
}

@test "pc-check finds members that are missing, too many, of another size, or in another order" {
    small dir 0 2 2 16
    cp -r dir good
    rm dir/ch00000/psf.fits
    fails 1 '' pc-check dir
    grep -q 'lists psf.fits, which is not there' out.txt
    rm -rf dir && cp -r good dir
    echo more >dir/ch00001/extra.txt
    fails 1 '' pc-check dir
    grep -q 'ch00001/zzplane: does not list extra.txt' out.txt
    rm -rf dir && cp -r good dir
    head -c 2880 /dev/zero >>dir/ch00001/mask.fits
    fails 1 '' pc-check dir
    grep -q 'mask.fits: .* bytes follow the header' out.txt
    cd good && tar cf ../order.tar --format=ustar 00stream 00cube ch00000/00plane ch00000/residual.fits ch00000/psf.fits \
        ch00000/mask.fits ch00000/state ch00000/notes.txt ch00000/vis00000/uvw.fits ch00000/vis00000/weight.fits \
        ch00000/zzplane && cd ..
    fails 65 'cut short: no zzend after 1 channels' pc-check order.tar
    grep -q 'psf.fits: travels after residual.fits' out.txt
}

@test "commit records and end marker are demanded" {
    small dir 0 3 3 8
    rm dir/ch00001/zzplane
    fails 65 'ch00001/zzplane: no zzplane: the channel was left unfinished' copy dir out.tar
    fails 1 '' pc-check dir
    grep -q 'ch00001/zzplane: no zzplane' out.txt
    works pc-check dir/ch00002
    rm dir/zzend
    fails 65 'no zzend' pc-check dir
    works pc-check dir/ch00002
    small a.tar 0 2 2 8
    tar tf a.tar | grep -v zzend >list
    retar a.tar <list
    fails 65 'cut short: no zzend after 2 channels' pc-check a.tar
    mkdir extra && printf 'nchan=3\n' >extra/zzend && echo zzend >>list
    retar a.tar <list
    fails 65 'says that 3 channels came; there were 2' pc-check a.tar
    small a.tar 0 2 2 8
    tar tf a.tar | grep -v ch00000/zzplane >list
    retar a.tar <list
    fails 65 'ch00000 has no zzplane' pc-check a.tar
    small dir2 0 2 2 8
    rm -r dir2/ch00001
    fails 65 'says that 2 channels came; there were 1' pc-check dir2
}

@test "a foreign version, a foreign file, nothing" {
    small dir 0 1 1 8
    printf 'pcs=2\n' >dir/00stream
    fails 65 'version 2 of the stream' pc-check dir
    printf 'hello\n' >text
    fails 65 'text' pc-check text
    fails 66 'No such file' pc-check nowhere
    mkdir empty
    fails 65 'no 00stream in this directory' pc-check empty
    tar cf other.tar text
    fails 65 'comes where 00stream should' pc-check other.tar
    ln -s text link && tar cf link.tar link
    fails 65 . pc-check link.tar
}

@test "unknown members go through, between channels too" {
    small dir 2 1 5 8
    echo 'from far' >dir/ch00002/vis00000/far.txt
    echo 'more' >dir/ch00002/zz-more.txt
    copy dir a.tar
    copy a.tar b
    same dir/ch00002/vis00000/far.txt b/ch00002/vis00000/far.txt
    same dir/ch00002/zz-more.txt b/ch00002/zz-more.txt
    works pc-check b
    mkdir extra && echo 'read me' >extra/README
    tar tf a.tar | sed 's,^zzend,README\n&,' >list
    retar a.tar <list
    copy - - <a.tar >c.tar
    tar tf c.tar | grep -qx README
}

@test "concatenated streams are one; of different cubes they are none" {
    small a.tar 0 2 5 8
    small b.tar 4 1 5 8
    small c.tar 3 1 6 8
    cat a.tar b.tar | pc-check >out.txt
    grep -q 'good: 3 channels' out.txt
    cat a.tar b.tar | copy - dir
    [ "$(cat dir/zzend)" = nchan=3 ]
    fails 65 'line 1 of the first 00cube is "nchan=5", of the next "nchan=6"' bash -c 'cat a.tar c.tar | pc-check'
    fails 65 'comes a second time' bash -c 'cat a.tar a.tar | pc-check'
    tar tif <(cat a.tar b.tar) | grep -qx ch00004/psf.fits
}

@test "GNU tar's own archives of a directory are read, sparse ones too" {
    small dir 0 1 1 300
    (cd dir && tar cSf ../s.tar --hard-dereference 00stream 00cube ch00000/00plane ch00000/vis00000/uvw.fits \
        ch00000/vis00000/weight.fits ch00000/psf.fits ch00000/state ch00000/residual.fits ch00000/mask.fits \
        ch00000/notes.txt ch00000/zzplane zzend)
    copy s.tar again
    same dir again
}

@test "holes where nothing is" {
    small dir 0 1 1 1000
    [ "$(du -k dir/ch00000/psf.fits | cut -f1)" -lt 2500 ]
    [ "$(stat -c %s dir/ch00000/psf.fits)" -gt 4000000 ]
}

@test "killed between the steps of a commit: refused, and left to be begun afresh" {
    small dir 0 1 1 8
    rm dir/ch00000/zzplane                                  # after unlink
    cp dir/ch00000/psf.fits dir/ch00000/.psf.fits.new       # before rename
    fails 65 'left unfinished' copy dir out.tar
    fails 65 'left unfinished' change dir ''
    fails 65 'left unfinished' pc-diff dir dir
    # before unlink: leftovers do no harm and go away
    small dir2 0 1 1 8
    cp dir2/ch00000/psf.fits dir2/ch00000/.psf.fits.new
    cp -r dir2 dir3
    works pc-check dir2
    change dir2 ''
    [ ! -e dir2/ch00000/.psf.fits.new ]
    rm dir3/ch00000/.psf.fits.new
    change dir3 ''
    same dir2 dir3
}

@test "an untouched channel keeps its zzplane and its time" {
    small dir 0 2 2 8
    touch -d '2001-01-01' dir/ch0000?/zzplane
    copy dir ''
    [ "$(stat -c %Y dir/ch00000/zzplane)" -eq "$(date -d 2001-01-01 +%s)" ]
    change dir/ch00001 ''
    [ "$(stat -c %Y dir/ch00000/zzplane)" -eq "$(date -d 2001-01-01 +%s)" ]
    [ "$(stat -c %Y dir/ch00001/zzplane)" -gt "$(date -d 2001-01-01 +%s)" ]
}

@test "a full disk is an error" {
    [ -w /dev/full ] || skip "no /dev/full"
    small a.tar 0 2 2 200
    fails 74 'standard output: cannot write: No space left' bash -c "'$UNIT' filter a.tar - 0 0 >/dev/full"
    fails 74 . bash -c "pc-check a.tar >/dev/full"
    small b.tar 0 2 2 201
    fails 74 'standard output: No space left' bash -c "pc-diff a.tar b.tar >/dev/full"
}

@test "a full tmpfs is an error, and no tar file is left" {
    mkdir small
    mount -t tmpfs -o size=200k none small 2>/dev/null || skip "cannot mount a tmpfs"
    small a.tar 0 2 2 200
    run copy a.tar small/b.tar
    ls -A small >left.txt
    run2=$status
    fails 74 'No space left' copy a.tar small/dir
    umount small
    [ "$run2" -eq 74 ]
    [ ! -s left.txt ]
}

@test "an output that cannot be made" {
    small a.tar 0 1 1 8
    mkdir dir && touch dir/file
    fails 73 'exists and is not an empty directory' copy a.tar dir
    fails 73 'nowhere/b.tar' copy a.tar nowhere/b.tar
    fails 73 'nowhere/dir' copy a.tar nowhere/dir
    mkdir empty
    copy a.tar empty
    works pc-check empty
}

@test "a reader that goes away ends the writer silently, by the signal" {
    small a.tar 0 8 8 300
    set +o pipefail
    bash -c "'$UNIT' filter a.tar - 0 0 2>err.txt; echo \$? >code.txt" | head -c 1000 >/dev/null
    [ "$(cat code.txt)" -eq 141 ]
    [ ! -s err.txt ]
}

@test "a terminal is refused, as source and as destination" {
    command -v script >/dev/null || skip "no script(1)"
    small a.tar 0 1 1 8
    script -qec "pc-check" /dev/null </dev/null >out.txt || true
    grep -q 'standard input is a terminal' out.txt
    script -qec "'$UNIT' filter a.tar - 0 0" /dev/null </dev/null >out.txt || true
    grep -q 'standard output is a terminal' out.txt
}

@test "pc-diff: same, near, different, missing" {
    small a.tar 0 2 3 20
    small dir 0 2 3 20
    works pc-diff a.tar dir
    [ "$(grep -c 'same$' out.txt)" -eq 16 ]
    change a.tar b.tar
    fails 1 '6 members differ' pc-diff a.tar b.tar
    grep -qP '^ch00000\tmask.fits\t.*\tonly in A$' out.txt
    grep -qP '^ch00001\tmodel.fits\t.*\tonly in B$' out.txt
    grep -qP '^ch00001\tstate\t.*\ttext$' out.txt
    small one 0 1 3 20
    fails 1 '1 members differ' pc-diff dir one
    grep -qP '^ch00001\t\*\t.*\tonly in A$' out.txt
    fails 1 '' pc-diff dir/ch00000/psf.fits dir/ch00001/psf.fits
    works pc-diff --rtol 1.1 dir/ch00000/psf.fits dir/ch00001/psf.fits
    grep -q 'near$' out.txt
    pc-diff --quiet - dir <a.tar >out.txt
    [ "$(wc -l <out.txt)" -eq 1 ]
    fails 64 'standard input' pc-diff - -
    fails 66 . pc-diff a.tar nowhere
}

# The example FILE of pc-stream(5) as it would be typed.
example() {
    sed -n '/^\.\\" begin '"$1"'$/,/^\.\\" end '"$1"'$/p' "$ROOT/man/pc-stream.5" | sed '1d;$d;s/^\\&//;s/\\e/\\/g'
}

@test "the readers in pc-stream(5) read a stream, and see when it was cut short" {
    example reader.c >r.c
    example reader.py >r.py
    [ "$(wc -l <r.c)" -gt 60 ] && [ "$(wc -l <r.c)" -lt 120 ]
    "${CC:-cc}" -std=c99 -Wall -Wextra -Werror -O1 -o reader r.c
    small a.tar 3 2 10 30
    small b.tar 1 1 10 30
    cat a.tar b.tar >ab.tar
    ./reader <ab.tar >c.txt
    /usr/bin/python3 r.py <ab.tar >py.txt
    same c.txt py.txt
    tar tif ab.tar >names.txt
    cut -d' ' -f1 c.txt | same names.txt -
    grep -q '^ch00004/psf.fits [0-9]* peak [0-9.]*$' c.txt
    head -c -2048 a.tar >cut.tar
    fails 65 'cut short' bash -c './reader <cut.tar'
    fails 1 'cut short' bash -c '/usr/bin/python3 r.py <cut.tar'
    head -c 9000 a.tar >cut.tar
    fails 65 'cut short' bash -c './reader <cut.tar'
    fails 1 . bash -c '/usr/bin/python3 r.py <cut.tar'
}

@test "bundles written by tests/pcs.py are what the programs write" {
    PYTHONPATH=$ROOT/tests /usr/bin/python3 - <<'END'
import numpy as np
import pcs
cube = pcs.cube(4, 1e11, 1e6)
rng = np.random.default_rng(1)
channels = {i: {"psf.fits": (pcs.image_header(32, 24, beam=(3, 2, 10), SIDELOBE=0.1), rng.random((24, 32), dtype="f4")),
                "state": {"iterdone": 0}, "mask.fits": (pcs.image_header(32, 24), np.ones((24, 32), bool)),
                "vis00000/uvw.fits": ({"MSNAME": "a.ms", "NCORR": 2}, rng.random((10, 3)))} for i in (0, 2)}
pcs.write_bundle("dir", cube, channels)
pcs.write_stream("a.tar", cube, channels)
assert [name for name, data in pcs.read_stream("a.tar")][-1] == "zzend"
header, pixels = pcs.read_image("dir/ch00002/psf.fits")
assert header["SIDELOBE"] == 0.1 and np.array_equal(pixels[0], channels[2]["psf.fits"][1])
END
    works pc-check dir a.tar
    copy dir b.tar
    same a.tar b.tar
    copy a.tar dir2
    same dir dir2
}

@test "astropy and fitsverify find nothing wrong with the members, checksums included" {
    small dir 0 1 1 30
    /usr/bin/python3 -W error - <<'END'
import glob
from astropy.io import fits
names = glob.glob("dir/ch00000/**/*.fits", recursive=True)
assert len(names) == 5
for name in names:
    with fits.open(name, checksum=True) as f:
        f.verify("exception")
        assert f[0].verify_datasum() == 1 and f[0].verify_checksum() == 1, name
END
    need fitsverify
    works fitsverify -q dir/ch00000/*.fits dir/ch00000/*/*.fits
}

@test "a new directory that is given up is taken away; one that was there is left empty" {
    small a.tar 0 3 3 8
    head -c 20000 a.tar >cut.tar
    mkdir there
    fails 65 'cut short|damaged|Truncated' copy cut.tar new
    [ ! -e new ]
    fails 65 'cut short|damaged|Truncated' copy cut.tar there
    [ -d there ] && [ -z "$(ls -A there)" ]
    copy a.tar there
    works pc-check there
}

@test "model visibilities: at the end of their block, checked and compared; not kept by a channel begun afresh" {
    PYTHONPATH=$ROOT/tests PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - <<'END'
import numpy as np
import pcs
head = {"MSNAME": "t.ms", "FIELDID": 0, "FIELD": "f", "SPWID": 0, "PHASERA": 10.0, "PHASEDEC": -30.0, "POINTRA": 10.0,
        "POINTDEC": -30.0, "IMAGERA": 10.0, "IMAGEDEC": -30.0, "RADESYS": "ICRS", "SPECSYS": "LSRK", "TELESCOP": "ALMA",
        "OBSERVER": "o", "OBJECT": "disc", "NCORR": 2, "CORR1": -5, "CORR2": -6, "NANT": 1, "DIAM1": 12.0}
rng = np.random.default_rng(1)
vis = rng.normal(size=(50, 1, 2, 2)).astype("f4")
members = {"uvw.fits": rng.normal(size=(50, 3)) * 100, "freq.fits": np.array([1e11]), "vis.fits": vis,
           "weight.fits": np.ones((50, 1, 2), "f4"), "row.fits": np.zeros((50, 4)), "model_vis.fits": vis / 2}
for name in "a", "b":
    block = {f"vis00000/{k}": (head, v) for k, v in members.items()}
    pcs.write_bundle(name, pcs.cube(nchan=1, freq_hz=1e11, width_hz=1e6), {0: block})
    members["model_vis.fits"] = vis / 2 + np.float32(0.25) * (vis == vis[7, 0, 1, 0])
END
    works pc-check a
    copy a a.tar
    works pc-check a.tar
    tar tf a.tar | grep vis00000 | tail -n 2 | tr '\n' ' ' | grep -qx 'ch00000/vis00000/row.fits ch00000/vis00000/model_vis.fits '
    fails 1 '' pc-diff a b
    grep -q 'vis00000/model_vis.fits' out.txt
    printf x | dd of=a/ch00000/vis00000/model_vis.fits bs=1 seek=2900 conv=notrunc 2>err.txt
    fails 1 '' pc-check a
    grep -q 'vis00000/model_vis.fits: DATASUM' out.txt
    works pc-psf --imsize 32 --cell 1arcsec b -o c
    [ -e c/ch00000/vis00000/model_vis.fits ]
    rm b/ch00000/zzplane
    works pc-psf --imsize 32 --cell 1arcsec b
    [ -e b/ch00000/vis00000/row.fits ] && [ ! -e b/ch00000/vis00000/model_vis.fits ]
    works pc-check b
}
