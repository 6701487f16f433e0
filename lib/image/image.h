/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_IMAGE_H
#define PC_IMAGE_IMAGE_H

#include "base/text.h"
#include "image/beam.h"

#include <stdbool.h>
#include <stdint.h>

/* The image of one channel: a plane per Stokes and a header that says what and where it is.
 *
 * pix holds npol planes of ny rows of nx pixels, row 0 in the south, pixel 0 of a row in the east (as FITS
 * with CDELT1 < 0). Pixel (x, y) counted from 0 has l = (x - (crpix[0]-1)) * cell_rad[0], m likewise; the
 * phase centre is pixel (nx/2, ny/2), so crpix = n/2 + 1. Projection SIN. A NaN is a blank pixel and
 * survives. Masks are images whose pix is NULL and whose mask bytes (0 or 1) are set instead; an image in
 * double precision has wide instead. */

enum { PC_MAX_POL = 4 };

/* Stokes and correlation codes as in FITS: I 1, Q 2, U 3, V 4, RR -1, LL -2, RL -3, LR -4, XX -5, YY -6, XY
 * -7, YX -8 */
const char *pc_stokes_name(int code); /* "I", "XX"; NULL when unknown */
int pc_stokes_code(const char *name); /* 0 when unknown */

struct pc_imhead {
    int nx, ny, npol;
    int stokes[PC_MAX_POL];
    double crpix[2], crval_rad[2], cell_rad[2];
    char ctype[12]; /* of the first axis as a file said it; "" and RA---SIN are what all else here assumes */
    bool rotated;   /* the file's pixel axes are not those of the sky */
    double freq_hz, width_hz, restfreq_hz; /* restfreq 0: none */
    char specsys[12];                      /* LSRK, TOPOCENT, BARYCENT ... as in FITS; "" none */
    char radesys[12];                      /* ICRS, FK5 */
    char object[72], telescop[72], observer[72], date_obs[32];
    double obsgeo_m[3];              /* 0,0,0: none */
    char bunit[24], btype[24];       /* "Jy/beam", "Intensity"; "" none */
    struct pc_beam beam[PC_MAX_POL]; /* maj 0: none */
    struct pc_record extra; /* our keywords (PBLIMIT, SIDELOBE, AMDONE ...), values as text; numbers and
                               T/F are written as such */
    struct pc_text history; /* lines */
};

struct pc_image {
    struct pc_imhead head;
    float *pix; /* one of these three; the others are NULL */
    unsigned char *mask;
    double *wide;
};

/* Total pixels, nx*ny*npol. */
int64_t pc_imhead_npix(const struct pc_imhead *h);
/* dst is uninitialised before; copies strings, records, history. */
int pc_imhead_copy(struct pc_imhead *dst, const struct pc_imhead *src, struct pc_err *err) PC_MUST_CHECK;
void pc_imhead_fini(struct pc_imhead *h);
/* Same size, Stokes, and cell (relative 1e-9)? Else PC_EX_DATA naming what differs: "NAXIS1 is 4096, psf has
 * 8000". */
int pc_imhead_same_grid(const struct pc_imhead *a, const char *name_a, const struct pc_imhead *b,
                        const char *name_b, struct pc_err *err) PC_MUST_CHECK;
/* Whether a header from somewhere says where its pixels lie: without CDELT a pixel is one unit in FITS, one
 * degree, to the west even. */
bool pc_imhead_has_wcs(const struct pc_imhead *h);
/* Puts the HISTORY block of one program (lines that begin with its name) in the place of the block it has
 * already, or at the end: running a program twice does not make history longer. `lines` as made by
 * pc_opt_history(). */
int pc_imhead_history(struct pc_imhead *h, const char *program, const char *lines,
                      struct pc_err *err) PC_MUST_CHECK;
/* Appends every program's block of src that dst lacks. */
int pc_imhead_history_merge(struct pc_imhead *dst, const struct pc_imhead *src,
                            struct pc_err *err) PC_MUST_CHECK;
/* What can be said of both, as of the channels of a cube: lines they share, and the blocks that only one of
 * them has (a channel that needed no cleaning has none of pc-clean). In the order of the one with more
 * blocks. */
int pc_imhead_history_share(struct pc_imhead *dst, const struct pc_imhead *src,
                            struct pc_err *err) PC_MUST_CHECK;

/* Pixels of an image become the bytes of a mask, 1 above 0.5 (CASA's masks are floats): a NaN is 0. An image
 * that is a mask already stays as it is. */
int pc_image_to_mask(struct pc_image *im, struct pc_err *err) PC_MUST_CHECK;

void pc_image_fini(struct pc_image *im); /* frees header parts and pixels; leaves it zeroed */

/* World coordinates of a pixel counted from 0 (SIN projection, FITS WCS paper II), and back. NaN beyond the
 * horizon. */
void pc_imhead_pix_to_radec(const struct pc_imhead *h, double x, double y, double *ra_rad, double *dec_rad);
void pc_imhead_radec_to_pix(const struct pc_imhead *h, double ra_rad, double dec_rad, double *x, double *y);

#endif
