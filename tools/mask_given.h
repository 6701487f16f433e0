/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MASK_GIVEN_H
#define PC_TOOLS_MASK_GIVEN_H

#include "base/opt.h"
#include "image/region.h"

/* What --mask says: images (FITS, CASA), files of regions, and regions themselves, in any number, with commas
 * between or by repeating the option. They are applied in their order: an image or an inclusion adds its
 * pixels, an exclusion takes them away; when an exclusion is the very first it takes them from the whole
 * image. */

struct mask_item {
    char *path; /* an image; NULL: regions */
    struct pc_region_set set;
};
struct mask_given {
    const char *option; /* as errors name it; NULL: --mask */
    struct mask_item *item;
    int n;
};

/* Reads the regions; images are read for each channel. */
int mask_given_open(struct mask_given *g, const struct pc_strlist *list, struct pc_err *err) PC_MUST_CHECK;
void mask_given_close(struct mask_given *g);
/* The planes of all Stokes of a channel, allocated with pc_mem_new(). */
int mask_given_paint(const struct mask_given *g, const struct pc_imhead *h, int index, unsigned char **mask,
                     struct pc_err *err) PC_MUST_CHECK;

#endif
