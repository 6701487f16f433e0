#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""pc-cube as a whole against CASA's run of the same cube (hogbom down to 12 mJy; CASA's cycles have one threshold for the
three channels, ours one for each): the same stop, as many iterations, the same model, a residual as low."""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from scipy.signal import fftconvolve

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

RUN = os.path.join(tap.casa_dir(), "sim6_cube_briggs_hogbom_thr0p012")


def casa_model():
    with gzip.open(os.path.join(RUN, "model.fits.gz")) as f:
        return np.squeeze(fits.getdata(f)).astype(np.float64)


def casa_iterations(result):
    """Per channel, from the summaries of the minor cycles (each counts on from the channel before)."""
    done = {}
    for cycle in result["cycles"]:
        for row in cycle.get("summary", []):
            done[row["chan"]] = done.get(row["chan"], 0) + row["iter"] - row["startiter"]
    return done


def main():
    params = json.load(open(os.path.join(RUN, "params.json")))
    p, result = params["tclean_params"], params["result"]
    with tempfile.TemporaryDirectory() as work:
        os.environ["PATH"] = os.pathsep.join([tap.BIN, os.path.join(tap.ROOT, "pipelines"), os.environ["PATH"]])
        ms = tap.unpack("sim6", work)
        command = ["pc-cube", ms, "--imagename", "cube", "--imsize", str(p["imsize"][0]), "--products", "residual,model"]
        for key in ("datacolumn", "cell", "weighting", "robust", "gain", "niter", "threshold", "nchan", "start", "width", "pblimit"):
            command += [f"--{key}", str(p[key])]
        done = subprocess.run(command, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True)
        if not tap.ok(done.returncode == 0, "pc-cube runs", done.stderr):
            tap.done()
        ours = {name: fits.getdata(os.path.join(work, f"cube.{name}.fits"))[0].astype(np.float64)
                for name in ("residual", "model")}
        lines = [line.split("\t") for line in open(os.path.join(work, "cube.channels.tsv"))]
        table = [dict(zip(lines[0], line)) for line in lines[1:]]
    theirs = casa_model()
    tap.ok(ours["model"].shape == theirs.shape, f"the same cube: {ours['model'].shape}")
    iterations = casa_iterations(result)
    y, x = np.mgrid[-20:21, -20:21]
    smooth = np.exp(-(x**2 + y**2) / (2 * 3.0**2))
    for c in range(len(theirs)):
        tap.ok(int(table[c]["stopcode"]) == result["stopcode"], f"channel {c}: stop code {result['stopcode']}")
        done = int(table[c]["iterdone"])
        tap.near(done, iterations[c], max(1, 0.02 * iterations[c]), f"channel {c}: iterations")
        flux, want = ours["model"][c].sum(), theirs[c].sum()
        tap.below(abs(flux / want - 1), 1e-4, f"channel {c}: flux of the model, {flux:.5f} and {want:.5f} Jy")
        residual = ours["residual"][c]
        rms = np.sqrt(np.mean(residual[np.isfinite(residual)] ** 2))
        tap.below(abs(rms / result["stats"]["residual"]["chan_rms"][c] - 1), 0.01, f"channel {c}: rms of the residual")
        sky = [fftconvolve(m, smooth, mode="same") for m in (ours["model"][c], theirs[c])]
        tap.below(np.abs(sky[0] - sky[1]).max() / sky[1].max(), 1e-4, f"channel {c}: models, smoothed, relative to the peak")
    tap.done()


main()
