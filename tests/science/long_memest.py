# SPDX-License-Identifier: GPL-3.0-or-later
"""The same as memest.py for images of 8000 x 8000 pixels and 449 280 rows, on the uv plane as the reference job fills
it (a third) and on a full one: pc-memest within 10 %, and at most 16 bytes a pixel and Stokes plane in single
precision, a dense model included. Wants 2 GB of memory and 3 GB of disk."""
import os
import tempfile

import tap
from libmemest import bundle, check_gridding, gridding

NPIX = 8000 * 8000
REFERENCE, FULL = "--cell=0.0046arcsec", "--cell=0.0145arcsec"
# how it is gridded, and over how many planes
GRIDDED = {"reference, natural": ([REFERENCE, "--gridder=standard"], 1),
           "reference, briggs, accuracy 1e-4": ([REFERENCE, "--accuracy=1e-4", "--weighting=briggs", "--gridder=standard"], 1),
           "reference, briggs, accuracy 1e-4, w-term": ([REFERENCE, "--accuracy=1e-4", "--weighting=briggs"], 1),
           "full, briggs": ([FULL, "--weighting=briggs", "--gridder=standard"], 1),
           "full, accuracy 1e-4": ([FULL, "--accuracy=1e-4", "--gridder=standard"], 1),
           "full, two planes": ([FULL, "--stokes=XXYY", "--gridder=standard"], 2)}


def main():
    if os.environ.get("SAN"):
        tap.skip_all("sanitizers take memory of their own")
    with tempfile.TemporaryDirectory() as tmp:
        visibilities = os.path.join(tmp, "vis")
        bundle(visibilities, "--nchan=1", "--ntime=576", "--bmax=9000")
        for label, (options, nplane) in GRIDDED.items():
            result = gridding(visibilities, tmp, "--imsize=8000", *options, threads=2)
            check_gridding(label, result)
            tap.below(max(result[0].values()) / NPIX / nplane, 16, f"{label}: bytes per pixel and plane")
    tap.done()


if __name__ == "__main__":
    main()
