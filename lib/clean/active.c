/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/active.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t abs_bits(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits & 0x7fffffffu;
}

/* Integer maxima, because the compiler may vectorise them: the largest float depends on no order, NaN aside.
 */
static uint32_t row_max(const float *v, int n)
{
    int32_t max = 0;
    for (int i = 0; i < n; i++) {
        int32_t bits = (int32_t)abs_bits(v[i]);
        max = bits > max ? bits : max;
    }
    return (uint32_t)max;
}

static int run_add(struct pc_active *a, int y, int x0, int x1, struct pc_err *err)
{
    if (a->nrun == a->cap) {
        int64_t cap = a->cap ? 2 * a->cap : 256;
        struct pc_run *grown = realloc(a->run, (size_t)cap * sizeof *grown);
        if (!grown)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld runs of pixels",
                              (long long)cap);
        a->run = grown;
        a->cap = cap;
    }
    const float *row = a->pix + (int64_t)y * a->nx;
    a->run[a->nrun++] = (struct pc_run){y, x0, x1, row_max(row + x0, x1 - x0)};
    a->npix += x1 - x0;
    return 0;
}

int pc_active_init(struct pc_active *a, float *pix, const float *psf, const unsigned char *mask, bool inside,
                   int nx, int ny, struct pc_err *err)
{
    *a = (struct pc_active){.nx = nx, .ny = ny, .pix = pix, .psf = psf};
    for (int y = 0; y < ny; y++) {
        const float *row = pix + (int64_t)y * nx;
        const unsigned char *m = mask ? mask + (int64_t)y * nx : NULL;
        int start = -1; /* where the run began that is still open */
        for (int x = 0; x <= nx; x++) {
            bool active = x < nx && isfinite(row[x]) && (m ? m[x] != 0 : true) == inside;
            if (start >= 0 && (!active || x - start == PC_RUN_MAX)) {
                if (run_add(a, y, start, x, err)) {
                    pc_active_fini(a);
                    return -1;
                }
                start = -1;
            }
            if (active && start < 0)
                start = x;
        }
    }
    return 0;
}

void pc_active_fini(struct pc_active *a)
{
    free(a->run);
    *a = (struct pc_active){0};
}

float pc_active_peak(const struct pc_active *a, int64_t *at)
{
    const struct pc_run *best = NULL;
    for (int64_t i = 0; i < a->nrun; i++)
        if (!best || a->run[i].max_bits > best->max_bits)
            best = &a->run[i];
    *at = -1;
    if (!best)
        return 0;
    *at = (int64_t)best->y * a->nx + best->x0;
    while (abs_bits(a->pix[*at]) != best->max_bits)
        ++*at;
    return fabsf(a->pix[*at]);
}

static void row_subtract(float *restrict v, const float *restrict psf, float flux, int n)
{
    for (int i = 0; i < n; i++)
        v[i] -= flux * psf[i];
}

void pc_active_subtract(struct pc_active *a, int64_t at, float flux)
{
    int left = (int)(at % a->nx) - a->nx / 2; /* the pixel under psf's first column, and row */
    int low = (int)(at / a->nx) - a->ny / 2;
    for (int64_t i = 0; i < a->nrun; i++) {
        struct pc_run *run = &a->run[i];
        int x0 = run->x0 > left ? run->x0 : left;
        int x1 = run->x1 < left + a->nx ? run->x1 : left + a->nx;
        if (run->y < low || run->y >= low + a->ny || x0 >= x1)
            continue;
        float *row = a->pix + (int64_t)run->y * a->nx;
        row_subtract(row + x0, a->psf + (int64_t)(run->y - low) * a->nx + (x0 - left), flux, x1 - x0);
        run->max_bits = row_max(row + run->x0, run->x1 - run->x0);
    }
}
