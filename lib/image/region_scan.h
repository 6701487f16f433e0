/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_REGION_SCAN_H
#define PC_IMAGE_REGION_SCAN_H

#include "image/region_text.h"

/* What the readers of CRTF and DS9 share: a place in a text, its words and values, and errors that say where.
 */

struct pc_scan {
    const char *s, *name;
    size_t len, at;
    int line;
    size_t line_at; /* where the line begins */
    int code;
    struct pc_err *err;
};

enum pc_scan_unit { PC_SCAN_BARE, PC_SCAN_PIXEL, PC_SCAN_ANGLE, PC_SCAN_COLONS, PC_SCAN_OTHER };
/* A number: bare, in pixels, an angle in rad, sexagesimal with colons (hours or degrees, as the reader
 * decides), or with another unit, which pc_quantity_parse() may know. */
struct pc_scan_value {
    double v;
    enum pc_scan_unit unit;
    size_t at; /* where it stands, for errors */
    char text[64];
};

/* -1, with NAME:LINE:COLUMN of `at` before the sentence. */
int pc_scan_fail(struct pc_scan *sc, size_t at, const char *fmt, ...) PC_PRINTF(3, 4);
int pc_scan_peek(const struct pc_scan *sc); /* the next character, 0 at the end */
void pc_scan_blank(struct pc_scan *sc);     /* over spaces and tabs */
bool pc_scan_accept(struct pc_scan *sc, char c);
int pc_scan_expect(struct pc_scan *sc, char c) PC_MUST_CHECK;
void pc_scan_line_end(struct pc_scan *sc); /* to the newline or the end */
bool pc_scan_newline(struct pc_scan *sc);  /* over a newline, which ends a line */
/* Letters and underscores, in lower case, at most 31; "" when there are none. */
void pc_scan_word(struct pc_scan *sc, char word[32]);
int pc_scan_value(struct pc_scan *sc, struct pc_scan_value *v) PC_MUST_CHECK;

/* The readers; each reads the whole text. */
int pc_region_parse_crtf(struct pc_region_set *set, struct pc_scan *sc) PC_MUST_CHECK;
int pc_region_parse_ds9(struct pc_region_set *set, struct pc_scan *sc) PC_MUST_CHECK;

#endif
