/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/select_clauses.h"

#include <stdlib.h>
#include <string.h>

#define CLAUSE(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(struct select_clauses, name), offsetof(struct pc_ms_selection, name)                 \
    }

static const struct {
    const char *name;
    size_t from, to;
} clauses[] = {CLAUSE(field), CLAUSE(spw),         CLAUSE(timerange), CLAUSE(uvrange), CLAUSE(antenna),
               CLAUSE(scan),  CLAUSE(observation), CLAUSE(intent),    CLAUSE(taql),    CLAUSE(fitspec)};

static int parse_part(const char *s, int *part, int *nparts, struct pc_err *err)
{
    char *end;
    const long k = strtol(s, &end, 10), n = *end == '/' && end > s ? strtol(end + 1, &end, 10) : 0;
    if (*end || strspn(s, "0123456789/") != strlen(s) || n < 1 || n > 1000000 || k < 1 || k > n)
        return pc_err_set(err, PC_EX_USAGE, "--rows %s: write k/n, the k-th of n blocks, as in 1/8 or 8/8",
                          s);
    *part = (int)k;
    *nparts = (int)n;
    return 0;
}

int select_clauses_share(const struct select_clauses *c, int nms, struct pc_ms_selection *sel,
                         struct pc_err *err)
{
    for (size_t k = 0; k < sizeof clauses / sizeof *clauses; k++) {
        const struct pc_strlist *l = (const struct pc_strlist *)((const char *)c + clauses[k].from);
        if (l->n > 1 && l->n != nms)
            return pc_err_set(err, PC_EX_USAGE,
                              "--%s is given %d times and there are %d MeasurementSets: give it once for "
                              "all, or once for each",
                              clauses[k].name, l->n, nms);
        for (int i = 0; l->n > 0 && i < nms; i++)
            *(const char **)((char *)&sel[i] + clauses[k].to) = l->s[l->n > 1 ? i : 0];
    }
    for (int i = 0; c->rows && i < nms; i++)
        if (parse_part(c->rows, &sel[i].part, &sel[i].nparts, err))
            return -1;
    return 0;
}
