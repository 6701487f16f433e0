/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_VIS_H
#define PC_IMAGE_VIS_H

#include "base/err.h"
#include "image/image.h"

#include <stdbool.h>
#include <stdint.h>

/* Visibilities as data: one block holds rows of one field of one MS and spectral window, already turned to
 * the image's phase centre. UVW in metres exactly as stored in an MS; V(u,v,w) = sum I exp(+2 pi i nu/c
 * (ul+vm+w(n-1))). */

enum { PC_MAX_CORR = 4 };

/* What a block's headers say. Carried by uvw.fits and vis.fits alike. */
struct pc_visinfo {
    char ms[256]; /* base name of the MS, no path */
    int field_id, spw_id;
    char field[72];
    double phase_rad[2];    /* the field's own phase centre (RA, Dec) */
    double pointing_rad[2]; /* where the dishes looked */
    double image_rad[2];    /* the phase centre uvw and vis were turned to: CRVAL of the images */
    char radesys[12], specsys[12];
    double restfreq_hz; /* 0: none */
    char telescop[72], observer[72], object[72], date_obs[32];
    double mjd_begin, mjd_end;
    double obsgeo_m[3];
    int ncorr;
    int corr[PC_MAX_CORR]; /* FITS codes, see image.h */
    int nant;
    double *diam_m; /* per antenna of the MS; owned */
};

struct pc_visblock {
    struct pc_visinfo info;
    int64_t nrow;
    int ncorr, nchan;
    double *uvw_m;   /* [nrow][3] */
    double *freq_hz; /* [nchan], or [nrow][nchan] when freq_per_row */
    bool freq_per_row;
    float *vis_jy;          /* [nrow][nchan][ncorr][2] */
    float *weight;          /* [nrow][nchan][ncorr]; 0: flagged */
    float *imweight;        /* [nrow][nchan]; NULL: natural */
    double *row;            /* [nrow][4]: MS row, time (s, MJD), antenna 1, antenna 2 */
    struct pc_text history; /* HISTORY of uvw.fits and vis.fits: how it was selected */
};

/* Frequency at which the uv of a row's channel counts. */
static inline double pc_visblock_freq_hz(const struct pc_visblock *b, int64_t row, int chan)
{
    return b->freq_hz[b->freq_per_row ? row * b->nchan + chan : chan];
}
/* Its wavelengths per metre. */
static inline double pc_visblock_per_m(const struct pc_visblock *b, int64_t row, int chan)
{
    return pc_visblock_freq_hz(b, row, chan) / 299792458.0;
}

/* Frees what info owns; leaves it zeroed. */
void pc_visinfo_fini(struct pc_visinfo *info);
/* dst is uninitialised before; on failure it is zeroed. */
int pc_visinfo_copy(struct pc_visinfo *dst, const struct pc_visinfo *src, struct pc_err *err) PC_MUST_CHECK;
/* Frees all (every array is from pc_mem_new); leaves it zeroed. */
void pc_visblock_fini(struct pc_visblock *b);

/* The header of an image of one Stokes plane made of these visibilities: place, time, telescope, frame. `h`
 * is uninitialised before; frequencies, units and beam are left empty. */
void pc_visinfo_imhead(const struct pc_visinfo *info, int nx, int ny, const double cell_rad[2], int stokes,
                       struct pc_imhead *h);
/* Dish diameter of the array, m: that of the first antenna that has one; 0: none. */
double pc_visinfo_dish_m(const struct pc_visinfo *info);

#endif
