/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_VIS_HEADER_H
#define PC_IO_VIS_HEADER_H

#include "image/vis.h"
#include "io/fits.h"

/* Headers of the members of a block of visibilities; keywords in pc-stream(5). */

enum pc_vis_which {
    PC_VIS_UVW,
    PC_VIS_FREQ,
    PC_VIS_VIS,
    PC_VIS_WEIGHT,
    PC_VIS_IMWEIGHT,
    PC_VIS_ROW,
    PC_VIS_MODEL,
    PC_VIS_NWHICH
};

int pc_vis_which(const char *file); /* "uvw.fits"; -1: none of them */
/* Elements of the member, and bytes of each (4 or 8). */
int64_t pc_vis_count(enum pc_vis_which which, const struct pc_visblock *shape, int *size);
int pc_vis_header_format(enum pc_vis_which which, const struct pc_visblock *shape, uint32_t datasum,
                         struct pc_text *header, struct pc_err *err) PC_MUST_CHECK;
/* For many members alike: without the sums, which pc_card_fill_sums() fills in a copy. */
int pc_vis_header_plain(enum pc_vis_which which, const struct pc_visblock *shape, struct pc_text *header,
                        struct pc_err *err) PC_MUST_CHECK;
/* Fills what the header says: info (uvw and vis), nrow, ncorr, nchan, freq_per_row as far as this member
 * knows them. What the block knew before must agree. */
int pc_vis_header_parse(enum pc_vis_which which, const struct pc_fits_shape *shape,
                        const struct pc_text *header, const char *name, struct pc_visblock *b,
                        struct pc_err *err) PC_MUST_CHECK;

#endif
