/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_ARRAY_H
#define PC_IMAGE_PB_ARRAY_H

#include "image/pb_dishes.h"
#include "image/pb_rows.h"

/* The primary beam of a plane, from all the pointings and kinds of dishes that its visibilities are from;
 * spec/casa-imaging.md section 4.3, standard gridder:
 *
 *     pb = sum over distinct (MS, field) of the power pattern around its pointing, divided by the largest
 *          value if that is above 1.
 *
 * Where dishes differ the pattern of an (MS, field) is the mean over its baselines (image/pb_dishes.h). Of
 * several (MS, field) that look at the same place, within a twentieth of a beam, with different dishes, each
 * counts by its share of their weight: two arrays in one MS or in two have the same beam. An (MS, field)
 * whose samples have no weight does not count.
 *
 * A run has one of these: begin() a channel, see() the header of every block, then, if weights are needed,
 * weigh() every block; fill(). What has been learned of an MS serves the channels after. */

struct pc_pb_array;
int pc_pb_array_new(struct pc_pb_array **a, struct pc_err *err) PC_MUST_CHECK;
void pc_pb_array_free(struct pc_pb_array *a);
void pc_pb_array_begin(struct pc_pb_array *a);
/* Warnings on a telescope that is not known come once. */
int pc_pb_array_see(struct pc_pb_array *a, const struct pc_visinfo *info, struct pc_log *log,
                    struct pc_err *err) PC_MUST_CHECK;
/* Whether what was seen has more than one pointing or kind of dish. */
bool pc_pb_array_needs_weights(const struct pc_pb_array *a);
/* PC_EX_DATA as pc_dishes_add(); the block has been seen. */
int pc_pb_array_weigh(struct pc_pb_array *a, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;

/* Where all of this channel's dishes looked; false when that is not one place. */
bool pc_pb_array_pointing(const struct pc_pb_array *a, double pointing_rad[2]);
/* The shares of the kinds of dishes in the weight, "12m:0.85,7m:0.15", cut where `text` ends; false when all
 * of the weight is from one kind. */
bool pc_pb_array_shares(const struct pc_pb_array *a, char *text, size_t size);
/* Fills a plane [ny][nx]; values <= |pblimit| become 0. With one pointing and dishes that are alike it is
 * pc_pb_fill()'s, to the byte. */
int pc_pb_array_fill(const struct pc_pb_array *a, const struct pc_imhead *head, double freq_hz,
                     double pblimit, float *plane, struct pc_err *err) PC_MUST_CHECK;
/* With one pointing and dishes that are alike: *one, and that beam's rows, which the caller ends. */
int pc_pb_array_rows(const struct pc_pb_array *a, const struct pc_imhead *head, double freq_hz,
                     double pblimit, struct pc_pb_rows *rows, bool *one, struct pc_err *err) PC_MUST_CHECK;

#endif
