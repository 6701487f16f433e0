#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples.py PAGE OUTDIR: writes the examples of a man page as OUTDIR/00.sh, 01.sh ...: those of EXAMPLES, and of
TUTORIAL. Of README.md those that call a program of ours. A display of several commands is a script where they are steps, of
STEPS' pages; elsewhere they are alternatives, a script each."""
import os
import re
import sys

STEPS = ("pc-channel.1", "pc-cube.1", "pc.7", "README.md")


def plain(line):
    return line.replace("\\e", "\\").replace("\\-", "-").replace("\\&", "")


def of_page(text):
    section, display, found = "", None, []
    for line in text.splitlines():
        if line.startswith(".Sh "):
            section = line[4:]
        elif section not in ("EXAMPLES", "TUTORIAL"):
            continue
        elif line.startswith(".Bd -literal"):
            display = []
        elif line == ".Ed":
            found.append(display)
            display = None
        elif display is not None:
            display.append(plain(line))
        elif line.startswith(".Dl "):
            found.append([plain(line[4:])])
    return found


def of_readme(text):
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [[line[4:] for line in block.splitlines()] for block in blocks if block.startswith("    pc-")]


page, out = sys.argv[1:]
os.makedirs(out)
with open(page, encoding="utf-8") as f:
    found = (of_readme if page.endswith(".md") else of_page)(f.read())
scripts = ["\n".join(lines) + "\n" for lines in found]
if os.path.basename(page) not in STEPS:
    # a line goes on after a backslash or a pipe
    scripts = [command for script in scripts for command in re.findall(r"(?:.*(?:\\|\|)\n)*.*\n", script)]
for i, script in enumerate(scripts):
    with open(f"{out}/{i:02d}.sh", "w", encoding="utf-8") as f:
        f.write(script)
