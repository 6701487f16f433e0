/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/psf_look.h"

#include "base/clones.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

/* A thread's own. */
struct hand {
    void *rows;    /* [band][nx], normalised */
    float *narrow; /* [nx]: one of them, when they are of doubles */
    int from, to;  /* its rows that are kept are among these */
    struct pc_sidelobe side;
};

struct pc_psf_look {
    struct pc_psf_look_conf conf;
    struct hand *hand;
    void *kept;    /* [2 conf.kept + 1][nx], from row first on */
    float *narrow; /* the same as floats, when they are of doubles */
    int first;
    bool is_known; /* the value of the centre */
    double by;
    struct pc_beam beam;
    struct pc_err why;
};

static int64_t size_of(const struct pc_psf_look *l)
{
    return l->conf.wide ? 8 : 4;
}

static int make(struct pc_psf_look *l, struct pc_err *err)
{
    static const char what[] = "rows of the psf";
    const struct pc_psf_look_conf *c = &l->conf;
    const int64_t nkept = (2 * c->kept + INT64_C(1)) * c->nx;
    l->hand = pc_mem_new0(c->nthread, sizeof *l->hand, what, err);
    l->kept = l->hand ? pc_mem_new(nkept, (size_t)size_of(l), what, err) : NULL;
    l->narrow = l->kept && c->wide ? pc_mem_new(nkept, sizeof *l->narrow, what, err) : NULL;
    if (!l->kept || (c->wide && !l->narrow))
        return -1;
    for (int i = 0; i < c->nthread; i++) {
        struct hand *h = &l->hand[i];
        h->from = c->ny;
        h->rows = pc_mem_new((int64_t)c->band * c->nx, (size_t)size_of(l), what, err);
        h->narrow = h->rows && c->wide ? pc_mem_new(c->nx, sizeof *h->narrow, what, err) : NULL;
        if (!h->rows || (c->wide && !h->narrow))
            return -1;
    }
    return 0;
}

int pc_psf_look_new(struct pc_psf_look **out, const struct pc_psf_look_conf *conf, struct pc_err *err)
{
    struct pc_psf_look *l = *out = pc_mem_new0(1, sizeof *l, "rows of the psf", err);
    if (!l)
        return -1;
    l->conf = *conf;
    l->first = conf->ny / 2 - conf->kept;
    if (make(l, err) == 0)
        return 0;
    pc_psf_look_free(l);
    *out = NULL;
    return -1;
}

void pc_psf_look_free(struct pc_psf_look *l)
{
    if (!l)
        return;
    for (int i = 0; l->hand && i < l->conf.nthread; i++) {
        pc_mem_free(l->hand[i].rows);
        pc_mem_free(l->hand[i].narrow);
    }
    pc_mem_free(l->hand);
    pc_mem_free(l->kept);
    pc_mem_free(l->narrow);
    pc_mem_free(l);
}

struct extremes {
    float min, max;
};

enum { LANES = 64 };

PC_INLINE struct extremes scan(const float *restrict in, int n, bool divide, float by, float *restrict out)
{
    float min[LANES], max[LANES];
    struct extremes e = {INFINITY, -INFINITY};
    int i = 0;
    for (int k = 0; k < LANES; k++) {
        min[k] = INFINITY;
        max[k] = -INFINITY;
    }
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            const float v = divide ? in[i + k] / by : in[i + k];
            if (divide)
                out[i + k] = v;
            min[k] = v < min[k] ? v : min[k];
            max[k] = v > max[k] ? v : max[k];
        }
    for (int k = 0; i < n; i++, k++) {
        const float v = divide ? in[i] / by : in[i];
        if (divide)
            out[i] = v;
        min[k] = v < min[k] ? v : min[k];
        max[k] = v > max[k] ? v : max[k];
    }
    for (int k = 0; k < LANES; k++) {
        e.min = min[k] < e.min ? min[k] : e.min;
        e.max = max[k] > e.max ? max[k] : e.max;
    }
    return e;
}

/* out = in / by, and what is in it. */
PC_CLONES static struct extremes divide_f32(const float *restrict in, int n, float by, float *restrict out)
{
    return scan(in, n, true, by, out);
}

PC_CLONES static struct extremes extremes_of(const float *row, int n)
{
    return scan(row, n, false, 1, NULL);
}

PC_CLONES static void divide_f64(const double *in, int n, double by, double *out, float *narrow)
{
    for (int i = 0; i < n; i++) {
        const double v = in[i] / by;
        out[i] = v;
        narrow[i] = (float)v;
    }
}

/* A row into `out`, and as floats in *row: that is out, or narrow. */
static struct extremes normalise(const struct pc_psf_look *l, const void *in, void *out, float *narrow,
                                 const float **row)
{
    const int nx = l->conf.nx;
    *row = l->conf.wide ? narrow : out;
    if (!l->conf.wide)
        return divide_f32(in, nx, (float)l->by, out);
    divide_f64(in, nx, l->by, out, narrow);
    return extremes_of(narrow, nx);
}

const void *pc_psf_look_rows(struct pc_psf_look *l, int thread, int y0, int nrow, const void *rows)
{
    struct hand *h = &l->hand[thread];
    const int64_t step = l->conf.nx * size_of(l);
    if (!l->is_known) {
        memcpy((char *)l->kept + (y0 - l->first) * step, rows, (size_t)(nrow * step));
        h->from = y0 < h->from ? y0 : h->from;
        h->to = y0 + nrow > h->to ? y0 + nrow : h->to;
        return NULL;
    }
    for (int r = 0; r < nrow; r++) {
        const float *row;
        const struct extremes e =
            normalise(l, (const char *)rows + r * step, (char *)h->rows + r * step, h->narrow, &row);
        if (l->beam.maj_rad > 0)
            pc_sidelobe_row(&h->side, row, l->conf.nx, y0 + r, e.min, e.max);
    }
    return h->rows;
}

static double centre_of(const struct pc_psf_look *l)
{
    const int64_t at = (int64_t)(l->conf.ny / 2 - l->first) * l->conf.nx + l->conf.nx / 2;
    return l->conf.wide ? ((const double *)l->kept)[at] : (double)((const float *)l->kept)[at];
}

static void normalise_kept(struct pc_psf_look *l, int from, int to)
{
    const int64_t step = l->conf.nx * size_of(l);
    void *copy = l->hand[0].rows;
    for (int y = from; y < to; y++) {
        const float *row;
        char *at = (char *)l->kept + (y - l->first) * step;
        memcpy(copy, at, (size_t)step);
        float *narrow = l->conf.wide ? l->narrow + (int64_t)(y - l->first) * l->conf.nx : NULL;
        normalise(l, copy, at, narrow, &row);
    }
}

/* Where the side lobes of all other rows begin. */
static void look_at_kept(struct pc_psf_look *l, const float *rows, int from, int to)
{
    const int nx = l->conf.nx;
    struct pc_sidelobe side = pc_sidelobe_begin(l->conf.cell_rad, &l->beam, nx / 2, l->conf.ny / 2);
    for (int y = from; y < to; y++, rows += nx) {
        const struct extremes e = extremes_of(rows, nx);
        pc_sidelobe_row(&side, rows, nx, y, e.min, e.max);
    }
    for (int i = 0; i < l->conf.nthread; i++)
        l->hand[i].side = side;
}

const void *pc_psf_look_centre(struct pc_psf_look *l, int *y0, int *nrow)
{
    const struct pc_psf_look_conf *c = &l->conf;
    int from = c->ny, to = 0;
    for (int i = 0; i < c->nthread; i++) {
        from = l->hand[i].from < from ? l->hand[i].from : from;
        to = l->hand[i].to > to ? l->hand[i].to : to;
    }
    const double centre = centre_of(l);
    l->by = centre > 1e-7 ? centre : 1;
    l->is_known = true;
    normalise_kept(l, from, to);
    const int64_t skip = (int64_t)(from - l->first) * c->nx;
    const float *rows = (c->wide ? l->narrow : (const float *)l->kept) + skip;
    if (pc_beam_fit_centre(rows, from, c->nx, c->ny, c->cell_rad, c->cutoff, &l->beam, &l->why) != 0)
        l->beam = (struct pc_beam){0};
    else
        look_at_kept(l, rows, from, to);
    *y0 = from;
    *nrow = to - from;
    return (const char *)l->kept + skip * size_of(l);
}

const struct pc_beam *pc_psf_look_beam(const struct pc_psf_look *l, const char **why)
{
    *why = l->why.msg;
    return &l->beam;
}

double pc_psf_look_sidelobe(const struct pc_psf_look *l)
{
    struct pc_sidelobe side = l->hand[0].side;
    for (int i = 1; i < l->conf.nthread; i++)
        pc_sidelobe_join(&side, &l->hand[i].side);
    return l->beam.maj_rad > 0 ? pc_sidelobe_end(&side) : 0;
}
