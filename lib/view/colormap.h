/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_COLORMAP_H
#define PC_VIEW_COLORMAP_H

/* Colours for values, made in OKLab (B. Ottosson 2020), where equal steps look equal. In all but DIVERGING
 * lightness rises evenly from near black to near white: the picture may be printed in grey. */

enum pc_colormap {
    PC_COLORMAP_FIRE, /* violet, magenta, orange, yellow: brightness */
    PC_COLORMAP_SEA,  /* violet, blue, green, yellow */
    PC_COLORMAP_GREY,
    PC_COLORMAP_DIVERGING /* blue, white in the middle, red: velocities, and what may be negative */
};

/* t from 0 to 1; outside it is clamped, NaN is the grey of a blank pixel. */
void pc_colormap_rgb(enum pc_colormap map, double t, double rgb[3]);

#endif
