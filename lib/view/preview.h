/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_VIEW_PREVIEW_H
#define PC_VIEW_PREVIEW_H

#include "image/image.h"

/* One plane as a picture, on the way through a tool: brightness, the outline of the mask and the beam. What
 * stands out or is masked is shown, and what is around it. */

struct pc_preview {
    const struct pc_imhead *head; /* of the plane */
    const float *plane;           /* [ny][nx] */
    const unsigned char *mask;    /* the same; NULL: none */
    struct pc_beam beam;          /* maj 0: none is drawn */
    const char *label;            /* of the channel */
};

/* The name of a channel's picture: `path` for the first that a run draws, for others (first false) the
 * channel's name before its last dot: mask.png, mask.ch00001.png. PC_EX_USAGE when it is too long. */
int pc_preview_path(const char *path, const char *channel, bool first, char *s, size_t cap,
                    struct pc_err *err) PC_MUST_CHECK;
/* Writes the PNG, under another name until it is whole. A blank plane gives an empty picture. */
int pc_preview_write(const struct pc_preview *p, const char *path, struct pc_err *err) PC_MUST_CHECK;

#endif
