/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/image.h"

#include <string.h>

/* HISTORY is lines; the first word of a line is the program that wrote it, and a program's lines are its
 * block. */

struct line {
    const char *s;
    size_t len;  /* without the newline */
    size_t word; /* length of the first word */
};

/* The line at *pos; moves *pos behind it. False at the end. */
static bool next_line(const char **pos, struct line *l)
{
    if (**pos == '\0')
        return false;
    l->s = *pos;
    l->len = strcspn(*pos, "\n");
    l->word = strcspn(*pos, " \n");
    *pos += l->len + ((*pos)[l->len] == '\n');
    return true;
}

static bool is_of(const struct line *l, const char *program, size_t n)
{
    return l->word == n && memcmp(l->s, program, n) == 0;
}

static bool has_block(const struct pc_text *history, const char *program, size_t n)
{
    const char *pos = pc_text_str(history);
    struct line l;
    while (next_line(&pos, &l))
        if (is_of(&l, program, n))
            return true;
    return false;
}

static void add_line(struct pc_text *t, const struct line *l)
{
    pc_text_add_bytes(t, l->s, l->len);
    pc_text_add_bytes(t, "\n", 1);
}

static void add_lines(struct pc_text *t, const char *lines)
{
    struct line l;
    while (next_line(&lines, &l))
        add_line(t, &l);
}

int pc_imhead_history(struct pc_imhead *h, const char *program, const char *lines, struct pc_err *err)
{
    struct pc_text out = {0};
    const char *pos = pc_text_str(&h->history);
    size_t n = strlen(program);
    bool placed = false;
    struct line l;
    while (next_line(&pos, &l)) {
        if (!is_of(&l, program, n)) {
            add_line(&out, &l);
        } else if (!placed) {
            add_lines(&out, lines);
            placed = true;
        }
    }
    if (!placed)
        add_lines(&out, lines);
    if (pc_text_ok(&out, err) != 0) {
        pc_text_free(&out);
        return -1;
    }
    pc_text_free(&h->history);
    h->history = out;
    return 0;
}

int pc_imhead_history_merge(struct pc_imhead *dst, const struct pc_imhead *src, struct pc_err *err)
{
    struct pc_text add = {0};
    const char *pos = pc_text_str(&src->history);
    struct line l;
    while (next_line(&pos, &l))
        if (!has_block(&dst->history, l.s, l.word))
            add_line(&add, &l);
    if (add.len > 0)
        pc_text_add_bytes(&dst->history, add.s, add.len);
    int ret = pc_text_ok(&add, err) != 0 || pc_text_ok(&dst->history, err) != 0 ? -1 : 0;
    pc_text_free(&add);
    return ret;
}

static bool has_line(const struct pc_text *history, const struct line *want)
{
    const char *pos = pc_text_str(history);
    struct line l;
    while (next_line(&pos, &l))
        if (l.len == want->len && memcmp(l.s, want->s, l.len) == 0)
            return true;
    return false;
}

static int count_blocks(const struct pc_text *history)
{
    const char *pos = pc_text_str(history);
    struct line l, before = {0};
    int n = 0;
    while (next_line(&pos, &l)) {
        n += !is_of(&l, before.s, before.word);
        before = l;
    }
    return n;
}

int pc_imhead_history_share(struct pc_imhead *dst, const struct pc_imhead *src, struct pc_err *err)
{
    bool src_leads = count_blocks(&src->history) > count_blocks(&dst->history);
    const struct pc_text *base = src_leads ? &src->history : &dst->history;
    const struct pc_text *other = src_leads ? &dst->history : &src->history;
    struct pc_text out = {0};
    struct line l;
    const char *pos = pc_text_str(base);
    while (next_line(&pos, &l))
        if (has_line(other, &l) || !has_block(other, l.s, l.word))
            add_line(&out, &l);
    pos = pc_text_str(other);
    while (next_line(&pos, &l))
        if (!has_block(base, l.s, l.word))
            add_line(&out, &l);
    if (pc_text_ok(&out, err) != 0) {
        pc_text_free(&out);
        return -1;
    }
    pc_text_free(&dst->history);
    dst->history = out;
    return 0;
}
