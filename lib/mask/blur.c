/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/blur.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/beam_pixels.h"
#include "image/convolve.h"
#include "image/fft.h"

#include <math.h>
#include <string.h>

/* Additions that cost as much as the transforms of one pixel. */
static const double additions_per_pixel = 150;

enum { STRIP = 512 }; /* rows, when strips are transformed */

struct pc_blur {
    const struct pc_runs *mask;
    int nx, ny;
    int rx, ry; /* the kernel's reach */
    int pad;    /* rx in whole steps: columns before the image's first */
    int nstep;  /* of a row with its pads */
    struct pc_beam_pixels kernel;
    int64_t *first;         /* of each image row, its first run; [ny + 1] */
    double *sum;            /* a row with its pads */
    unsigned char *touched; /* its steps that are not all 0 */
    double cell_rad[2];
    struct pc_beam beam;
    float *strip;   /* NULL: by additions */
    int sx, sy, x0; /* size of a strip; its first column in the image */
    int y0, y1;     /* rows of the image that it has the convolution of */
};

static void find_reach(struct pc_blur *b, const struct pc_beam_form *f)
{
    double reach[2];
    pc_beam_reach(f, reach);
    b->rx = ceil(reach[0]) < b->nx ? (int)ceil(reach[0]) : b->nx;
    b->ry = ceil(reach[1]) < b->ny ? (int)ceil(reach[1]) : b->ny;
}

static void index_rows(struct pc_blur *b)
{
    int64_t i = 0;
    for (int y = 0; y <= b->ny; y++) {
        while (i < b->mask->n && b->mask->run[i].y < y)
            i++;
        b->first[y] = i;
    }
}

/* ---- by additions ---- */

PC_CLONES static void add_row(double *restrict sum, const double *restrict v, int n)
{
    for (int i = 0; i < n; i++)
        sum[i] += v[i];
}

PC_CLONES static void subtract_row(double *restrict sum, const double *restrict v, int n)
{
    for (int i = 0; i < n; i++)
        sum[i] -= v[i];
}

/* Columns x0 .. x1-1 are touched; what was not before begins at 0. */
static void touch(struct pc_blur *b, int x0, int x1)
{
    for (int i = (x0 + b->pad) / PC_BLUR_STEP, last = (x1 - 1 + b->pad) / PC_BLUR_STEP; i <= last; i++)
        if (!b->touched[i]) {
            b->touched[i] = 1;
            memset(b->sum + (int64_t)i * PC_BLUR_STEP, 0, PC_BLUR_STEP * sizeof *b->sum);
        }
}

static void add_runs(struct pc_blur *b, int y, const struct pc_beam_row *k)
{
    if (k->n <= 0)
        return;
    for (int64_t i = b->first[y]; i < b->first[y + 1]; i++) {
        const struct pc_span *p = &b->mask->run[i];
        touch(b, p->x0 + k->x0, p->x1 + k->x0 + k->n);
        add_row(b->sum + b->pad + p->x0 + k->x0, k->v, k->n);
        subtract_row(b->sum + b->pad + p->x1 + k->x0, k->v, k->n);
    }
}

static void row_by_additions(struct pc_blur *b, int y, float *row, unsigned char *touched)
{
    const int before = b->pad / PC_BLUR_STEP, nout = (b->nx + PC_BLUR_STEP - 1) / PC_BLUR_STEP;
    memset(b->touched, 0, (size_t)b->nstep);
    for (int dy = -b->ry; dy <= b->ry; dy++)
        if (y - dy >= 0 && y - dy < b->ny)
            add_runs(b, y - dy, &b->kernel.row[dy + b->ry]);
    double running = 0;
    for (int i = 0; i < before + nout; i++) {
        const double *sum = b->sum + (int64_t)i * PC_BLUR_STEP;
        float *out = i < before ? NULL : row + (int64_t)(i - before) * PC_BLUR_STEP;
        if (!b->touched[i])
            running = 0;
        for (int k = 0; b->touched[i] && k < PC_BLUR_STEP; k++) {
            running += sum[k];
            if (out)
                out[k] = (float)running;
        }
    }
    memcpy(touched, b->touched + before, (size_t)nout);
}

/* ---- by transforms of strips ---- */

static void paint_strip(struct pc_blur *b)
{
    memset(b->strip, 0, (size_t)b->sx * (size_t)b->sy * sizeof *b->strip);
    int from = b->y0 - b->ry, to = b->y1 + b->ry;
    int64_t end = b->first[to < b->ny ? to : b->ny];
    for (int64_t i = b->first[from > 0 ? from : 0]; i < end; i++) {
        const struct pc_span *p = &b->mask->run[i];
        float *at = b->strip + (int64_t)(p->y - from) * b->sx - b->x0;
        for (int x = p->x0; x < p->x1; x++)
            at[x] = 1;
    }
}

static int row_by_transforms(struct pc_blur *b, int y, float *row, unsigned char *touched, struct pc_err *err)
{
    if (y < b->y0 || y >= b->y1) {
        b->y0 = y;
        b->y1 = y + b->sy - 2 * b->ry;
        paint_strip(b);
        if (pc_convolve_gaussian(b->strip, b->sx, b->sy, b->cell_rad, &b->beam, PC_CONVOLVE_PEAK1, err))
            return -1;
    }
    const float *from = b->strip + (int64_t)(y - b->y0 + b->ry) * b->sx - b->x0;
    memset(touched, 1, (size_t)((b->nx + PC_BLUR_STEP - 1) / PC_BLUR_STEP));
    for (int x = 0; x < b->nx; x++)
        row[x] = x < b->x0 || x >= b->x0 + b->sx ? 0 : from[x];
    for (int x = b->nx; x % PC_BLUR_STEP; x++)
        row[x] = 0;
    return 0;
}

static int make_strip(struct pc_blur *b, int x0, int x1, struct pc_err *err)
{
    int rows = b->ry > STRIP / 2 ? 2 * b->ry : STRIP;
    b->sx = pc_fft_good_size(x1 - x0 + 2 * b->rx + 2, 1);
    b->sy = pc_fft_good_size(rows + 2 * b->ry + 2, 1);
    b->x0 = x0 - b->rx - 1;
    b->strip = pc_mem_new((int64_t)b->sx * b->sy, sizeof *b->strip, "a strip of a smoothed mask", err);
    return b->strip ? 0 : -1;
}

/* ---- either ---- */

static int choose(struct pc_blur *b, int64_t kernel_px, struct pc_err *err)
{
    int x0 = b->nx, x1 = 0, y0, y1;
    for (int64_t i = 0; i < b->mask->n; i++) {
        x0 = b->mask->run[i].x0 < x0 ? b->mask->run[i].x0 : x0;
        x1 = b->mask->run[i].x1 > x1 ? b->mask->run[i].x1 : x1;
    }
    pc_blur_rows(b, &y0, &y1);
    double px = ((double)(x1 - x0) + 2 * b->rx) * (y1 - y0);
    if (2 * (double)b->mask->n * (double)kernel_px <= additions_per_pixel * px)
        return 0;
    return make_strip(b, x0, x1, err);
}

static int fill(struct pc_blur *b, struct pc_err *err)
{
    struct pc_beam_form f = pc_beam_in_pixels(&b->beam, b->cell_rad);
    find_reach(b, &f);
    b->pad = (b->rx + PC_BLUR_STEP) / PC_BLUR_STEP * PC_BLUR_STEP;
    b->nstep = (b->pad + b->nx + b->rx) / PC_BLUR_STEP + 1;
    const int x[2] = {-b->rx, b->rx}, y[2] = {-b->ry, b->ry};
    if (pc_beam_pixels_new(&b->kernel, &f, x, y, 1, err))
        return -1;
    b->first = pc_mem_new((int64_t)b->ny + 1, sizeof *b->first, "rows of a mask", err);
    b->sum = pc_mem_new((int64_t)b->nstep * PC_BLUR_STEP, sizeof *b->sum, "a row of a mask", err);
    b->touched = pc_mem_new(b->nstep, 1, "a row of a mask", err);
    if (!b->first || !b->sum || !b->touched)
        return -1;
    index_rows(b);
    return choose(b, b->kernel.n, err);
}

int pc_blur_new(struct pc_blur **out, const struct pc_runs *mask, int nx, int ny, const double cell_rad[2],
                const struct pc_beam *beam, struct pc_err *err)
{
    struct pc_blur *b = pc_mem_new0(1, sizeof *b, "the smoothing of a mask", err);
    *out = NULL;
    if (!b)
        return -1;
    *b = (struct pc_blur){
        .mask = mask, .nx = nx, .ny = ny, .cell_rad = {cell_rad[0], cell_rad[1]}, .beam = *beam};
    if (fill(b, err)) {
        pc_blur_free(b);
        return -1;
    }
    *out = b;
    return 0;
}

void pc_blur_free(struct pc_blur *b)
{
    if (!b)
        return;
    pc_beam_pixels_fini(&b->kernel);
    pc_mem_free(b->first);
    pc_mem_free(b->sum);
    pc_mem_free(b->touched);
    pc_mem_free(b->strip);
    pc_mem_free(b);
}

void pc_blur_rows(const struct pc_blur *b, int *y0, int *y1)
{
    int first = b->mask->run[0].y - b->ry, last = b->mask->run[b->mask->n - 1].y + b->ry;
    *y0 = first > 0 ? first : 0;
    *y1 = last < b->ny ? last + 1 : b->ny;
}

int pc_blur_row(struct pc_blur *b, int y, float *row, unsigned char *touched, struct pc_err *err)
{
    if (b->strip)
        return row_by_transforms(b, y, row, touched, err);
    row_by_additions(b, y, row, touched);
    return 0;
}
