/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy_bytes(const char *s, size_t n)
{
    char *d = malloc(n + 1);
    if (d) {
        memcpy(d, s, n);
        d[n] = '\0';
    }
    return d;
}

static int out_of_memory(struct pc_err *err)
{
    return pc_err_set(err, PC_EX_NOMEM, "no memory for a line of a record");
}

static int append_bytes(struct pc_record *r, const char *key, size_t nkey, const char *value, size_t nvalue,
                        struct pc_err *err)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 16;
        struct pc_record_line *line = realloc(r->line, cap * sizeof *line);
        if (!line)
            return out_of_memory(err);
        r->line = line;
        r->cap = cap;
    }
    struct pc_record_line l = {copy_bytes(key, nkey), copy_bytes(value, nvalue)};
    if (!l.key || !l.value) {
        free(l.key);
        free(l.value);
        return out_of_memory(err);
    }
    r->line[r->n++] = l;
    return 0;
}

static int parse_line(struct pc_record *r, const char *s, size_t n, const char *name, long number,
                      struct pc_err *err)
{
    if (n == 0 || s[0] == '#')
        return 0;
    if (memchr(s, '\0', n))
        return pc_err_set(err, PC_EX_DATA, "%s: line %ld holds a NUL byte", name, number);
    const char *eq = memchr(s, '=', n);
    int shown = n < 60 ? (int)n : 60;
    if (!eq || eq == s)
        return pc_err_set(err, PC_EX_DATA, "%s: line %ld is \"%.*s\", it should be key=value", name, number,
                          shown, s);
    return append_bytes(r, s, (size_t)(eq - s), eq + 1, n - (size_t)(eq - s) - 1, err);
}

int pc_record_parse(struct pc_record *r, const char *s, size_t len, const char *name, struct pc_err *err)
{
    *r = (struct pc_record){0};
    long number = 0;
    for (size_t at = 0; at < len;) {
        const char *nl = memchr(s + at, '\n', len - at);
        size_t n = nl ? (size_t)(nl - (s + at)) : len - at;
        if (parse_line(r, s + at, n, name, ++number, err)) {
            pc_record_free(r);
            return -1;
        }
        at += n + 1;
    }
    return 0;
}

int pc_record_format(const struct pc_record *r, struct pc_text *out, struct pc_err *err)
{
    for (size_t i = 0; i < r->n; i++)
        pc_text_add(out, "%s=%s\n", r->line[i].key, r->line[i].value);
    return pc_text_ok(out, err);
}

void pc_record_free(struct pc_record *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->line[i].key);
        free(r->line[i].value);
    }
    free(r->line);
    *r = (struct pc_record){0};
}

static struct pc_record_line *find(const struct pc_record *r, const char *key)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->line[i].key, key) == 0)
            return &r->line[i];
    return NULL;
}

const char *pc_record_get(const struct pc_record *r, const char *key)
{
    const struct pc_record_line *l = find(r, key);
    return l ? l->value : NULL;
}

bool pc_record_has(const struct pc_record *r, const char *key)
{
    return find(r, key) != NULL;
}

int pc_record_double(const struct pc_record *r, const char *key, double *value, struct pc_err *err)
{
    const char *s = pc_record_get(r, key);
    if (!s)
        return pc_err_set(err, PC_EX_DATA, "there is no line %s=", key);
    char *end;
    double v = strtod(s, &end);
    if (end == s || *end)
        return pc_err_set(err, PC_EX_DATA, "%s is \"%.60s\", it should be a number", key, s);
    *value = v;
    return 0;
}

int pc_record_int(const struct pc_record *r, const char *key, long long *value, struct pc_err *err)
{
    const char *s = pc_record_get(r, key);
    if (!s)
        return pc_err_set(err, PC_EX_DATA, "there is no line %s=", key);
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (end == s || *end || errno)
        return pc_err_set(err, PC_EX_DATA, "%s is \"%.60s\", it should be an integer", key, s);
    *value = v;
    return 0;
}

/* What a reader would not get back as it was written is refused. */
static int check_line(const char *key, const char *value, struct pc_err *err)
{
    if (!*key || *key == '#' || strpbrk(key, "=\n"))
        return pc_err_set(err, PC_EX_DATA, "\"%.60s\" cannot be the key of a record", key);
    if (strchr(value, '\n'))
        return pc_err_set(err, PC_EX_DATA, "%s: the value \"%.60s\" holds a newline", key, value);
    return 0;
}

int pc_record_append(struct pc_record *r, const char *key, const char *value, struct pc_err *err)
{
    if (check_line(key, value, err))
        return -1;
    return append_bytes(r, key, strlen(key), value, strlen(value), err);
}

int pc_record_set(struct pc_record *r, const char *key, const char *value, struct pc_err *err)
{
    struct pc_record_line *l = find(r, key);
    if (!l)
        return pc_record_append(r, key, value, err);
    if (check_line(key, value, err))
        return -1;
    char *v = copy_bytes(value, strlen(value));
    if (!v)
        return out_of_memory(err);
    free(l->value);
    l->value = v;
    return 0;
}

int pc_record_setf(struct pc_record *r, struct pc_err *err, const char *key, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *s = n >= 0 ? malloc((size_t)n + 1) : NULL;
    if (s)
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    int rc = s ? pc_record_set(r, key, s, err) : out_of_memory(err);
    free(s);
    return rc;
}

int pc_record_set_double(struct pc_record *r, const char *key, double value, struct pc_err *err)
{
    char s[40];
    return pc_record_set(r, key, pc_text_double(s, value), err);
}

void pc_record_remove(struct pc_record *r, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->line[i].key, key) == 0) {
            free(r->line[i].key);
            free(r->line[i].value);
        } else {
            r->line[kept++] = r->line[i];
        }
    }
    r->n = kept;
}

int pc_record_copy(struct pc_record *dst, const struct pc_record *src, struct pc_err *err)
{
    *dst = (struct pc_record){0};
    for (size_t i = 0; i < src->n; i++)
        if (pc_record_append(dst, src->line[i].key, src->line[i].value, err)) {
            pc_record_free(dst);
            return -1;
        }
    return 0;
}
