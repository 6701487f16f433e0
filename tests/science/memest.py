#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-memest's bytes against what the programs take, for images of 2048 x 2048 pixels: the largest resident size of
pc-psf and pc-grid within 10 % where the bundle tells how far its samples reach, whatever is gridded and how; that of
pc-grid after automatic masks and of pc-clean without a mask likewise; and no program above its estimate, as far as that
can be seen of pc-restore, which takes less than what starts it."""
import os
import shutil
import tempfile

import tap
from libmemest import LEAST, MOST, bundle, check_gridding, estimate, gridding, own, put_model, run

SIZE = "--imsize=2048"
FULL, PART = "--cell=0.125arcsec", "--cell=0.04arcsec"  # with 1 km at 230 GHz: how much of the uv plane is filled
MASK = ["--usemask=auto-multithresh"]
CLEAN = ["--niter=300"]
DECONVOLVERS = {"hogbom": ["--deconvolver=hogbom"],
                "clark": ["--deconvolver=clark"],
                "clark, all of the noise": ["--deconvolver=clark"],
                "multiscale": ["--deconvolver=multiscale", "--scales=0,5,15"],
                "multiscale, five scales": ["--deconvolver=multiscale", "--scales=0,3,6,12,24"],
                "asp": ["--deconvolver=asp"]}
MASKED = ("multiscale", "multiscale, five scales")  # the others take less where a mask lets them
DEEP = {"clark, all of the noise": ["--cyclethreshold=1e-9Jy"]}  # every pixel is bright
# how it is gridded, and with how many threads
GRIDDED = {"full uv plane, briggs, no w-term": ([FULL, "--weighting=briggs", "--gridder=standard"], 1),
           "full, natural, w-term, two planes, two threads": ([FULL, "--stokes=XXYY", "--gridder=widefield"], 2),
           "full, double precision": ([FULL, "--precision=double", "--accuracy=1e-9", "--gridder=standard"], 1),
           "a third full, accuracy 1e-4": ([PART, "--accuracy=1e-4"], 1),
           "a third full, double precision, two planes, briggs": ([PART, "--precision=double", "--weighting=briggs", "--stokes=XXYY"], 1)}


def clean_with(bundle, tmp, deconvolver, *args):
    """The first cycle with another deconvolver, on a copy; what it took and the estimate. Those that need only what the
    mask leaves clean all of the image."""
    copy = os.path.join(tmp, "copy")
    shutil.copytree(bundle, copy)
    chan = os.path.join(copy, "ch00000")
    masks = () if deconvolver in MASKED else ("mask.fits", "masknext.fits")
    bounds = ("pb.fits",) if deconvolver == "asp" else ()  # which leave it a part of the image
    for name in ("model.fits", "modelbest.fits") + masks + bounds:
        if os.path.exists(os.path.join(chan, name)):
            os.remove(os.path.join(chan, name))
    with open(os.path.join(chan, "state"), "w") as f:
        f.write("nmajor=1\nresidual_model=0\n")
    took = run("pc-clean", "--niter=20", *args, *DEEP.get(deconvolver, ()), copy)
    want = estimate("--niter=20", *args, copy)["clean_mem_byte"]
    shutil.rmtree(copy)
    return took, want


def cleaning(visibilities, tmp, stokes):
    """The stages in their order, on a full uv plane: what each took, and the estimate."""
    work = os.path.join(tmp, "cleaning")
    shutil.copytree(visibilities, work)
    took = {"psf": run("pc-psf", SIZE, FULL, "--weighting=briggs", "--gridder=standard", f"--stokes={stokes}", work)}
    run("pc-grid", work)
    took["mask"] = run("pc-mask", *MASK, work)
    run("pc-clean", *CLEAN, work)
    took["grid"] = run("pc-grid", work)  # with a model, a sparse one
    run("pc-mask", *MASK, work)
    took["clean"] = run("pc-clean", *CLEAN, work)  # and with one to begin with
    deconvolvers = {name: clean_with(work, tmp, name, *args) for name, args in DECONVOLVERS.items()}
    run("pc-grid", work)
    took["restore"] = run("pc-restore", work)
    want = estimate(*MASK, *CLEAN, work)
    put_model(os.path.join(work, "ch00000"), dense=True)
    run("pc-grid", work)
    beam = "--restoringbeam=3arcsec,3arcsec,0deg"
    dense = {"a dense model": (run("pc-restore", work), want["restore_mem_byte"]),
             "another beam": (run("pc-restore", beam, work), estimate(*CLEAN, beam, work)["restore_mem_byte"])}
    with open(os.path.join(work, "ch00000", "state")) as f:
        state = [line for line in f if line.startswith(("nmajor=", "residual_model="))]
    with open(os.path.join(work, "ch00000", "state"), "w") as f:
        f.writelines(state)
    for name in ("mask.fits", "masknext.fits"):
        os.remove(os.path.join(work, "ch00000", name))
    clean = (run("pc-clean", "--niter=20", work), want["clean_mem_byte"])
    tap.ok(0.9 <= clean[0] / clean[1] <= 1.03, f"{stokes}: pc-clean with a dense model: {clean[0] / 1e6:.1f} MB, estimate {clean[1] / 1e6:.1f} MB, within 10 %")
    shutil.rmtree(work)
    for name, (byte, planned) in dense.items():
        tap.ok(byte <= MOST * max(planned, own()), f"{stokes}: pc-restore with {name}: {byte / 1e6:.1f} MB, estimate {planned / 1e6:.1f} MB, began with {own() / 1e6:.1f} MB")
    for name, byte in took.items():
        planned = want[name + "_mem_byte"]
        planned = max(planned, own()) if name == "restore" else planned  # it takes less than what starts it
        tap.below(byte / planned, 1.05, f"{stokes}: pc-{name}: {byte / 1e6:.1f} MB over the estimate of {planned / 1e6:.1f} MB")
        if name == "psf":
            tap.ok(byte >= 0.9 * planned, f"{stokes}: pc-{name}: within 10 %")
        if name == "clean":
            tap.below(byte / planned, 0.5, f"{stokes}: pc-{name} with a mask takes far less than the estimate, which is of all of the image")
    for name, (byte, planned) in deconvolvers.items():
        tap.ok(0.9 <= byte / planned <= 1.03, f"{stokes}: pc-clean with {name}: {byte / 1e6:.1f} MB, estimate {planned / 1e6:.1f} MB, within 10 %")
    tap.ok(want["mem_byte"] == max(want[n + "_mem_byte"] for n in took), f"{stokes}: mem_byte is the largest")


def main():
    if os.environ.get("SAN"):
        tap.skip_all("sanitizers take memory of their own")
    with tempfile.TemporaryDirectory() as tmp:
        one, two = os.path.join(tmp, "one"), os.path.join(tmp, "two")
        bundle(one, "--nchan=1", "--ntime=40", "--bmax=1000")
        bundle(two, "--nchan=2", "--ntime=40", "--bmax=1000")
        for label, (options, threads) in GRIDDED.items():
            check_gridding(label, gridding(one, tmp, SIZE, *options, threads=threads))
        check_gridding("two channels, double precision, two planes, --mem 1MB",
                       gridding(two, tmp, SIZE, FULL, "--precision=double", "--stokes=XXYY", "--gridder=standard", mem="1MB"))
        cleaning(one, tmp, "I")
        cleaning(one, tmp, "XXYY")
    tap.done()


if __name__ == "__main__":
    main()
