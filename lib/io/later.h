/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_LATER_H
#define PC_IO_LATER_H

#include "io/bundle.h"

/* An image of which a tool reads pixels when it knows which: they stay in the file where the member lies in a
 * directory, and are held where they come from a stream. Pixels are counted from 0 through all planes.
 * Planes come as floats (doubles rounded), masks as bytes (0 or 1; of floats those above 0.5).
 *
 * A file may be replaced meanwhile: what is read is what was there. Zeroed before use. */

struct pc_later {
    struct pc_image image; /* the head; the pixels too when they are held */
    bool there, in_file, is_bytes;
    int fd, bitpix;
    int64_t at;
    char name[512];
};

/* The member just given. An image that is handed pixels before uses them, as pc_pass_image() does. */
int pc_pass_later(struct pc_pass *pass, struct pc_later *l, struct pc_err *err) PC_MUST_CHECK;
void pc_later_fini(struct pc_later *l);

/* Pixels first .. first + n - 1: in buf (room for n), or where they are held, borrowed. NULL: failed. */
const float *pc_later_floats(const struct pc_later *l, int64_t first, int64_t n, float *buf,
                             struct pc_err *err) PC_MUST_CHECK;
const unsigned char *pc_later_bytes(const struct pc_later *l, int64_t first, int64_t n, unsigned char *buf,
                                    struct pc_err *err) PC_MUST_CHECK;
/* The first pixel from `first` on that may be other than 0: those before lie in a hole of the file. The
 * number of pixels when there is none. */
int64_t pc_later_skip(const struct pc_later *l, int64_t first);

/* The floats of the member just given, block after block, none of it held; blocks that lie in a hole of a
 * file are left out. l, zeroed before, has its head; and where it lies in a file (in_file), it can be read
 * again.
 */
typedef int pc_block_fn(void *ctx, int64_t first, const float *pix, int64_t n, struct pc_err *err);
int pc_pass_blocks(struct pc_pass *pass, struct pc_later *l, pc_block_fn *take, void *ctx,
                   struct pc_err *err) PC_MUST_CHECK;

/* What a tool makes of an image, block after block, instead of holding it. */
enum { PC_MADE_BLOCK = 1 << 16 }; /* pixels; a multiple of PC_LANES_BLOCK */
struct pc_maker {
    /* Pixels first .. first + n - 1, all but the last time n is PC_MADE_BLOCK: in buf, or elsewhere and
     * borrowed until the next call; *is_zero instead when all are 0. Asked for from the first to the last in
     * round 0; and once more in round 1 where the sums must be known before the first is written
     * (pc_pass_can_amend() says no). NULL: failed. */
    const void *(*make)(void *ctx, int round, int64_t first, int64_t n, void *buf, bool *is_zero,
                        struct pc_err *err);
    void *ctx;
    bool is_bytes; /* a mask; else floats */
};
/* Like pc_pass_put_image(), with the same bytes. */
int pc_pass_put_made(struct pc_pass *pass, const char *name, const struct pc_imhead *head,
                     const struct pc_maker *maker, struct pc_err *err) PC_MUST_CHECK;

#endif
