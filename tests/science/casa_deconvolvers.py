#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-clean's clark, clarkstokes and multiscale against CASA's own runs (casa-ref).

The first cycle of each run is fed CASA's own residual and PSF: iterations, stop code, peaks and thresholds must be CASA's, and
where CASA kept the model of that cycle, its components. The residuals of later cycles were not kept; but the first is the
same for all deconvolvers to 1e-7, so that hogbom's starts the second. Then the whole runs, with residuals of pc-grid.
"""
import os
import tempfile

import numpy as np
from astropy.io import fits

import casa_clean
import tap
from casa_clean import F32, events_minor, state_at, state_of, tool, write_bundle

AUTO, RUN = "sim6_mfs_am12mlong_fastnoise1", "sim6_mfs_briggs05_"
SECOND = {False: "sim6_mfs_briggs05_hogbom1000/residual.c1", True: AUTO + "/residual.c1"}
# run: the cycle whose model was kept, when it is the first
RUNS = {"clark1": 1, "clark10": 1, "clark1000": None, "clark500_usermask": None, "clarkstokes1000": None, "ms1": 1, "ms10": 1,
        "ms1000": None, "ms1000_bias0p6": None, "ms500_usermask": None}
WHOLE = [r for r in RUNS if r not in ("clark1", "clark10", "ms1", "ms10")]
USERMASK = "sim6_mfs_briggs05_hogbom500_usermask/mask"
CLEAN = "niter gain threshold nsigma cycleniter cyclefactor minpsffraction maxpsffraction nmajor pbmask".split()


def options(p):
    args = [f"--{n}={p[n]}" for n in CLEAN] + [f"--deconvolver={p['deconvolver']}", "--fullsummary"]
    if p["deconvolver"] == "multiscale":
        args += [f"--scales={p['scales']}", f"--smallscalebias={p['smallscalebias']}"]
    return args


def beam_keys(result, channel=0):
    bmaj, bmin, bpa = result["psf_beams_arcsec_deg"][channel]
    return {"BMAJ": bmaj / 3600, "BMIN": bmin / 3600, "BPA": bpa}


def model_of(chan):
    return fits.getdata(os.path.join(chan, "model.fits"))[0, 0].astype(F32)


def check_cycle(work, run, k, residual):
    """Cycle k of a run; exact says that the residual is CASA's own."""
    p, result = work.params(run)
    state, test, minor = state_at(result["cycles"], k)
    want, exact = minor["summary"][0], k == 0
    images = {"psf": work.cube(AUTO + "/psf")[0], "pb": work.cube(AUTO + "/pb")[0], "residual": residual}
    if "usermask" in run:
        images["masknext"] = (work.cube(USERMASK)[0] > 0.5).astype(np.uint8)
    keys = {"psf": dict(beam_keys(result), SIDELOBE=test["psfsidelobe"]), "pb": {"PBLIMIT": p["pblimit"]}}
    chan = write_bundle(work, work.header(AUTO + "/psf"), images, keys, state)
    tool("pc-clean", chan, *options(p))
    _, cycle = state_of(chan)
    name = f"{run} cycle {k + 1}"
    tap.ok(int(cycle["iterdone"]) == want["iter"] and int(cycle["stop"]) == want["stop"],
           f"{name}: {want['iter']} iterations, minor stop {want['stop']}", cycle)
    tolerance = 3e-7 if exact else 1e-4
    before = 0 if exact else events_minor(result["cycles"])[k - 1]["summary"][0]["flux"]
    pairs = [("startpeak_jy", "startpeak", 0), ("peakres_jy", "peak", 0), ("peakres_nomask_jy", "peaknm", 0),
             ("modelflux_jy", "flux", before)]
    wrong = [f"{a}: {cycle[a]}, CASA {want[b] - off}" for a, b, off in pairs
             if not abs(float(cycle[a]) - (want[b] - off)) <= tolerance * max(abs(want[b]), want["startpeak"])]
    tap.ok(not wrong, f"{name}: peaks and flux to {tolerance:g}", "\n".join(wrong))
    return model_of(chan)


def check_mfs(work):
    for short, kept in RUNS.items():
        run = RUN + short
        model = check_cycle(work, run, 0, work.cube(AUTO + "/residual.c0")[0])
        if kept:
            theirs = work.cube(run + "/model")[0]
            tap.ok(np.array_equal(model != 0, theirs != 0) and np.max(np.abs(model - theirs)) <= 1e-7 * np.max(theirs),
                   f"{run}: the components of the model", np.max(np.abs(model - theirs)))
        else:
            check_cycle(work, run, 1, work.cube(SECOND["usermask" in run])[0])


def check_whole(work, ms, short):
    """The whole run, each residual made by pc-grid: CASA's iterations cycle by cycle, and its model."""
    run = RUN + short
    p, result = work.params(run)
    top = os.path.join(work.tmp, short)
    chan = os.path.join(top, "ch00000")
    tool("pc-select", ms, "-o", top, "--specmode=mfs", "--datacolumn=data")
    tool("pc-psf", chan, "--gridder=standard", f"--imsize={p['imsize'][0]},{p['imsize'][1]}", f"--cell={p['cell']}",
         f"--weighting={p['weighting']}", f"--robust={p['robust']}")
    tool("pc-grid", chan)
    if "usermask" in run:
        mask = (work.cube(USERMASK)[0] > 0.5).astype(np.uint8)
        casa_clean.write_image(os.path.join(chan, "mask.fits"), mask, work.header(AUTO + "/psf"), {})
    counts, sidelobe = [], f"--psfsidelobe={result['cycles'][0]['psfsidelobe']}"
    for _ in range(len(events_minor(result["cycles"])) + 1):
        tool("pc-clean", chan, *options(p), sidelobe)
        counts.append(int(state_of(chan)[1].get("iterdone", 0)))
        tool("pc-grid", chan)
    state = state_of(chan)[0]
    want = [m["iters"] for m in events_minor(result["cycles"])]
    tap.ok(counts[:len(want)] == want and state["stopcode"] == str(result["stopcode"]),
           f"{run}: iterations {want} and stop code {result['stopcode']}", counts, state["stopcode"])
    ours, theirs = model_of(chan), work.cube(run + "/model")[0]
    tap.near(float(ours.sum()), float(theirs.sum()), 1.5e-3 * float(theirs.sum()), f"{run}: flux of the model, Jy")
    moved = np.count_nonzero((ours != 0) != (theirs != 0)) / np.count_nonzero(theirs)
    tap.below(moved, 0.05, f"{run}: part of the model's pixels that only one has")
    tap.below(float(np.max(np.abs(ours - theirs)) / np.max(theirs)), 2e-3, f"{run}: largest difference of a pixel over the peak")


def check_cube(work, run):
    """The first cycle of a cube, channel by channel, with CASA's one cycle threshold."""
    p, result = work.params(run)
    psf, residual = (work.cube(f"sim6_cube_briggs_pcwd1/{n}") for n in ("psf", "residual"))
    minor, head = events_minor(result["cycles"])[0], work.header("sim6_cube_briggs_pcwd1/psf")
    for c, want in enumerate(minor["summary"]):
        chan = write_bundle(work, head, {"psf": psf[c], "residual": residual[c]}, {"psf": beam_keys(result, c)},
                            {"nmajor": 1, "residual_model": 0})
        tool("pc-clean", chan, *options(p), "--psfsidelobe=0.1", f"--cyclethreshold={minor['cyclethr']!r}Jy")
        cycle = state_of(chan)[1]
        tap.ok(int(cycle["iterdone"]) == want["iter"] - want["startiter"] and int(cycle["stop"]) == want["stop"] and
               all(abs(float(cycle[a]) - want[b]) <= 3e-7 * want["startpeak"]
                   for a, b in (("peakres_jy", "peak"), ("peakres_nomask_jy", "peaknm"), ("modelflux_jy", "flux"))),
               f"{run} channel {c}: {cycle['iterdone']} iterations, peaks and flux to 3e-7", cycle, want)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        work = casa_clean.Work(tap.casa_dir(), tmp)
        check_mfs(work)
        check_cube(work, "sim6_cube_briggs_clark500")
        check_cube(work, "sim6_cube_briggs_ms500")
        ms = tap.unpack("sim6", tmp)
        for short in WHOLE:
            check_whole(work, ms, short)
    tap.done()


if __name__ == "__main__":
    main()
