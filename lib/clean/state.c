/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/state.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of the text form: where the value lives. */
enum field_type { F_INT64, F_INT, F_DOUBLE, F_STOKES };
struct field {
    const char *key;
    enum field_type type;
    size_t offset;
};

static const struct field STATE_FIELDS[] = {
    {"iterdone", F_INT64, offsetof(struct pc_state, iterdone)},
    {"nmajor", F_INT, offsetof(struct pc_state, nmajor)},
    {"stopcode", F_INT, offsetof(struct pc_state, stopcode)},
    {"peakres_jy", F_DOUBLE, offsetof(struct pc_state, peakres_jy)},
    {"cyclethreshold_jy", F_DOUBLE, offsetof(struct pc_state, cyclethreshold_jy)},
    {"peak_prev_jy", F_DOUBLE, offsetof(struct pc_state, peak_prev_jy)},
    {"peak_min_jy", F_DOUBLE, offsetof(struct pc_state, peak_min_jy)},
    {NULL, F_INT, 0}};

static const struct field CYCLE_FIELDS[] = {
    {"iterdone", F_INT64, offsetof(struct pc_cycle, iterdone)},
    {"startpeak_jy", F_DOUBLE, offsetof(struct pc_cycle, startpeak_jy)},
    {"peakres_jy", F_DOUBLE, offsetof(struct pc_cycle, peakres_jy)},
    {"peakres_nomask_jy", F_DOUBLE, offsetof(struct pc_cycle, peakres_nomask_jy)},
    {"modelflux_jy", F_DOUBLE, offsetof(struct pc_cycle, modelflux_jy)},
    {"cyclethreshold_jy", F_DOUBLE, offsetof(struct pc_cycle, cyclethreshold_jy)},
    {"rms_jy", F_DOUBLE, offsetof(struct pc_cycle, rms_jy)},
    {"masksum", F_INT64, offsetof(struct pc_cycle, masksum)},
    {"stop", F_INT, offsetof(struct pc_cycle, stop)},
    {"startpeak_nomask_jy", F_DOUBLE, offsetof(struct pc_cycle, startpeak_nomask_jy)},
    {"nsigma_jy", F_DOUBLE, offsetof(struct pc_cycle, nsigma_jy)},
    {"stokes", F_STOKES, offsetof(struct pc_cycle, stokes)},
    {NULL, F_INT, 0}};

static const struct field PLANE_FIELDS[] = {
    {"stokes", F_STOKES, offsetof(struct pc_cycle_plane, stokes)},
    {"iterdone", F_INT64, offsetof(struct pc_cycle_plane, iterdone)},
    {"startpeak_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, startpeak_jy)},
    {"startpeak_nomask_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, startpeak_nomask_jy)},
    {"peakres_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, peakres_jy)},
    {"peakres_nomask_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, peakres_nomask_jy)},
    {"modelflux_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, modelflux_jy)},
    {"rms_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, rms_jy)},
    {"nsigma_jy", F_DOUBLE, offsetof(struct pc_cycle_plane, nsigma_jy)},
    {"masksum", F_INT64, offsetof(struct pc_cycle_plane, masksum)},
    {"stop", F_INT, offsetof(struct pc_cycle_plane, stop)},
    {NULL, F_INT, 0}};

/* Shortest decimal that reads back as the same number: float32 peaks stay legible. */
static void format_double(char *s, size_t cap, double v)
{
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(s, cap, "%.*g", digits, v);
        if (strtod(s, NULL) == v || isnan(v))
            return;
    }
}

static void field_format(const struct field *f, const void *base, char *s, size_t cap)
{
    const char *at = (const char *)base + f->offset;
    switch (f->type) {
    case F_INT64:
        snprintf(s, cap, "%lld", (long long)*(const int64_t *)(const void *)at);
        break;
    case F_INT:
        snprintf(s, cap, "%d", *(const int *)(const void *)at);
        break;
    case F_DOUBLE:
        format_double(s, cap, *(const double *)(const void *)at);
        break;
    case F_STOKES:
        snprintf(s, cap, "%s", at);
        break;
    }
}

/* `what` names the line in the error: "cycle" or "state". */
static int field_parse(const struct field *f, void *base, const char *value, const char *what,
                       struct pc_err *err)
{
    char *at = (char *)base + f->offset, *end;
    errno = 0;
    if (f->type == F_STOKES) {
        if (strlen(value) >= PC_CYCLE_STOKES)
            return pc_err_set(err, PC_EX_DATA, "%s: %s is '%s', too long for names of Stokes planes", what,
                              f->key, value);
        snprintf(at, PC_CYCLE_STOKES, "%s", value);
        return 0;
    }
    if (f->type == F_DOUBLE) {
        double v = strtod(value, &end);
        if (end == value || *end)
            return pc_err_set(err, PC_EX_DATA, "%s: %s is '%s', not a number", what, f->key, value);
        *(double *)(void *)at = v;
        return 0;
    }
    long long v = strtoll(value, &end, 10);
    if (end == value || *end || errno || (f->type == F_INT && (v > 1000000000 || v < -1000000000)))
        return pc_err_set(err, PC_EX_DATA, "%s: %s is '%s', not an integer in range", what, f->key, value);
    if (f->type == F_INT64)
        *(int64_t *)(void *)at = v;
    else
        *(int *)(void *)at = (int)v;
    return 0;
}

static const struct field *field_find(const struct field *table, const char *key, size_t len)
{
    for (const struct field *f = table; f->key; f++)
        if (strlen(f->key) == len && !memcmp(f->key, key, len))
            return f;
    return NULL;
}

void pc_state_init(struct pc_state *s)
{
    memset(s, 0, sizeof *s);
    s->peak_prev_jy = s->peak_min_jy = -1;
}

void pc_state_fini(struct pc_state *s)
{
    free(s->cycle);
    pc_record_free(&s->other);
    pc_state_init(s);
}

int pc_state_add_cycle(struct pc_state *s, const struct pc_cycle *c, struct pc_err *err)
{
    struct pc_cycle *grown = realloc(s->cycle, ((size_t)s->ncycle + 1) * sizeof *grown);
    if (!grown)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for the history of %d cycles", s->ncycle + 1);
    s->cycle = grown;
    s->cycle[s->ncycle++] = *c;
    return 0;
}

/* "iterdone=19 startpeak_jy=0.35 ...": keys that this version does not know are passed over. */
static int fields_parse(const struct field *table, void *base, const char *text, int ncycle,
                        struct pc_err *err)
{
    for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        const char *eq = memchr(p, '=', len);
        char value[64];
        if (!eq)
            return pc_err_set(err, PC_EX_DATA, "cycle %d: '%.*s' has no '='", ncycle, (int)len, p);
        snprintf(value, sizeof value, "%.*s", (int)(len - (size_t)(eq + 1 - p)), eq + 1);
        const struct field *f = field_find(table, p, (size_t)(eq - p));
        if (f && field_parse(f, base, value, "cycle", err))
            return -1;
        p += len;
    }
    return 0;
}

static int cycle_parse(struct pc_state *s, const char *text, struct pc_err *err)
{
    struct pc_cycle c = {.startpeak_nomask_jy = NAN};
    return fields_parse(CYCLE_FIELDS, &c, text, s->ncycle + 1, err) || pc_state_add_cycle(s, &c, err) ? -1
                                                                                                      : 0;
}

static int plane_parse(struct pc_state *s, const char *text, struct pc_err *err)
{
    struct pc_cycle *c = s->ncycle ? &s->cycle[s->ncycle - 1] : NULL;
    if (!c || c->nplane == PC_MAX_POL)
        return pc_err_set(err, PC_EX_DATA, "cycle %d: %s", s->ncycle,
                          c ? "too many lines cycleplane" : "cycleplane comes before any cycle");
    return fields_parse(PLANE_FIELDS, &c->plane[c->nplane++], text, s->ncycle, err);
}

static int line_parse(struct pc_state *s, const struct pc_record_line *line, struct pc_err *err)
{
    if (!strcmp(line->key, "cycle"))
        return cycle_parse(s, line->value, err);
    if (!strcmp(line->key, "cycleplane"))
        return plane_parse(s, line->value, err);
    if (!strcmp(line->key, "residual_model")) {
        if (strlen(line->value) >= sizeof s->residual_model)
            return pc_err_set(err, PC_EX_DATA, "residual_model is '%s', not a DATASUM", line->value);
        snprintf(s->residual_model, sizeof s->residual_model, "%s", line->value);
        return 0;
    }
    const struct field *f = field_find(STATE_FIELDS, line->key, strlen(line->key));
    return f ? field_parse(f, s, line->value, "state", err)
             : pc_record_append(&s->other, line->key, line->value, err);
}

int pc_state_parse(struct pc_state *s, const struct pc_record *r, struct pc_err *err)
{
    pc_state_init(s);
    for (size_t i = 0; i < r->n; i++)
        if (line_parse(s, &r->line[i], err)) {
            pc_state_fini(s);
            return -1;
        }
    return 0;
}

static int fields_format(const struct field *table, const void *base, const char *key, struct pc_record *r,
                         struct pc_err *err)
{
    struct pc_text t = {0};
    char value[64];
    for (const struct field *f = table; f->key; f++) {
        field_format(f, base, value, sizeof value);
        if (f->type != F_STOKES || *value)
            pc_text_add(&t, "%s%s=%s", t.len ? " " : "", f->key, value);
    }
    int rc = pc_text_ok(&t, err);
    if (!rc)
        rc = pc_record_append(r, key, pc_text_str(&t), err);
    pc_text_free(&t);
    return rc;
}

static int cycle_format(const struct pc_cycle *c, struct pc_record *r, struct pc_err *err)
{
    int rc = fields_format(CYCLE_FIELDS, c, "cycle", r, err);
    for (int k = 0; k < c->nplane && !rc; k++)
        rc = fields_format(PLANE_FIELDS, &c->plane[k], "cycleplane", r, err);
    return rc;
}

int pc_state_format(const struct pc_state *s, struct pc_record *r, struct pc_err *err)
{
    char value[64];
    memset(r, 0, sizeof *r);
    for (const struct field *f = STATE_FIELDS; f->key; f++) {
        field_format(f, s, value, sizeof value);
        if (pc_record_append(r, f->key, value, err))
            goto fail;
    }
    if (pc_record_append(r, "residual_model", s->residual_model, err))
        goto fail;
    for (size_t i = 0; i < s->other.n; i++)
        if (pc_record_append(r, s->other.line[i].key, s->other.line[i].value, err))
            goto fail;
    for (int i = 0; i < s->ncycle; i++)
        if (cycle_format(&s->cycle[i], r, err))
            goto fail;
    return 0;
fail:
    pc_record_free(r);
    return -1;
}
