/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/diff_member.h"
#include "io/fits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 1 << 15 };

struct sums {
    double max_abs, sum2, peak_a;
    int64_t n, both, nnan;
};

static int read_batch(struct pc_reader *r, int bitpix, void *raw, double *out, int64_t n, struct pc_err *err)
{
    int size = abs(bitpix) / 8;
    if (r->read(r, raw, (size_t)(n * size), err))
        return -1;
    if (bitpix == -64) {
        pc_swap_f64(out, raw, n);
    } else if (bitpix == -32) {
        float *f = raw;
        pc_swap_f32(f, f, n);
        for (int64_t i = 0; i < n; i++)
            out[i] = f[i];
    } else {
        const unsigned char *b = raw;
        for (int64_t i = 0; i < n; i++)
            out[i] = b[i];
    }
    return 0;
}

static void add_batch(struct sums *s, const double *a, const double *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (isnan(a[i]) || isnan(b[i])) {
            s->nnan += isnan(a[i]) != isnan(b[i]);
            continue;
        }
        double d = a[i] == b[i] ? 0 : fabs(b[i] - a[i]); /* equal infinities are equal */
        s->max_abs = d > s->max_abs ? d : s->max_abs;
        s->sum2 += d * d;
        s->peak_a = fabs(a[i]) > s->peak_a ? fabs(a[i]) : s->peak_a;
        s->both++;
    }
    s->n += n;
}

static int64_t elements(const struct pc_fits_shape *s)
{
    int64_t n = s->naxis > 0;
    for (int i = 0; i < s->naxis; i++)
        n *= s->axis[i];
    return n;
}

/* Axes of length 1 may be anywhere: CASA has STOKES before FREQ. */
static bool same_shape(const struct pc_fits_shape *a, const struct pc_fits_shape *b)
{
    int i = 0, k = 0;
    for (;;) {
        while (i < a->naxis && a->axis[i] == 1)
            i++;
        while (k < b->naxis && b->axis[k] == 1)
            k++;
        if (i == a->naxis || k == b->naxis)
            return i == a->naxis && k == b->naxis && elements(a) == elements(b);
        if (a->axis[i++] != b->axis[k++])
            return false;
    }
}

static int read_shape(struct pc_reader *r, struct pc_fits_shape *s, struct pc_err *err)
{
    struct pc_text header = {0};
    int rc = pc_fits_read_header(r, s, &header, err);
    pc_text_free(&header);
    return rc;
}

static void judge(const struct sums *s, const struct pc_diff_conf *conf, struct pc_diff_line *line)
{
    line->numbers = true;
    line->n = s->n;
    line->nnan = s->nnan;
    line->max_abs = s->max_abs;
    line->rms = s->both ? sqrt(s->sum2 / (double)s->both) : 0;
    line->peak_a = s->peak_a;
    bool beyond = s->nnan > 0 || !(s->max_abs <= conf->atol + conf->rtol * s->peak_a);
    line->verdict = beyond ? "differs" : s->max_abs > 0 ? "near" : "same";
}

int pc_diff_fits(struct pc_reader *a, struct pc_reader *b, const struct pc_diff_conf *conf,
                 struct pc_diff_line *line, struct pc_err *err)
{
    struct pc_fits_shape sa, sb;
    struct sums sums = {0};
    if (read_shape(a, &sa, err) || read_shape(b, &sb, err))
        return -1;
    if (!same_shape(&sa, &sb)) {
        line->verdict = "shape";
        return 0;
    }
    double *buf = malloc(BATCH * 3 * sizeof *buf);
    int rc = buf ? 0 : pc_err_set(err, PC_EX_NOMEM, "no memory to compare");
    int64_t left = elements(&sa);
    while (!rc && left > 0) {
        int64_t n = left < BATCH ? left : BATCH;
        rc = read_batch(a, sa.bitpix, buf + 2 * BATCH, buf, n, err) ||
                     read_batch(b, sb.bitpix, buf + 2 * BATCH, buf + BATCH, n, err)
                 ? -1
                 : 0;
        if (!rc)
            add_batch(&sums, buf, buf + BATCH, n);
        left -= n;
    }
    free(buf);
    judge(&sums, conf, line);
    return rc;
}

int pc_diff_text(struct pc_reader *a, struct pc_reader *b, struct pc_diff_line *line, struct pc_err *err)
{
    char sa[4096], sb[sizeof sa];
    line->verdict = a->left == b->left ? "same" : "text";
    while (a->left > 0 && a->left == b->left) {
        size_t n = a->left < (int64_t)sizeof sa ? (size_t)a->left : sizeof sa;
        if (a->read(a, sa, n, err) || b->read(b, sb, n, err))
            return -1;
        if (memcmp(sa, sb, n)) {
            line->verdict = "text";
            return 0;
        }
    }
    return 0;
}
