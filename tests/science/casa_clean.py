#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-clean and pc-restore against CASA's own runs (casa-ref), cycle by cycle.

Each cycle is a bundle with CASA's residual, PSF, mask and model, and the state CASA was in. pc-clean must do as many
components, report the same peaks and thresholds to the last bit, stop for the same reason and leave the same model,
bit by bit. A call of CASA's hogbom that ends on its limit adds one component more than it reports: there pc-clean is
allowed one more, and compared; its own count is looked at separately.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap

F32 = np.float32
AUTO = "sim6_mfs_am12mlong_fastnoise1"
HOGBOM = "sim6_mfs_briggs05_hogbom"
# Where the residuals of a cycle are: every run without a mask begins alike, as does every run whose mask holds the
# strongest sources.
OPEN = [f"{AUTO}/residual.c0", f"{HOGBOM}1000/residual.c1", f"{HOGBOM}1000/residual.c2", f"{HOGBOM}1000/residual.c3"]
MASKED = [f"{AUTO}/residual.c{k}" for k in range(6)]
# run: residuals, masks ('' none), models after each cycle (None: not kept)
RUNS = {
    AUTO: (MASKED, [f"{AUTO}/mask.c{k}" for k in range(6)], [f"{AUTO}/model.c{k}" for k in range(1, 6)]),
    HOGBOM + "1000": (OPEN, [], [f"{HOGBOM}1000/model.c{k}" for k in (1, 2, 3)]),
    HOGBOM + "1": (OPEN[:1], [], [HOGBOM + "1/model"]),
    HOGBOM + "10": (OPEN[:1], [], [HOGBOM + "10/model"]),
    HOGBOM + "99": (OPEN[:3], [], [None, None, HOGBOM + "99/model"]),
    HOGBOM + "100": (OPEN[:3], [], [None, None, HOGBOM + "100/model"]),
    HOGBOM + "101": (OPEN[:3], [], [None, None, HOGBOM + "101/model"]),
    HOGBOM + "_thr0p01": (OPEN[:2] + [HOGBOM + "_thr0p01/residual"], [], [None, HOGBOM + "_thr0p01/model"]),
    HOGBOM + "_nmajor1": (OPEN[:2], [], [HOGBOM + "_nmajor1/model"]),
    HOGBOM + "_cyclefactor3": (OPEN[:1], [], [None]),
    HOGBOM + "_minpsffrac0p5": (OPEN[:1], [], [None]),
    HOGBOM + "_gain0p5": (OPEN[:1], [], [None]),
    HOGBOM + "_cycleniter50": (OPEN[:2], [], [None, None]),
    HOGBOM + "_nsigma4": (OPEN[:3], [], [None, None, None]),
    HOGBOM + "_nsigma4_slow": (OPEN[:3], [], [None, None, None]),
    HOGBOM + "500_usermask": (MASKED[:3] + [HOGBOM + "500_usermask/residual"], [HOGBOM + "500_usermask/mask"] * 4,
                              [None, None, HOGBOM + "500_usermask/model"]),
    HOGBOM + "_pbmask0p5": (MASKED[:3], [f"{HOGBOM}_pbmask0p5/mask.c{k}" for k in range(3)],
                            [None, None, HOGBOM + "_pbmask0p5/model"]),
    "sim6_mfs_am12mlong_nsigma3": (MASKED[:4], [f"sim6_mfs_am12mlong_nsigma3/mask.c{k}" for k in range(4)], [None] * 4),
    "sim6_mfs_am_zeromask_stop7": (MASKED[:1], ["sim6_mfs_am_zeromask_stop7/mask.c0"], []),
}
CLEAN = "niter gain threshold nsigma cycleniter cyclefactor minpsffraction maxpsffraction nmajor pbmask".split()


class Work:
    """A directory for bundles, and CASA's files."""

    def __init__(self, ref, tmp):
        self.ref, self.tmp, self.cache = ref, tmp, {}

    def cube(self, name):
        """Pixels of a file of casa-ref as (channel, y, x)."""
        if name not in self.cache:
            data = fits.getdata(os.path.join(self.ref, name + ".fits.gz")).astype(F32)
            self.cache[name] = data.reshape(-1, *data.shape[-2:])
        return self.cache[name]

    def header(self, name):
        return fits.getheader(os.path.join(self.ref, name + ".fits.gz"))

    def params(self, run):
        with open(os.path.join(self.ref, run, "params.json")) as f:
            p = json.load(f)
        return p["tclean_params"], p["result"]


def write_image(path, data, head, keys):
    hdr = fits.Header()
    for k in ("CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "CDELT1", "CDELT2"):
        hdr[k] = head[k]
    for i, ctype in enumerate(("RA---SIN", "DEC--SIN", "FREQ", "STOKES"), 1):
        hdr[f"CTYPE{i}"] = ctype
        if i > 2:
            hdr[f"CRVAL{i}"], hdr[f"CRPIX{i}"], hdr[f"CDELT{i}"] = (2.685e11 if i == 3 else 1), 1, 1
    hdr.update(keys)
    hdu = fits.PrimaryHDU(data[None, None], hdr)
    hdu.add_checksum()
    hdu.writeto(path, overwrite=True)
    return hdu.header["DATASUM"]


def write_text(path, **lines):
    with open(path, "w") as f:
        for k, v in lines.items():
            for one in v if isinstance(v, list) else [v]:
                f.write(f"{k}={one}\n")


def write_bundle(work, head, images, keys, state):
    """A bundle of one channel; images by member name. Returns the channel's directory."""
    top = os.path.join(work.tmp, "b")
    shutil.rmtree(top, ignore_errors=True)
    chan = os.path.join(top, "ch00000")
    os.makedirs(chan)
    write_text(os.path.join(top, "00stream"), pcs=1)
    write_text(os.path.join(top, "00cube"), nchan=1, specmode="mfs", frame="LSRK", restfreq_hz=0, width_hz=1,
               fracbw=0, freq_hz=2.685e11)
    write_text(os.path.join(chan, "00plane"), index=0, freq_hz=2.685e11, width_hz=1, frame="LSRK", restfreq_hz=0)
    for name, data in images.items():
        datasum = write_image(os.path.join(chan, name + ".fits"), data, head, keys.get(name, {}))
        if name == "model":
            state["residual_model"] = datasum
    write_text(os.path.join(chan, "state"), **state)
    write_text(os.path.join(top, "zzend"), nchan=1)
    write_text(os.path.join(chan, "zzplane"))
    return chan


def tool(name, chan, *args):
    """Runs a program on the channel; returns the key=value pairs of its line."""
    p = subprocess.run([os.path.join(tap.BIN, name), *args, chan], stderr=subprocess.PIPE, text=True)
    if p.returncode:
        raise RuntimeError(f"{name} {' '.join(args)}: exit {p.returncode}: {p.stderr}")
    return dict(re.findall(r'(\w+)=("[^"]*"|\S+)', p.stderr))


def state_of(chan):
    """The state, and its last cycle."""
    lines = [line.rstrip("\n").split("=", 1) for line in open(os.path.join(chan, "state"))]
    cycle = [v for k, v in lines if k == "cycle"]
    return dict(lines), dict(kv.split("=") for kv in cycle[-1].split()) if cycle else {}


def state_at(events, k):
    """pc's state after k of CASA's cycles, without the model's sum."""
    tests = [e for e in events if e["ev"] == "converge"][1:]
    done = [e for e in events if e["ev"] == "minor"][:k]
    state = {"nmajor": k + 1, "iterdone": tests[k]["iterdone"], "residual_model": 0}
    if k:
        state.update(peakres_jy=tests[k - 1]["peak"], peak_prev_jy=tests[k - 1]["peaknomask"],
                     peak_min_jy=min(t["peaknomask"] for t in tests[:k]), cyclethreshold_jy=done[-1]["cyclethr"],
                     cycle=[f"iterdone={m['iters']}" for m in done])
    return state, tests[k], (events_minor(events) + [None])[k]


def events_minor(events):
    return [e for e in events if e["ev"] == "minor"]


def same(a, b):
    return np.array_equal(np.asarray(a, F32), np.asarray(b, F32))


class Cycle:
    """Cycle k of a one-plane run of CASA's."""

    def __init__(self, work, run, k):
        self.work, self.run, self.k = work, run, k
        self.params, self.result = work.params(run)
        self.state, self.test, self.minor = state_at(self.result["cycles"], k)
        self.residuals, self.masks, self.models = RUNS[run]

    def images(self, before):
        w = self.work
        images = {"psf": w.cube(AUTO + "/psf")[0], "pb": w.cube(AUTO + "/pb")[0],
                  "residual": w.cube(self.residuals[self.k])[0]}
        if self.masks:
            images["masknext"] = (w.cube(self.masks[self.k])[0] > 0.5).astype(np.uint8)
        if before is not None:
            images["model"] = before
        return images

    def clean(self, before, more=0):
        """pc-clean on it, with `more` components allowed than CASA was; the channel's directory, and the line."""
        keys = {"psf": {"SIDELOBE": self.test["psfsidelobe"]}, "pb": {"PBLIMIT": self.params["pblimit"]}}
        if self.params["usemask"] == "auto-multithresh":
            keys["masknext"] = {"AMDONE": False}
        chan = write_bundle(self.work, self.work.header(AUTO + "/psf"), self.images(before), keys, dict(self.state))
        p = dict(self.params)
        p["niter"] += more
        if p["cycleniter"] > 0:
            p["cycleniter"] += more
        args = [f"--{n}={p[n]}" for n in CLEAN] + [f"--fastnoise={bool(p['fastnoise'])}", "--fullsummary"]
        return chan, tool("pc-clean", chan, *args)

    def check(self, before):
        """Compares everything; returns the model after it."""
        name = f"{self.run} cycle {self.k + 1}"
        want = self.minor["summary"][0]
        limited = want["stop"] == 1
        chan, line = self.clean(before, more=limited)
        state, cycle = state_of(chan)
        count = int(cycle.get("iterdone", -1)) - limited
        tap.ok(state["stopcode"] == "0" and count == want["iter"], f"{name}: goes on, {count} components",
               f"stop code {state['stopcode']}; CASA {want['iter']} components")
        pairs = (("startpeak_jy", "startpeak"), ("peakres_jy", "peak"), ("peakres_nomask_jy", "peaknm"),
                 ("cyclethreshold_jy", "cthr"), ("masksum", "masksum"), ("stop", "stop"))
        wrong = [f"{a}: {cycle.get(a)}, CASA {want[b]}" for a, b in pairs if not same(float(cycle.get(a, "nan")), want[b])]
        tap.ok(not wrong, f"{name}: peaks, thresholds, mask and minor stop to the bit", "\n".join(wrong))
        level = self.test["nsigthr"]
        tap.ok(abs(float(line["nsigma_jy"]) - level) <= 1e-5 * level, f"{name}: n-sigma level {level:.6g} Jy", line["nsigma_jy"])
        after = fits.getdata(os.path.join(chan, "model.fits"))[0, 0].astype(F32)
        if self.models[self.k]:
            tap.ok(same(after, self.work.cube(self.models[self.k])[0]), f"{name}: model bit by bit")
        if limited:
            self.check_limit(before, name)
        return after

    def check_limit(self, before, name):
        """On its limit pc-clean does what it reports, and says so."""
        chan, _ = self.clean(before)
        cycle = state_of(chan)[1]
        tap.ok(cycle["iterdone"] == str(self.minor["cycleniter"]) and cycle["stop"] == "1",
               f"{name}: {cycle['iterdone']} components and no more on the limit")

    def check_stop(self, before):
        chan, line = self.clean(before)
        tap.ok(state_of(chan)[0]["stopcode"] == str(self.test["stop"]),
               f"{self.run}: stop code {self.test['stop']} {line['stop']}", line)


def check_run(work, run):
    residuals, _, models = RUNS[run]
    after = None
    for k in range(len(models)):
        after = Cycle(work, run, k).check(after)
        if models[k]:
            after = work.cube(models[k])[0]
    if len(residuals) > len(models):
        Cycle(work, run, len(models)).check_stop(after)


def check_cube(work):
    """A cube, with CASA's cube-wide sidelobe and cycle threshold, channel by channel."""
    run = "sim6_cube_am12mlong_fastnoise1"
    params, result = work.params(run)
    psf, head = work.cube("sim6_cube_briggs_pcwd1/psf"), work.header("sim6_cube_briggs_pcwd1/psf")
    for k, minor in enumerate(events_minor(result["cycles"])):
        wrong = []
        for c, want in enumerate(minor["summary"]):
            images = {"psf": psf[c], "residual": work.cube(f"{run}/residual.c{k}")[c],
                      "masknext": (work.cube(f"{run}/mask.c{k}")[c] > 0.5).astype(np.uint8)}
            before = work.cube(f"{run}/model.c{k}")[c] if k else None
            if k:
                images["model"] = before
            chan = write_bundle(work, head, images, {"masknext": {"AMDONE": False}}, {"nmajor": k + 1, "residual_model": 0})
            tool("pc-clean", chan, f"--niter={params['niter']}", f"--threshold={params['threshold']}Jy",
                 "--psfsidelobe=0.1", f"--cyclethreshold={minor['cyclethr']!r}Jy")
            path = os.path.join(chan, "model.fits")
            after = fits.getdata(path)[0, 0] if os.path.exists(path) else np.zeros_like(psf[c])
            done = want["iter"] - want["startiter"]
            got = int(state_of(chan)[0]["iterdone"])
            if got != done or not same(after, work.cube(f"{run}/model.c{k + 1}")[c]):
                wrong.append(f"channel {c}: {got} components, CASA {done}")
        tap.ok(not wrong, f"{run} cycle {k + 1}: components and models of all channels", "\n".join(wrong))


def check_observed(work):
    """The first cycle on an observed cube (Lupus, masks of CASA's): components, peaks and mask of every channel."""
    run, dirty = "lupus_f3_cube_am7m", "lupus_f3_cube_briggs_pcwd1"
    params, result = work.params(run)
    psf, residual, mask = (work.cube(n) for n in (dirty + "/psf", dirty + "/residual", run + "/mask.c0"))
    minor, head = events_minor(result["cycles"])[0], work.header(dirty + "/psf")
    for c, want in enumerate(minor["summary"]):
        if want["masksum"] == 0:
            continue  # the ends of the axis, which CASA leaves blank
        images = {"psf": psf[c], "residual": residual[c], "masknext": (mask[c] > 0.5).astype(np.uint8)}
        chan = write_bundle(work, head, images, {"masknext": {"AMDONE": False}}, {"nmajor": 1, "residual_model": 0})
        tool("pc-clean", chan, f"--niter={params['niter']}", f"--threshold={params['threshold']}Jy", "--psfsidelobe=0.1",
             f"--cyclethreshold={minor['cyclethr']!r}Jy", "--fullsummary")
        cycle = state_of(chan)[1]
        tap.ok(int(cycle["iterdone"]) == want["iter"] - want["startiter"] and int(cycle["masksum"]) == want["masksum"] and
               all(same(float(cycle[a]), want[b]) for a, b in (("startpeak_jy", "startpeak"), ("peakres_jy", "peak"),
                                                               ("peakres_nomask_jy", "peaknm"))),
               f"{run} channel {c}: {cycle['iterdone']} components, peaks to the bit", cycle, want)


def check_restore(work):
    """image = model (x) beam + residual, with the fitted beam and with another; and divided by pb."""
    _, result = work.params(AUTO)
    bmaj, bmin, bpa = result["image_beams_arcsec_deg"][0]
    beam = {"BMAJ": bmaj / 3600, "BMIN": bmin / 3600, "BPA": bpa}
    images = {"psf": work.cube(AUTO + "/psf")[0], "pb": work.cube(AUTO + "/pb")[0],
              "residual": work.cube(AUTO + "/residual")[0], "model": work.cube(AUTO + "/model")[0]}
    keys = {"psf": beam, "pb": {"PBLIMIT": 0.2}}
    chan = write_bundle(work, work.header(AUTO + "/psf"), images, keys, {"nmajor": 6, "stopcode": 2})
    tool("pc-restore", chan, "--pbcor")
    image, theirs = fits.getdata(os.path.join(chan, "image.fits"))[0, 0], work.cube(AUTO + "/image")[0]
    tap.below(np.max(np.abs(image - theirs)) / theirs.max(), 1e-7, "image, largest difference from CASA's over its peak")
    pbcor = fits.getdata(os.path.join(chan, "image.pbcor.fits"))[0, 0]
    tap.ok(same(pbcor, image / images["pb"]), "image.pbcor is the image divided by pb")
    h = fits.getheader(os.path.join(chan, "image.fits"))
    tap.ok(h["BUNIT"] == "Jy/beam" and abs(h["BMAJ"] / beam["BMAJ"] - 1) < 1e-9, "unit and beam in the header")


def check_pbcor(work):
    """CASA's image.pbcor from its image and primary beam, which is above pblimit everywhere in that run."""
    images = {name: work.cube(f"{HOGBOM}_pbcor/{name}")[0] for name in ("image", "pb", "image.pbcor")}
    given = {"psf": work.cube(AUTO + "/psf")[0], "pb": images["pb"], "residual": images["image"]}
    chan = write_bundle(work, work.header(AUTO + "/psf"), given, {"psf": {"BMAJ": 6e-5, "BMIN": 5e-5, "BPA": 0.0}, "pb": {"PBLIMIT": 0.2}},
                        {"nmajor": 4, "stopcode": 1, "residual_model": 0})
    tool("pc-restore", chan, "--pbcor")
    ours, theirs = fits.getdata(os.path.join(chan, "image.pbcor.fits"))[0, 0].astype(F32), images["image.pbcor"]
    tap.ok(same(ours, theirs) and not same(ours, images["image"]), "CASA's image.pbcor from its image and pb, to the bit")


def check_restore_beam(work):
    """CASA's run with restoringbeam 0.5arcsec; its model and residual are those of the run with pbcor."""
    cycle = Cycle(work, HOGBOM + "1000", 2)
    cycle.params["niter"] = 500
    model = fits.getdata(os.path.join(cycle.clean(work.cube(OPEN[2].replace("residual", "model"))[0], more=1)[0],
                                      "model.fits"))[0, 0].astype(F32)
    _, result = work.params(HOGBOM + "_pbcor")
    bmaj, bmin, bpa = result["image_beams_arcsec_deg"][0]
    keys = {"psf": {"BMAJ": bmaj / 3600, "BMIN": bmin / 3600, "BPA": bpa}}
    images = {"psf": work.cube(AUTO + "/psf")[0], "residual": np.zeros_like(model), "model": model}
    head = work.header(AUTO + "/psf")
    chan = write_bundle(work, head, images, keys, {"nmajor": 4, "stopcode": 1})
    tool("pc-restore", chan)
    images["residual"] = work.cube(HOGBOM + "_pbcor/image")[0] - fits.getdata(os.path.join(chan, "image.fits"))[0, 0].astype(F32)
    chan = write_bundle(work, head, images, keys, {"nmajor": 4, "stopcode": 1})
    tool("pc-restore", chan, "--restoringbeam=0.5arcsec")
    image, theirs = fits.getdata(os.path.join(chan, "image.fits"))[0, 0], work.cube(HOGBOM + "_beam0p5/image")[0]
    tap.below(np.max(np.abs(image - theirs)) / theirs.max(), 5e-7, "image with another beam, largest difference from CASA's over its peak")


def main():
    ref = tap.casa_dir()
    with tempfile.TemporaryDirectory() as tmp:
        work = Work(ref, tmp)
        for run in RUNS:
            check_run(work, run)
        check_cube(work)
        check_observed(work)
        check_restore(work)
        check_pbcor(work)
        check_restore_beam(work)
    tap.done()


if __name__ == "__main__":
    main()
