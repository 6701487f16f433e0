/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_BINTABLE_H
#define PC_IO_BINTABLE_H

#include "base/text.h"

#include <stdint.h>

/* A FITS binary table of a few numbers per row, as an extension ready to be written behind a cube. */

struct pc_bintable_col {
    const char *name, *form, *unit; /* form 1E, 1D or 1J; unit NULL: none */
};
struct pc_bintable {
    const char *extname;
    const struct pc_bintable_col *col;
    int ncol;
    struct pc_text row; /* the rows, one after the other, as the put functions left them; owned */
};

void pc_bintable_put_int(struct pc_bintable *t, int32_t v);
void pc_bintable_put_float(struct pc_bintable *t, float v);
void pc_bintable_put_double(struct pc_bintable *t, double v);
/* Appends the whole extension to out; `cards` (NULL or whole cards) are further keywords. */
int pc_bintable_format(const struct pc_bintable *t, const struct pc_text *cards, struct pc_text *out,
                       struct pc_err *err) PC_MUST_CHECK;
void pc_bintable_fini(struct pc_bintable *t);

#endif
