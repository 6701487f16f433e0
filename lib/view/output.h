/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_OUTPUT_H
#define PC_VIEW_OUTPUT_H

#include "base/err.h"

#include <cairo.h>
#include <stdbool.h>
#include <stdio.h>

/* Where a picture goes, and in which form. BLOCKS: for a terminal, half a character a pixel; SIXEL: for a
 * terminal that knows pixels; FITS and TABLE: no picture but its numbers. */

enum pc_form { PC_FORM_PNG, PC_FORM_SIXEL, PC_FORM_BLOCKS, PC_FORM_FITS, PC_FORM_TABLE };

struct pc_output {
    enum pc_form form;
    FILE *out; /* open; the caller closes and checks */
    const char *name;
    int columns, rows; /* of a terminal, in characters */
    bool many_colors;  /* it knows 24-bit colours, else 256 */
};

/* A page as PNG or SIXEL. */
int pc_output_page(const struct pc_output *o, cairo_surface_t *page, struct pc_err *err) PC_MUST_CHECK;
/* Whether all that was written so far arrived. */
int pc_output_check(const struct pc_output *o, struct pc_err *err) PC_MUST_CHECK;

#endif
