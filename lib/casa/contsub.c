/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/contsub.h"

#include "base/mem.h"
#include "casa/flags.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

int pc_contsub_init(struct pc_contsub *c, int order, const double *freq_hz, int nchan, const int *fit,
                    int nfit, struct pc_err *err)
{
    *c = (struct pc_contsub){.order = order, .nchan = nchan};
    c->x = pc_mem_new(nchan, sizeof *c->x, "continuum fit", err);
    c->fit = c->x ? pc_mem_new0(nchan, 1, "continuum fit", err) : NULL;
    if (!c->fit) {
        pc_contsub_fini(c);
        return -1;
    }
    double lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < nfit; i++) {
        c->fit[fit[i]] = 1;
        lo = fmin(lo, freq_hz[fit[i]]);
        hi = fmax(hi, freq_hz[fit[i]]);
    }
    const double half = hi > lo ? (hi - lo) / 2 : 1;
    for (int i = 0; i < nchan; i++)
        c->x[i] = (freq_hz[i] - (lo + hi) / 2) / half;
    return 0;
}

void pc_contsub_fini(struct pc_contsub *c)
{
    pc_mem_free(c->x);
    pc_mem_free(c->fit);
    *c = (struct pc_contsub){0};
}

/* Of one spectrum, [nchan] each: weights of the fit, what is left of it, and two polynomials. */
struct spectrum {
    double *w, *re, *im, *p, *before;
};

int64_t pc_contsub_nwork(const struct pc_contsub *c)
{
    return 5 * (int64_t)c->nchan;
}

/* The channels that count for the fit; *any: whether the spectrum has any weight at all. */
static int load(const struct pc_contsub *c, int ncorr, const float *vis, const float *weight,
                struct spectrum *s, bool *any)
{
    int n = 0;
    *any = false;
    for (int i = 0; i < c->nchan; i++) {
        const float w = weight[(int64_t)i * ncorr];
        const bool good = w > 0;
        *any |= good;
        n += good && c->fit[i];
        s->w[i] = good && c->fit[i] ? w : 0;
        s->re[i] = vis[(int64_t)i * ncorr * 2];
        s->im[i] = vis[(int64_t)i * ncorr * 2 + 1];
        s->p[i] = 1;
        s->before[i] = 0;
    }
    return n;
}

/* Takes away the polynomial of so many coefficients, one orthogonal polynomial after the other. */
static void subtract(const struct pc_contsub *c, struct spectrum *s, int ncoef)
{
    double last = 1;
    for (int k = 0; k < ncoef; k++) {
        double norm = 0, re = 0, im = 0, shift = 0;
        for (int i = 0; i < c->nchan; i++) {
            const double wp = s->w[i] * s->p[i];
            norm += wp * s->p[i];
            shift += wp * s->p[i] * c->x[i];
            re += wp * s->re[i];
            im += wp * s->im[i];
        }
        re /= norm;
        im /= norm;
        shift /= norm;
        const double back = k > 0 ? norm / last : 0;
        for (int i = 0; i < c->nchan; i++) {
            const double p = s->p[i];
            s->re[i] -= re * p;
            s->im[i] -= im * p;
            s->p[i] = (c->x[i] - shift) * p - back * s->before[i];
            s->before[i] = p;
        }
        last = norm;
    }
}

void pc_contsub_row(const struct pc_contsub *c, int ncorr, float *vis_jy, float *weight, double *work,
                    struct pc_contsub_count *count)
{
    const int64_t n = c->nchan;
    struct spectrum s = {work, work + n, work + 2 * n, work + 3 * n, work + 4 * n};
    for (int j = 0; j < ncorr; j++) {
        bool any;
        const int have = load(c, ncorr, vis_jy + 2 * j, weight + j, &s, &any);
        if (have == 0) {
            count->nnone += any;
            for (int64_t i = 0; any && i < n; i++)
                if (weight[i * ncorr + j] > 0)
                    weight[i * ncorr + j] = -PC_LEFT_FLAGGED;
            continue;
        }
        count->nlower += have <= c->order;
        subtract(c, &s, have <= c->order ? have : c->order + 1);
        for (int64_t i = 0; i < n; i++) {
            vis_jy[(i * ncorr + j) * 2] = (float)s.re[i];
            vis_jy[(i * ncorr + j) * 2 + 1] = (float)s.im[i];
        }
    }
}
