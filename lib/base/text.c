/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and the NUL. */
static bool grow(struct pc_text *t, size_t n)
{
    size_t need;
    if (t->bad)
        return false;
    if (__builtin_add_overflow(t->len, n, &need) || need >= SIZE_MAX / 2) {
        t->bad = true;
        return false;
    }
    if (need < t->cap)
        return true;
    size_t cap = t->cap ? t->cap : 64;
    while (cap <= need)
        cap *= 2;
    char *s = realloc(t->s, cap);
    if (!s) {
        t->bad = true;
        return false;
    }
    t->s = s;
    t->cap = cap;
    return true;
}

void pc_text_add(struct pc_text *t, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        t->bad = true;
    else if (grow(t, (size_t)n)) {
        vsnprintf(t->s + t->len, (size_t)n + 1, fmt, again);
        t->len += (size_t)n;
    }
    va_end(again);
}

void pc_text_add_bytes(struct pc_text *t, const void *bytes, size_t n)
{
    if (!grow(t, n))
        return;
    if (n)
        memcpy(t->s + t->len, bytes, n);
    t->len += n;
    t->s[t->len] = '\0';
}

const char *pc_text_str(const struct pc_text *t)
{
    return t->s ? t->s : "";
}

int pc_text_ok(const struct pc_text *t, struct pc_err *err)
{
    if (t->bad)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a text of more than %zu bytes", t->len);
    return 0;
}

void pc_text_free(struct pc_text *t)
{
    free(t->s);
    *t = (struct pc_text){0};
}

char *pc_text_double(char s[40], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(s, 40, "%.*g", digits, value);
        if (strtod(s, NULL) == value)
            break;
    }
    return s;
}
