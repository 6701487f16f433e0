/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/smooth.h"

#include "base/mem.h"
#include "mask/blur.h"

#include <stdbool.h>
#include <string.h>

/* The cut needs the largest value, which is known after the last row. Rows are kept for the second time they
 * are needed while they are few (an eighth of the image), and are made anew beyond. */
struct smoothing {
    struct pc_blur *blur;
    int nx, ny, nstep;
    float *row;
    unsigned char *touched;
    float *kept;        /* the touched steps of rows that are kept, one after the other */
    int64_t nkept, cap; /* floats */
    unsigned char *map; /* [ny][nstep]: touched, of rows that are kept */
    int y0, y1, yend;   /* rows; those that are kept end before yend */
};

static int keep_room(struct smoothing *s, bool *full, struct pc_err *err)
{
    const int64_t most = (int64_t)s->nx * s->ny / 8 + s->nstep * (int64_t)PC_BLUR_STEP;
    *full = false;
    if (s->nkept + s->nstep * (int64_t)PC_BLUR_STEP <= s->cap)
        return 0;
    int64_t cap = s->cap + s->cap / 2 + s->nstep * (int64_t)PC_BLUR_STEP * 8;
    *full = cap > most && s->cap > 0;
    if (*full)
        return 0;
    float *kept = pc_mem_new(cap, sizeof *kept, "rows of a smoothed mask", err);
    if (!kept)
        return -1;
    if (s->nkept)
        memcpy(kept, s->kept, (size_t)s->nkept * sizeof *kept);
    pc_mem_free(s->kept);
    s->kept = kept;
    s->cap = cap;
    return 0;
}

static void keep(struct smoothing *s, int y)
{
    memcpy(s->map + (int64_t)y * s->nstep, s->touched, (size_t)s->nstep);
    for (int i = 0; i < s->nstep; i++)
        if (s->touched[i]) {
            memcpy(s->kept + s->nkept, s->row + (int64_t)i * PC_BLUR_STEP, PC_BLUR_STEP * sizeof *s->row);
            s->nkept += PC_BLUR_STEP;
        }
    s->yend = y + 1;
}

/* Columns of step i that are the image's. */
static int width(const struct smoothing *s, int i)
{
    int n = s->nx - i * PC_BLUR_STEP;
    return n < PC_BLUR_STEP ? n : PC_BLUR_STEP;
}

static float row_max(const struct smoothing *s)
{
    float max = 0;
    for (int i = 0; i < s->nstep; i++)
        for (int k = 0, n = s->touched[i] ? width(s, i) : 0; k < n; k++) {
            float v = s->row[i * PC_BLUR_STEP + k];
            max = v > max ? v : max;
        }
    return max;
}

static int find_max(struct smoothing *s, float *max, struct pc_err *err)
{
    bool full = false;
    *max = 0;
    for (int y = s->y0; y < s->y1; y++) {
        if (pc_blur_row(s->blur, y, s->row, s->touched, err) || (!full && keep_room(s, &full, err)))
            return -1;
        float v = row_max(s);
        *max = v > *max ? v : *max;
        if (!full)
            keep(s, y);
    }
    return 0;
}

static int cut_row(const struct smoothing *s, int y, const unsigned char *touched, const float *from,
                   bool packed, float level, struct pc_runs *out, struct pc_err *err)
{
    for (int i = 0; i < s->nstep; i++) {
        const float *v = packed ? from : from + (int64_t)i * PC_BLUR_STEP;
        if (!touched[i])
            continue;
        if (pc_runs_add_above(out, y, i * PC_BLUR_STEP, v, width(s, i), level, err))
            return -1;
        from += packed ? PC_BLUR_STEP : 0;
    }
    return 0;
}

static int cut_rows(struct smoothing *s, float level, struct pc_runs *out, struct pc_err *err)
{
    const float *kept = s->kept;
    for (int y = s->y0; y < s->y1; y++) {
        const unsigned char *map = s->map + (int64_t)y * s->nstep;
        if (y >= s->yend) {
            if (pc_blur_row(s->blur, y, s->row, s->touched, err) ||
                cut_row(s, y, s->touched, s->row, false, level, out, err))
                return -1;
            continue;
        }
        if (cut_row(s, y, map, kept, true, level, out, err))
            return -1;
        for (int i = 0; i < s->nstep; i++)
            kept += map[i] ? PC_BLUR_STEP : 0;
    }
    return 0;
}

static int smooth(struct smoothing *s, double cut, struct pc_runs *out, struct pc_err *err)
{
    float max;
    s->nstep = (s->nx + PC_BLUR_STEP - 1) / PC_BLUR_STEP;
    s->row = pc_mem_new((int64_t)s->nstep * PC_BLUR_STEP, sizeof *s->row, "a row of a mask", err);
    s->touched = s->row ? pc_mem_new(s->nstep, 1, "a row of a mask", err) : NULL;
    s->map = s->touched ? pc_mem_new((int64_t)s->nstep * s->ny, 1, "rows of a smoothed mask", err) : NULL;
    if (!s->map || find_max(s, &max, err))
        return -1;
    return cut_rows(s, (float)cut * max, out, err);
}

int pc_mask_smooth(struct pc_runs *mask, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                   double cut, struct pc_err *err)
{
    struct smoothing s = {.nx = nx, .ny = ny};
    struct pc_runs out = {0};
    if (beam->maj_rad <= 0 || mask->n == 0)
        return 0;
    if (pc_blur_new(&s.blur, mask, nx, ny, cell_rad, beam, err))
        return -1;
    pc_blur_rows(s.blur, &s.y0, &s.y1);
    int bad = smooth(&s, cut, &out, err);
    pc_blur_free(s.blur);
    pc_mem_free(s.row);
    pc_mem_free(s.touched);
    pc_mem_free(s.map);
    pc_mem_free(s.kept);
    if (!bad) {
        struct pc_runs swap = *mask;
        *mask = out;
        out = swap;
    }
    pc_runs_free(&out);
    return bad;
}
