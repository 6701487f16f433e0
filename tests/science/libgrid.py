# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of gridding share: an MS as samples, direct Fourier sums, and the tools up to the residual."""
import os
import subprocess

import numpy as np
from astropy.io import fits

import tap

LIGHT_M_S = 299792458.0
ARCSEC = np.pi / 648000
# casacore's codes of correlations
CORR = dict(zip((5, 6, 7, 8, 9, 10, 11, 12), ("RR", "RL", "LR", "LL", "XX", "XY", "YX", "YY")))


class Samples:
    """Stokes I (or the only hand) of an MS, by CASA's rules: the mean of the parallel hands, their mean weight; a flag on
    any correlation removes the sample. u, v in wavelengths, per row and channel, flattened."""

    def __init__(self, ms, field=0, spws=(0,), chans=None, column="DATA", stokes="I"):
        from casacore.tables import table, taql
        self.stokes = stokes
        self.corr = [CORR[c] for c in table(ms + "/POLARIZATION", ack=False).getcol("CORR_TYPE")[0]]
        spw_of = table(ms + "/DATA_DESCRIPTION", ack=False).getcol("SPECTRAL_WINDOW_ID")
        freqs = table(ms + "/SPECTRAL_WINDOW", ack=False)
        main = table(ms, ack=False)
        parts = []
        for dd in np.flatnonzero(np.isin(spw_of, spws)):
            t = taql(f"select from $main where DATA_DESC_ID=={dd} and FIELD_ID=={field} and ANTENNA1!=ANTENNA2")
            if t.nrows():
                parts.append(self._window(t, freqs.getcell("CHAN_FREQ", int(spw_of[dd])), chans, column))
        self.u, self.v, self.w, self.vis, self.weight = (np.concatenate(p) for p in zip(*parts))

    def held(self, cell):
        """These samples without those beyond the uv plane that the cell (arcsec) can hold: they are left out, as CASA and
        wsclean do."""
        half = 0.5 / (cell * ARCSEC)
        self.weight = np.where((abs(self.u) <= half) & (abs(self.v) <= half), self.weight, 0)
        return self

    def _form(self, vis):
        """The Stokes visibilities of the correlations on the last axis."""
        if self.stokes == "I":
            return (vis[..., 0] + vis[..., -1]) / 2
        of = {c: vis[..., i] for i, c in enumerate(self.corr)}
        if self.stokes in of:
            return of[self.stokes]
        linear = "XX" in of
        p, q, r, s = (of.get(c, 0) for c in (("XX", "YY", "XY", "YX") if linear else ("RR", "LL", "RL", "LR")))
        return {"Q": p - q, "U": r + s, "V": 1j * (s - r)}[self.stokes] / 2 if linear else \
            {"Q": r + s, "U": 1j * (s - r), "V": p - q}[self.stokes] / 2

    def _window(self, t, freq, chans, column):
        chans = np.arange(len(freq)) if chans is None else np.atleast_1d(chans)
        vis = t.getcol(column)[:, chans]
        flag = (t.getcol("FLAG")[:, chans].any(-1)) | t.getcol("FLAG_ROW")[:, None]
        if "WEIGHT_SPECTRUM" in t.colnames() and t.iscelldefined("WEIGHT_SPECTRUM", 0):
            weight = t.getcol("WEIGHT_SPECTRUM")[:, chans]
        else:
            weight = np.repeat(t.getcol("WEIGHT")[:, None, :], len(chans), 1)
        flag |= ~(weight > 0).all(-1) | ~np.isfinite(vis).all(-1)
        weight = np.where(flag, 0, (weight[..., 0] + weight[..., -1]) / 2).astype(np.float64)
        vis = np.where(flag, 0, self._form(vis.astype(np.complex128)))
        uvw = t.getcol("UVW")
        per_m = freq[chans] / LIGHT_M_S
        u, v, w = (uvw[:, i:i + 1] * per_m for i in range(3))
        return u.ravel(), v.ravel(), w.ravel(), vis.ravel(), weight.ravel()


def axes(size, cell):
    """l of the columns and m of the rows; cell in arcsec."""
    nx, ny = size
    return -(np.arange(nx) - nx // 2) * cell * ARCSEC, (np.arange(ny) - ny // 2) * cell * ARCSEC


def direct_image(s, size, cell, vis=None, weight=None):
    """Re sum W V exp(-2 pi i (ul+vm)) / sum W, in double precision."""
    vis = s.vis if vis is None else vis
    weight = s.weight if weight is None else weight
    l, m = axes(size, cell)
    image = np.zeros((size[1], size[0]))
    use = np.flatnonzero(weight)
    for part in np.array_split(use, max(1, len(use) // 8192)):
        east = np.exp(-2j * np.pi * np.outer(s.u[part], l))
        north = np.exp(-2j * np.pi * np.outer(s.v[part], m)) * (weight[part] * vis[part])[:, None]
        image += (north.T @ east).real
    return image / weight.sum()


def direct_visibilities(s, model, cell):
    """sum I exp(+2 pi i (ul+vm)) over the pixels of the model that are not 0."""
    l, m = axes(model.shape[::-1], cell)
    out = np.zeros(len(s.u), complex)
    for y, x in zip(*np.nonzero(model)):
        out += model[y, x] * np.exp(2j * np.pi * (s.u * l[x] + s.v * m[y]))
    return out


def wide_image(s, size, cell, pixels):
    """direct_image with exp(-2 pi i w (n-1)), at these pixels (x, y) only."""
    l, m = axes(size, cell)
    use = np.flatnonzero(s.weight)
    u, v, w, vis = (a[use] for a in (s.u, s.v, s.w, s.weight * s.vis))
    r2 = [l[x] ** 2 + m[y] ** 2 for x, y in pixels]
    return np.array([(vis * np.exp(-2j * np.pi * (u * l[x] + v * m[y] - w * r / (1 + np.sqrt(1 - r))))).sum().real
                     for (x, y), r in zip(pixels, r2)]) / s.weight.sum()


def wide_visibilities(s, model, cell):
    """direct_visibilities with exp(+2 pi i w (n-1))."""
    l, m = axes(model.shape[::-1], cell)
    out = np.zeros(len(s.u), complex)
    for y, x in zip(*np.nonzero(model)):
        r = l[x] ** 2 + m[y] ** 2
        out += model[y, x] * np.exp(2j * np.pi * (s.u * l[x] + s.v * m[y] - s.w * r / (1 + np.sqrt(1 - r))))
    return out


def edge_of(shape):
    """The outermost 5 % of an image."""
    y, x = np.indices(shape)
    return np.maximum(abs(x - shape[1] // 2) / (shape[1] / 2), abs(y - shape[0] // 2) / (shape[0] / 2)) > 0.95


def rel_l2(got, want, where=...):
    return np.linalg.norm((got - want)[where]) / np.linalg.norm(want[where])


def equal_hands(ms):
    """Gives every correlation the mean weight of the first and the last."""
    from casacore.tables import table
    t = table(ms, readonly=False, ack=False)
    for column in {"WEIGHT", "WEIGHT_SPECTRUM"} & set(t.colnames()):
        weight = t.getcol(column)
        weight[...] = (weight[..., :1] + weight[..., -1:]) / 2
        t.putcol(column, weight)
    t.close()


def run(*args):
    """A tool; ends the script with its sentence when it fails. Returns what it said on stderr."""
    p = subprocess.run([os.path.join(tap.BIN, args[0]), *args[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True)
    if p.returncode:
        tap.ok(False, " ".join(args), f"exit code {p.returncode}", p.stderr)
        tap.done()
    return p.stderr


def residuals(ms, out, select=(), psf=()):
    """MS to residuals, in the directory `out`; in two dimensions unless psf says otherwise."""
    run("pc-select", "-o", out, *select, ms)
    run("pc-psf", "--gridder", "standard", *psf, out)
    run("pc-grid", out)


def plane(out, chan, name, pol=0):
    with fits.open(f"{out}/ch{chan:05d}/{name}.fits") as f:
        return f[0].data[pol, 0].astype(np.float64), f[0].header
