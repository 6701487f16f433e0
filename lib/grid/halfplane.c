/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/halfplane.h"

#include "base/mem.h"
#include "image/fft.h"

#include <fftw3.h>
#include <math.h>
#include <string.h>

/* Rows are transformed this many at a time: a column then gives or takes whole cache lines. */
enum { BAND = 16 };

struct plans {
    fftwf_plan col_minus, col_plus, row_to_image, row_from_image;
    float *half; /* [BAND][half_stride][2]: rows of the half-plane */
    float *full; /* [nu]: one row of the padded image */
    int64_t half_stride;
};

int pc_halfplane_padded(int n, double oversampling)
{
    int want = (int)ceil(oversampling * n);
    return pc_fft_good_size(want > 4 * PC_GUARD ? want : 4 * PC_GUARD, 1);
}

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static int64_t column_stride(int nv)
{
    int64_t stride = round_up(nv + PC_GUARD, 8);
    /* a stride of a large power of two would send all columns to the same few cache sets */
    return stride % 512 == 0 ? stride + 8 : stride;
}

int64_t pc_halfplane_byte(int nx, int ny, double oversampling)
{
    int64_t byte;
    if (nx > 1 << 28 || ny > 1 << 28)
        return INT64_MAX;
    int64_t ncol = pc_halfplane_padded(nx, oversampling) / 2 + 1 + 2 * PC_GUARD;
    int64_t row = 8 * column_stride(pc_halfplane_padded(ny, oversampling)) + 1 + (BAND + 1) * 8;
    return __builtin_mul_overflow(ncol, row, &byte) ? INT64_MAX : byte;
}

static int make_plans(struct pc_halfplane *h, struct pc_err *err)
{
    struct plans *p = pc_mem_new0(1, sizeof *p, "Fourier plans", err);
    if (p == NULL)
        return -1;
    h->plan = p;
    p->half_stride = round_up(h->nu / 2 + 1, 8);
    p->half = pc_mem_new0(BAND * p->half_stride, 2 * sizeof(float), "rows of the uv plane", err);
    p->full = pc_mem_new0(h->nu, sizeof(float), "a row of the padded image", err);
    if (p->half == NULL || p->full == NULL)
        return -1;
    fftwf_complex *col = (fftwf_complex *)h->cell, *row = (fftwf_complex *)p->half;
    pc_fft_plan_lock();
    p->col_minus = fftwf_plan_dft_1d(h->nv, col, col, FFTW_FORWARD, FFTW_ESTIMATE);
    p->col_plus = fftwf_plan_dft_1d(h->nv, col, col, FFTW_BACKWARD, FFTW_ESTIMATE);
    p->row_to_image = fftwf_plan_dft_c2r_1d(h->nu, row, p->full, FFTW_ESTIMATE);
    p->row_from_image = fftwf_plan_dft_r2c_1d(h->nu, p->full, row, FFTW_ESTIMATE);
    pc_fft_plan_unlock();
    if (!p->col_minus || !p->col_plus || !p->row_to_image || !p->row_from_image)
        return pc_err_set(err, PC_EX_NOMEM, "no Fourier transform of %d x %d cells could be planned", h->nu,
                          h->nv);
    return 0;
}

int pc_halfplane_init(struct pc_halfplane *h, int nx, int ny, double oversampling, struct pc_err *err)
{
    *h = (struct pc_halfplane){.nx = nx, .ny = ny};
    h->nu = pc_halfplane_padded(nx, oversampling);
    h->nv = pc_halfplane_padded(ny, oversampling);
    h->ncol = h->nu / 2 + 1 + 2 * PC_GUARD;
    h->stride = column_stride(h->nv);
    h->cell = pc_mem_new(h->ncol * h->stride, 2 * sizeof(float), "the uv plane", err);
    h->open = pc_mem_new0(h->ncol, sizeof *h->open, "the uv plane's columns", err);
    if (h->cell == NULL || h->open == NULL || make_plans(h, err) != 0) {
        pc_halfplane_fini(h);
        return -1;
    }
    return 0;
}

void pc_halfplane_fini(struct pc_halfplane *h)
{
    struct plans *p = h->plan;
    if (p != NULL) {
        fftwf_plan all[] = {p->col_minus, p->col_plus, p->row_to_image, p->row_from_image};
        pc_fft_plan_lock();
        for (int i = 0; i < 4; i++)
            if (all[i] != NULL)
                fftwf_destroy_plan(all[i]);
        pc_fft_plan_unlock();
        pc_mem_free(p->half);
        pc_mem_free(p->full);
        pc_mem_free(p);
    }
    pc_mem_free(h->cell);
    pc_mem_free(h->open);
    memset(h, 0, sizeof *h);
}

void pc_halfplane_clear(struct pc_halfplane *h)
{
    memset(h->open, 0, (size_t)h->ncol * sizeof *h->open);
}

static float *column(const struct pc_halfplane *h, int64_t u)
{
    return h->cell + 2 * (u + PC_GUARD) * h->stride;
}

static bool is_open(const struct pc_halfplane *h, int64_t u)
{
    return h->open[u + PC_GUARD];
}

void pc_halfplane_open(struct pc_halfplane *h, int64_t u)
{
    if (is_open(h, u))
        return;
    memset(column(h, u), 0, (size_t)h->stride * 2 * sizeof(float));
    h->open[u + PC_GUARD] = true;
}

/* Adds the conjugate of column `from` at -v to column `to`. */
static void fold_column(struct pc_halfplane *h, int64_t from, int64_t to)
{
    if (!is_open(h, from))
        return;
    pc_halfplane_open(h, to);
    const float *src = column(h, from);
    float *dst = column(h, to);
    for (int64_t v = 0; v < h->nv; v++) {
        int64_t mirror = v == 0 ? 0 : h->nv - v;
        dst[2 * v] += src[2 * mirror];
        dst[2 * v + 1] -= src[2 * mirror + 1];
    }
}

static void fold(struct pc_halfplane *h)
{
    for (int64_t u = -PC_GUARD; u <= h->nu / 2 + PC_GUARD; u++)
        if (is_open(h, u)) {
            float *col = column(h, u);
            for (int64_t i = 0; i < 2 * PC_GUARD; i++)
                col[i] += col[2 * h->nv + i];
        }
    for (int64_t a = 1; a <= PC_GUARD; a++) {
        fold_column(h, -a, a);
        fold_column(h, h->nu / 2 + a, h->nu / 2 - a);
    }
}

static void unfold(struct pc_halfplane *h)
{
    for (int64_t a = 1; a <= PC_GUARD; a++) {
        pc_halfplane_open(h, -a);
        fold_column(h, a, -a);
        pc_halfplane_open(h, h->nu / 2 + a);
        fold_column(h, h->nu / 2 - a, h->nu / 2 + a);
    }
    for (int64_t u = -PC_GUARD; u <= h->nu / 2 + PC_GUARD; u++)
        memcpy(column(h, u) + 2 * h->nv, column(h, u), 2 * PC_GUARD * sizeof(float));
}

/* Cell (or padded pixel) of image pixel i of n: the centre n/2 is at 0. */
static int64_t wrapped(int64_t i, int64_t n, int64_t npad)
{
    int64_t k = i - n / 2;
    return k < 0 ? k + npad : k;
}

/* Rows y0 .. y0+nrow-1 of the half-plane, from its columns: conjugated, because FFTW's transform to real
 * numbers has the other sign, and halved where it counts a column twice. */
static void gather(const struct pc_halfplane *h, const struct plans *p, int y0, int nrow)
{
    for (int64_t u = 0; u <= h->nu / 2; u++) {
        const float *col = column(h, u);
        float f = u == 0 || u == h->nu / 2 ? 1.0F : 0.5F;
        float *out = p->half + 2 * u;
        for (int r = 0; r < nrow; r++, out += 2 * p->half_stride) {
            int64_t v = wrapped(y0 + r, h->ny, h->nv);
            out[0] = is_open(h, u) ? f * col[2 * v] : 0;
            out[1] = is_open(h, u) && f < 1 ? -f * col[2 * v + 1] : 0;
        }
    }
}

/* A row of the padded image into a row of the image, through the screen. */
static void put_screened(const struct pc_halfplane *h, const float *full, const float *corr_x, float f,
                         const struct pc_screen *screen, int y, float *out)
{
    screen->row(screen->of, y, NAN, screen->factor);
    for (int x = 0; x < h->nx; x++) {
        float v = full[wrapped(x, h->nx, h->nu)] * (corr_x[x] * f) * screen->factor[x];
        out[x] = screen->add ? out[x] + v : v;
    }
}

void pc_halfplane_to_image(struct pc_halfplane *h, const float *corr_x, const float *corr_y, double scale,
                           const struct pc_screen *screen, float *image)
{
    struct plans *p = h->plan;
    fold(h);
    for (int64_t u = 0; u <= h->nu / 2; u++)
        if (is_open(h, u))
            fftwf_execute_dft(p->col_minus, (fftwf_complex *)column(h, u), (fftwf_complex *)column(h, u));
    for (int y0 = 0; y0 < h->ny; y0 += BAND) {
        int nrow = h->ny - y0 < BAND ? h->ny - y0 : BAND;
        gather(h, p, y0, nrow);
        for (int r = 0; r < nrow; r++) {
            fftwf_execute_dft_c2r(p->row_to_image, (fftwf_complex *)(p->half + 2 * r * p->half_stride),
                                  p->full);
            float f = (float)(scale * (double)corr_y[y0 + r]);
            float *out = image + (int64_t)(y0 + r) * h->nx;
            if (screen != NULL)
                put_screened(h, p->full, corr_x, f, screen, y0 + r, out);
            for (int x = 0; screen == NULL && x < h->nx; x++)
                out[x] = p->full[wrapped(x, h->nx, h->nu)] * (corr_x[x] * f);
        }
    }
    pc_halfplane_clear(h);
}

/* The other way of gather(). */
static void scatter(const struct pc_halfplane *h, const struct plans *p, int y0, int nrow)
{
    for (int64_t u = 0; u <= h->nu / 2; u++) {
        float *col = column(h, u);
        const float *in = p->half + 2 * u;
        for (int r = 0; r < nrow; r++, in += 2 * p->half_stride) {
            int64_t v = wrapped(y0 + r, h->ny, h->nv);
            col[2 * v] = in[0];
            col[2 * v + 1] = -in[1];
        }
    }
}

/* Models are sparse: most bands of rows hold nothing. */
static bool is_empty(const float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (pix[i] != 0)
            return false;
    return true;
}

void pc_halfplane_from_image(struct pc_halfplane *h, const float *corr_x, const float *corr_y,
                             const struct pc_screen *screen, const float *image)
{
    struct plans *p = h->plan;
    pc_halfplane_clear(h);
    for (int64_t u = 0; u <= h->nu / 2; u++)
        pc_halfplane_open(h, u);
    memset(p->full, 0, (size_t)h->nu * sizeof *p->full);
    for (int y0 = 0; y0 < h->ny; y0 += BAND) {
        int nrow = h->ny - y0 < BAND ? h->ny - y0 : BAND;
        if (is_empty(image + (int64_t)y0 * h->nx, (int64_t)nrow * h->nx))
            continue;
        for (int r = 0; r < nrow; r++) {
            const float *in = image + (int64_t)(y0 + r) * h->nx;
            for (int x = 0; x < h->nx; x++)
                p->full[wrapped(x, h->nx, h->nu)] = in[x] * (corr_x[x] * corr_y[y0 + r]);
            if (screen != NULL) {
                screen->row(screen->of, y0 + r, 0, screen->factor);
                for (int x = 0; x < h->nx; x++)
                    p->full[wrapped(x, h->nx, h->nu)] *= screen->factor[x];
            }
            fftwf_execute_dft_r2c(p->row_from_image, p->full,
                                  (fftwf_complex *)(p->half + 2 * r * p->half_stride));
        }
        scatter(h, p, y0, nrow);
    }
    for (int64_t u = 0; u <= h->nu / 2; u++)
        fftwf_execute_dft(p->col_plus, (fftwf_complex *)column(h, u), (fftwf_complex *)column(h, u));
    unfold(h);
}
