# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-concat --archive, by python's tarfile and sha256sum: what it packs, the same bytes each time; pc-check finds what was damaged."""
import glob
import hashlib
import os
import random
import shutil
import subprocess
import tarfile
import tempfile

import libbundle as lb
import tap
from tap import ok


def tool(*args, code=0, says="", **how):
    p = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, **how)
    if p.returncode != code or says not in p.stderr + p.stdout:
        ok(False, " ".join(args), f"exit code {p.returncode}, wanted {code}, saying {says!r}", p.stdout, p.stderr)
    elif code:
        ok(True, f"refused ({code}): {says}")
    return p.stdout


def text(path, body):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        f.write(body)


def products():
    lb.write("b", [0, 1], 2)
    tool("pc-concat", "b", "-o", "disc", "--products", "image,psf,mask")
    tool("pc-concat", "b", "-o", "disc", "--products", "pb", "--format", "casa")
    tool("pc-concat", "b", "-o", "disc", "--products", "model", "--compress", "small")
    text("disc.report.html", "<html>\n")
    text("disc.channels.tsv", "channel\n")
    text("disc.log", "pc-cube\n")
    text("disc.pc/params", "niter=5\n")
    text("disc.pc/ch00000.done", "index=0\n")
    text("disc.pc/lock", "")
    text("disc.pc/vis/00stream", "pcs=1\n")
    text("disc.notes", "mine\n")
    text("disc2.image.fits", "another\n")
    os.makedirs("disc.ms")
    text("disc.ms/table.dat", "a MeasurementSet\n")


def packed():
    tool("pc-concat", "--archive", "a.tar", "disc")
    want = {f"disc.{p}.fits" for p in ("image", "psf", "mask")} | {"disc.model.fits.fz", "disc.report.html", "disc.channels.tsv", "disc.log",
                                                                 "disc.pc/params", "disc.pc/ch00000.done"}
    want |= {f for f in glob.glob("disc.pb/**", recursive=True) if os.path.isfile(f) and not f.endswith("table.lock")}
    with tarfile.open("a.tar") as t:
        names = [m.name for m in t.getmembers()]
        ok(names == ["disc/" + n for n in sorted(want)] + ["disc/SHA256SUMS"], "products, report, table, log, records; sums at the end", names)
        ok(all(m.mtime == 0 and m.uid == 0 and m.gid == 0 and m.uname == "" and m.mode == 0o644 for m in t.getmembers()), "no clock, no owner")
        t.extractall("x")
        sums = t.extractfile("disc/SHA256SUMS").read().decode().splitlines()
    ok(all(open(n, "rb").read() == open("x/disc/" + n, "rb").read() for n in want), "with their bytes")
    ok(dict(reversed(s.split("  ", 1)) for s in sums) == {n: hashlib.sha256(open(n, "rb").read()).hexdigest() for n in want},
       "and their sums", sums)
    r = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd="x/disc", capture_output=True, text=True)
    ok(r.returncode == 0, "sha256sum agrees", r.stdout, r.stderr)
    ok(f"good: an archive of {len(want)} files" in tool("pc-check", "a.tar"), "pc-check agrees")


def same_bytes():
    for f in glob.glob("disc.*"):
        os.utime(f, (1e9, 1e9))
    shutil.copytree(".", "elsewhere", ignore=shutil.ignore_patterns("x", "a.tar", "elsewhere"))
    tool("pc-concat", "--archive", "b.tar", "disc", cwd="elsewhere")
    tool("pc-concat", "--archive", "z.tar.zst", "disc")
    tool("pc-concat", "--archive", "z.tar.zst", "./disc", cwd="elsewhere")
    ok(open("a.tar", "rb").read() == open("elsewhere/b.tar", "rb").read(), "the same bytes at another time and place")
    ok(open("z.tar.zst", "rb").read() == open("elsewhere/z.tar.zst", "rb").read() and os.path.getsize("z.tar.zst") < os.path.getsize("a.tar") / 10,
       "compressed as well")
    raw = subprocess.run(["zstd", "-dc", "z.tar.zst"], capture_output=True, check=True).stdout
    ok(raw == open("a.tar", "rb").read(), "which is the same tar file")
    ok("good: an archive of" in tool("pc-check", "z.tar.zst"), "pc-check agrees")


def damaged():
    raw = open("a.tar", "rb").read()
    rng = random.Random(3)
    with tarfile.open("a.tar") as t:
        spans = [(m.offset_data, m.size) for m in t.getmembers() if m.size > 100]
    missed = []
    for n in range(24):
        at, size = rng.choice(spans)
        at += rng.randrange(size)
        with open("d.tar", "wb") as f:
            f.write(raw[:at] + bytes([raw[at] ^ (1 << n % 8)]) + raw[at + 1:])
        p = subprocess.run([os.path.join(tap.BIN, "pc-check"), "d.tar"], capture_output=True, text=True)
        if p.returncode != 1:
            missed.append((at, p.returncode, p.stdout, p.stderr))
    ok(not missed, "any flipped bit is found", missed[:2])
    missed = []
    with tarfile.open("a.tar") as t:
        end = t.getmember("disc/SHA256SUMS").offset_data
    for _ in range(20):
        n = rng.randrange(600, end)
        with open("d.tar", "wb") as f:
            f.write(raw[:n])
        p = subprocess.run([os.path.join(tap.BIN, "pc-check"), "d.tar"], capture_output=True, text=True)
        if p.returncode != 65:
            missed.append((n, p.returncode, p.stdout, p.stderr))
    ok(not missed, "and any cut", missed[:2])
    z = open("z.tar.zst", "rb").read()
    with open("d.tar.zst", "wb") as f:
        f.write(z[:len(z) // 2])
    tool("pc-check", "d.tar.zst", code=65, says="d.tar.zst")
    tool("pc-check", "d.tar", "a.tar", code=65, says="a.tar: good")


def tampered():
    for name, change, says in (("more", lambda d: text(d + "/new.fits", "x"), "new.fits is not in SHA256SUMS"),
                               ("less", lambda d: os.remove(d + "/disc.log"), "disc.log is in SHA256SUMS, and not in the archive"),
                               ("other", lambda d: text(d + "/disc.log", "no\n"), "disc.log is not what SHA256SUMS says")):
        shutil.copytree("x/disc", name + "/disc")
        change(name + "/disc")
        subprocess.run(["tar", "-C", name, "-cf", name + ".tar", "disc/disc.image.fits", "--exclude=disc/disc.image.fits", "disc"], check=True)
        tool("pc-check", name + ".tar", code=1, says=says)


    shutil.copytree("x/disc", "again/disc")
    subprocess.run(["tar", "-C", "again", "-cf", "again.tar", "disc"], check=True)
    ok("good: an archive of" in tool("pc-check", "again.tar"), "unpacked and packed again by tar, with its directories, it is good")


def refusals():
    tool("pc-concat", "--archive", "a.tar", "disc", code=73, says="a.tar exists")
    tool("pc-concat", "--archive", "a.zip", "disc", code=64, says="ends in .tar or .tar.zst")
    tool("pc-concat", "--archive", "n.tar", "nothing", code=66, says="nothing: has no products")
    tool("pc-concat", "--archive", "n.tar", code=64, says="one IMAGENAME is wanted")
    tool("pc-concat", "--archive", "n.tar", "-o", "x", "disc", code=64, says="goes with --overwrite alone")
    tool("pc-concat", "b", "-o", "virt", "--mode", "virtual", "--products", "image")
    tool("pc-concat", "--archive", "n.tar", "virt", code=65, says="virt.image: refers to planes that are not in it")
    tool("pc-concat", "b", "-o", "moved", "--mode", "movevirtual", "--products", "image")
    tool("pc-concat", "--archive", "moved.tar", "moved")
    ok("an archive of 3 files" in tool("pc-check", "moved.tar"), "one that has its planes is packed")
    tool("pc-concat", "--archive", "/dev/full/n.tar", "disc", code=73)
    no_zstd = {**os.environ, "PATH": "/nowhere"}
    tool("pc-concat", "--archive", "n.tar.zst", "disc", code=69, says="needs the program zstd", env=no_zstd)
    tool("pc-check", "z.tar.zst", code=69, says="needs the program zstd", env=no_zstd)
    ok(not glob.glob("n.*") and not glob.glob("*.tmp*"), "none of these leaves anything", glob.glob("n.*"))


with tempfile.TemporaryDirectory() as tmp:
    os.chdir(tmp)
    products()
    packed()
    same_bytes()
    damaged()
    tampered()
    refusals()
tap.done()
