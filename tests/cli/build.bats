# SPDX-License-Identifier: GPL-3.0-or-later
# The build's own promises: prerequisites, version, installation, the test runner.

load lib

# The tree without its history and products, so that nothing here touches the real one.
copy_tree() {
    mkdir copy
    (cd "$ROOT" && tar cf - --exclude=./.git --exclude='./build*' .) | tar xf - -C copy
}

# deps_with TOOL...: mk/deps in a world where only these commands exist besides the shell's needs.
world() {
    mkdir -p world
    local p
    for p in bash cat env id "$@"; do
        ln -sf "$(type -P "$p")" world/
    done
}

@test "what is missing is named with the line that installs it" {
    world
    fails 69 '^missing: .*' env PATH="$T/world" "$ROOT/mk/deps" demo build
    [ "$(wc -l <err.txt)" -eq 1 ]
    grep -q 'libarchive-dev' err.txt
    grep -q '"make DEPS=yes demo" installs them$' err.txt
}

@test "make itself stops there, and its first line says so" {
    copy_tree
    world make nproc
    local got=0
    PATH="$T/world" env -u BUILD make -C copy -s demo >out.txt 2>&1 || got=$?
    [ "$got" -ne 0 ]
    cat out.txt
    head -n 1 out.txt | grep -q '^missing: .*make DEPS=yes demo'
    [ ! -e copy/build/bin ]
}

@test "only what is missing is installed, said first, without questions" {
    world true
    cat >world/apt-get <<'END'
#!/bin/bash
echo "$DEBIAN_FRONTEND apt-get $*" >>"$T/apt.log"
END
    cat >world/sudo <<'END'
#!/bin/bash
[ "$1" = -n ] && shift && exec "$@"
END
    printf '#!/bin/bash\nexit 0\n' >world/pkg-config
    chmod +x world/apt-get world/sudo world/pkg-config
    # the packages do not come true here: that is said too
    fails 69 'installed, but still not usable: ' env PATH="$T/world" CXX=bash "$ROOT/mk/deps" --install demo build
    head -n 1 out.txt | grep -q '^Installing: '
    if grep -qE 'libarchive-dev|g\+\+' out.txt; then
        echo "what is there is installed again"
        false
    fi
    sed -n 1p apt.log | grep -q 'apt-get -q update'
    sed -n 2p apt.log | grep -q '^noninteractive apt-get -q install -y --no-install-recommends .*parallel'
}

@test "a system without apt-get gets the list and 69" {
    world
    fails 69 '^Not a Debian system.*libarchive-dev' env PATH="$T/world" "$ROOT/mk/deps" --install demo build
}

@test "who may not install gets the command for someone who may" {
    world
    printf '#!/bin/bash\necho "apt-get was called" >>"$T/apt.log"\n' >world/apt-get
    printf '#!/bin/bash\necho 1000\n' >world/id.new
    mv -f world/id.new world/id
    chmod +x world/apt-get world/id
    fails 69 '^missing, and to be installed by root' env PATH="$T/world" "$ROOT/mk/deps" --install demo build
    grep -q '^    apt-get install .* libarchive-dev ' err.txt
    # a sudo that asks for a password
    printf '#!/bin/bash\nexit 1\n' >world/sudo
    chmod +x world/sudo
    fails 69 '^missing, and to be installed by root' env PATH="$T/world" "$ROOT/mk/deps" --install demo build
    [ ! -s out.txt ] && [ ! -e apt.log ]
}

@test "the version of a tarball is in its file VERSION" {
    mkdir tree
    cp "$ROOT/mk/version" tree/
    cd tree
    # shellcheck disable=SC2016
    echo '$Format:%(describe)$' >VERSION
    [ "$(./version)" = unknown ]
    echo " abcdef" >VERSION
    [ "$(./version)" = abcdef ]
    echo "v1.2-3-gabcdef abcdef" >VERSION
    [ "$(./version)" = v1.2-3-gabcdef ]
}

@test "programs of a channel load a handful of libraries, where those that bring many others can be linked statically" {
    need pc-grid pc-clean pc-concat ldd
    local tool static draw=(pc-mask pc-restore)
    static=$(cd "$ROOT" && mk/static)
    [ -n "$static" ] || skip "there is no libcfitsio.a or libarchive.a"
    [ -z "$(cd "$ROOT" && mk/static no-such-compiler)" ]
    [[ $static != *-lcairo* ]] || draw=()
    for tool in pc-psf pc-grid pc-clean pc-concat pc-status "${draw[@]}"; do
        ldd "$PC_BIN/$tool" >libs.txt
        cat libs.txt
        if grep -qE 'curl|gnutls|xml2|casa' libs.txt; then false; fi
        # fftw twice, z and bz2 where they are shared, m, c, the loader, the kernel's; sanitizers have a few of their own
        [ -n "${SAN:-}" ] || [ "$(wc -l <libs.txt)" -le 9 ]
    done
    # without them the shared ones are linked
    make -n -C "$ROOT" PC_READY=yes STATIC= BUILD="$T/none" "$T/none/bin/pc-diff" >make.txt
    grep -qE -- ' -lcfitsio .*-larchive ' make.txt
    if grep -qE 'libcfitsio\.a|mk/cfitsio' make.txt; then false; fi
}

@test "install and uninstall leave nothing behind" {
    [ -n "$(ls "$PC_BIN"/pc-* 2>/dev/null)" ] || skip "no program was built"
    mkdir -p dest/opt/pc/bin
    cd "$ROOT"
    BUILD=$(dirname "$PC_BIN") DESTDIR=$T/dest PREFIX=/opt/pc mk/install
    local tool
    for tool in "$PC_BIN"/pc-*; do
        "$T/dest/opt/pc/bin/${tool##*/}" --version
        bash -n "$T/dest/opt/pc/share/bash-completion/completions/${tool##*/}"
        [ -s "$T/dest/opt/pc/share/man/man1/${tool##*/}.1" ]
    done
    [ -s "$T/dest/opt/pc/share/pc/cube.mk" ]
    [ -x "$T/dest/opt/pc/bin/pc-cube" ]
    DESTDIR=$T/dest PREFIX=/opt/pc mk/install --remove
    # not even an empty directory, but those that were there
    (cd "$T/dest" && find . | sort) >"$T/left.txt"
    printf '%s\n' . ./opt ./opt/pc ./opt/pc/bin | cmp - "$T/left.txt"
}

# count FILE_CONTENT: the last line of tests/run on a test file with this content, in $last; its exit status in $got.
count() {
    printf '%s\n' "$@" >case.py
    got=0
    BUILD=$T/built tests/run "$T/case.py" >"$T/out.txt" 2>&1 || got=$?
    last=$(tail -n 1 "$T/out.txt")
}

@test "the runner counts, and sees what died, planned wrongly or did nothing" {
    cp -r "$ROOT/tests" tests
    PYTHON=/bin/sh
    export PYTHON
    count 'echo ok 1; echo ok 2 - x "# SKIP none"; echo 1..2'
    [ "$last" = "1 passed, 0 failed, 1 skipped" ] && [ $got -eq 0 ]
    count 'echo ok 1; echo not ok 2; echo 1..2; exit 1'
    [ "$last" = "1 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'echo ok 1; echo 1..2'
    [ "$last" = "1 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'echo ok 1'
    [ "$last" = "1 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'echo ok 1; echo 1..1; kill -9 $$'
    [ "$last" = "1 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'echo ok 1; echo 1..1; exit 3'
    [ "$last" = "1 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'exit 0'
    [ "$last" = "0 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'echo 1..0'
    [ "$last" = "0 passed, 1 failed, 0 skipped" ] && [ $got -ne 0 ]
    count 'echo "1..0 # SKIP nothing to do"'
    [ "$last" = "0 passed, 0 failed, 1 skipped" ] && [ $got -eq 0 ]
    mkdir -p bare/tests
    cp tests/run bare/tests/
    got=0
    last=$(BUILD=$T/none bare/tests/run | tail -n 1) || got=$?
    [ "$last" = "0 passed, 1 failed, 0 skipped" ]
}

@test "test data: absent by default skips, set but missing fails" {
    cp -r "$ROOT/tests" tests
    printf '%s\n' 'import sys' 'sys.path.insert(0, "tests/science")' 'import tap' 'tap.data_dir()' 'tap.ok(True, "data")' 'tap.done()' >case.py
    mkdir built
    env -u PC_TEST_DATA BUILD="$T/built" tests/run case.py >out.txt
    tail -n 1 out.txt | grep -q '^0 passed, 0 failed, 1 skipped$'
    # a file that needs them half-way
    sed 's/^tap.data_dir/tap.ok(True, "before")\n&/' case.py >late.py
    env -u PC_TEST_DATA BUILD="$T/built" tests/run late.py >out.txt
    tail -n 1 out.txt | grep -q '^1 passed, 0 failed, 1 skipped$'
    if env PC_TEST_DATA="$T/gone" BUILD="$T/built" tests/run case.py >out.txt; then false; fi
    tail -n 1 out.txt | grep -q '^0 passed, 1 failed, 0 skipped$'
    mkdir -p here/data
    env PC_TEST_DATA="$T/here" BUILD="$T/built" tests/run case.py >out.txt
    tail -n 1 out.txt | grep -q '^1 passed, 0 failed, 0 skipped$'
}
