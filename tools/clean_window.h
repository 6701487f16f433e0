/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CLEAN_WINDOW_H
#define PC_TOOLS_CLEAN_WINDOW_H

#include "clean/cycle.h"
#include "tools/model_in.h"

/* The part of a channel's planes that a minor cycle needs: the rectangle around the mask for a deconvolver
 * that is local, else all. Whatever is larger than that is gone over in blocks.
 *
 * Planes that are held because they came from a stream are made smaller where they are. */

struct clean_window {
    int x0, y0, nx, ny; /* of the planes; nx 0: no pixel is in the mask */
    int full_nx, full_ny, npol;
    float *residual;           /* [npol][ny][nx] */
    float *model, *psf;        /* NULL until clean_window_open() */
    const unsigned char *mask; /* of all; NULL where the residual is blank outside instead */
    struct pc_psf_window psf_part;
    unsigned char *own_mask;
};

/* What it is cut from; borrowed. */
struct clean_source {
    struct pc_later *residual, *psf, *pb, *mask; /* there or not */
    const struct pc_clean_conf *conf;
    const struct model_in *model;
    double pblimit, pbmask;
    bool is_first; /* no minor cycle came before */
};

/* Finds the rectangle, looks at all of residual and mask for the test, and keeps what lies within. */
int clean_window_look(struct clean_window *w, const struct clean_source *s, struct pc_clean_seen *seen,
                      struct pc_err *err) PC_MUST_CHECK;
/* What the minor cycle needs beside: psf and model. */
int clean_window_open(struct clean_window *w, const struct clean_source *s, struct pc_err *err) PC_MUST_CHECK;
void clean_window_fini(struct clean_window *w); /* frees the planes; where they were stays known */
/* Whether any of pixels first .. first + n - 1 lies within; else none of them is in the mask. */
bool clean_window_meets(const struct clean_window *w, int64_t first, int64_t n);
/* Pixels first ... of the planes as the model is now: what came, and the window. 1; 0: all are 0; -1. */
int clean_window_model(const struct clean_window *w, const struct model_in *came, int64_t first, int64_t n,
                       float *pix, struct pc_err *err) PC_MUST_CHECK;

#endif
