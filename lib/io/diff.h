/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_DIFF_H
#define PC_IO_DIFF_H

#include "base/text.h"

#include <stdint.h>

/* Two bundles (in any form, channels ascending) or two FITS files compared by their numbers, in bounded
 * memory. Headers are compared in their shapes only; text members as text. */

struct pc_diff_line {
    const char *channel, *member; /* "-" for plain files */
    const char *verdict;          /* "same", "near", "differs", "shape", "text", "only in A", "only in B" */
    bool numbers;                 /* what follows means something */
    int64_t n, nnan;              /* elements; those that are NaN in one of the two only */
    double max_abs, rms, peak_a;  /* of B - A; largest |A| */
};

struct pc_diff_conf {
    double rtol, atol; /* differs when max_abs > atol + rtol * peak_a, or NaNs are elsewhere */
    void (*line)(void *user, const struct pc_diff_line *line);
    void *user;
};

/* 0; *ndiffer counts the members that differ beyond the tolerance or exist on one side only. */
int pc_diff(const char *a, const char *b, const struct pc_diff_conf *conf, int64_t *ndiffer,
            struct pc_err *err) PC_MUST_CHECK;

#endif
