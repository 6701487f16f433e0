/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_COLORMAP_H
#define PC_VIEW_COLORMAP_H

/* Colours for brightness: lightness rises evenly from near black to near white (in OKLab, B. Ottosson 2020),
 * while the hue goes from blue-violet over magenta and orange to yellow. Equal steps look equal, in grey too.
 */

/* t from 0 to 1; outside it is clamped, NaN is the grey of a blank pixel. */
void pc_colormap_rgb(double t, double rgb[3]);

#endif
