/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adaptive scale pixel deconvolution: Bhatnagar & Cornwell 2004, A&A 426, 747, in the manner of CASA's
 * Asp-Clean (Hsieh & Bhatnagar 2021; spec/casa-imaging.md section 6). Each iteration looks for the best of a
 * few initial scales, fits the size and the flux of a Gaussian there, and takes gain times that.
 *
 * The fit minimises chi square in the visibilities, as in the paper: a Gaussian g of flux a at one place
 * changes it by a^2 P - 2 a r, where r = residual . g and P = psf . (g (x) g) are sums over pixels. So the
 * best flux is r / P, and the size is where r^2 / P is largest: one parameter instead of two, searched by
 * Brent's parabolas (Brent 1973, chapter 5) between the next smaller and the next larger initial scale. No
 * component can raise chi square. CASA fits amplitude and size to the pixels of the residual near the peak by
 * L-BFGS, five steps at most, from alglib.
 *
 * The initial scales are compared by r^2 / sqrt(P), which for scales wider than the psf is the second of
 * CASA's norms. r^2 / P, the gain of chi square itself, prefers scales that cover more than one source or the
 * hole of a shell: in one long cycle fluxes of simulated skies came out up to a third too large, by
 * hundredths with this. Major cycles between level the two.
 *
 * Points go fast in Hogbom's manner, with no scale looked at, for a while: below fusedthreshold, when the
 * peak hardly changes, or when most of the last components were points. */
#include "clean/asp_field.h"

#include <math.h>
#include <stddef.h>

/* CASA's numbers. */
enum { HOGBOM_SHORT = 51, HOGBOM_LONG = 510, LAST = 10, LAST_POINTS = 5 };
static const double POINT_PX = 0.4, FIT_EPS = 1e-3, WEAK = 1e-6;
static const float NO_CHANGE = 1e-4f, DIVERGED = 1.5f;

enum { FIT_MOST = 30 }; /* looks at the sums; it ends well before */

struct asp {
    const struct pc_minor_in *in;
    struct pc_asp_field field;
    float *model;
    double square;  /* sum of the residual's squares within the mask to begin with */
    int64_t hogbom; /* components still to be taken in Hogbom's manner */
    int unchanged;  /* components that hardly changed the peak */
    bool is_point[LAST];
    int64_t ncomponent; /* of those looked for among the scales, since Hogbom's */
};

struct component {
    struct pc_gauss g;
    int64_t at;
    double flux;
};

/* ---- one component ---- */

/* A Gaussian of that size at one place: its flux, and by how much it lowers chi square. */
struct trial {
    double flux, gain;
};

static int try_size(const struct asp *a, int64_t at, double size_px, struct trial *t, struct pc_err *err)
{
    const struct pc_asp_field *f = &a->field;
    struct pc_gauss g;
    double p;
    if (pc_gauss_init(&g, size_px, err))
        return -1;
    double r = pc_gauss_sum(&g, f->residual[0], f->nx, f->ny, (int)(at % f->nx), (int)(at / f->nx));
    int rc = pc_asp_field_response(f, &g, &p, err);
    *t = p > 0 ? (struct trial){r / p, r * r / p} : (struct trial){0, 0};
    pc_gauss_fini(&g);
    return rc;
}

/* Three sizes and what they gain, the best first. */
struct search {
    double x[3], gain[3];
    double lo, hi;
};

/* The top of the parabola through the three, when it is within the bounds; else NaN. */
static double parabola(const struct search *s)
{
    double r = (s->x[0] - s->x[1]) * (s->gain[0] - s->gain[2]);
    double q = (s->x[0] - s->x[2]) * (s->gain[0] - s->gain[1]);
    double x = s->x[0] - ((s->x[0] - s->x[2]) * q - (s->x[0] - s->x[1]) * r) / (2 * (q - r));
    return x > s->lo && x < s->hi ? x : NAN;
}

static void search_add(struct search *s, double x, double gain)
{
    const bool better = gain >= s->gain[0];
    const double bound = better ? s->x[0] : x;
    if ((x < s->x[0]) == better)
        s->hi = bound;
    else
        s->lo = bound;
    int k = better ? 0 : gain >= s->gain[1] || s->x[1] == s->x[0] ? 1 : 2;
    for (int i = 2; i > k; i--)
        s->x[i] = s->x[i - 1], s->gain[i] = s->gain[i - 1];
    s->x[k] = x, s->gain[k] = gain;
}

/* The size within [lo, hi] of the largest gain, starting from one of gain `gain`. */
static int best_size(const struct asp *a, int64_t at, double lo, double hi, double *size, double gain,
                     struct pc_err *err)
{
    static const double golden = 0.381966;
    struct search s = {{*size, *size, *size}, {gain, gain, gain}, lo, hi};
    double step = hi - lo, before = step;
    for (int i = 0; i < FIT_MOST; i++) {
        const double tol = FIT_EPS * fmax(s.x[0], POINT_PX), x0 = s.x[0];
        struct trial t;
        if (s.hi - s.lo < 2 * tol)
            break;
        double x = parabola(&s);
        if (!(fabs(x - x0) <
              0.5 * before)) /* or steps do not shrink: the golden section of the larger part */
            x = s.hi - x0 > x0 - s.lo ? x0 + golden * (s.hi - x0) : x0 - golden * (x0 - s.lo);
        if (fabs(x - x0) < tol)
            x = x0 + (s.hi - x0 > x0 - s.lo ? tol : -tol);
        before = step, step = fabs(x - x0);
        if (try_size(a, at, x, &t, err))
            return -1;
        search_add(&s, x, t.gain);
    }
    *size = s.x[0];
    return 0;
}

/* The initial scale of the largest r^2 / sqrt(P), and where; -1: there is none. *gain: what it gains. */
static int best_scale(struct asp *a, int64_t *where, double *gain)
{
    struct pc_asp_field *f = &a->field;
    double most = 0;
    int best = -1;
    for (int i = 0; i < f->n; i++) {
        int64_t at;
        const double r = (double)pc_active_peak(&f->active[i], &at), merit = r * r / sqrt(f->response[i]);
        if (at < 0 || !(merit > most))
            continue;
        most = merit;
        *gain = r * r / f->response[i];
        *where = at;
        best = i;
    }
    return best;
}

/* c->flux stays 0 when nothing is to be found. */
static int look(struct asp *a, struct component *c, struct pc_err *err)
{
    const struct pc_asp_field *f = &a->field;
    double gain = 0;
    const int i = best_scale(a, &c->at, &gain);
    if (i < 0)
        return 0;
    const bool may_grow = i + 1 < f->n && f->mask[i + 1][c->at];
    const double lo = f->size_px[i > 0 ? i - 1 : 0], hi = f->size_px[may_grow ? i + 1 : i];
    double size = f->size_px[i];
    struct trial t;
    if (best_size(a, c->at, lo, hi, &size, gain, err))
        return -1;
    size = size < POINT_PX ? 0 : size;
    if (try_size(a, c->at, size, &t, err) || pc_gauss_init(&c->g, size, err))
        return -1;
    c->flux = size > 0 ? t.flux : (double)f->residual[0][c->at];
    return 0;
}

static void add_to_model(const struct asp *a, const struct pc_gauss *g, int64_t at, double flux)
{
    const struct pc_asp_field *f = &a->field;
    pc_gauss_add(g, a->model, a->in->nx, a->in->ny, (int)(at % f->nx) + f->x0, (int)(at / f->nx) + f->y0,
                 flux);
}

/* One component from among the scales; *found false when there was none worth taking. */
static int take_scale(struct asp *a, bool *found, struct pc_err *err)
{
    struct component c = {0};
    int rc = look(a, &c, err);
    *found = !rc && c.flux != 0 && fabs(c.flux) >= WEAK * a->in->options.fusedthreshold_jy;
    if (*found) {
        const double flux = a->in->gain * c.flux;
        add_to_model(a, &c.g, c.at, flux);
        rc = pc_asp_field_subtract(&a->field, &c.g, c.at, (float)flux, err);
        a->is_point[a->ncomponent++ % LAST] = c.g.sigma_px == 0;
    }
    pc_gauss_fini(&c.g);
    return rc;
}

/* One component in Hogbom's manner. */
static int take_point(struct asp *a, struct pc_err *err)
{
    int64_t at;
    pc_active_peak(&a->field.active[0], &at);
    const float flux = (float)a->in->gain * a->field.residual[0][at];
    int64_t x = at % a->field.nx + a->field.x0, y = at / a->field.nx + a->field.y0;
    a->model[y * a->in->nx + x] += flux;
    a->hogbom--;
    return pc_asp_field_subtract_point(&a->field, at, flux, err);
}

/* ---- when to go fast ---- */

/* Of the residual, within the mask. */
static double sum_of_squares(const struct pc_asp_field *f)
{
    const int64_t n = (int64_t)f->nx * f->ny;
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += f->mask[0][i] ? (double)f->residual[0][i] * (double)f->residual[0][i] : 0;
    return sum;
}

static bool mostly_points(const struct asp *a)
{
    int n = 0;
    for (int i = 0; i < LAST && i < a->ncomponent; i++)
        n += a->is_point[i];
    return n >= LAST_POINTS;
}

/* Whether Hogbom's manner begins, and for how long: longer where the scales have done little. */
static void maybe_go_fast(struct asp *a, float peak)
{
    const bool fused = (double)peak < a->in->options.fusedthreshold_jy;
    if (a->hogbom > 0 || !(fused || a->unchanged >= 2 || mostly_points(a)))
        return;
    const double now = sum_of_squares(&a->field);
    const bool is_long = !mostly_points(a) && a->square > now && a->square < 1.5 * now;
    a->hogbom = is_long ? HOGBOM_LONG : HOGBOM_SHORT;
    a->unchanged = 0;
    a->ncomponent = 0;
}

/* One component, of either kind. */
static int take(struct asp *a, float peak, bool *found, struct pc_err *err)
{
    const bool was_fast = a->hogbom > 0;
    *found = true;
    if (!was_fast)
        maybe_go_fast(a, peak);
    if (a->hogbom == 0)
        return take_scale(a, found, err);
    if (take_point(a, err))
        return -1;
    if (a->hogbom == 0 && (double)peak < a->in->options.fusedthreshold_jy)
        a->hogbom = 1; /* the scales are not looked at again */
    return a->hogbom == 0 ? pc_asp_field_renew(&a->field, err) : 0;
}

/* ---- the minor cycle ---- */

static int iterate(struct asp *a, struct pc_minor_out *out, struct pc_err *err)
{
    const struct pc_minor_in *in = a->in;
    const int64_t step = pc_minor_step(in->cycleniter);
    int64_t at;
    bool found = true;
    float peak = pc_active_peak(&a->field.active[0], &at), call = peak, lowest = peak;
    out->stop = pc_minor_why(in, 0, peak, call);
    while (out->stop == PC_MINOR_NONE) {
        const float before = peak;
        if (take(a, peak, &found, err))
            return -1;
        if (!found)
            break;
        peak = pc_active_peak(&a->field.active[0], &at);
        out->iterdone++;
        if (a->hogbom == 0 && fabsf(peak - before) < NO_CHANGE * before)
            a->unchanged++;
        const bool rose = !(peak <= DIVERGED * lowest), ends = out->iterdone % step == 0;
        if (ends || rose || peak <= (float)in->threshold_jy || out->iterdone == in->cycleniter)
            out->stop = pc_minor_why(in, out->iterdone, peak, call);
        if (rose)
            break;
        lowest = fminf(lowest, peak);
        call = ends ? fminf(call, peak) : call;
    }
    out->peakres_jy = (double)peak;
    return 0;
}

static double width_of(const struct pc_minor_in *in, const float *psf)
{
    return in->options.psf_px > 0 ? in->options.psf_px : pc_asp_width(psf, in->nx, in->ny);
}

/* What is told of the planes when all is done. */
static void report(const struct pc_minor_in *in, int pol, struct pc_minor_out *out)
{
    const int64_t npix = (int64_t)in->nx * in->ny, first = pol * npix;
    bool unknown = false;
    out->peakres_nomask_jy = out->peakres_jy;
    for (int64_t i = first; i < first + npix; i++) {
        out->modelflux_jy += (double)in->model[i];
        if (!in->mask || in->mask[i] || !isfinite(in->residual[i]))
            continue;
        unknown = unknown || !in->whole_plane;
        out->peakres_nomask_jy = fmax(out->peakres_nomask_jy, fabs((double)in->residual[i]));
    }
    if (unknown)
        out->peakres_nomask_jy = NAN;
}

static int asp_plane(const struct pc_minor_in *in, int pol, struct pc_minor_out *out, struct pc_err *err)
{
    const int64_t first = pol * (int64_t)in->nx * in->ny;
    struct asp a = {.in = in, .model = in->model + first};
    double size_px[PC_ASP_SCALES];
    *out = (struct pc_minor_out){0};
    const int nsize =
        pc_asp_sizes(width_of(in, in->psf + first), in->options.largestscale_px, in->nx, in->ny, size_px);
    if (pc_asp_field_init(&a.field, in, pol, size_px, nsize, err))
        return -1;
    a.square = sum_of_squares(&a.field);
    int bad = a.field.active[0].npix && iterate(&a, out, err);
    if (!bad) {
        pc_asp_field_put(&a.field, in, pol);
        report(in, pol, out);
    }
    pc_asp_field_fini(&a.field);
    return bad ? -1 : 0;
}

static int asp_minor(const struct pc_minor_in *in, struct pc_minor_out *out, struct pc_err *err)
{
    *out = (struct pc_minor_out){0};
    if (pc_minor_check(in, err))
        return -1;
    for (int pol = 0; pol < in->npol; pol++) {
        struct pc_minor_out plane;
        if (asp_plane(in, pol, &plane, err))
            return -1;
        pc_minor_merge(out, &plane);
    }
    return 0;
}

static int64_t asp_mem_byte(int nx, int ny, int npol, int nscale)
{
    (void)npol, (void)nscale; /* one plane at a time; the scales are its own */
    return pc_asp_field_mem_byte(nx, ny) + PC_ASP_SCALES * pc_hogbom.mem_byte(nx, ny, 1, 0);
}

const struct pc_deconvolver pc_asp = {.name = "asp", .mem_byte = asp_mem_byte, .minor = asp_minor};
