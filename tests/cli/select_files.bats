# SPDX-License-Identifier: GPL-3.0-or-later
# pc-select on files: tar archives that hold a MeasurementSet, and those that must not be unpacked; nothing is left behind.

load lib

setup_file() {
    export BATS_MS="$BATS_FILE_TMPDIR/a.ms"
    local bin=${PC_BIN:-$BATS_TEST_DIRNAME/../../build/bin}
    [ ! -x "$bin/pc-mock" ] || "$bin/pc-mock" --sky points --ntime 3 --nant 5 --nchan 6 -o "$BATS_MS" 2>/dev/null
}

ready() {
    need pc-select pc-mock
    ln -s "$BATS_MS" a.ms
    mkdir tmp
    export TMPDIR=$T/tmp
}

# clean: the temporary directory is empty, or is so within some seconds.
clean() {
    for _ in {1..100}; do
        [ -n "$(ls -A tmp)" ] || return 0
        sleep 0.1
    done
    find tmp
    return 1
}

@test "a tar archive, plain or compressed, is the MeasurementSet in it" {
    ready
    works pc-select a.ms -o want
    tar chf a.ms.tar a.ms
    tar chf sparse.tar --sparse a.ms --transform 's,^,deep/inside/,'
    tar czf bare.tgz -C "$BATS_MS" .
    mv bare.tgz a.tgz
    gzip -k a.ms.tar
    local f
    for f in a.ms.tar a.ms.tar.gz sparse.tar a.tgz; do
        works pc-select "$f" -o got
        same want got
        rm -r got
    done
    for f in xz zstd bzip2; do
        command -v $f >/dev/null || continue
        $f -c <a.ms.tar >packed
        works pc-select packed -o got
        same want got
        rm -r got
    done
    clean
}

@test "an archive that is damaged, or holds no MeasurementSet, or two" {
    ready
    tar chf a.tar a.ms
    head -c 100000 a.tar >cut.tar
    fails 65 'cut.tar: Truncated' pc-select cut.tar -o b
    gzip -c a.tar | head -c 5000 >cut.tgz
    fails 65 'cut.tgz: truncated gzip' pc-select cut.tgz -o b
    tar cf none.tar cut.tgz
    fails 65 'none.tar: there is no MeasurementSet in this archive' pc-select none.tar -o b
    cp -r "$BATS_MS" c.ms
    tar chf two.tar a.ms c.ms
    fails 65 'two.tar: there are 2 MeasurementSets in this archive: .*c.ms' pc-select two.tar -o b
    date >text
    gzip -k text
    fails 65 'text: is a file, and neither a tar archive nor UVFITS' pc-select text -o b
    fails 65 'text.gz: is a file, and neither' pc-select text.gz -o b
    fails 73 'nowhere: no place for temporary files' env TMPDIR="$T/nowhere" pc-select a.tar -o b
    [ ! -e b ]
    clean
}

@test "members that lead out of the archive" {
    ready
    mkdir safe
    export SAFE=$T/safe
    (cd safe && /usr/bin/python3 - <<'END'
import io, os, tarfile
FILE, SYM, HARD, FIFO = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE
T = os.environ["T"]
for name, members in {"absolute": [(f"{T}/evil", FILE, "")], "up": [("a/../../../evil", FILE, "")], "leave": [("../evil", FILE, "")],
                      "symlink": [("a/l", SYM, "../../evil")], "far": [("l", SYM, "/etc")], "later": [("l", SYM, "a/../../evil")],
                      "through": [("a/d/s", SYM, ".."), ("a/d/s/evil", FILE, "")], "hard": [("h", HARD, "/etc/passwd")],
                      "hardup": [("h", HARD, "../evil")], "fifo": [("f", FIFO, "")]}.items():
    with tarfile.open(name + ".tar", "w") as tar:
        for path, kind, target in members:
            info = tarfile.TarInfo(path)
            info.type, info.linkname, info.size = kind, target, 3 if kind == FILE else 0
            tar.addfile(info, io.BytesIO(b"abc") if kind == FILE else None)
END
    )
    local f
    for f in absolute up leave hard hardup; do
        fails 65 "$f.tar: member .* leads out of the archive" pc-select safe/$f.tar -o b
    done
    for f in symlink far later; do
        fails 65 "$f.tar: the link .* leads out of the archive" pc-select safe/$f.tar -o b
    done
    fails 65 'through.tar: Cannot extract through symlink' pc-select safe/through.tar -o b
    fails 65 'fifo.tar: member f is neither a file nor a directory' pc-select safe/fifo.tar -o b
    [ -z "$(find . -name 'evil*')" ]
    [ ! -e b ]
    clean
}

@test "links that stay inside are kept" {
    ready
    works pc-select a.ms -o want
    cp -r "$BATS_MS" l.ms
    mv l.ms/ANTENNA there
    mkdir parts && mv there parts/ANTENNA
    ln -s ../parts/ANTENNA l.ms/ANTENNA
    ln l.ms/table.dat l.ms/again
    tar cf l.tar l.ms parts
    works pc-select l.tar -o got
    same want/ch00000/vis00000/row.fits got/ch00000/vis00000/row.fits
    clean
}

@test "what was unpacked goes when pc-select is killed" {
    ready
    works pc-mock --sky empty --ntime 4 --nant 8 --nchan 400 -o big.ms
    tar cf big.tar big.ms
    mkfifo out
    local signal pid
    for signal in TERM INT KILL; do
        # a process in the background of a shell ignores INT; perl lets it listen again
        perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' pc-select big.tar >out 2>/dev/null 3>&- &
        pid=$!
        exec 9<out
        for _ in {1..100}; do
            [ -z "$(ls tmp/*/0/*/big.ms/table.dat 2>/dev/null)" ] || break
            sleep 0.05
        done
        [ -n "$(ls -A tmp)" ]
        kill -$signal $pid
        wait $pid || true
        exec 9<&-
        clean
    done
}

@test "a file that cannot be written" {
    ready
    tar chf a.tar a.ms
    # shellcheck disable=SC2016
    fails 74 'a.tar: cannot be unpacked into .*TMPDIR.*File too large' \
        bash -c 'trap "" XFSZ; ulimit -f 16; exec pc-select a.tar -o b'
    [ ! -e b ]
    clean
}

@test "pc-cube images an archive" {
    need parallel
    ready
    tar czf a.ms.tgz -C "$BATS_FILE_TMPDIR" a.ms
    works pc-cube a.ms --imagename want --imsize 32 --cell 1arcsec --jobs 1 --channels 2~3
    works pc-cube a.ms.tgz --imagename got --imsize 32 --cell 1arcsec --jobs 1 --channels 2~3
    same want.residual.fits got.residual.fits
    clean
}
