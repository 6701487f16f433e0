/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_BUNDLE_H
#define PC_IO_BUNDLE_H

#include "image/image.h"
#include "image/runs.h"
#include "image/vis.h"
#include "io/pass.h"

/* The members of a channel as the nouns they are: records, images, blocks of visibilities. Called between
 * pc_pass_member() and the next. */

/* ---- records (00plane, state) ---- */
int pc_pass_record(struct pc_pass *pass, struct pc_record *r, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_put_record(struct pc_pass *pass, const char *name, const struct pc_record *r,
                       struct pc_err *err) PC_MUST_CHECK;

/* ---- image planes ---- */
/* Header and pixels: planes come in pix (allocated when pix is NULL, else reused if the size is right),
 * doubles rounded to floats; BITPIX 8 in mask. Foreign headers (astropy's, CASA's axis order with STOKES
 * before FREQ) are accepted when the size fits. */
int pc_pass_image(struct pc_pass *pass, struct pc_image *im, struct pc_err *err) PC_MUST_CHECK;
/* The same, but for planes, of floats too, which come in wide. */
int pc_pass_image_wide(struct pc_pass *pass, struct pc_image *im, struct pc_err *err) PC_MUST_CHECK;
/* Header only (the geometry of a psf); the pixels are skipped. */
int pc_pass_imhead(struct pc_pass *pass, struct pc_imhead *h, struct pc_err *err) PC_MUST_CHECK;
/* The pixels after the header that pc_pass_imhead() has just given, block by block while a core's caches have
 * them: of one plane, in order, PC_PIXEL_BLOCK at a time but for a plane's last. Floats (doubles rounded) in
 * pix, or the bytes of BITPIX 8 in mask; the other is NULL. `into` NULL: nothing is held; else it has room
 * for all, gets the floats (BITPIX 8 is PC_EX_DATA then), and block() may change those it is shown. What
 * block() fails with is handed on, prefixed with the member's name. */
enum { PC_PIXEL_BLOCK = 1 << 15 };
struct pc_pixel_span {
    int pol;
    int64_t first, n; /* within the plane */
    float *pix;
    const unsigned char *mask;
};
int pc_pass_pixels(struct pc_pass *pass, const struct pc_imhead *h, float *into,
                   int (*block)(void *ctx, const struct pc_pixel_span *s, struct pc_err *err), void *ctx,
                   struct pc_err *err) PC_MUST_CHECK;
/* BITPIX -32 from pix, 8 from mask, -64 from wide. Header composed from head, DATASUM and CHECKSUM set,
 * pixels big-endian. *datasum (may be NULL) gets DATASUM. In a directory, blocks of zeros become holes. */
int pc_pass_put_image(struct pc_pass *pass, const char *name, const struct pc_image *im, uint32_t *datasum,
                      struct pc_err *err) PC_MUST_CHECK;
/* The same of an image, no mask, whose planes are all alike: pix or wide holds one, head.npol says how many
 * are written. */
int pc_pass_put_alike(struct pc_pass *pass, const char *name, const struct pc_image *im,
                      struct pc_err *err) PC_MUST_CHECK;
/* A mask given as runs, a set for each plane: the same bytes as from an image that has it in mask. */
int pc_pass_put_runs(struct pc_pass *pass, const char *name, const struct pc_imhead *h,
                     const struct pc_runs *planes, struct pc_err *err) PC_MUST_CHECK;
/* DATASUM keyword of the image last read by pc_pass_image/imhead, 0 when it has none. */
uint32_t pc_pass_datasum(const struct pc_pass *pass);

/* ---- visibilities ---- */
/* The blocks of one channel, held while the channel lasts: in memory up to mem_byte, beyond in an unlinked
 * file. */
struct pc_visstore;
int pc_visstore_new(struct pc_visstore **s, int64_t mem_byte, const char *tmpdir,
                    struct pc_err *err) PC_MUST_CHECK;
void pc_visstore_clear(struct pc_visstore *s);
void pc_visstore_free(struct pc_visstore *s);
/* Takes the member just given when it belongs to a block ("vis00000/..."): returns 1 when it was taken, 0
 * when it is something else: model_vis.fits too, which is not held. vis.fits is skipped unless want_vis. NaN
 * or infinite visibilities get weight 0 and are counted. */
int pc_visstore_member(struct pc_visstore *s, struct pc_pass *pass, const struct pc_member *m, bool want_vis,
                       struct pc_err *err) PC_MUST_CHECK;
int pc_visstore_count(const struct pc_visstore *s);
/* Rows times channels, of all blocks. */
int64_t pc_visstore_nsample(const struct pc_visstore *s);
int64_t pc_visstore_nan_count(const struct pc_visstore *s);
/* What the headers of block i have said so far; borrowed until the block is cleared. Loads nothing. */
const struct pc_visinfo *pc_visstore_info(const struct pc_visstore *s, int i);
/* Block i, borrowed until the next call on the store. May be called any number of times. */
int pc_visstore_block(struct pc_visstore *s, int i, struct pc_visblock **b, struct pc_err *err) PC_MUST_CHECK;
/* Keeps what the caller put into block i's imweight (allocated by pc_mem_new, now the store's). */
int pc_visstore_keep_imweight(struct pc_visstore *s, int i, struct pc_err *err) PC_MUST_CHECK;

/* Keeps what the caller has changed in place in block i's vis_jy. */
int pc_visstore_keep_vis(struct pc_visstore *s, int i, struct pc_err *err) PC_MUST_CHECK;

int pc_pass_put_imweight(struct pc_pass *pass, int block, const struct pc_visblock *b,
                         struct pc_err *err) PC_MUST_CHECK;
/* model_vis.fits: vis_jy is shaped like b's own, [nrow][nchan][ncorr][2]. */
int pc_pass_put_model_vis(struct pc_pass *pass, int block, const struct pc_visblock *b, const float *vis_jy,
                          struct pc_err *err) PC_MUST_CHECK;

/* Sizes and headers for a writer that does not have a whole block in memory (pc-select): put the header of
 * member `which` of block `block`, then pc_pass_write() the big-endian data (pc_swap.h), then
 * pc_vis_put_end() which pads. which: "uvw.fits", "freq.fits", "vis.fits", "weight.fits", "row.fits". DATASUM
 * is the caller's (pc_datasum_*), so that the header can travel before the data. freq_per_row says which form
 * freq.fits has. */
int64_t pc_vis_member_size(const char *which, const struct pc_visblock *shape);
int pc_vis_put_begin(struct pc_pass *pass, int block, const char *which, const struct pc_visblock *shape,
                     uint32_t datasum, struct pc_err *err) PC_MUST_CHECK;
/* The same for members that differ in their data only: the header is made once. data_byte: what comes between
 * the header and the padding. */
struct pc_vis_head {
    struct pc_text text; /* without its sums */
    int64_t data_byte;
};
int pc_vis_head_make(struct pc_vis_head *h, const char *which, const struct pc_visblock *shape,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_vis_head_free(struct pc_vis_head *h);
int pc_vis_put_head(struct pc_pass *pass, int block, const char *which, const struct pc_vis_head *h,
                    uint32_t datasum, struct pc_err *err) PC_MUST_CHECK;
/* Of a member whose data have been filled (io/fill.h), from text.len on: the whole of it. */
int pc_vis_put_filled(struct pc_pass *pass, int block, const char *which, const struct pc_vis_head *h,
                      uint32_t datasum, struct pc_err *err) PC_MUST_CHECK;
int pc_vis_put_end(struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;

#endif
