# SPDX-License-Identifier: GPL-3.0-or-later
# What the design and the house style promise about the sources.

load lib

@test "arrows between the rooms of the library point one way" {
    "$ROOT/mk/rules" arrows
}

@test "the library neither prints nor exits nor reads the environment, and has no data that change" {
    "$ROOT/mk/rules" promises
}

@test "files and functions are of readable size" {
    need ctags
    "$ROOT/mk/rules" sizes
}

@test "every source names its licence" {
    cd "$ROOT" && git rev-parse --git-dir >/dev/null 2>&1 || skip "no git tree here"
    "$ROOT/mk/rules" spdx
}

@test "a breach of each rule is seen" {
    local copy=$T/copy
    mkdir -p "$copy/lib/grid" "$copy/lib/base" "$copy/tools" "$copy/tests" "$copy/.ci"
    cp -r "$ROOT/mk" "$copy/"
    touch "$copy/.ci/run"
    cd "$copy"
    git init -q .
    printf '%s\n' '#include "io/pass.h"' 'static int counter = 0;' 'static double sum[3];' 'int f(void)' '{' '    printf("x");' '    exit(1);' '}' >lib/grid/a.c
    printf '%s\n' '/* printf and exit in a comment */' '#include "base/err.h"' 'static const int table[] = {1};' \
        'static const char *const names[] = {"exit"};' 'struct x;' 'int f(void);' 'const char *g(int a);' >lib/base/b.c
    { echo 'int big(void)'; echo '{'; yes '    f();' | head -n 80; echo '}'; } >tools/c.c
    git add -A
    if mk/rules arrows >arrows.txt; then false; fi
    grep -q 'lib/grid/a.c:1: lib/grid must not include io/' arrows.txt
    if mk/rules promises >promises.txt; then false; fi
    grep -q 'lib/grid/a.c:6: printf' promises.txt
    grep -q 'lib/grid/a.c:7: exit' promises.txt
    grep -q 'lib/grid/a.c:2: data of a file' promises.txt
    grep -q 'lib/grid/a.c:3: data of a file' promises.txt
    if grep 'lib/base' promises.txt; then false; fi
    if mk/rules spdx >spdx.txt; then false; fi
    grep -q 'tools/c.c: no SPDX line' spdx.txt
    if command -v ctags >/dev/null; then
        if mk/rules sizes >sizes.txt; then false; fi
        grep -q 'tools/c.c:1: big() has 83 lines' sizes.txt
    fi
}
