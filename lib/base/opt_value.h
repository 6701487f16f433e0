/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_OPT_VALUE_H
#define PC_BASE_OPT_VALUE_H

#include "base/opt.h"

/* One option's value between its text and its field: what the parser and the documents share. */

/* Reads s into the field, range and choices checked; a LIST is appended to. Errors name the option. */
int pc_opt_value_set(const struct pc_opt *o, const char *s, void *params, struct pc_err *err) PC_MUST_CHECK;
/* The field as it would be typed: SI with unit, shortest form that reads back. A LIST is joined by commas. */
void pc_opt_value_format(const struct pc_opt *o, const void *params, struct pc_text *out);
/* Zero, NULL or empty: what a field without a default holds when nobody set it. */
bool pc_opt_value_is_unset(const struct pc_opt *o, const void *params);
/* "N", "ANGLE", "a|b": what stands after the option in documents; "" for a BOOL. */
const char *pc_opt_value_arg(const struct pc_opt *o);
/* Name of the type for scripts: "bool", "int", ... */
const char *pc_opt_type_name(enum pc_opt_type type);

#endif
