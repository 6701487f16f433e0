# SPDX-License-Identifier: GPL-3.0-or-later
"""A writer of channel bundles that shares nothing with the C library: the directory form of pc-stream(5)."""
import os

import numpy as np
from astropy.io import fits

FREQ, WIDTH, REST = 230.5e9, -250e3, 230.538e9
CELL = 0.05 / 3600


def header(nx, ny, freq, npol=1, beam=None, bunit="Jy/beam", **extra):
    h = fits.Header()
    for i, (t, v, p, d) in enumerate((("RA---SIN", 187.5, nx // 2 + 1, -CELL), ("DEC--SIN", -33.25, ny // 2 + 1, CELL),
                                      ("FREQ", freq, 1, WIDTH), ("STOKES", 1, 1, 1)), 1):
        h[f"CTYPE{i}"], h[f"CRVAL{i}"], h[f"CRPIX{i}"], h[f"CDELT{i}"] = t, v, p, d
    h["CUNIT1"] = h["CUNIT2"] = "deg"
    h["CUNIT3"] = "Hz"
    h["RADESYS"], h["SPECSYS"], h["RESTFRQ"] = "ICRS", "LSRK", REST
    h["OBJECT"], h["TELESCOP"], h["BUNIT"] = "disc", "ALMA", bunit
    if beam:
        h["BMAJ"], h["BMIN"], h["BPA"] = beam
    for k, v in extra.items():
        h[k] = v
    return h


def planes(k, nx=20, ny=14, npol=1):
    """What channel k of the test cube holds, as (data, header keywords)."""
    rng = np.random.default_rng(100 + k)
    beam = ((0.3 + 0.01 * k) / 3600, 0.2 / 3600, 10.0 + k)
    y, x = np.mgrid[0:ny, 0:nx]
    pb = np.exp(-((x - nx // 2) ** 2 + (y - ny // 2) ** 2) / (0.5 * nx) ** 2).astype("f4")
    shape = (npol, 1, ny, nx)

    def noise():
        return rng.standard_normal(shape).astype("f4")

    model = np.zeros(shape, "f4")
    model[0, 0, ny // 2, nx // 2] = 1 + k
    return {
        "psf": (noise(), dict(beam=beam, SIDELOBE=0.1 + 0.01 * ((7 * k) % 5))),
        "pb": (np.broadcast_to(pb, shape).copy(), dict(bunit="", PBLIMIT=0.2)),
        "sumwt": (np.full((npol, 1, 1, 1), 10.0 + k, "f4"), dict(bunit="")),
        "residual": (noise(), dict(beam=beam)),
        "mask": ((rng.random(shape) > 0.7).astype("u1"), dict(bunit="")),
        "model": (model, dict(bunit="Jy/pixel")),
        "image": (noise(), dict(beam=beam)),
        "image.pbcor": (noise(), dict(beam=beam)),
    }


def write(path, channels, nchan, nx=20, ny=14, npol=1, skip=(), history=None, freqs=None, cell=None, more=None):
    """The bundle `path` with `channels` of an axis of nchan. skip: (channel, product) left out; history: channel -> lines;
    more: keywords of all headers."""
    os.makedirs(path)
    freqs = freqs or [FREQ + k * WIDTH for k in range(nchan)]

    def text(name, body):
        with open(os.path.join(path, name), "w") as f:
            f.write(body)

    text("00stream", "pcs=1\n")
    text("00cube", f"nchan={nchan}\nspecmode=cube\nframe=LSRK\nrestfreq_hz={REST!r}\nwidth_hz={WIDTH!r}\nfracbw=0\n" +
         "".join(f"freq_hz={f!r}\n" for f in freqs))
    for k in channels:
        chan = f"ch{k:05d}"
        os.mkdir(os.path.join(path, chan))
        text(chan + "/00plane", f"index={k}\nfreq_hz={freqs[k]!r}\nwidth_hz={WIDTH!r}\nframe=LSRK\n")
        members = ["00plane"]
        for name, (data, keys) in planes(k, nx, ny, npol).items():
            if (k, name) in skip:
                continue
            h = header(data.shape[3], data.shape[2], freqs[k], npol, **keys)
            if cell:
                h["CDELT1"], h["CDELT2"] = -cell, cell
            h.update(more or {})
            for line in (history or {}).get(k, ["pc-psf 1.0", "pc-psf --cell=0.05"]):
                h["HISTORY"] = line
            fits.PrimaryHDU(data, h).writeto(os.path.join(path, chan, name + ".fits"), checksum=True)
            members.append(name + ".fits")
        text(chan + "/zzplane", "".join(f"member={m} {os.path.getsize(os.path.join(path, chan, m))}\n" for m in members))
    text("zzend", f"nchan={len(channels)}\n")
    return path
