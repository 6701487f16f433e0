/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/listing.h"
#include "io/order.h"

#include <stdlib.h>
#include <string.h>

static int find(const struct pc_listing *l, const char *name)
{
    for (int i = 0; i < l->n; i++)
        if (!strcmp(l->line[i].name, name))
            return i;
    return -1;
}

int pc_listing_set(struct pc_listing *l, const char *name, int64_t size, struct pc_err *err)
{
    int i = find(l, name);
    if (i >= 0) {
        l->line[i].size = size;
        return 0;
    }
    if (l->n == l->cap) {
        int cap = l->cap ? 2 * l->cap : 32;
        struct pc_listing_line *line = realloc(l->line, (size_t)cap * sizeof *line);
        if (!line)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %d members", cap);
        l->line = line;
        l->cap = cap;
    }
    if (!(l->line[l->n].name = strdup(name)))
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    l->line[l->n++].size = size;
    return 0;
}

bool pc_listing_remove(struct pc_listing *l, const char *name)
{
    int i = find(l, name);
    if (i < 0)
        return false;
    free(l->line[i].name);
    memmove(l->line + i, l->line + i + 1, (size_t)(l->n - i - 1) * sizeof *l->line);
    l->n--;
    return true;
}

int64_t pc_listing_size(const struct pc_listing *l, const char *name)
{
    int i = find(l, name);
    return i < 0 ? -1 : l->line[i].size;
}

static int compare(const void *a, const void *b)
{
    return pc_order_compare(((const struct pc_listing_line *)a)->name,
                            ((const struct pc_listing_line *)b)->name);
}

int pc_listing_format(struct pc_listing *l, struct pc_text *zzplane, struct pc_err *err)
{
    if (l->n)
        qsort(l->line, (size_t)l->n, sizeof *l->line, compare);
    for (int i = 0; i < l->n; i++)
        pc_text_add(zzplane, "member=%s %lld\n", l->line[i].name, (long long)l->line[i].size);
    return pc_text_ok(zzplane, err);
}

static int parse_line(struct pc_listing *l, const char *value, const char *where, struct pc_err *err)
{
    const char *space = strrchr(value, ' ');
    char *end = NULL;
    long long size = space ? strtoll(space + 1, &end, 10) : -1;
    if (size < 0 || *end || space == value)
        return pc_err_set(err, PC_EX_DATA, "%s: \"member=%s\" is not \"member=NAME SIZE\"", where, value);
    char *name = strndup(value, (size_t)(space - value));
    if (!name)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    int rc = pc_listing_set(l, name, size, err);
    free(name);
    return rc;
}

int pc_listing_parse(struct pc_listing *l, const struct pc_text *zzplane, const char *where,
                     struct pc_err *err)
{
    struct pc_record r = {0};
    int rc = pc_record_parse(&r, pc_text_str(zzplane), zzplane->len, where, err);
    if (rc)
        return -1;
    for (size_t i = 0; !rc && i < r.n; i++)
        if (!strcmp(r.line[i].key, "member"))
            rc = parse_line(l, r.line[i].value, where, err);
    pc_record_free(&r);
    return rc;
}

void pc_listing_clear(struct pc_listing *l)
{
    for (int i = 0; i < l->n; i++)
        free(l->line[i].name);
    free(l->line);
    memset(l, 0, sizeof *l);
}
