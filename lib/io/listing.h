/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_LISTING_H
#define PC_IO_LISTING_H

#include "base/text.h"

#include <stdint.h>

/* Which members a channel has, and how large: what its commit record zzplane says, one line "member=NAME
 * SIZE" each, in travel order. */

struct pc_listing_line {
    char *name;
    int64_t size;
};
struct pc_listing {
    struct pc_listing_line *line;
    int n, cap;
};

/* Replaces a line of that name. */
int pc_listing_set(struct pc_listing *l, const char *name, int64_t size, struct pc_err *err) PC_MUST_CHECK;
bool pc_listing_remove(struct pc_listing *l, const char *name); /* whether it was there */
/* -1 when it is not listed. */
int64_t pc_listing_size(const struct pc_listing *l, const char *name);
int pc_listing_format(struct pc_listing *l, struct pc_text *zzplane, struct pc_err *err) PC_MUST_CHECK;
int pc_listing_parse(struct pc_listing *l, const struct pc_text *zzplane, const char *where,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_listing_clear(struct pc_listing *l);

#endif
