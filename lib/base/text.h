/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_TEXT_H
#define PC_BASE_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A growing text, and a record: lines "key=value", the form of every text member of a bundle, of every done
 * record and of every line a tool writes about a channel.
 *
 * A failed allocation is remembered (bad) and reported once, by pc_text_ok(): callers append without
 * checking. */

struct pc_text {
    char *s; /* always ends in NUL once something was appended; NULL when empty */
    size_t len, cap;
    bool bad;
};

void pc_text_add(struct pc_text *t, const char *fmt, ...) PC_PRINTF(2, 3);
void pc_text_add_bytes(struct pc_text *t, const void *bytes, size_t n);
const char *pc_text_str(const struct pc_text *t); /* "" when empty; borrowed */
int pc_text_ok(const struct pc_text *t, struct pc_err *err) PC_MUST_CHECK;
void pc_text_free(struct pc_text *t);
/* The shortest decimal form that reads back as the same double, at most 25 characters, written into s;
 * returns s. */
char *pc_text_double(char s[40], double value);

/* A record keeps the order of its lines; a key may occur several times (history of cycles). Values hold no
 * newline. */
struct pc_record_line {
    char *key, *value;
};
struct pc_record {
    struct pc_record_line *line;
    size_t n, cap;
};

/* Parses `len` bytes; empty lines and lines that begin with # are kept out. A line without "=" is PC_EX_DATA
 * with its number. `name` is used in errors. */
int pc_record_parse(struct pc_record *r, const char *s, size_t len, const char *name,
                    struct pc_err *err) PC_MUST_CHECK;
int pc_record_format(const struct pc_record *r, struct pc_text *out, struct pc_err *err) PC_MUST_CHECK;
void pc_record_free(struct pc_record *r);

const char *pc_record_get(const struct pc_record *r, const char *key); /* first; NULL when absent; borrowed */
bool pc_record_has(const struct pc_record *r, const char *key);
/* Required numbers: absent or malformed is PC_EX_DATA naming key and value. */
int pc_record_double(const struct pc_record *r, const char *key, double *value,
                     struct pc_err *err) PC_MUST_CHECK;
int pc_record_int(const struct pc_record *r, const char *key, long long *value,
                  struct pc_err *err) PC_MUST_CHECK;
/* Sets the first line of that key (or appends one). Numbers are written so that they read back the same
 * (%.17g). */
int pc_record_set(struct pc_record *r, const char *key, const char *value, struct pc_err *err) PC_MUST_CHECK;
int pc_record_setf(struct pc_record *r, struct pc_err *err, const char *key, const char *fmt, ...)
    PC_PRINTF(4, 5) PC_MUST_CHECK;
int pc_record_set_double(struct pc_record *r, const char *key, double value,
                         struct pc_err *err) PC_MUST_CHECK;
/* Appends a line even when the key exists. */
int pc_record_append(struct pc_record *r, const char *key, const char *value,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_record_remove(struct pc_record *r, const char *key); /* all lines of that key */
int pc_record_copy(struct pc_record *dst, const struct pc_record *src, struct pc_err *err) PC_MUST_CHECK;

#endif
