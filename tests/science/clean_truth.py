#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated skies through masks, cleaning and restoring: points, some of them negative, and a shell of
extended emission, in noise. The sky is put into the visibilities here, by the definition. What comes back is held against it
source by source, in units of the noise: within three sigmas, without bias; and what is left is the noise that was put in."""
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

import tap

SIZE, CELL = 360, 0.05  # arcsec
ARCSEC = np.pi / 648000
NCHAN = 4
MASK = ["--usemask", "auto-multithresh", "--noisethreshold", "4.5", "--lownoisethreshold", "1.5", "--sidelobethreshold", "1.5",
        "--negativethreshold", "4.5", "--minbeamfrac", "0.2"]
# all of the shell: an automatic mask ends where emission sinks into the noise, and the rest of the flux with it
DISC = ["--mask", f"circle[[{SIZE // 2}pix, {SIZE // 2}pix], {1.9 / CELL}pix]"]
ALGORITHMS = {"hogbom": [], "clark": ["--deconvolver", "clark"], "multiscale": ["--deconvolver", "multiscale", "--scales", "0,7,20"]}


def run(*command):
    p = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if p.returncode:
        tap.ok(False, " ".join(command), p.stderr)
        tap.done()


def points(rng):
    """Ten sources on a ragged grid, so that their beams do not meet: l, m in arcsec, Jy; three of them negative."""
    places = [(-5.3, -4.1), (-1.2, -5), (3.6, -4.4), (-4.6, 0.3), (0.4, 0.2), (5.2, -0.6), (-5, 4.8), (-1, 4.1), (3, 5.1), (6.1, 3.4)]
    flux = rng.permutation(np.array([0.4, 0.15, 0.08, 0.06, 0.05, 0.04, 0.03, -0.03, -0.05, -0.1]))
    return np.array([(l + rng.uniform(-0.3, 0.3), m + rng.uniform(-0.3, 0.3), f) for (l, m), f in zip(places, flux)])


def shell(rng):
    """A ring of 1.5 Jy, 2.6 arcsec across and 0.4 thick, brighter on one side, as points that no beam tells apart."""
    n = 1000
    phi = rng.uniform(0, 2 * np.pi, n)
    r = 1.3 + 0.2 * rng.uniform(-1, 1, n)
    f = 1 + 0.5 * np.cos(phi)
    return np.stack([r * np.cos(phi), r * np.sin(phi), 1.5 * f / f.sum()], 1)


def add_sky(chan, sky):
    """The sources, as this array sees them, into the visibilities of a channel."""
    block = os.path.join(chan, "vis00000")
    uvw = fits.getdata(os.path.join(block, "uvw.fits")).astype(float)
    freq = float(np.ravel(fits.getdata(os.path.join(block, "freq.fits")))[0])
    u, v, w = uvw.reshape(-1, 3).T * freq / 299792458.0
    vis = np.zeros(len(u), complex)
    for l, m, flux in sky:
        l, m = l * ARCSEC, m * ARCSEC
        vis += flux * np.exp(2j * np.pi * (u * l + v * m + w * (np.sqrt(1 - l * l - m * m) - 1)))
    with fits.open(os.path.join(block, "vis.fits"), memmap=False) as f:
        data = f[0].data  # [row][chan][corr][2]
        data[..., 0] += vis.real[:, None, None]
        data[..., 1] += vis.imag[:, None, None]
        f.writeto(os.path.join(block, "vis.fits"), overwrite=True, checksum=True)


def plane(bundle, k, name):
    path = os.path.join(bundle, f"ch{k:05d}", name + ".fits")
    return np.squeeze(fits.getdata(path)).astype(float), fits.getheader(path)


def gaussian(h, l, m):
    """The clean beam about (l, m) arcsec, peak 1."""
    y, x = np.mgrid[:SIZE, :SIZE]
    dx, dy = -(x - SIZE // 2) * CELL - l, (y - SIZE // 2) * CELL - m
    pa = np.radians(h["BPA"])
    along, across = dx * np.sin(pa) + dy * np.cos(pa), dx * np.cos(pa) - dy * np.sin(pa)
    return np.exp(-4 * np.log(2) * ((along / (h["BMAJ"] * 3600)) ** 2 + (across / (h["BMIN"] * 3600)) ** 2))


def image(tmp, name, skies, mask, depth, options):
    """The channels with their skies, imaged and cleaned."""
    out = os.path.join(tmp, name)
    shutil.copytree(os.path.join(tmp, "noise"), out)
    for k, sky in enumerate(skies):
        add_sky(os.path.join(out, f"ch{k:05d}"), sky)
    run("pc-psf", "--imsize", str(SIZE), "--cell", f"{CELL}arcsec", "--weighting", "briggs", "--robust", "0.5", out)
    run("pc-grid", out)
    run("pc-channel", "--niter", "20000", "--nsigma", str(depth), *mask, *options, out)
    return out


def state(bundle, k):
    with open(os.path.join(bundle, f"ch{k:05d}", "state")) as f:
        return dict(line.rstrip("\n").split("=", 1) for line in f)


def check_rest(bundle, noise, label, worst):
    """Stopped at the depth asked for; the residual is the noise, whose own image is known."""
    codes = [state(bundle, k)["stopcode"] for k in range(NCHAN)]
    tap.ok(set(codes) <= {"2", "8"}, f"{label}: all channels were cleaned to the depth asked for, none diverged: {' '.join(codes)}")
    left = [plane(bundle, k, "residual")[0] for k in range(NCHAN)]
    ratio = [np.std(r) / np.std(n) for r, n in zip(left, noise)]
    tap.below(max(ratio), worst, f"{label}: rms of the residual over that of the noise alone")
    tap.below(1 / min(ratio), 1.1, f"{label}: which is not less")
    peak = max(np.abs(r).max() / np.std(n) for r, n in zip(left, noise))
    tap.below(peak, 6, f"{label}: its largest peak, in sigmas")


def check_points(bundle, skies, noise, label):
    errors = []
    for k, sky in enumerate(skies):
        found, h = plane(bundle, k, "image")
        # all sources at once, each with its own beam at its true place
        beams = np.stack([gaussian(h, l, m) for l, m, _ in sky])
        near = beams.max(0) > 0.2
        flux = np.linalg.lstsq(beams[:, near].T, found[near], rcond=None)[0]
        errors += list((flux - sky[:, 2]) / np.std(noise[k]))
    errors = np.array(errors)
    tap.diag(f"{label}: " + " ".join(f"{e:.1f}" for e in errors))
    tap.below(np.abs(errors).max(), 3, f"{label}: largest error of {len(errors)} fluxes, in sigmas")
    tap.below(abs(errors.mean()), 3 / np.sqrt(len(errors)), f"{label}: bias of the fluxes, in sigmas")
    sign = np.sign(np.concatenate([s[:, 2] for s in skies]))
    tap.below(abs((errors * sign).mean()), 3 / np.sqrt(len(errors)), f"{label}: and towards zero")
    tap.below(np.std(errors), 1.3, f"{label}: their spread")


def seen_by(sky, h):
    """The sky convolved with the clean beam, Jy/beam, and that beam's area in pixels."""
    ix, iy = SIZE // 2 - sky[:, 0] / CELL, SIZE // 2 + sky[:, 1] / CELL
    fx, fy = np.fft.fftfreq(SIZE)[None, :], np.fft.fftfreq(SIZE)[:, None]
    transform = (sky[:, 2] * np.exp(-2j * np.pi * fy * iy)) @ np.exp(-2j * np.pi * ix[:, None] * fx)
    beam = np.fft.fft2(np.fft.ifftshift(gaussian(h, 0, 0)))
    return np.fft.ifft2(transform * beam).real, np.pi * h["BMAJ"] * h["BMIN"] * 3600**2 / (4 * np.log(2)) / CELL**2


def within(radius):
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.hypot(x - SIZE // 2, y - SIZE // 2) * CELL < radius


def check_shell(bundle, skies, noise, label, spread):
    """The restored image against the truth with the same beam, and the flux in an aperture; the noise's own image says what
    either could be."""
    diff, flux = [], []
    for k, sky in enumerate(skies):
        found, h = plane(bundle, k, "image")
        want, area = seen_by(sky, h)
        on = want > 0.05 * want.max()
        diff.append(np.std((found - want)[on]) / np.std(noise[k]))
        aperture = within(2.1)
        # the same aperture of the noise's image, all over it
        window = np.fft.fft2(np.fft.ifftshift(aperture.astype(float)))
        spread_of_noise = np.std(np.fft.ifft2(np.fft.fft2(noise[k]) * window).real)
        flux.append((found[aperture].sum() - want[aperture].sum()) / spread_of_noise)
        tap.diag(f"{label}: channel {k}: {found[aperture].sum() / area:.4f} Jy of {want[aperture].sum() / area:.4f}, noise {spread_of_noise / area:.4f}")
    tap.below(max(diff), spread, f"{label}: rms of image less truth on the shell, of the noise")
    tap.below(max(np.abs(flux)), 3, f"{label}: flux within 2.1 arcsec, sigmas from the truth")


def check_depth(tmp, sky):
    """Without noise, ever deeper: what sinks below the depth of cleaning is left in the residual, where the sidelobes make it
    worth less than it is; so the flux is wrong by some percent at a depth of 3 mJy (with the same mask it is 2.7 % low for
    wsclean's Hogbom), and there all of it must come when nothing is left."""
    run("pc-mock", "--sky", "empty", "--nchan", "1", "--nant", "30", "--ntime", "16", "--bmax", "700", "--noise", "0Jy", "-o", f"{tmp}/silent.ms")
    run("pc-select", f"{tmp}/silent.ms", "-o", f"{tmp}/silent")
    add_sky(f"{tmp}/silent/ch00000", sky)
    run("pc-psf", "--imsize", str(SIZE), "--cell", f"{CELL}arcsec", "--weighting", "briggs", "--robust", "0.5", f"{tmp}/silent")
    run("pc-grid", f"{tmp}/silent")
    for name, options in ALGORITHMS.items():
        off = {}
        for depth in (3, 0.3):
            out = os.path.join(tmp, "deep")
            shutil.copytree(f"{tmp}/silent", out)
            run("pc-channel", "--niter", "200000", "--threshold", f"{depth}mJy", *DISC, *options, out)
            found, h = plane(out, 0, "image")
            want, _ = seen_by(sky, h)
            off[depth] = found[within(2.1)].sum() / want[within(2.1)].sum() - 1
            shutil.rmtree(out)
        tap.below(abs(off[3]), 0.035, f"shell without noise, {name}: flux to 3 mJy, {off[3]:+.3%}")
        tap.below(abs(off[0.3]), 0.0015, f"shell without noise, {name}: to 0.3 mJy, {off[0.3]:+.3%}")


def main():
    os.environ["PATH"] = os.pathsep.join([tap.BIN, os.path.join(tap.ROOT, "pipelines"), os.environ["PATH"]])
    rng = np.random.default_rng(4)
    with tempfile.TemporaryDirectory() as tmp:
        run("pc-mock", "--sky", "empty", "--nchan", str(NCHAN), "--nant", "30", "--ntime", "16", "--bmax", "700", "--noise", "0.6Jy",
            "-o", f"{tmp}/noise.ms")
        run("pc-select", f"{tmp}/noise.ms", "-o", f"{tmp}/noise")
        sky, ring = [points(rng) for _ in range(NCHAN)], [shell(rng)] * NCHAN
        run("pc-psf", "--imsize", str(SIZE), "--cell", f"{CELL}arcsec", "--weighting", "briggs", "--robust", "0.5", f"{tmp}/noise")
        run("pc-grid", f"{tmp}/noise")
        noise = [plane(f"{tmp}/noise", k, "residual")[0] for k in range(NCHAN)]
        tap.diag(f"noise {np.std(noise[0]):.4g} Jy")
        for name, options in ALGORITHMS.items():
            out = image(tmp, "points-" + name, sky, MASK, 2, options)
            check_rest(out, noise, f"points, {name}", 1.05)
            check_points(out, sky, noise, f"points, {name}")
            shutil.rmtree(out)
            out = image(tmp, "shell-" + name, ring, DISC, 0.5, options)
            check_rest(out, noise, f"shell, {name}", 1.1)
            check_shell(out, ring, noise, f"shell, {name}", 1.5)
            shutil.rmtree(out)
        check_depth(tmp, shell(np.random.default_rng(5)))
    tap.done()


main()
