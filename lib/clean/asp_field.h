/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_ASP_FIELD_H
#define PC_CLEAN_ASP_FIELD_H

#include "clean/active.h"
#include "clean/gauss.h"
#include "clean/minor.h"

#include <complex.h>

/* What the adaptive scale pixel deconvolution looks at in one plane: the residual convolved with each of a
 * few initial scales (Gaussians; the first is a point), and where the centre of each may lie. It lives on a
 * grid: the image, convolved periodically; or where the mask is small, a part about the mask with room for
 * the scales on all sides, on which nothing wraps. */

enum { PC_ASP_SCALES = 5 };

struct pc_asp_field {
    int nx, ny; /* of the grid */
    int x0, y0; /* the grid's first pixel in the image; may be off it */
    int n;      /* scales, at least 1 when there is something to clean */
    double size_px[PC_ASP_SCALES];
    double response[PC_ASP_SCALES];         /* (psf (x) scale (x) scale)(0) */
    float *residual[PC_ASP_SCALES];         /* [0] is the residual itself; blank pixels count as 0 */
    unsigned char *mask[PC_ASP_SCALES];     /* where its centre may lie */
    struct pc_active active[PC_ASP_SCALES]; /* the same as runs */
    struct pc_active outside;               /* the residual's other pixels */
    const float *psf;                       /* on the grid */
    struct pc_psf point;                    /* the same with its bounds */
    /* ---- private ---- */
    float *own_psf;
    float *beam; /* psf (x) a component */
    float complex *psf_transform, *product;
    double *cosine[2];
    float *axis[PC_ASP_SCALES][2], *component[2], *both[2]; /* transforms of scales along x and y */
};

/* The initial scales: 0 and 1, 2, 4, 8 times the width of the psf, in whole pixels; or, when largest_px > 0,
 * 0, the width and 9, 31 and 100 % of the way from there to largest_px (CASA's steps). None is larger than a
 * tenth of the image. Returns how many. */
int pc_asp_sizes(double width_px, double largest_px, int nx, int ny, double size_px[PC_ASP_SCALES]);
/* The width of the psf's main lobe at half its height: of the circle of as many pixels. At least 1. */
double pc_asp_width(const float *psf, int nx, int ny);

/* f->n may come out smaller than nsize: scales that do not fit into the mask are left out. An empty mask is
 * left with no grid, n 0 and active[0].npix 0. */
int pc_asp_field_init(struct pc_asp_field *f, const struct pc_minor_in *in, int pol, const double *size_px,
                      int nsize, struct pc_err *err) PC_MUST_CHECK;
void pc_asp_field_fini(struct pc_asp_field *f);
/* Subtracts flux times a Gaussian at pixel `at` of the grid, seen through the psf, from everything. */
int pc_asp_field_subtract(struct pc_asp_field *f, const struct pc_gauss *g, int64_t at, float flux,
                          struct pc_err *err) PC_MUST_CHECK;
/* Subtracts a point from the residual alone: it is brought up to date, and the convolved ones are, by
 * pc_asp_field_renew(). */
int pc_asp_field_subtract_point(struct pc_asp_field *f, int64_t at, float flux,
                                struct pc_err *err) PC_MUST_CHECK;
int pc_asp_field_renew(struct pc_asp_field *f, struct pc_err *err) PC_MUST_CHECK;
/* Puts the residual back: within the mask, or wherever the grid is. */
void pc_asp_field_put(struct pc_asp_field *f, const struct pc_minor_in *in, int pol);
/* (psf (x) g (x) g)(0). */
int pc_asp_field_response(const struct pc_asp_field *f, const struct pc_gauss *g, double *response,
                          struct pc_err *err) PC_MUST_CHECK;
/* When the grid is the image. */
int64_t pc_asp_field_mem_byte(int nx, int ny);

#endif
