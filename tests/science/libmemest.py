# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs take, and what pc-memest says they take. No numpy here: a process begins with the largest resident
size of the one that started it, which must stay below what is to be measured."""
import array
import os
import resource
import shutil
import subprocess

import tap

LEAST, MOST = 1 / 1.1, 1.05  # of the estimate, what may be taken where the bundle tells how far the samples reach
LEAST_PLANNED = 1.1 / 1.15  # less of what is planned before pc-psf: samples without a weight reach as far as others


def run(name, *args):
    """Runs a program; its largest resident size in bytes."""
    null = os.open(os.devnull, os.O_RDWR)
    path = os.path.join(tap.BIN, name)
    pid = os.posix_spawn(path, [path, *args], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, n) for n in (0, 1, 2)])
    os.close(null)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise RuntimeError(f"{name} {' '.join(args)}: status {status}")
    return usage.ru_maxrss * 1024


def own():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def estimate(*args):
    p = subprocess.run([os.path.join(tap.BIN, "pc-memest"), "--ram=1TB", *args], stdout=subprocess.PIPE, text=True, check=True)
    return {k: float(v) for k, v in (line.split("=") for line in p.stdout.splitlines() if not line.startswith(("imsize", "bound=")))}


def bundle(path, *args):
    """Simulated visibilities, as pc-select gives them."""
    run("pc-mock", "-o", path + ".ms", "--nant=40", "--seed=1", *args)
    run("pc-select", path + ".ms", "-o", path)
    shutil.rmtree(path + ".ms")


def put_model(chan, dense):
    """model.fits on the grid of psf.fits: no pixel is 0, or some dozen are not."""
    with open(os.path.join(chan, "psf.fits"), "rb") as f:
        cards = []
        while not cards or not cards[-1].startswith(b"END "):
            cards.append(f.read(80))
    axis = {c[:8].strip(): int(c[10:30]) for c in cards if c.startswith(b"NAXIS") and c[5:6] != b" "}
    nx, ny, npol = axis[b"NAXIS1"], axis[b"NAXIS2"], axis[b"NAXIS4"]
    drop = (b"HISTORY", b"DATASUM", b"CHECKSUM", b"SIDELOBE", b"BMAJ", b"BMIN", b"BPA")
    new = {b"BITPIX": b"BITPIX  =                  -32", b"BUNIT": b"BUNIT   = 'Jy/pixel'"}
    header = b"".join(new.get(c[:8].strip(), c).ljust(80) for c in cards if not c.startswith(drop))
    row = array.array("f", [1e-6 * (1 + (7 * i) % 11) for i in range(nx)] if dense else [0] * nx)
    other = array.array("f", row)
    other[nx // 3] = 1e-3
    for a in (row, other):
        a.byteswap()
    with open(os.path.join(chan, "model.fits"), "wb") as f:
        f.write(header + b" " * (-len(header) % 2880))
        for y in range(ny * npol):
            f.write(other if y % (ny // 16) == 5 else row)
        f.write(bytes(-(4 * nx * ny * npol) % 2880))


def gridding(visibilities, tmp, *options, threads=1, mem=None):
    """pc-psf, then pc-grid without a model, with a sparse and with a dense one, of a copy: what each took, and the
    estimates from the bundle that pc-psf has completed, from the visibilities and the cells, and from the sizes alone."""
    copy = os.path.join(tmp, "gridding")
    shutil.copytree(visibilities, copy)
    limit = [f"--mem={mem}"] if mem else []
    work = [f"--threads={threads}", *limit]
    took = {"psf": run("pc-psf", *options, *work, copy)}
    took["grid"] = run("pc-grid", *work, copy)
    for kind in ("sparse", "dense"):
        for name in sorted(os.listdir(copy)):
            if name.startswith("ch"):
                put_model(os.path.join(copy, name), kind == "dense")
        took[f"grid, {kind} model"] = run("pc-grid", *work, copy)
    told = estimate(*work, copy)
    shutil.rmtree(copy)
    known = [o for o in options if not o.startswith(("--cell", "--robust"))]
    cell = [o for o in options if o.startswith("--cell")]
    return took, told, estimate(*work, *known, *cell, visibilities), estimate(*work, *known, visibilities)


def check_gridding(label, result):
    took, told, planned, sizes = result
    for name, byte in took.items():
        key = name.split(",")[0] + "_mem_byte"
        # without a model, or with a sparse one, images go into the file as they are made
        least = LEAST if name in ("psf", "grid, dense model") else 0
        tap.ok(least <= byte / told[key] <= MOST, f"{label}: pc-{name}: {byte / 1e6:.1f} MB, estimate {told[key] / 1e6:.1f} MB")
        tap.ok(least * LEAST_PLANNED <= byte / planned[key] <= MOST, f"{label}: pc-{name}: planned from the visibilities, {planned[key] / 1e6:.1f} MB")
        if byte > MOST * sizes[key]:
            tap.ok(False, f"{label}: pc-{name}: {byte / 1e6:.1f} MB are above the estimate from sizes alone, {sizes[key] / 1e6:.1f} MB")
    tap.ok(own() < 0.9 * min(took.values()), f"{label}: what was measured is not this script")
