/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CUBEFILE_H
#define PC_IO_CUBEFILE_H

#include "io/fits.h"

/* One FITS cube that grows: made at its full size with a provisional header, holes where nothing was written
 * yet; planes of channels are put at their place in any order, by any number of processes. Axes RA, DEC,
 * FREQ, STOKES. The header takes PC_CUBE_HEADER_BYTE, the least common multiple of a FITS block and a page:
 * planes can be mapped. */

enum { PC_CUBE_HEADER_BYTE = 184320 };

struct pc_cubefile {
    int fd; /* -1: not open */
    char path[4096];
    int nx, ny, npol;
    int64_t nchan;
    int bitpix; /* 8 or -32 */
};

/* Opens DIR/PRODUCT.fits for `nchan` channels. When it is absent: with `like`, makes it (whoever comes first;
 * any number may try) with like's geometry, of floats or bytes; without, returns 0 with fd -1. With `like` a
 * file of another geometry is 65. */
int pc_cubefile_open(struct pc_cubefile *f, const char *dir, const char *product, int64_t nchan,
                     const struct pc_imhead *like, bool bytes, struct pc_err *err) PC_MUST_CHECK;
/* Bytes of one plane, and the place of plane k of Stokes plane p. */
int64_t pc_cubefile_plane_byte(const struct pc_cubefile *f);
int64_t pc_cubefile_offset(const struct pc_cubefile *f, int64_t k, int p);
int64_t pc_cubefile_data_byte(const struct pc_cubefile *f);
/* Writes n bytes at a place, or zeros; where they are zeros, holes stay holes. */
int pc_cubefile_write(struct pc_cubefile *f, const void *buf, int64_t n, int64_t at,
                      struct pc_err *err) PC_MUST_CHECK;
int pc_cubefile_zero(struct pc_cubefile *f, int64_t n, int64_t at, struct pc_err *err) PC_MUST_CHECK;
/* Writes channel k of all Stokes planes; sum[p] gets the DATASUM of each as if it stood alone. Blocks of
 * zeros that are holes stay holes. */
int pc_cubefile_put(struct pc_cubefile *f, int64_t k, const struct pc_image *im, uint32_t *sum,
                    struct pc_err *err) PC_MUST_CHECK;
/* The same with one value everywhere (NaN: blank; for masks 0 or 1). */
int pc_cubefile_fill(struct pc_cubefile *f, int64_t k, float value, uint32_t *sum,
                     struct pc_err *err) PC_MUST_CHECK;
/* Reads the planes of channel k: what pc_cubefile_put() gave in sum, if they are still what it wrote. */
int pc_cubefile_sums(struct pc_cubefile *f, int64_t k, uint32_t *sum, struct pc_err *err) PC_MUST_CHECK;
/* DATASUM of the whole, from the planes' own. */
uint32_t pc_cubefile_sum(const struct pc_cubefile *f, uint32_t total, int64_t k, int p, uint32_t sum);
/* Keeps the channels first..first+n-1 alone. */
int pc_cubefile_crop(struct pc_cubefile *f, int64_t first, int64_t n, struct pc_err *err) PC_MUST_CHECK;
/* Writes the final header (PC_CUBE_HEADER_BYTE long) and what follows the data, and cuts the file there. */
int pc_cubefile_seal(struct pc_cubefile *f, const struct pc_text *header, const struct pc_text *tail,
                     struct pc_err *err) PC_MUST_CHECK;
/* Makes what was written safe. */
int pc_cubefile_sync(struct pc_cubefile *f, struct pc_err *err) PC_MUST_CHECK;
void pc_cubefile_close(struct pc_cubefile *f);

#endif
