#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels of several Stokes planes through the programs after pc-grid: each plane must come out as from a channel that
has it alone, to the bit, wherever planes do not share a decision; and what they share (the cycle threshold, the stop, the
count of components) must be that of all of them. The singles are cut from the same arrays, and the programs of one plane
are tested elsewhere."""
import os
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

import tap

sys.path.insert(0, os.path.join(tap.ROOT, "tests"))
import pcs  # noqa: E402

NX, NY, CELL, BEAM, NCHAN = 64, 50, 0.1, (0.42, 0.31, 25.0), 2
FREQ, WIDTH = 230.5e9, 1e6
PLANES = {"IQUV": (1, 2, 3, 4), "RRLL": (-1, -2)}
NAMES = {1: "I", 2: "Q", 3: "U", 4: "V", -1: "RR", -2: "LL"}
CUBE = pcs.cube(NCHAN, FREQ, WIDTH, restfreq_hz=FREQ)
SIDELOBE = 0.2


def psf():
    """Of a random coverage: its peak of 1 at (NX/2, NY/2), sidelobes of some tenths."""
    rng = np.random.default_rng(5)
    grid = np.zeros((NY, NX))
    y, x = np.mgrid[:NY, :NX]
    r = np.hypot((x - NX // 2) / NX, (y - NY // 2) / NY)
    grid[(r < 0.28) & (rng.uniform(size=grid.shape) < 0.25)] = 1
    out = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(grid)).real)
    return (out / out[NY // 2, NX // 2]).astype("f4")


def residual(code, chan, shape):
    """Sources seen through the psf, in the first plane positive, in others of both signs, and noise. V and LL have none in
    the last channel."""
    rng = np.random.default_rng(100 * chan + code + 10)
    sky = np.zeros((NY, NX))
    if not (code in (4, -2) and chan == NCHAN - 1):
        for i in range(4):
            flux = rng.uniform(0.3, 0.7) if i else 1
            sky[rng.integers(12, NY - 12), rng.integers(12, NX - 12)] += flux if abs(code) == 1 else 0.4 * (-1) ** (i + 1) * flux
    seen = np.fft.ifft2(np.fft.fft2(sky) * np.fft.fft2(np.fft.ifftshift(shape))).real
    noise = np.fft.ifft2(np.fft.fft2(rng.normal(size=sky.shape)) * np.fft.fft2(np.fft.ifftshift(shape))).real
    return (seen + 0.004 * noise / noise.std()).astype("f4")


def pb(code):
    """Not the same in all planes, as that of dishes with a squint, so that planes cannot be mistaken."""
    y, x = np.mgrid[:NY, :NX]
    return np.exp(-((x - NX // 2 - code) ** 2 + (y - NY // 2) ** 2) / (0.35 * NX) ** 2).astype("f4")


def head(codes, chan, **more):
    h = pcs.image_header(NX, NY, CELL, ra_deg=150, dec_deg=-30, freq_hz=FREQ + chan * WIDTH, width_hz=WIDTH,
                         stokes=codes[0], RESTFRQ=FREQ, **more)
    if len(codes) > 1:
        h["CDELT4"] = float(codes[1] - codes[0])
    return h


def write(path, codes, **state):
    """A bundle of these planes."""
    beam_shape = psf()
    n, channels = len(codes), {}
    for k in range(NCHAN):
        channels[k] = {
            "psf.fits": (head(codes, k, beam=BEAM, SIDELOBE=SIDELOBE), np.stack([beam_shape] * n)),
            "pb.fits": (head(codes, k, bunit="", PBLIMIT=0.2), np.stack([pb(c) for c in codes])),
            "sumwt.fits": (head(codes, k, bunit=""), np.full((n, 1, 1), 7, "f4")),
            "residual.fits": (head(codes, k, beam=BEAM), np.stack([residual(c, k, beam_shape) for c in codes])),
            "state": {"iterdone": 0, "nmajor": 1, "residual_model": 0, **state}}
    pcs.write_bundle(path, CUBE, channels)
    return path


def run(*args):
    p = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], capture_output=True, check=False)
    if p.returncode:
        tap.ok(False, " ".join(args), p.stderr.decode())
        tap.done()
    return p.stdout, p.stderr.decode()


def image(path, chan, member):
    file = f"{path}/ch{chan:05d}/{member}"
    return pcs.read_image(file) if os.path.exists(file) else (None, None)


class Case:
    """The planes together, and each alone."""

    def __init__(self, work, name, **state):
        self.codes, self.name = PLANES[name], name
        self.path = write(os.path.join(work, name), self.codes, **state)
        self.alone = [write(os.path.join(work, f"{name}.{NAMES[c]}"), (c,), **state) for c in self.codes]

    def run(self, program, *args):
        for path in self.alone:
            run(program, *args, path)
        return run(program, *args, self.path)

    def state(self, chan):
        return pcs.read_record(f"{self.path}/ch{chan:05d}/state")

    def same(self, member, what):
        """The planes of a member are those of the singles; an absent one is zeros."""
        bad = []
        for k in range(NCHAN):
            h, got = image(self.path, k, member)
            for i, path in enumerate(self.alone):
                _, want = image(path, k, member)
                if want is None:
                    want = np.zeros((1, NY, NX))
                if got is None or not np.array_equal(got[i], want[0], equal_nan=got.dtype.kind == "f"):
                    bad.append(f"channel {k} plane {NAMES[self.codes[i]]}")
            if h is not None and [round(h["CRVAL4"] + j * h["CDELT4"]) for j in range(h["NAXIS4"])] != list(self.codes):
                bad.append(f"channel {k}: the Stokes axis")
        tap.ok(not bad, f"{self.name}: {what}", *bad)


def check_mask(case):
    _, log = case.run("pc-mask", "--usemask=auto-multithresh", "--minbeamfrac=0", "--noisethreshold=5",
                      "--sidelobethreshold=1", "--negativethreshold=5")
    case.same("masknext.fits", "automatic masks are those of each plane")
    for c in case.codes:
        tap.ok(log.count(f" stokes={NAMES[c]} usemask") == NCHAN, f"{case.name}: a line about {NAMES[c]}", log)
    last = NCHAN - 1
    h, m = image(case.path, last, "masknext.fits")
    single = [image(p, last, "masknext.fits")[0] for p in case.alone]
    tap.ok([h[f"AMDONE{i + 1}"] for i in range(len(case.codes))] == [s["AMDONE"] for s in single] and h["AMDONE"] is False,
           f"{case.name}: the planes say whether they are done")
    tap.ok(h[f"AMDONE{len(case.codes)}"] is True and m[-1].sum() == 0 and all(p.sum() > 0 for p in m[:-1]),
           f"{case.name}: the last plane is noise, and done; the others are masked")
    tap.ok(h["AMSIGMA"] == single[0]["AMSIGMA"], f"{case.name}: the noise in the header is the first plane's")


def check_clean(case, *args, same_iterations=True):
    """With a cycle threshold given, nothing that planes share decides."""
    case.run("pc-clean", "--niter=10000", "--cyclethreshold=0.03", "--threshold=1mJy", *args)
    words = " ".join(a.lstrip("-") for a in args) or "hogbom"
    case.same("model.fits", f"{words}: models are those of each plane")
    for k in range(NCHAN):
        together, apart = case.state(k), [pcs.read_record(f"{p}/ch{k:05d}/state") for p in case.alone]
        peaks = [np.float32(max(abs(image(p, k, "residual.fits")[1][0][image(p, k, "mask.fits")[1][0] > 0]), default=0))
                 for p in case.alone]
        tap.ok(abs(float(together["peakres_jy"]) - max(peaks)) < 1e-7 and
               abs(float(together["peakres_jy"]) - max(float(s["peakres_jy"]) for s, p in zip(apart, peaks) if p > 0)) < 1e-7,
               f"{case.name}: channel {k}: the peak is the largest of the planes'", together, peaks)
        if same_iterations:
            tap.ok(int(together["iterdone"]) == sum(int(s["iterdone"]) for s in apart) > 0,
                   f"{case.name}: channel {k}: {together['iterdone']} components, those of all planes")


def restart(case, work):
    """Without a model, with the masks: for another deconvolver."""
    for path in [case.path, *case.alone]:
        for k in range(NCHAN):
            chan = f"{path}/ch{k:05d}"
            os.rename(f"{chan}/masknext.fits", f"{work}/masknext.fits")
            for member in ("model.fits", "modelbest.fits", "mask.fits"):
                if os.path.exists(f"{chan}/{member}"):
                    os.unlink(f"{chan}/{member}")
            os.rename(f"{work}/masknext.fits", f"{chan}/masknext.fits")
            with open(f"{chan}/state", "w", encoding="ascii") as f:
                f.write("iterdone=0\nnmajor=1\nresidual_model=0\n")


def check_history(case, words):
    """What the last cycle says of each plane, from residual, primary beam, mask and model."""
    for k in range(NCHAN):
        with open(f"{case.path}/ch{k:05d}/state", encoding="ascii") as f:
            lines = [line.strip().split("=", 1) for line in f if line.startswith("cycle")]
        rows = [dict(w.split("=") for w in v.split()) for key, v in lines if key == "cycleplane"][-len(case.codes):]
        total = dict(w.split("=") for w in [v for key, v in lines if key == "cycle"][-1].split())
        res, pb_, mask, model = (image(case.path, k, m + ".fits")[1] for m in ("residual", "pb", "mask", "model"))
        bad, flux = [], 0
        for i, (code, row) in enumerate(zip(case.codes, rows)):
            seen = res[i][pb_[i] > 0.2].astype("f8")
            inside = res[i][(pb_[i] > 0.2) & (mask[i] > 0)]
            want = {"startpeak_jy": max(abs(inside), default=0), "startpeak_nomask_jy": abs(seen).max(),
                    "rms_jy": np.sqrt((seen**2).mean()), "modelflux_jy": model[i].sum(dtype="f8"), "masksum": inside.size}
            bad += [f"{NAMES[code]} {n}: {row[n]}, {v}" for n, v in want.items() if abs(float(row[n]) - v) > 1e-6 * abs(v) + 1e-9]
            bad += [] if row["stokes"] == NAMES[code] else [row["stokes"]]
            flux += want["modelflux_jy"]
        every = res[pb_ > 0.2].astype("f8")
        bad += [] if abs(float(total["modelflux_jy"]) - flux) < 1e-6 else [total["modelflux_jy"], str(flux)]
        bad += [] if abs(float(total["rms_jy"]) / np.sqrt((every**2).mean()) - 1) < 1e-6 else [total["rms_jy"]]
        tap.ok(len(rows) == len(case.codes) and not bad, f"{case.name}: channel {k}: {words}: the history of each plane", *bad)


def check_model_outside(work):
    """The mask moves to where the model is not: fluxes are those of all of the model."""
    case = Case(work, "RRLL")
    run("pc-mask", "--usemask=pb", "--pbmask=0.3", case.path)
    run("pc-clean", "--niter=10000", "--cyclethreshold=0.03", case.path)
    for k in range(NCHAN):
        chan = f"{case.path}/ch{k:05d}"
        with fits.open(f"{chan}/model.fits") as f:
            sum_of_model = f[0].header["DATASUM"]
        with fits.open(f"{chan}/mask.fits") as f:
            f[0].data[..., :, : NX // 2] = 0
            f[0].data[..., 20:24, 40:50] = 1
            f.writeto(f"{chan}/masknext.fits", overwrite=True, checksum=True)
        with open(f"{chan}/state", "w", encoding="ascii") as f:
            f.write(f"iterdone=0\nnmajor=1\nresidual_model={sum_of_model}\n")
    run("pc-clean", "--niter=100", "--cyclethreshold=0.03", case.path)
    left = [abs(image(case.path, k, "model.fits")[1][..., : NX // 2]).max() for k in range(NCHAN)]
    tap.ok(min(left) > 0, f"{case.name}: the model reaches beyond the mask")
    check_history(case, "a model beyond the mask")


def check_done_plane(case):
    """Bright emission appears in all planes: the plane that is done keeps its mask, the others grow."""
    for k in range(NCHAN):
        file = f"{case.path}/ch{k:05d}/residual.fits"
        with fits.open(file, mode="update", checksum=True) as f:
            f[0].data[:, 0, 20:24, 30:34] = 3
            f[0].add_checksum()
    before = [image(case.path, k, "mask.fits")[1] for k in range(NCHAN)]
    _, log = run("pc-mask", "--usemask=auto-multithresh", case.path)
    last = NCHAN - 1
    _, m = image(case.path, last, "masknext.fits")
    tap.ok(np.array_equal(m[-1], before[last][-1]) and m[-1].sum() == 0, f"{case.name}: a plane that is done keeps its mask")
    tap.ok(all(m[i][21, 31] for i in range(len(case.codes) - 1)), f"{case.name}: the others have new ones", log)
    tap.ok(f"stokes={NAMES[case.codes[-1]]} usemask=auto-multithresh mask_px=0 done=1 passed=1" in log,
           f"{case.name}: and it is said", log)


def check_restore(case):
    """The residual is taken to belong to the model, as if a major cycle had found it unchanged."""
    for path in [case.path, *case.alone]:
        for k in range(NCHAN):
            chan = f"{path}/ch{k:05d}"
            s = pcs.read_record(f"{chan}/state")
            if os.path.exists(f"{chan}/model.fits"):
                s["residual_model"] = fits.getheader(f"{chan}/model.fits")["DATASUM"]
            with open(f"{chan}/state", "w", encoding="ascii") as f:
                f.write(pcs.format_record([(key, v) for key, vs in s.items() for v in (vs if isinstance(vs, list) else [vs])]))
    case.run("pc-restore", "--pbcor", "--restoringbeam=0.6arcsec,0.5arcsec,10deg")
    case.same("image.fits", "images with a beam of one's own")
    case.run("pc-restore", "--pbcor")
    case.same("image.fits", "images")
    case.same("image.pbcor.fits", "images corrected for the primary beam")
    h, data = image(case.path, 0, "image.fits")
    tap.ok(abs(h["BMAJ"] * 3600 - BEAM[0]) < 1e-9 and "BMAJ2" not in h, f"{case.name}: one beam for all planes")
    axis = WCS(h).sub([4])
    got = axis.wcs_pix2world(np.arange(len(case.codes))[:, None], 0)[:, 0]
    tap.ok(np.array_equal(np.round(got), case.codes) and data.shape == (len(case.codes), NY, NX),
           f"{case.name}: astropy reads the Stokes axis")


def check_measure(case):
    want, keys = {}, ("peak_jy", "rms_jy", "flux_jy", "model_flux_jy", "mask_px")
    for i, path in enumerate(case.alone):
        r = pcs.parse_record(run("pc-status", "--measure", f"{path}/ch00000")[0].decode())
        want.update({key + (f"_{NAMES[case.codes[i]]}" if i else ""): r[key] for key in keys if key in r})
    got = pcs.parse_record(run("pc-status", "--measure", f"{case.path}/ch00000")[0].decode())
    tap.ok({k: v for k, v in got.items() if k.startswith(keys)} == want and len(want) == 5 * len(case.codes),
           f"{case.name}: pc-status tells of each plane what it tells of it alone", got, want)
    if case.name == "IQUV":
        tap.ok(float(got["peak_jy_Q"]) < 0, "the peak of a negative Q is negative")


def check_cube(case, work):
    run("pc-concat", case.path, "-o", f"{work}/{case.name}c")
    for i, path in enumerate(case.alone):
        run("pc-concat", path, "-o", f"{work}/{case.name}c{i}")
    bad = []
    for product in ("psf", "pb", "residual", "mask", "model", "image", "image.pbcor", "sumwt"):
        with fits.open(f"{work}/{case.name}c.{product}.fits", checksum=True) as f:
            data, h = f[0].data, f[0].header
            if data.shape[:2] != (len(case.codes), NCHAN) or h["CRVAL4"] != case.codes[0]:
                bad.append(f"{product}: {data.shape}")
                continue
            for i in range(len(case.codes)):
                want = fits.getdata(f"{work}/{case.name}c{i}.{product}.fits")
                if not np.array_equal(data[i], want[0], equal_nan=data.dtype.kind == "f"):
                    bad.append(f"{product}, plane {NAMES[case.codes[i]]}")
            if product == "image" and (len(f) > 1 or abs(h["BMAJ"] * 3600 - BEAM[0]) > 1e-9 or "BMAJ2" in h):
                bad.append(f"one beam for all planes, said once: {len(f)} HDUs, BMAJ {h.get('BMAJ')}")
    tap.ok(not bad, f"{case.name}: planes of cubes are those of the cubes of each", *bad)
    out = f"{work}/{case.name}.png"
    run("pc-view", f"{work}/{case.name}c.image.fits", "--stokes", NAMES[case.codes[1]], "--mask",
        f"{work}/{case.name}c.mask.fits", "-o", out)
    tap.ok(os.path.getsize(out) > 1000, f"{case.name}: a plane of the cube is drawn")


def check_previews(case, work):
    """Of the first plane."""
    for program in ("pc-mask", "pc-restore"):
        drawn = []
        for i, path in enumerate((case.path, case.alone[0])):
            run(program, f"--preview={work}/{i}.png", path, "-o", f"{work}/drawn.tar")
            with open(f"{work}/{i}.png", "rb") as f:
                drawn.append(f.read())
        tap.ok(drawn[0] == drawn[1] and drawn[0].startswith(b"\x89PNG"), f"{case.name}: {program} draws the first plane")


def check_stream(case, work):
    """A pipe gives what the directory gave."""
    tar = f"{work}/{case.name}.tar"
    write(f"{work}/{case.name}.again", case.codes)
    with open(tar, "wb") as f:
        f.write(run("pc-mask", "--usemask=pb", "--pbmask=0.3", f"{work}/{case.name}.again", "-o", "-")[0])
    run("pc-mask", "--usemask=pb", "--pbmask=0.3", f"{work}/{case.name}.again")
    tap.ok(run("pc-diff", "--quiet", tar, f"{work}/{case.name}.again")[0].count(b"\n") == 1, f"{case.name}: pipe and directory")
    _, m = image(f"{work}/{case.name}.again", 0, "masknext.fits")
    _, pb = image(f"{work}/{case.name}.again", 0, "pb.fits")
    tap.ok(np.array_equal(m > 0, pb > 0.3), f"{case.name}: the primary beam masks every plane")
    run("pc-check", tar)
    p = subprocess.run([os.path.join(tap.BIN, "pc-diff"), case.path, case.alone[0]], capture_output=True, check=False)
    tap.ok(p.returncode == 1 and b"residual.fits" in p.stdout and b"shape" in p.stdout,
           f"{case.name}: pc-diff sees that one has fewer planes")


def check_user_masks(work):
    """A region may be one plane's, a FITS mask of one plane is all planes'."""
    path = write(f"{work}/user", PLANES["IQUV"])
    run("pc-mask", "--mask=circle[[32pix, 25pix], 4pix], corr=[Q, V]", path)
    _, m = image(path, 0, "masknext.fits")
    tap.ok([int(p.sum() > 0) for p in m] == [0, 1, 0, 1], "a region with corr=[Q, V] masks Q and V")
    disc = np.zeros((NY, NX), np.uint8)
    disc[20:30, 20:30] = 1
    with open(f"{work}/disc.fits", "wb") as f:
        f.write(pcs.fits_bytes(head((1,), 0), disc))
    run("pc-mask", f"--mask={work}/disc.fits", path)
    _, m = image(path, 0, "masknext.fits")
    tap.ok(all(np.array_equal(p[22:28, 22:28], disc[22:28, 22:28]) and p.sum() > 0 for p in m),
           "a FITS mask of one plane masks all")


def check_control(work):
    """I is below the threshold, Q is not: cleaning goes on, in Q."""
    path = write(f"{work}/control", PLANES["IQUV"])
    for k in range(NCHAN):
        with fits.open(f"{path}/ch{k:05d}/residual.fits", mode="update", checksum=True) as f:
            f[0].data[0] *= 0.01
            f[0].add_checksum()
    run("pc-clean", "--niter=1000", "--threshold=50mJy", path)
    s = pcs.read_record(f"{path}/ch00000/state")
    _, model = image(path, 0, "model.fits")
    tap.ok(s["stopcode"] == "0" and abs(model[1]).max() > 0 and abs(model[0]).max() == 0,
           "a channel whose I is below the threshold is cleaned for its Q", s)
    _, res = image(path, 0, "residual.fits")
    _, pb = image(path, 0, "pb.fits")
    inside = abs(res[pb > 0.2]).max()
    tap.near(float(s["cyclethreshold_jy"]), max(0.05, SIDELOBE * inside), 1e-7, "the cycle threshold is that of the largest peak")


def check_nsigma(work):
    """Each plane to its own noise: as alone, when the cycle threshold does not bind."""
    case = Case(work, "IQUV")
    for path in [case.path, *case.alone]:
        for k in range(NCHAN):
            with fits.open(f"{path}/ch{k:05d}/residual.fits", mode="update", checksum=True) as f:
                scale = {1: 1, 2: 0.5, 3: 1.5, 4: 2}
                start = round(f[0].header["CRVAL4"])
                for i in range(f[0].data.shape[0]):
                    f[0].data[i] *= np.float32(scale[start + i])
                f[0].add_checksum()
    case.run("pc-clean", "--niter=10000", "--cyclethreshold=1e-6", "--nsigma=6")
    case.same("model.fits", "nsigma: each plane goes down to its own level")


def main():
    with tempfile.TemporaryDirectory(prefix="pc-stokes.") as work:
        for name in PLANES:
            case = Case(work, name)
            check_stream(case, work)
            check_mask(case)
            check_clean(case)
            check_history(case, "hogbom")
            for args in (("--deconvolver=clarkstokes",), ("--deconvolver=multiscale", "--scales=0,3"), ("--deconvolver=asp",)):
                restart(case, work)
                check_clean(case, *args)
                check_history(case, args[0])
            check_restore(case)
            check_measure(case)
            check_previews(case, work)
            check_cube(case, work)
            check_done_plane(case)
        check_user_masks(work)
        check_control(work)
    with tempfile.TemporaryDirectory(prefix="pc-stokes.") as work:
        check_nsigma(work)
        check_model_outside(work)
    tap.done()


main()
