/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/sparse.h"

#include "base/clones.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };

PC_CLONES bool pc_sparse_any(const float *v, int64_t n)
{
    uint32_t seen = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, v + i, sizeof bits);
        seen |= bits;
    }
    return seen != 0;
}

static bool is_set(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits != 0;
}

/* Room for `more` beyond the n there are. */
static int grow(void **array, int64_t n, int64_t more, int64_t *cap, size_t size, struct pc_err *err)
{
    if (n + more <= *cap)
        return 0;
    int64_t want = *cap + *cap / 2 + 256;
    want = want < n + more ? n + more : want;
    void *grown = realloc(*array, (size_t)want * size);
    if (!grown)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for %lld pixels of a model", (long long)want);
    *array = grown;
    *cap = want;
    return 0;
}

/* n pixels, none of which is 0. */
static int add_run(struct pc_sparse *s, int64_t at, const float *v, int64_t n, struct pc_err *err)
{
    void *run = s->run, *value = s->value;
    int bad = grow(&value, s->nvalue, n, &s->cap_value, sizeof *s->value, err);
    s->value = value;
    bad = bad || grow(&run, s->nrun, 1, &s->cap_run, sizeof *s->run, err);
    s->run = run;
    if (bad)
        return -1;
    struct pc_sparse_run *last = s->nrun ? &s->run[s->nrun - 1] : NULL;
    if (!last || last->at + last->n != at) {
        last = &s->run[s->nrun++];
        *last = (struct pc_sparse_run){at, s->nvalue, 0};
    }
    memcpy(s->value + s->nvalue, v, (size_t)n * sizeof *v);
    s->nvalue += n;
    last->n += n;
    return 0;
}

static int add_runs(struct pc_sparse *s, int64_t first, const float *pix, int64_t n, struct pc_err *err)
{
    for (int64_t i = 0, end; i < n; i = end + 1) {
        while (i < n && !is_set(pix[i]))
            i++;
        for (end = i; end < n && is_set(pix[end]);)
            end++;
        if (end > i && add_run(s, first + i, pix + i, end - i, err))
            return -1;
    }
    return 0;
}

int pc_sparse_add(struct pc_sparse *s, int64_t first, const float *pix, int64_t n, struct pc_err *err)
{
    for (int64_t i = 0; i < n; i += BLOCK) {
        int64_t m = n - i < BLOCK ? n - i : BLOCK;
        if (pc_sparse_any(pix + i, m) && add_runs(s, first + i, pix + i, m, err))
            return -1;
    }
    return 0;
}

/* The first run that ends beyond pixel `at`. */
static int64_t find(const struct pc_sparse *s, int64_t at)
{
    int64_t lo = 0, hi = s->nrun;
    while (lo < hi) {
        int64_t mid = lo + (hi - lo) / 2;
        if (s->run[mid].at + s->run[mid].n <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool pc_sparse_fill(const struct pc_sparse *s, int64_t first, int64_t n, float *pix)
{
    int64_t i = find(s, first);
    if (i == s->nrun || s->run[i].at >= first + n)
        return false;
    memset(pix, 0, (size_t)n * sizeof *pix);
    for (; i < s->nrun && s->run[i].at < first + n; i++) {
        const struct pc_sparse_run *run = &s->run[i];
        int64_t from = run->at > first ? run->at : first;
        int64_t end = run->at + run->n < first + n ? run->at + run->n : first + n;
        memcpy(pix + (from - first), s->value + run->first + (from - run->at),
               (size_t)(end - from) * sizeof *pix);
    }
    return true;
}

int pc_sparse_pack(struct pc_sparse *s, const float *pix, int64_t npix, struct pc_err *err)
{
    return pc_sparse_add(s, 0, pix, npix, err);
}

void pc_sparse_unpack(const struct pc_sparse *s, float *pix, int64_t npix)
{
    if (!pc_sparse_fill(s, 0, npix, pix))
        memset(pix, 0, (size_t)npix * sizeof *pix);
}

void pc_sparse_fini(struct pc_sparse *s)
{
    free(s->run);
    free(s->value);
    *s = (struct pc_sparse){0};
}
