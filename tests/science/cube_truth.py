#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated sky comes back: five sources in noise, imaged and cleaned by pc-cube. The flux and position of each, fitted
with the restoring beam, are compared with what pc-mock put in, in units of the errors that the noise explains."""
import os
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from scipy.optimize import least_squares

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

CELL = 0.06  # arcsec
SIZE = 256
ARCSEC = np.pi / 648000


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    tap.ok(done.returncode == 0, f"{os.path.basename(command[0])} runs", done.stderr)


def gaussian(p, beam, x, y):
    """Of the beam's shape: p is peak, x, y in arcsec (x to the east)."""
    major, minor, pa = beam
    dx, dy = x - p[1], y - p[2]
    along = dx * np.sin(pa) + dy * np.cos(pa)
    across = dx * np.cos(pa) - dy * np.sin(pa)
    return p[0] * np.exp(-4 * np.log(2) * ((along / major) ** 2 + (across / minor) ** 2))


def fit(plane, beam, l, m):
    """Peak and position of the source near (l, m) arcsec, from the pixels within a beam of it."""
    y, x = np.mgrid[:SIZE, :SIZE]
    x, y = -(x - SIZE // 2) * CELL, (y - SIZE // 2) * CELL
    near = np.hypot(x - l, y - m) < 0.8 * beam[0]
    start = [plane[near].max(), l, m]
    return least_squares(lambda p: gaussian(p, beam, x[near], y[near]) - plane[near], start).x


def rows(path):
    lines = [line.rstrip("\n").split("\t") for line in open(path)]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def check_figures(work, table):
    """The table's figures against the same computed here from the cubes."""
    planes = {name: fits.getdata(os.path.join(work, f"cube.{name}.fits"))[0].astype(np.float64)
              for name in ("image", "residual", "model", "mask", "pb")}
    worst = {}
    for row in table:
        c = int(row["index"])
        valid = np.isfinite(planes["image"][c]) & (planes["pb"][c] > 0.2)
        mask = valid & (planes["mask"][c] > 0)
        residual = planes["residual"][c][valid]
        area = np.pi * float(row["beam_maj_arcsec"]) * float(row["beam_min_arcsec"]) / (4 * np.log(2)) / CELL**2
        want = {"peak_jy": planes["image"][c][valid].max(),
                "rms_jy": 1.4826 * np.median(np.abs(residual - np.median(residual))),
                "flux_jy": planes["image"][c][mask].sum() / area,
                "model_flux_jy": planes["model"][c].sum(),
                "mask_px": mask.sum()}
        for key, value in want.items():
            worst[key] = max(worst.get(key, 0), abs(float(row[key]) - value) / abs(value))
    for key, error in worst.items():
        tap.below(error, 1e-5, f"{key} of the table against numpy, relative")


def main():
    with tempfile.TemporaryDirectory() as work:
        os.environ["PATH"] = os.pathsep.join([tap.BIN, os.path.join(tap.ROOT, "pipelines"), os.environ["PATH"]])
        run("pc-mock", "--sky", "points", "--nchan", "4", "--nant", "30", "--ntime", "20", "--bmax", "600",
            "--noise", "0.8Jy", "-o", "sky.ms", cwd=work)
        run("pc-cube", "sky.ms", "--imagename", "cube", "--imsize", str(SIZE), "--cell", f"{CELL}arcsec",
            "--weighting", "briggs", "--robust", "0.5", "--niter", "5000", "--threshold", "12mJy",
            "--usemask", "auto-multithresh", "--noisethreshold", "4.5", cwd=work)
        truth = np.loadtxt(os.path.join(work, "sky.ms.truth.tsv"), comments="#")
        table = rows(os.path.join(work, "cube.channels.tsv"))
        image = fits.getdata(os.path.join(work, "cube.image.fits"))[0]
        tap.ok(image.shape == (4, SIZE, SIZE), f"a cube of 4 channels: {image.shape}")
        flux_sigmas, place_sigmas = [], []
        for row in table:
            beam = (float(row["beam_maj_arcsec"]), float(row["beam_min_arcsec"]), np.radians(float(row["beam_pa_deg"])))
            rms = float(row["rms_jy"])
            for _, l, m, flux in truth[truth[:, 0] == int(row["index"])]:
                peak, x, y = fit(image[int(row["index"])], beam, l / ARCSEC, m / ARCSEC)
                # Condon 1997: errors of a fit to noise that is correlated over a beam
                flux_sigmas.append((peak - flux) / rms)
                for error in (x - l / ARCSEC, y - m / ARCSEC):
                    place_sigmas.append(error / (beam[0] / np.sqrt(8 * np.log(2)) * rms / flux))
        flux_sigmas, place_sigmas = np.array(flux_sigmas), np.array(place_sigmas)
        tap.diag("flux, sigmas: " + " ".join(f"{s:.1f}" for s in flux_sigmas))
        tap.diag("place, sigmas: " + " ".join(f"{s:.1f}" for s in place_sigmas))
        tap.ok(len(flux_sigmas) == 20, "five sources in each of four channels")
        tap.below(np.abs(flux_sigmas).max(), 5, "largest error of a flux, in sigmas")
        tap.below(np.abs(place_sigmas).max(), 5, "largest error of a position, in sigmas")
        tap.below(np.sqrt(np.mean(flux_sigmas**2)), 1.8, "rms error of the fluxes, in sigmas")
        tap.below(np.sqrt(np.mean(place_sigmas**2)), 1.8, "rms error of the positions, in sigmas")
        tap.below(0.3, np.sqrt(np.mean(flux_sigmas**2)), "and the errors are noise's own size")
        check_figures(work, table)
        tap.ok(all(row["stopcode"] == "2" for row in table), "every channel was cleaned to its threshold",
               [(row["index"], row["stop"]) for row in table])
    tap.done()


main()
