/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/beam_common.h"

#include "image/beam_deconvolve.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Every round takes in one more beam and grows by a thousandth; this many is more than any cube needs. */
enum { ROUNDS = 100000 };
static const double GROW = 1.001;

/* A symmetric matrix over (north, east). */
struct sym {
    double nn, ee, ne;
};

static double wrapped(double pa_rad)
{
    pa_rad = remainder(pa_rad, M_PI);
    return pa_rad <= -M_PI / 2 ? pa_rad + M_PI : pa_rad;
}

/* Squared axes at an angle, and back. */
static struct sym sym_of(double p, double q, double pa_rad)
{
    double c = cos(pa_rad), s = sin(pa_rad);
    return (struct sym){p * c * c + q * s * s, p * s * s + q * c * c, (p - q) * s * c};
}

static void axes_of(const struct sym *m, double *p, double *q, double *pa_rad)
{
    double mean = (m->nn + m->ee) / 2, d = hypot((m->nn - m->ee) / 2, m->ne);
    *p = mean + d;
    *q = mean - d;
    *pa_rad = d > 0 ? 0.5 * atan2(2 * m->ne, m->nn - m->ee) : 0;
}

/* The smallest ellipse around two of one centre: where the first is the unit circle, it has the second's axes
 * but none below 1. */
static struct pc_beam enclosing(const struct pc_beam *a, const struct pc_beam *b)
{
    double p, q, pa, maj = a->maj_rad, min = a->min_rad;
    /* b in the frame of a's axes, each axis in units of a's */
    struct sym s = sym_of(b->maj_rad * b->maj_rad, b->min_rad * b->min_rad, b->pa_rad - a->pa_rad);
    s = (struct sym){s.nn / (maj * maj), s.ee / (min * min), s.ne / (maj * min)};
    axes_of(&s, &p, &q, &pa);
    s = sym_of(fmax(p, 1), fmax(q, 1), pa);
    s = (struct sym){s.nn * maj * maj, s.ee * min * min, s.ne * maj * min};
    axes_of(&s, &p, &q, &pa);
    return (struct pc_beam){sqrt(p), sqrt(q), wrapped(pa + a->pa_rad)};
}

/* At right angles the axes are those of the two, and nothing is rounded that would have to be made up for. */
static bool perpendicular(const struct pc_beam *a, const struct pc_beam *b, struct pc_beam *out)
{
    if (fabs(fabs(wrapped(a->pa_rad - b->pa_rad)) - M_PI / 2) > 1e-12)
        return false;
    const struct pc_beam *longer = a->maj_rad >= b->maj_rad ? a : b, *other = longer == a ? b : a;
    double min = fmax(longer->min_rad, other->maj_rad);
    *out = (struct pc_beam){fmax(longer->maj_rad, other->min_rad), min, wrapped(longer->pa_rad)};
    return true;
}

static bool comes_apart(const struct pc_beam *to, const struct pc_beam *from)
{
    struct pc_beam unused;
    return pc_beam_deconvolve(to, from, &unused) == PC_DECONVOLVED;
}

static bool same(const struct pc_beam *a, const struct pc_beam *b)
{
    return a->maj_rad == b->maj_rad && a->min_rad == b->min_rad && a->pa_rad == b->pa_rad;
}

/* The last beam that `to` does not hold; NULL: it holds all. `at` is the one that `to` has replaced. */
static const struct pc_beam *offender(const struct pc_beam *beam, int64_t n, int64_t at,
                                      const struct pc_beam *to)
{
    for (int64_t i = n - 1; i >= 0; i--)
        if (i != at && beam[i].maj_rad > 0 && !same(&beam[i], to) && !comes_apart(to, &beam[i]))
            return &beam[i];
    return NULL;
}

/* Whether each deconvolves from `to` or is the same within a tenth. */
static bool holds_all(const struct pc_beam *beam, int64_t n, const struct pc_beam *to)
{
    struct pc_beam unused;
    for (int64_t i = 0; i < n; i++)
        if (beam[i].maj_rad > 0 && pc_beam_deconvolve(to, &beam[i], &unused) == PC_DECONVOLVED_NOT)
            return false;
    return true;
}

/* The first of the largest area; -1: none counts. */
static int64_t largest(const struct pc_beam *beam, int64_t n)
{
    int64_t at = -1;
    for (int64_t i = 0; i < n; i++)
        if (beam[i].maj_rad > 0 && (at < 0 || pc_beam_area_sr(&beam[i]) > pc_beam_area_sr(&beam[at])))
            at = i;
    return at;
}

static int check(const struct pc_beam *beam, int64_t n, struct pc_err *err)
{
    for (int64_t i = 0; i < n; i++) {
        const struct pc_beam *b = &beam[i];
        if (b->maj_rad != 0 &&
            !(b->min_rad > 0 && b->maj_rad >= b->min_rad && isfinite(b->maj_rad) && isfinite(b->pa_rad)))
            return pc_err_set(err, PC_EX_DATA,
                              "beam %lld is %g x %g rad at %g rad: the axes must be above 0, the major one "
                              "first",
                              (long long)i, b->maj_rad, b->min_rad, b->pa_rad);
    }
    return 0;
}

int pc_beam_common(const struct pc_beam *beam, int64_t n, struct pc_beam *common, struct pc_err *err)
{
    const struct pc_beam *other;
    *common = (struct pc_beam){0, 0, 0};
    if (check(beam, n, err))
        return -1;
    int64_t at = largest(beam, n);
    if (at < 0)
        return 0;
    struct pc_beam now = beam[at];
    for (int round = 0; (other = offender(beam, n, at, &now)) != NULL; round++) {
        struct pc_beam next;
        if (round == ROUNDS)
            return pc_err_set(err, PC_EX_BUG, "the common beam was not found in %d rounds", ROUNDS);
        if (perpendicular(&now, other, &next) && holds_all(beam, n, &next)) {
            now = next;
            break;
        }
        next = enclosing(&now, other);
        while (!comes_apart(&next, &now) || !comes_apart(&next, other))
            next.maj_rad *= GROW, next.min_rad *= GROW;
        now = next;
    }
    now.pa_rad = wrapped(now.pa_rad);
    *common = now;
    return 0;
}
