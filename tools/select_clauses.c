/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/select_clauses.h"

#define CLAUSE(name)                                                                                         \
    {                                                                                                        \
#name, offsetof(struct select_clauses, name), offsetof(struct pc_ms_selection, name)                 \
    }

static const struct {
    const char *name;
    size_t from, to;
} clauses[] = {CLAUSE(field), CLAUSE(spw),         CLAUSE(timerange), CLAUSE(uvrange), CLAUSE(antenna),
               CLAUSE(scan),  CLAUSE(observation), CLAUSE(intent),    CLAUSE(taql),    CLAUSE(fitspec)};

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
    return 0;
}
