/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include "io/atomic.h"
#include "io/fits.h"
#include "io/workdir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* DIR/chNNNNN.planes, a record: for each product "product=NAME", a "sum=" per Stokes plane, its header as
 * FITS cards, a "card=" each, and where it is only referred to, "path=". */

int pc_cube_planes_add(struct pc_record *planes, const char *product, const struct pc_imhead *head,
                       bool bytes, const uint32_t *sum, struct pc_err *err)
{
    struct pc_text header = {0};
    struct pc_fits_out out = {.bitpix = bytes ? 8 : -32};
    char value[81];
    int ret = pc_record_append(planes, "product", product, err);
    for (int p = 0; p < head->npol && ret == 0; p++) {
        snprintf(value, sizeof value, "%lu", (unsigned long)sum[p]);
        ret = pc_record_append(planes, "sum", value, err);
    }
    if (ret == 0)
        ret = pc_fits_format_imhead(head, &out, &header, err);
    for (size_t at = 0; ret == 0 && at + 80 <= header.len && strncmp(header.s + at, "END  ", 5) != 0;
         at += 80) {
        snprintf(value, sizeof value, "%.80s", header.s + at);
        ret = pc_record_append(planes, "card", value, err);
    }
    pc_text_free(&header);
    return ret;
}

static int write_plainly(const char *path, const struct pc_record *r, struct pc_err *err)
{
    struct pc_text text = {0};
    FILE *f = NULL;
    int ret = pc_record_format(r, &text, err);
    if (ret == 0 && (f = fopen(path, "w")) == NULL)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    bool bad = f && fwrite(pc_text_str(&text), 1, text.len, f) != text.len;
    if (f && (fclose(f) != 0 || bad))
        ret = pc_err_errno(err, PC_EX_IOERR, "%s", path);
    pc_text_free(&text);
    return ret;
}

int pc_cube_planes_save(const struct pc_cube *c, int index, const struct pc_record *planes, bool safe,
                        struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    if (pc_cube_path(c, path, err, "ch%05d.planes", index) != 0)
        return -1;
    return safe ? pc_atomic_write_record(path, planes, err) : write_plainly(path, planes, err);
}

static int parse_cards(const struct pc_text *cards, const char *path, struct pc_imhead *h, struct pc_err *err)
{
    struct pc_text header = {0};
    pc_text_add_bytes(&header, pc_text_str(cards), cards->len);
    pc_text_add(&header, "%-80s", "END");
    while (!header.bad && header.len % 2880)
        pc_text_add(&header, "%-80s", "");
    int ret = pc_text_ok(&header, err);
    if (ret == 0)
        ret = pc_fits_parse_imhead(&header, path, h, err);
    pc_text_free(&header);
    return ret;
}

int pc_cube_planes_load(const struct pc_cube *c, int index, const char *product, struct pc_cube_plane *plane,
                        struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_record r = {0};
    struct pc_text cards = {0};
    bool inside = false;
    int npol = 0, ret = 0;
    memset(plane, 0, sizeof *plane);
    if (pc_cube_path(c, path, err, "ch%05d.planes", index) != 0 || pc_record_load(&r, path, 1, err) != 0)
        return -1;
    plane->placed = r.n > 0;
    for (size_t i = 0; i < r.n; i++) {
        const char *key = r.line[i].key, *value = r.line[i].value;
        if (strcmp(key, "product") == 0)
            inside = strcmp(value, product) == 0;
        else if (inside && strcmp(key, "sum") == 0 && npol < PC_MAX_POL)
            plane->sum[npol++] = (uint32_t)strtoul(value, NULL, 10);
        else if (inside && strcmp(key, "path") == 0)
            snprintf(plane->path, sizeof plane->path, "%s", value);
        else if (inside && strcmp(key, "card") == 0)
            pc_text_add(&cards, "%-80.80s", value);
    }
    plane->there = cards.len > 0;
    if (plane->there)
        ret = parse_cards(&cards, path, &plane->head, err);
    pc_text_free(&cards);
    pc_record_free(&r);
    return ret;
}

bool pc_cube_is_placed(const struct pc_cube *c, int index)
{
    struct pc_err err;
    char path[PC_CUBE_PATH];
    return pc_cube_path(c, path, &err, "ch%05d.planes", index) == 0 && access(path, F_OK) == 0;
}
