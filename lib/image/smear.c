/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/smear.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/beam_pixels.h"
#include "image/fft.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Columns that are summed at a time: the sum stays in the first cache. */
enum { BLOCK = 256 };

/* The Gaussian on the image: rows -dy and dy are a pair, each the other's conjugate, unless the image cuts
 * it off. */
struct shape {
    int x[2], y[2];
    bool paired;
    int nterm; /* pairs, or rows */
    int ncol;  /* of the transforms, from 0 on */
};

/* Transforms are kept apart in real and imaginary parts: [2][ncol]. */
struct pc_smear {
    struct pc_rows rows;
    int nx, ny;
    struct shape shape;
    struct pc_fft_row fft;
    float *kernel; /* [nterm][2][ncol] */
    /* Transformed rows of the plane. Rows are counted on across the edges, -1 is ny - 1: row r of the first
     * few that are needed again at the end stays, others share places. */
    int nstay, nturn;
    float *place;
    int *row_of;              /* of each place */
    bool *any;                /* else that row is 0 */
    float *zero, *sum;        /* [2][ncol] */
    const float **up, **down; /* [nterm]: rows y - dy and y + dy */
};

static struct shape find_shape(const struct pc_beam_form *f, int nx, int ny)
{
    struct shape s = {0};
    pc_beam_extent(f, nx, ny, s.x, s.y);
    const bool cut = s.x[1] >= nx - 1 - nx / 2;
    s.paired = !cut && s.y[1] < ny - 1 - ny / 2;
    s.nterm = s.paired ? s.y[1] + 1 : s.y[1] - s.y[0] + 1;
    /* exp(-pi^2 u^2 / xx) is exp(-20) there, as the Gaussian is where it ends */
    const double last = nx * sqrt(20 * f->xx) / M_PI;
    s.ncol = cut || last > nx / 2 ? nx / 2 + 1 : (int)ceil(last) + 1;
    s.ncol = s.ncol < nx / 2 + 1 ? s.ncol : nx / 2 + 1;
    return s;
}

double pc_smear_cost(const struct pc_beam_form *form, int nx, int ny)
{
    const struct shape s = find_shape(form, nx, ny);
    return 4.0 * s.nterm * s.ncol;
}

/* ---- the Gaussian ---- */

static void split(const float complex *half, int n, float *re, float *im)
{
    const float *v = (const float *)half;
    for (int i = 0; i < n; i++) {
        re[i] = v[2 * i];
        im[i] = v[2 * i + 1];
    }
}

static int transform_beam(struct pc_smear *s, const struct pc_beam_form *form, double scale,
                          struct pc_err *err)
{
    const int64_t ncol = s->shape.ncol;
    struct pc_beam_pixels b;
    if (pc_beam_pixels_new(&b, form, s->shape.x, s->shape.y, scale / s->nx, err))
        return -1;
    for (int k = 0; k < s->shape.nterm; k++) {
        const struct pc_beam_row *row = &b.row[s->shape.paired ? k - b.y0 : k];
        memset(s->fft.real, 0, (size_t)s->nx * sizeof *s->fft.real);
        for (int i = 0; i < row->n; i++)
            s->fft.real[(row->x0 + i + s->nx) % s->nx] = (float)row->v[i];
        pc_fft_row_forward(&s->fft);
        split(s->fft.half, s->shape.ncol, s->kernel + 2 * k * ncol, s->kernel + (2 * k + 1) * ncol);
    }
    pc_beam_pixels_fini(&b);
    return 0;
}

/* ---- making ---- */

static int allocate(struct pc_smear *s, struct pc_err *err)
{
    const int64_t ncol = s->shape.ncol, nplace = s->nstay + (int64_t)s->nturn, nterm = s->shape.nterm;
    const char *what = "a convolution";
    return !(s->kernel = pc_mem_new(2 * nterm * ncol, sizeof *s->kernel, what, err)) ||
                   !(s->place = pc_mem_new(2 * nplace * ncol, sizeof *s->place, what, err)) ||
                   !(s->row_of = pc_mem_new(nplace, sizeof *s->row_of, what, err)) ||
                   !(s->any = pc_mem_new(nplace, sizeof *s->any, what, err)) ||
                   !(s->zero = pc_mem_new0(2 * ncol, sizeof *s->zero, what, err)) ||
                   !(s->sum = pc_mem_new(2 * ncol, sizeof *s->sum, what, err)) ||
                   !(s->up = pc_mem_new(nterm, sizeof *s->up, what, err)) ||
                   !(s->down = pc_mem_new(nterm, sizeof *s->down, what, err))
               ? -1
               : 0;
}

int pc_smear_new(struct pc_smear **smear, const struct pc_rows *rows, int nx, int ny,
                 const struct pc_beam_form *form, double scale, struct pc_err *err)
{
    struct pc_smear *s = pc_mem_new0(1, sizeof *s, "a convolution", err);
    *smear = NULL;
    if (!s)
        return -1;
    s->rows = *rows;
    s->nx = nx, s->ny = ny;
    s->shape = find_shape(form, nx, ny);
    s->nstay = s->shape.paired ? s->shape.y[1] : ny;
    s->nturn = s->shape.paired ? 2 * s->shape.y[1] + 1 : 0;
    if (pc_fft_row_init(&s->fft, nx, err) || allocate(s, err) || transform_beam(s, form, scale, err)) {
        pc_smear_free(s);
        return -1;
    }
    for (int i = 0; i < s->nstay + s->nturn; i++)
        s->row_of[i] = INT_MIN;
    *smear = s;
    return 0;
}

void pc_smear_free(struct pc_smear *s)
{
    if (!s)
        return;
    pc_fft_row_fini(&s->fft);
    pc_mem_free(s->kernel);
    pc_mem_free(s->place);
    pc_mem_free(s->row_of);
    pc_mem_free(s->any);
    pc_mem_free(s->zero);
    pc_mem_free(s->sum);
    pc_mem_free(s->up);
    pc_mem_free(s->down);
    pc_mem_free(s);
}

/* ---- rows ---- */

/* Row r, transformed; NULL when it is 0. */
static int get(struct pc_smear *s, int r, const float **row, struct pc_err *err)
{
    const int64_t ncol = s->shape.ncol;
    if (!s->nturn || (r >= s->ny && r - s->ny < s->nstay))
        r = (r + s->ny) % s->ny;
    const int i = r >= 0 && r < s->nstay ? r : s->nstay + (r + s->nturn) % s->nturn;
    if (s->row_of[i] != r) {
        int any = s->rows.row(s->rows.ctx, (r + s->ny) % s->ny, s->fft.real, err);
        if (any < 0)
            return -1;
        s->row_of[i] = r;
        s->any[i] = any;
        if (any) {
            pc_fft_row_forward(&s->fft);
            split(s->fft.half, s->shape.ncol, s->place + 2 * i * ncol, s->place + (2 * i + 1) * ncol);
        }
    }
    *row = s->any[i] ? s->place + 2 * i * ncol : NULL;
    return 0;
}

/* sum += a k + b conj(k) */
PC_CLONES static void add_pair(float *restrict re, float *restrict im, const float *a_re, const float *a_im,
                               const float *b_re, const float *b_im, const float *k_re, const float *k_im,
                               int n)
{
    for (int i = 0; i < n; i++) {
        float sum_re = a_re[i] + b_re[i], sum_im = a_im[i] + b_im[i];
        float diff_re = a_re[i] - b_re[i], diff_im = a_im[i] - b_im[i];
        re[i] += sum_re * k_re[i] - diff_im * k_im[i];
        im[i] += sum_im * k_re[i] + diff_re * k_im[i];
    }
}

static void sum_block(struct pc_smear *s, int64_t from, int n)
{
    const int64_t ncol = s->shape.ncol;
    float *re = s->sum + from, *im = re + ncol;
    for (int i = 0; i < n; i++)
        re[i] = im[i] = 0;
    for (int64_t t = 0; t < s->shape.nterm; t++) {
        const float *k = s->kernel + 2 * t * ncol + from;
        const float *a = s->up[t] ? s->up[t] : s->zero, *b = s->down[t] ? s->down[t] : s->zero;
        if (s->up[t] || s->down[t])
            add_pair(re, im, a + from, a + ncol + from, b + from, b + ncol + from, k, k + ncol, n);
    }
}

/* The rows within reach; 0: all of them are 0. */
static int get_terms(struct pc_smear *s, int y, struct pc_err *err)
{
    int any = 0;
    for (int t = 0; t < s->shape.nterm; t++) {
        const int dy = s->shape.paired ? t : s->shape.y[0] + t;
        s->down[t] = NULL;
        if (get(s, y - dy, &s->up[t], err) || (s->shape.paired && dy && get(s, y + dy, &s->down[t], err)))
            return -1;
        any |= s->up[t] || s->down[t];
    }
    return any;
}

int pc_smear_row(struct pc_smear *s, int y, float *row, struct pc_err *err)
{
    const int ncol = s->shape.ncol, any = get_terms(s, y, err);
    float *half = (float *)s->fft.half;
    if (any <= 0)
        return any;
    for (int i = 0; i < ncol; i += BLOCK)
        sum_block(s, i, ncol - i < BLOCK ? ncol - i : BLOCK);
    for (int i = 0; i < ncol; i++) {
        half[2 * i] = s->sum[i];
        half[2 * i + 1] = s->sum[ncol + i];
    }
    memset(half + 2 * ncol, 0, (size_t)(s->nx / 2 + 1 - ncol) * sizeof *s->fft.half);
    pc_fft_row_back(&s->fft);
    memcpy(row, s->fft.real, (size_t)s->nx * sizeof *row);
    return 1;
}
