/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGION_H
#define PC_IMAGE_REGION_H

#include "image/image.h"

#include <stdbool.h>

/* Regions of the sky or of an image as data, and their pixels on an image's grid.
 *
 * CASA's rule: a pixel belongs to a region when its centre lies inside or on the border (within 1e-6 of a
 * pixel). The centre or the corners of a region are projected; lengths and angles are those of the tangent
 * plane there. An annulus takes its outer border and not its inner one. */

enum pc_region_shape {
    PC_REGION_CORNERS, /* two opposite corners, sides along rows and columns */
    PC_REGION_BOX,     /* centre; half widths a and b, a along the angle */
    PC_REGION_ELLIPSE, /* centre; half axes a and b, a along the angle; without those within `inner` of it */
    PC_REGION_POLYGON  /* corners; even-odd where it crosses itself */
};

/* IMAGE: world coordinates in the image's own frame. FK5 and ICRS differ by the frame bias, 23 mas, as in
 * casacore. GALACTIC: l and b in the place of RA and Dec, and angles count from their axes; the two corners
 * of PC_REGION_CORNERS still stand on the image's rows and columns. */
enum pc_region_frame { PC_REGION_PIXEL, PC_REGION_IMAGE, PC_REGION_FK5, PC_REGION_ICRS, PC_REGION_GALACTIC };

enum pc_region_range { PC_REGION_ALL, PC_REGION_CHANNELS, PC_REGION_FREQUENCY, PC_REGION_VELOCITY };

struct pc_region {
    enum pc_region_shape shape;
    enum pc_region_frame frame;
    bool exclude;      /* takes its pixels away */
    int first, npoint; /* of the set's points */
    double a, b, inner;
    bool in_pixels;   /* a, b, inner: pixels; else radians */
    double angle_rad; /* counterclockwise from the direction of growing x, that is west */
    /* The channels it holds for: those whose index, or centre, lies in lo..hi (Hz, m/s). */
    enum pc_region_range range;
    double lo, hi, restfreq_hz;      /* restfreq 0: the image's */
    bool optical;                    /* velocities; else radio */
    char specsys[12];                /* of the range; "": the image's */
    int nstokes, stokes[PC_MAX_POL]; /* codes; nstokes 0: all */
};

struct pc_region_set {
    struct pc_region *region;
    int n, cap;
    double (*point)[2]; /* radians, or pixels counted from 0 */
    int npoint, point_cap;
};

/* Appends; the region's points are added after it. */
int pc_region_add(struct pc_region_set *set, const struct pc_region *r, struct pc_err *err) PC_MUST_CHECK;
/* A point of the last region. */
int pc_region_add_point(struct pc_region_set *set, double x, double y, struct pc_err *err) PC_MUST_CHECK;
void pc_region_set_fini(struct pc_region_set *set);

/* Applies the regions one after the other to one plane of the image: 1 where one includes, 0 where one
 * excludes. `index` is the channel's. A range in another spectral frame than the image's, or in velocity
 * without a rest frequency, is PC_EX_DATA. */
int pc_region_set_paint(const struct pc_region_set *set, const struct pc_imhead *h, int index, int pol,
                        unsigned char *mask, struct pc_err *err) PC_MUST_CHECK;

/* Where the first point of the first region is, in pixels counted from 0; NaN beyond the horizon. */
void pc_region_set_first(const struct pc_region_set *set, const struct pc_imhead *h, double xy[2]);

#endif
