/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_VIEW_PLACE_H
#define PC_TOOLS_VIEW_PLACE_H

#include "tools/mask_given.h"
#include "view/pvcut.h"

/* Places in an image as pc-view's options say them. */

/* --center: pixels X,Y counted from 0, or a place of the sky, into c; NULL leaves it to the reference pixel.
 */
int view_center(const char *s, const char *path, struct pc_pvcut_conf *c, struct pc_err *err) PC_MUST_CHECK;

/* --spectrum: a pixel, or what pc-mask's --mask may say. */
struct view_part {
    double pixel[2];
    bool is_pixel;
    struct mask_given given;
};
int view_part_open(struct view_part *part, const char *s, struct pc_err *err) PC_MUST_CHECK;
void view_part_close(struct view_part *part);
/* As struct pc_spectrum_conf wants it; ctx is the part. */
int view_part_paint(void *ctx, const struct pc_imhead *head, int chan, unsigned char **mask,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
