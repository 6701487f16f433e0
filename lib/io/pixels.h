/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PIXELS_H
#define PC_IO_PIXELS_H

#include "io/pass.h"

/* FITS data in and out of a pass: big-endian there, native here, swapped on the way. `size` is 1, 4 or 8
 * bytes. */

enum { PC_FITS_BLOCK = 2880 };
int64_t pc_fits_padded(int64_t n); /* to whole blocks */

/* Element by element from the member just given, straight out of the source's buffer. */
int pc_pixels_read(struct pc_pass *pass, void *dst, int64_t n, int size, struct pc_err *err) PC_MUST_CHECK;
/* The same of doubles, each rounded to the nearest float: a NaN stays one, what is too large is infinite. */
int pc_pixels_read_narrow(struct pc_pass *pass, float *dst, int64_t n, struct pc_err *err) PC_MUST_CHECK;
/* Floats as doubles. */
int pc_pixels_read_widen(struct pc_pass *pass, double *dst, int64_t n, struct pc_err *err) PC_MUST_CHECK;
/* To the member being put; the caller pads. */
int pc_pixels_write(struct pc_pass *pass, const void *src, int64_t n, int size,
                    struct pc_err *err) PC_MUST_CHECK;
/* A whole member: header blocks, data, padding. */
int pc_pixels_put(struct pc_pass *pass, const char *name, const struct pc_text *header, const void *src,
                  int64_t n, int size, struct pc_err *err) PC_MUST_CHECK;
/* The same, with the data so many times after one another. */
int pc_pixels_put_copies(struct pc_pass *pass, const char *name, const struct pc_text *header,
                         const void *src, int64_t n, int size, int copies, struct pc_err *err) PC_MUST_CHECK;
int pc_pixels_pad(struct pc_pass *pass, int64_t nbyte, struct pc_err *err) PC_MUST_CHECK;

#endif
