/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGION_TEXT_H
#define PC_IMAGE_REGION_TEXT_H

#include "image/region.h"

/* Regions as text: CASA's (CRTF version 0, "CASA Region File Format") and DS9's ("Region files" in its
 * reference manual). What cannot be a mask (lines, text, symbols, points) and annotations are skipped; what
 * could, and is not understood, is an error. Errors begin with NAME:LINE:COLUMN, counted from 1, and carry
 * `code`: 65 for files, 64 for what was typed. */

enum pc_region_text { PC_REGION_TEXT_NONE, PC_REGION_TEXT_CRTF, PC_REGION_TEXT_DS9 };

/* By its beginning: "#CRTF" or a shape with "[": CASA; "# Region file format: DS9", a coordinate system or a
 * shape with "(": DS9. Comments and lines with "global" before it do not count. */
enum pc_region_text pc_region_text_kind(const char *s, size_t len);
/* Whether `s` can only go on with the region before it: "coord=J2000", "range=[1chan, 3chan]". */
bool pc_region_text_is_option(const char *s, size_t len);

/* Appends to the set, in the order in which they are to be applied: DS9's exclusions come after its
 * inclusions. The text is s[from..to); columns are counted from s. A text that fails
 * leaves the set as it was. */
int pc_region_parse(struct pc_region_set *set, const char *s, size_t from, size_t to, const char *name,
                    int code, struct pc_err *err) PC_MUST_CHECK;

#endif
