/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_WANTED_H
#define PC_IO_WANTED_H

#include "io/bundle.h"

/* The images a tool wants of a channel: taken as they come, then checked together. A table ends with name
 * NULL; the images are the caller's, zeroed before the channel, pc_image_fini() after it. */

struct pc_wanted {
    const char *name; /* "psf.fits" */
    struct pc_image *image;
    const char *maker; /* of an image that must be there: the program that makes it; NULL: may be absent */
    bool is_mask;      /* becomes bytes: CASA writes floats */
};

/* Reads the member just given into its image. 1: it was wanted; 0: it is something else. */
int pc_wanted_take(const struct pc_wanted *wanted, struct pc_pass *pass, const char *name,
                   struct pc_err *err) PC_MUST_CHECK;
/* What must be there is, planes are no masks, and all have the grid of the first that must be
 * there. PC_EX_DATA says what is not so. */
int pc_wanted_check(const struct pc_wanted *wanted, struct pc_err *err) PC_MUST_CHECK;

/* Does a residual belong to this model (pix NULL: to none)? residual_model is what the channel's state says:
 * the DATASUM of the model. It is summed here from the pixels, whatever the model's header says. PC_EX_DATA
 * when not. */
int pc_model_check(const char *residual_model, const struct pc_image *model,
                   struct pc_err *err) PC_MUST_CHECK;
/* The same when the sum is known: 0 of no model. */
int pc_model_check_sum(const char *residual_model, uint32_t datasum, struct pc_err *err) PC_MUST_CHECK;

#endif
