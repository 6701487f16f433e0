/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/convolve.h"

#include "base/clones.h"
#include "base/mem.h"
#include "image/beam_pixels.h"
#include "image/paint.h"
#include "image/smear.h"

#include <math.h>
#include <string.h>

/* One of the two; neither when the plane is empty. */
struct pc_convolver {
    struct pc_painter *painter;
    struct pc_smear *smear;
};

/* ---- what the plane holds ---- */

struct survey {
    int64_t npix;  /* that are not 0 */
    int nin, nout; /* rows that hold any, and rows that these reach */
};

/* What is set, what is not finite. */
PC_CLONES static void count(const float *v, int n, int *set, int *bad)
{
    int s = 0, b = 0;
    for (int i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, v + i, sizeof bits);
        s += (bits & 0x7fffffffu) != 0;
        b += (bits & 0x7f800000u) == 0x7f800000u;
    }
    *set = s;
    *bad = b;
}

static int refuse(const float *row, int y, struct pc_err *err)
{
    int x = 0;
    while (isfinite(row[x]))
        x++;
    return pc_err_set(err, PC_EX_DATA, "pixel (%d, %d) is %g: only finite pixels can be convolved", x, y,
                      (double)row[x]);
}

static int look(const struct pc_convolution *conf, const struct pc_rows *rows, int reach, struct survey *s,
                struct pc_err *err)
{
    float *row = pc_mem_new(conf->nx, sizeof *row, "a row of the plane", err);
    int last = -2 * reach - 1, any = row ? 0 : -1, set, bad;
    for (int y = 0; y < conf->ny && any >= 0; y++) {
        any = rows->row(rows->ctx, y, row, err);
        if (any <= 0)
            continue;
        count(row, conf->nx, &set, &bad);
        if (bad)
            any = refuse(row, y, err);
        if (!set)
            continue;
        s->npix += set;
        s->nin++;
        s->nout += y - last < 2 * reach + 1 ? y - last : 2 * reach + 1;
        last = y;
    }
    pc_mem_free(row);
    s->nout = s->nout < conf->ny ? s->nout : conf->ny;
    return any < 0 ? -1 : 0;
}

/* By nanoseconds, as measured: an addition of the painter, a pixel of a row's transform, a multiplication of
 * the smear's. */
static bool is_sparse(const struct pc_convolution *conf, const struct survey *s, const struct pc_beam_form *f,
                      const struct pc_beam_pixels *b)
{
    const double paint = 0.3 * (double)s->npix * (double)b->n;
    const double transforms = 1.5 * conf->nx * ((double)s->nin + (double)s->nout);
    return paint <= transforms + 0.04 * s->nout * pc_smear_cost(f, conf->nx, conf->ny);
}

/* ---- making ---- */

static int check(const struct pc_beam *beam, struct pc_err *err)
{
    if (!(beam->min_rad > 0) || !(beam->maj_rad >= beam->min_rad) || !isfinite(beam->pa_rad))
        return pc_err_set(err, PC_EX_DATA, "a beam of %g x %g rad at %g rad cannot be convolved with",
                          beam->maj_rad, beam->min_rad, beam->pa_rad);
    return 0;
}

static int choose(struct pc_convolver *c, const struct pc_convolution *conf, const struct pc_rows *rows,
                  struct pc_err *err)
{
    const struct pc_beam_form form = pc_beam_in_pixels(&conf->beam, conf->cell_rad);
    struct pc_beam_pixels b;
    struct survey s = {0};
    int x[2], y[2];
    pc_beam_extent(&form, conf->nx, conf->ny, x, y);
    if (pc_beam_pixels_new(&b, &form, x, y, 1, err))
        return -1;
    const double scale = conf->norm == PC_CONVOLVE_SUM1 ? 1 / b.sum : 1;
    int rc = conf->is_dense ? 0 : look(conf, rows, y[1], &s, err);
    const bool is_empty = !conf->is_dense && s.npix == 0,
               sparse = !conf->is_dense && is_sparse(conf, &s, &form, &b);
    pc_beam_pixels_fini(&b);
    if (rc || is_empty)
        return rc;
    return sparse ? pc_painter_new(&c->painter, rows, s.npix, conf->nx, conf->ny, &form, scale, err)
                  : pc_smear_new(&c->smear, rows, conf->nx, conf->ny, &form, scale, err);
}

int pc_convolver_new(struct pc_convolver **out, const struct pc_convolution *conf, const struct pc_rows *rows,
                     struct pc_err *err)
{
    struct pc_convolver *c;
    *out = NULL;
    if (check(&conf->beam, err) || !(c = pc_mem_new0(1, sizeof *c, "a convolution", err)))
        return -1;
    if (choose(c, conf, rows, err)) {
        pc_convolver_free(c);
        return -1;
    }
    *out = c;
    return 0;
}

void pc_convolver_free(struct pc_convolver *c)
{
    if (!c)
        return;
    pc_painter_free(c->painter);
    pc_smear_free(c->smear);
    pc_mem_free(c);
}

int pc_convolver_row(struct pc_convolver *c, int y, float *row, struct pc_err *err)
{
    if (c->painter)
        return pc_painter_row(c->painter, y, row);
    return c->smear ? pc_smear_row(c->smear, y, row, err) : 0;
}

bool pc_convolver_is_slow(const struct pc_convolver *c)
{
    return c->smear != NULL;
}

/* ---- a plane ---- */

struct plane {
    float *pix;
    int nx;
};

static int row_of_plane(void *ctx, int y, float *row, struct pc_err *err)
{
    const struct plane *p = ctx;
    const float *from = p->pix + (int64_t)y * p->nx;
    int set, bad;
    (void)err;
    count(from, p->nx, &set, &bad);
    if (set)
        memcpy(row, from, (size_t)p->nx * sizeof *row);
    return set != 0;
}

int pc_convolve_gaussian(float *pix, int nx, int ny, const double cell_rad[2], const struct pc_beam *beam,
                         enum pc_convolve_norm norm, struct pc_err *err)
{
    const struct pc_convolution conf = {nx, ny, {cell_rad[0], cell_rad[1]}, *beam, norm, false};
    struct plane plane = {pix, nx};
    const struct pc_rows rows = {row_of_plane, &plane};
    struct pc_convolver *c;
    if (pc_convolver_new(&c, &conf, &rows, err))
        return -1;
    int any = 0;
    for (int y = 0; y < ny && any >= 0; y++) {
        float *row = pix + (int64_t)y * nx;
        any = pc_convolver_row(c, y, row, err);
        if (any == 0)
            memset(row, 0, (size_t)nx * sizeof *row);
    }
    pc_convolver_free(c);
    return any < 0 ? -1 : 0;
}
