/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_UVDENSITY_H
#define PC_IMAGE_UVDENSITY_H

/* The density of visibilities in the uv plane: natural weights summed by cell, u along a row, cell (nx/2,
 * ny/2) the origin. A cell is 1/(nx cell_rad[0]) wavelengths wide. */

struct pc_uvdensity {
    int nx, ny;
    int box;            /* each sample counts in the cells up to this far from its own */
    double cell_rad[2]; /* pixel of the image */
    double deposited;   /* what went into all cells, 1/Jy^2 */
    double *cell;       /* [ny][nx], borrowed */
};

#endif
