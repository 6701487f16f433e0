/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/mask_given.h"

#include "base/mem.h"
#include "image/region_text.h"
#include "io/image_file.h"
#include "mask/usermask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 1 << 26 }; /* bytes of region text */

static struct mask_item *add_item(struct mask_given *g, struct pc_err *err)
{
    struct mask_item *p = realloc(g->item, ((size_t)g->n + 1) * sizeof *p);
    if (!p) {
        pc_err_set(err, PC_EX_NOMEM, "no memory for %d masks", g->n + 1);
        return NULL;
    }
    g->item = p;
    memset(&p[g->n], 0, sizeof *p);
    return &p[g->n++];
}

static const char *option(const struct mask_given *g)
{
    return g->option ? g->option : "--mask";
}

/* The text of a file of regions; empty when it is none, and can only be an image. */
static int read_regions(const char *path, struct pc_text *text, struct pc_err *err)
{
    char buf[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    while (text->len < LARGEST && (n = fread(buf, 1, sizeof buf, f)) > 0) {
        pc_text_add_bytes(text, buf, n);
        if (text->bad || (text->len >= 6 && memcmp(text->s, "SIMPLE", 6) == 0))
            break;
    }
    int bad = pc_text_ok(text, err);
    fclose(f);
    if (!bad && pc_region_text_kind(pc_text_str(text), text->len) == PC_REGION_TEXT_NONE)
        pc_text_free(text);
    return bad;
}

static int add_file(struct mask_given *g, const char *path, struct pc_err *err)
{
    struct pc_text text = {0};
    struct stat st;
    struct mask_item *item = add_item(g, err);
    int bad = 0;
    if (!item)
        return -1;
    if (stat(path, &st) || access(path, R_OK))
        return pc_err_errno(err, PC_EX_NOINPUT, "%s %s", option(g), path);
    if (S_ISDIR(st.st_mode) && !pc_image_file_is_casa(path))
        return pc_err_set(err, PC_EX_DATA, "%s %s: is a directory without table.dat: no CASA image",
                          option(g), path);
    if (S_ISREG(st.st_mode) && read_regions(path, &text, err))
        bad = -1;
    else if (text.len > 0)
        bad = pc_region_parse(&item->set, text.s, 0, text.len, path, PC_EX_DATA, err);
    else if (!(item->path = strdup(path)))
        bad = pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    pc_text_free(&text);
    return bad;
}

/* Where the piece that begins at `at` ends: a comma outside brackets and quotes. */
static size_t piece_end(const char *s, size_t at)
{
    int depth = 0;
    char quote = '\0';
    for (; s[at]; at++) {
        char c = s[at];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if ((c == '"' || c == '\'') && depth == 0 && at > 0 && s[at - 1] == '=')
            quote = c;
        else if (strchr("[({", c))
            depth++;
        else if (strchr("])}", c))
            depth--;
        else if (c == ',' && depth <= 0)
            break;
    }
    return at;
}

static int add_piece(struct mask_given *g, const char *value, size_t from, size_t to, struct pc_err *err)
{
    while (from < to && value[from] == ' ')
        from++;
    if (pc_region_text_kind(value + from, to - from) != PC_REGION_TEXT_NONE) {
        struct mask_item *item = add_item(g, err);
        return item ? pc_region_parse(&item->set, value, from, to, option(g), PC_EX_USAGE, err) : -1;
    }
    char *path = strndup(value + from, to - from);
    if (!path)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    int bad = add_file(g, path, err);
    free(path);
    return bad;
}

static int add_value(struct mask_given *g, const char *value, struct pc_err *err)
{
    struct stat st;
    if (stat(value, &st) == 0)
        return add_file(g, value, err);
    for (size_t from = 0;;) {
        size_t to = piece_end(value, from);
        /* the options of a region follow it after commas */
        while (value[to] && pc_region_text_kind(value + from, to - from) != PC_REGION_TEXT_NONE &&
               pc_region_text_is_option(value + to + 1, strlen(value + to + 1)))
            to = piece_end(value, to + 1);
        if (add_piece(g, value, from, to, err))
            return -1;
        if (!value[to])
            return 0;
        from = to + 1;
    }
}

int mask_given_open(struct mask_given *g, const struct pc_strlist *list, struct pc_err *err)
{
    for (int i = 0; i < list->n; i++)
        if (add_value(g, list->s[i], err)) {
            mask_given_close(g);
            return -1;
        }
    return 0;
}

void mask_given_close(struct mask_given *g)
{
    for (int i = 0; i < g->n; i++) {
        free(g->item[i].path);
        pc_region_set_fini(&g->item[i].set);
    }
    free(g->item);
    *g = (struct mask_given){.option = g->option};
}

static int paint_item(const struct mask_item *item, const struct pc_imhead *h, int index, unsigned char *mask,
                      struct pc_err *err)
{
    struct pc_image given = {0};
    const struct pc_image_want want = {.index = index, .tmpdir = getenv("TMPDIR")};
    int bad = item->path && pc_image_file_load(item->path, &want, &given, NULL, err);
    for (int pol = 0; !bad && pol < h->npol; pol++) {
        unsigned char *plane = mask + pol * (int64_t)h->nx * h->ny;
        bad = item->path ? pc_usermask_add(&given, item->path, h, pol, plane, err)
                         : pc_region_set_paint(&item->set, h, index, pol, plane, err);
    }
    pc_image_fini(&given);
    return bad;
}

int mask_given_paint(const struct mask_given *g, const struct pc_imhead *h, int index, unsigned char **mask,
                     struct pc_err *err)
{
    bool from_all = g->n > 0 && g->item[0].set.n > 0 && g->item[0].set.region[0].exclude;
    *mask = pc_mem_new(pc_imhead_npix(h), 1, "the mask", err);
    if (!*mask)
        return -1;
    memset(*mask, from_all, (size_t)pc_imhead_npix(h));
    for (int i = 0; i < g->n; i++)
        if (paint_item(&g->item[i], h, index, *mask, err))
            return -1;
    return 0;
}
