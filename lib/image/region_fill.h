/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGION_FILL_H
#define PC_IMAGE_REGION_FILL_H

#include "image/region.h"

/* Sets the pixels of shapes whose place is known in pixels (counted from 0, integers at the centres). A
 * shape may lie partly or wholly outside; its border belongs to it (image/region.h). */

struct pc_fill {
    unsigned char *mask; /* [ny][nx] */
    int nx, ny;
    unsigned char value;
};

void pc_fill_corners(const struct pc_fill *f, const double a[2], const double b[2]);
/* Boxes and ellipses about a centre; `unit` is a pixel's size in the unit of the region's lengths. */
void pc_fill_round(const struct pc_fill *f, const struct pc_region *r, const double centre[2],
                   const double unit[2]);
int pc_fill_polygon(const struct pc_fill *f, double (*xy)[2], int n, struct pc_err *err) PC_MUST_CHECK;

#endif
