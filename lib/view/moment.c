/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/moment.h"

#include "base/clones.h"
#include "base/mem.h"

#include <math.h>
#include <string.h>

static int new_sum(double **sum, int64_t n, struct pc_err *err)
{
    *sum = pc_mem_new0(n, sizeof **sum, "a moment", err);
    return *sum ? 0 : -1;
}

int pc_moment_init(struct pc_moment *m, enum pc_moment_kind kind, bool both_signs, int64_t npx,
                   struct pc_err *err)
{
    *m = (struct pc_moment){.kind = kind, .both_signs = both_signs, .npx = npx};
    bool peak = kind == PC_MOMENT_8 || kind == PC_MOMENT_9;
    m->seen = pc_mem_new0(npx, 1, "a moment", err);
    int bad = !m->seen;
    if (peak) {
        m->peak = bad ? NULL : pc_mem_new(npx, sizeof *m->peak, "a moment", err);
        m->at = m->peak ? pc_mem_new(npx, sizeof *m->at, "a moment", err) : NULL;
        bad = !m->at;
    } else {
        bad = bad || new_sum(&m->sum, npx, err) || (kind >= PC_MOMENT_1 && new_sum(&m->first, npx, err)) ||
              (kind == PC_MOMENT_2 && new_sum(&m->second, npx, err));
    }
    if (bad)
        pc_moment_fini(m);
    return bad ? -1 : 0;
}

static void add_peak(struct pc_moment *m, int64_t i, float value, double v)
{
    float size = m->both_signs ? fabsf(value) : value;
    float before = m->both_signs ? fabsf(m->peak[i]) : m->peak[i];
    if (m->seen[i] && !(size > before))
        return;
    m->peak[i] = value;
    m->at[i] = (float)v;
}

static bool counts(const struct pc_moment *m, float value, double least)
{
    return isfinite(value) && (double)(m->both_signs ? fabsf(value) : value) >= least;
}

static void add_at(struct pc_moment *m, int64_t i, float pix, double v, double from)
{
    double value = (double)pix;
    if (m->peak) {
        add_peak(m, i, pix, v);
    } else {
        m->sum[i] += value;
        m->first[i] += value * from;
        if (m->second)
            m->second[i] += value * from * from;
    }
    m->seen[i] = 1;
}

/* Whether any of n pixels may count: of most blocks none does where only what stands out counts. */
enum { BLOCK = 512 };
PC_CLONES static bool any_counts(const float *pix, int n, bool both_signs, double least)
{
    int any = 0;
    for (int i = 0; i < n; i++) {
        double value = (double)pix[i];
        any |= (both_signs ? fabs(value) : value) >= least;
    }
    return any;
}

/* Choices by bits, not by branches: a compiler may vectorise this. What is not finite does not equal itself
 * less itself. */
PC_CLONES static void add_sum(double *sum, unsigned char *seen, const float *pix, int n, bool both_signs,
                              double least, double dv)
{
    for (int i = 0; i < n; i++) {
        double value = (double)pix[i], size = both_signs ? fabs(value) : value;
        int counts = (size >= least) & (value - value == 0);
        sum[i] += counts ? value * dv : 0;
        seen[i] = (unsigned char)(seen[i] | counts);
    }
}

void pc_moment_add(struct pc_moment *m, const float *pix, double v, double dv, double least)
{
    if (!m->begun)
        m->v0 = v;
    m->begun = true;
    for (int64_t at = 0; at < m->npx; at += BLOCK) {
        const int n = m->npx - at < BLOCK ? (int)(m->npx - at) : BLOCK;
        if (m->kind == PC_MOMENT_0)
            add_sum(m->sum + at, m->seen + at, pix + at, n, m->both_signs, least, dv);
        else if (any_counts(pix + at, n, m->both_signs, least))
            for (int64_t i = at; i < at + n; i++)
                if (counts(m, pix[i], least))
                    add_at(m, i, pix[i], v, v - m->v0);
    }
}

/* Of a spectrum in one channel rounding leaves a little on either side of 0; of one with much that is
 * negative no width is left, and that is NaN. */
static double width_of(double square, double mean)
{
    double variance = square - mean * mean;
    return fabs(variance) < 1e-12 * square ? 0 : sqrt(variance);
}

static double moment_at(const struct pc_moment *m, int64_t i)
{
    double mean;
    if (!m->seen[i])
        return (double)NAN;
    switch (m->kind) {
    case PC_MOMENT_0:
        return m->sum[i];
    case PC_MOMENT_8:
        return (double)m->peak[i];
    case PC_MOMENT_9:
        return (double)m->at[i];
    default:
        break;
    }
    if (!(m->sum[i] > 0))
        return (double)NAN;
    mean = m->first[i] / m->sum[i];
    return m->kind == PC_MOMENT_1 ? m->v0 + mean : width_of(m->second[i] / m->sum[i], mean);
}

void pc_moment_end(const struct pc_moment *m, float *out)
{
    for (int64_t i = 0; i < m->npx; i++)
        out[i] = (float)moment_at(m, i);
}

void pc_moment_fini(struct pc_moment *m)
{
    pc_mem_free(m->sum);
    pc_mem_free(m->first);
    pc_mem_free(m->second);
    pc_mem_free(m->peak);
    pc_mem_free(m->at);
    pc_mem_free(m->seen);
    memset(m, 0, sizeof *m);
}
