/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_reach.h"

#include "base/mem.h"
#include "io/pixels.h"

#include <math.h>
#include <stdlib.h>

enum { BATCH = 4096 }; /* rows */

static void raise_to(double *most_m, const double *m)
{
    for (int i = 0; i < 3; i++)
        most_m[i] = fmax(most_m[i], fabs(m[i]));
}

static int read_rows(struct pc_pass *pass, int64_t nrow, double *most_m, struct pc_err *err)
{
    double *uvw_m = pc_mem_new(3 * BATCH, sizeof *uvw_m, "rows", err);
    int bad = uvw_m == NULL;
    for (int64_t i = 0, n; !bad && i < nrow; i += n) {
        n = nrow - i < BATCH ? nrow - i : BATCH;
        bad = pc_pixels_read(pass, uvw_m, 3 * n, sizeof *uvw_m, err);
        for (int64_t k = 0; !bad && k < n; k++)
            raise_to(most_m, uvw_m + 3 * k);
    }
    pc_mem_free(uvw_m);
    return bad ? -1 : 0;
}

static struct memest_span *room(struct memest_reach *r, struct pc_err *err)
{
    if (r->n == r->cap) {
        const int cap = r->cap ? 2 * r->cap : 16;
        struct memest_span *span = realloc(r->span, (size_t)cap * sizeof *span);
        if (span == NULL) {
            pc_err_set(err, PC_EX_NOMEM, "no memory for what %d blocks reach", cap);
            return NULL;
        }
        r->span = span;
        r->cap = cap;
    }
    return &r->span[r->n];
}

int memest_reach_raise(struct memest_reach *r, struct pc_pass *pass, uint32_t datasum, int64_t nrow,
                       double *most_m, struct pc_err *err)
{
    for (int i = 0; i < r->n && datasum != 0; i++)
        if (r->span[i].datasum == datasum && r->span[i].nrow == nrow) {
            raise_to(most_m, r->span[i].most_m);
            return 0;
        }
    struct memest_span *s = room(r, err);
    if (s == NULL)
        return -1;
    *s = (struct memest_span){.datasum = datasum, .nrow = nrow};
    if (read_rows(pass, nrow, s->most_m, err) != 0)
        return -1;
    r->n++;
    raise_to(most_m, s->most_m);
    return 0;
}

void memest_reach_free(struct memest_reach *r)
{
    free(r->span);
    *r = (struct memest_reach){0};
}
