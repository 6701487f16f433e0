/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_FITS_H
#define PC_IO_FITS_H

#include "image/image.h"
#include "io/pass.h"

/* FITS, version 4.0 of the standard: headers through CFITSIO (only header blocks pass it, by
 * fits_open_memfile and fits_hdr2str), pixels straight between the source and the plane, swapped on the way.
 * CFITSIO buffers whole images on
 * "-" and on memory files: it never sees the pixels. */

struct pc_fits_shape {
    int bitpix; /* 8, -32, -64 */
    int naxis;
    int64_t axis[8];
    uint32_t datasum; /* DATASUM keyword; 0: none */
};

/* Reads the header blocks of the primary HDU; `header` gets all cards (80 bytes each), END included. */
int pc_fits_read_header(struct pc_reader *r, struct pc_fits_shape *shape, struct pc_text *header,
                        struct pc_err *err) PC_MUST_CHECK;
/* Image header <-> cards. The axes may be in any order; FREQ, VRAD, VOPT spectral axes are understood. */
int pc_fits_parse_imhead(const struct pc_text *header, const char *name, struct pc_imhead *h,
                         struct pc_err *err) PC_MUST_CHECK;
/* A header ready to be written: whole 2880-byte blocks. bitpix 8, -32 or -64. With nchan > 0 the header of a
 * cube: NAXIS3 = nchan, CRVAL3 = h->freq_hz of the first plane, CDELT3 = width; padded by blank cards so that
 * data begin at a multiple of `align` (0: no padding). checksum: DATASUM of the data, CHECKSUM of the whole;
 * has_sum false leaves both out. */
struct pc_fits_out {
    int bitpix;
    int64_t nchan;
    int64_t align;
    bool has_sum;
    uint32_t datasum;
};
int pc_fits_format_imhead(const struct pc_imhead *h, const struct pc_fits_out *o, struct pc_text *header,
                          struct pc_err *err) PC_MUST_CHECK;

/* Sum of FITS DATASUM (1's complement sum of big-endian 32-bit words) over native floats, doubles or bytes as
 * they will be written; accumulate with `sum` from 0. n*size must be a multiple of 4 except in the last call.
 */
uint32_t pc_datasum_f32(uint32_t sum, const float *v, int64_t n);
uint32_t pc_datasum_f64(uint32_t sum, const double *v, int64_t n);
uint32_t pc_datasum_bytes(uint32_t sum, const void *v, int64_t n);
uint32_t pc_datasum_add(uint32_t a, uint32_t b); /* 1's complement addition */

/* Big-endian <-> native, may be in place. */
void pc_swap_f32(void *dst, const void *src, int64_t n);
void pc_swap_f64(void *dst, const void *src, int64_t n);

/* A FITS image file on its own, read whole (user masks): any BITPIX, BSCALE/BZERO applied by CFITSIO. `plane`
 * (0-based) picks a channel when the file has several and its spectral axis has more than one pixel. */
int pc_fits_load(const char *path, int plane, struct pc_image *im, struct pc_err *err) PC_MUST_CHECK;
/* Its header alone. */
int pc_fits_load_head(const char *path, struct pc_imhead *h, struct pc_err *err) PC_MUST_CHECK;
/* As cards of 80 bytes, END included; appended. */
int pc_fits_load_cards(const char *path, struct pc_text *cards, struct pc_err *err) PC_MUST_CHECK;
/* Whether its first image is there to the last pixel; 65 when it is cut short, or is none. */
int pc_fits_check_whole(const char *path, struct pc_err *err) PC_MUST_CHECK;
int pc_fits_save(const char *path, const struct pc_image *im, struct pc_err *err) PC_MUST_CHECK;

#endif
