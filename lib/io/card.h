/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CARD_H
#define PC_IO_CARD_H

#include "base/text.h"

#include <stdint.h>

/* Header cards, written. Each call appends whole 80-character cards to `t`; failed allocations are remembered
 * there. Characters FITS does not allow become '?'. Numbers are as short as they can be and still read back
 * exactly; long strings go on in CONTINUE cards, long HISTORY lines in cards whose 72nd character is a
 * backslash. */

void pc_card_int(struct pc_text *t, const char *key, int64_t value, const char *comment);
void pc_card_bool(struct pc_text *t, const char *key, bool value, const char *comment);
void pc_card_real(struct pc_text *t, const char *key, double value, const char *comment);
/* In degrees, such that the degrees read back and converted give the same radians where any number does. */
void pc_card_angle(struct pc_text *t, const char *key, double rad, const char *comment);
void pc_card_str(struct pc_text *t, const char *key, const char *value, const char *comment);
/* A value kept as text: numbers and T or F as such, 'quoted' verbatim, anything else as a string. */
void pc_card_text(struct pc_text *t, const char *key, const char *value);
void pc_card_history(struct pc_text *t, const char *line);
void pc_card_history_lines(struct pc_text *t, const char *lines);
/* END and padding to 2880 bytes, or to `align` when that is more; then, with has_sum, the values of the
 * DATASUM and CHECKSUM cards that pc_card_sums() left room for. */
void pc_card_sums(struct pc_text *t);
void pc_card_end(struct pc_text *t, int64_t align, bool has_sum, uint32_t datasum);
/* The same of a whole header that was ended without them. */
void pc_card_fill_sums(struct pc_text *t, uint32_t datasum);

/* The shortest decimal that reads back as v, with a point or exponent in it. */
void pc_card_format_real(char *s, size_t cap, double v);
bool pc_card_is_number(const char *s);
double pc_card_deg_to_rad(double deg);

#endif
