/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_HEADER_H
#define PC_IO_HEADER_H

#include "base/text.h"

/* A header block opened for reading through CFITSIO, which is told NAXIS = 0 so that it never looks for
 * pixels. Absent or malformed values leave the default: foreign headers are what they are. */

struct pc_header;
int pc_header_open(struct pc_header **hdr, const struct pc_text *cards, const char *name,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_header_close(struct pc_header *hdr);

double pc_header_real(struct pc_header *hdr, const char *key, double def);
long long pc_header_int(struct pc_header *hdr, const char *key, long long def);
/* Truncated to cap-1 characters; "" when absent. */
void pc_header_str(struct pc_header *hdr, const char *key, char *s, size_t cap);
bool pc_header_has(struct pc_header *hdr, const char *key);
/* HISTORY lines, those that were wrapped joined again. */
int pc_header_history(const struct pc_text *cards, struct pc_text *history, struct pc_err *err) PC_MUST_CHECK;
/* Keywords that are not in `known` (a list ending in NULL; a last '*' stands for anything), values as text;
 * see pc_card_text(). */
int pc_header_extra(struct pc_header *hdr, const char *const *known, struct pc_record *extra,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
