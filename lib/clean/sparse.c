/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/sparse.h"

#include <stdlib.h>
#include <string.h>

static int grow(struct pc_sparse *s, struct pc_err *err)
{
    int64_t cap = s->cap ? 2 * s->cap : 256;
    int64_t *at = realloc(s->at, (size_t)cap * sizeof *at);
    if (at)
        s->at = at;
    float *value = at ? realloc(s->value, (size_t)cap * sizeof *value) : NULL;
    if (!value)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for %lld pixels of a model", (long long)cap);
    s->value = value;
    s->cap = cap;
    return 0;
}

int pc_sparse_pack(struct pc_sparse *s, const float *pix, int64_t npix, struct pc_err *err)
{
    for (int64_t i = 0; i < npix; i++) {
        if (pix[i] == 0)
            continue;
        if (s->n == s->cap && grow(s, err))
            return -1;
        s->at[s->n] = i;
        s->value[s->n++] = pix[i];
    }
    return 0;
}

void pc_sparse_unpack(const struct pc_sparse *s, float *pix, int64_t npix)
{
    memset(pix, 0, (size_t)npix * sizeof *pix);
    for (int64_t i = 0; i < s->n; i++)
        pix[s->at[i]] = s->value[i];
}

void pc_sparse_fini(struct pc_sparse *s)
{
    free(s->at);
    free(s->value);
    *s = (struct pc_sparse){0};
}
