/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/survey.h"

#include "base/clones.h"
#include "base/mem.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

int pc_survey_init(struct pc_survey *s, int nx, int ny, struct pc_err *err)
{
    int64_t nblock = ((int64_t)nx * ny + PC_SURVEY_BLOCK - 1) / PC_SURVEY_BLOCK;
    *s = (struct pc_survey){.nx = nx, .ny = ny, .nblock = nblock};
    s->min = pc_mem_new(2 * nblock, sizeof *s->min, "extremes of a plane's blocks", err);
    s->max = s->min ? s->min + nblock : NULL;
    return s->min ? 0 : -1;
}

void pc_survey_fini(struct pc_survey *s)
{
    pc_mem_free(s->min);
    *s = (struct pc_survey){0};
}

struct extremes {
    float min, max;
    int n;
};

enum { LANES = 32 };

PC_CLONES static void look(const float *v, struct extremes *e)
{
    float min[LANES], max[LANES];
    int n[LANES];
    for (int k = 0; k < LANES; k++) {
        min[k] = INFINITY;
        max[k] = -INFINITY;
        n[k] = 0;
    }
    for (int i = 0; i < PC_SURVEY_BLOCK; i += LANES) {
        for (int k = 0; k < LANES; k++) {
            min[k] = v[i + k] < min[k] ? v[i + k] : min[k];
            max[k] = v[i + k] > max[k] ? v[i + k] : max[k];
        }
        for (int k = 0; k < LANES; k++)
            n[k] += v[i + k] == v[i + k];
    }
    for (int k = 0; k < LANES; k++) {
        e->min = min[k] < e->min ? min[k] : e->min;
        e->max = max[k] > e->max ? max[k] : e->max;
        e->n += n[k];
    }
}

static void look_at_few(const float *v, int n, struct extremes *e)
{
    for (int i = 0; i < n; i++) {
        e->min = v[i] < e->min ? v[i] : e->min;
        e->max = v[i] > e->max ? v[i] : e->max;
        e->n += v[i] == v[i];
    }
}

static void add_block(struct pc_survey *s, int64_t block, int n, float *pix)
{
    for (bool again = false;; again = true) {
        struct extremes e = {INFINITY, -INFINITY, 0};
        if (n == PC_SURVEY_BLOCK)
            look(pix, &e);
        else
            look_at_few(pix, n, &e);
        if (again || e.n == 0 || (e.min >= -FLT_MAX && e.max <= FLT_MAX)) {
            s->min[block] = e.min;
            s->max[block] = e.max;
            s->n += e.n;
            return;
        }
        for (int i = 0; i < n; i++)
            pix[i] = isfinite(pix[i]) ? pix[i] : NAN;
    }
}

static void blank(float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        pix[i] = NAN;
}

/* Pixels first .. first+n-1 that are in no run. */
static void blank_outside(struct pc_survey *s, int64_t first, int64_t n, float *pix,
                          const struct pc_runs *valid)
{
    int64_t at = first, end = first + n;
    while (at < end) {
        int64_t x0 = end, x1 = end;
        if (s->cursor < valid->n) {
            const struct pc_span *p = &valid->run[s->cursor];
            x0 = (int64_t)p->y * s->nx + p->x0;
            x1 = (int64_t)p->y * s->nx + p->x1;
        }
        blank(pix + (at - first), (x0 < end ? x0 : end) - at);
        at = x1 < end ? x1 : end;
        if (x1 > end)
            return;
        s->cursor++;
    }
}

void pc_survey_add(struct pc_survey *s, int64_t first, int64_t n, float *pix, const struct pc_runs *valid)
{
    if (valid)
        blank_outside(s, first, n, pix, valid);
    for (int64_t i = 0; i < n; i += PC_SURVEY_BLOCK)
        add_block(s, (first + i) / PC_SURVEY_BLOCK, n - i < PC_SURVEY_BLOCK ? (int)(n - i) : PC_SURVEY_BLOCK,
                  pix + i);
}

void pc_survey_extremes(const struct pc_survey *s, float *min, float *max)
{
    *min = s->n ? INFINITY : NAN;
    *max = s->n ? -INFINITY : NAN;
    for (int64_t i = 0; i < s->nblock && s->n; i++) {
        *min = s->min[i] < *min ? s->min[i] : *min;
        *max = s->max[i] > *max ? s->max[i] : *max;
    }
}

/* One block, row by row. */
static int search(const struct pc_survey *s, int64_t block, const float *pix, float level, bool above,
                  struct pc_runs *out, struct pc_err *err)
{
    int64_t first = block * PC_SURVEY_BLOCK, end = first + PC_SURVEY_BLOCK, npix = (int64_t)s->nx * s->ny;
    end = end < npix ? end : npix;
    while (first < end) {
        int y = (int)(first / s->nx), x = (int)(first % s->nx);
        int n = end - first < s->nx - x ? (int)(end - first) : s->nx - x;
        int bad = above ? pc_runs_add_above(out, y, x, pix + first, n, level, err)
                        : pc_runs_add_below(out, y, x, pix + first, n, level, err);
        if (bad)
            return -1;
        first += n;
    }
    return 0;
}

int pc_survey_above(const struct pc_survey *s, const float *pix, float level, struct pc_runs *out,
                    struct pc_err *err)
{
    for (int64_t i = 0; i < s->nblock; i++)
        if (s->max[i] > level && search(s, i, pix, level, true, out, err))
            return -1;
    return 0;
}

int pc_survey_below(const struct pc_survey *s, const float *pix, float level, struct pc_runs *out,
                    struct pc_err *err)
{
    for (int64_t i = 0; i < s->nblock; i++)
        if (s->min[i] < level && search(s, i, pix, level, false, out, err))
            return -1;
    return 0;
}
