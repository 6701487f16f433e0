# SPDX-License-Identifier: GPL-3.0-or-later
# What pc-concat says to wrong commands; what it makes is in tests/science/cubes.py.
load lib

@test "pc-concat: help and version" {
    works pc-concat --help
    grep -q -- '--overwrite' out.txt
    works pc-concat --version
}

@test "pc-concat: modes exclude each other" {
    fails 64 'one at a time' pc-concat --create w --finish w -o x
    fails 64 'note goes with' pc-concat --note a=b -o x
    fails 64 '--finish takes no SRC' pc-concat --finish w -o x src
    fails 64 '-o' pc-concat --place w -o x src
}

@test "pc-concat: a name for the cubes is wanted" {
    fails 64 'IMAGENAME is missing' pc-concat src
    fails 64 'IMAGENAME is missing' pc-concat src -o dir/
    fails 64 'standard output' pc-concat src -o -
}

@test "pc-concat: an unknown product names those there are" {
    fails 64 "'images' is unknown; there are image," pc-concat src -o x --products images
    [ ! -e x.concat.tmp ]
}

@test "pc-concat: sources that are none" {
    fails 66 'nosuch' pc-concat nosuch -o x
    : >empty.tar
    fails 65 'empty.tar' pc-concat empty.tar -o x
    [ -z "$(find . -name 'x*')" ]
}
