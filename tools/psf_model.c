/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int add(struct psf_model *m, const char *name, size_t n, struct pc_err *err)
{
    char **p = realloc(m->path, ((size_t)m->n + 1) * sizeof *p);
    if (p != NULL)
        m->path = p;
    char *copy = p != NULL ? strndup(name, n) : NULL;
    if (copy == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for %d models", m->n + 1);
    m->path[m->n++] = copy;
    return pc_startmodel_check(copy, err);
}

static int add_value(struct psf_model *m, const char *value, struct pc_err *err)
{
    struct stat st;
    if (stat(value, &st) == 0)
        return add(m, value, strlen(value), err);
    for (const char *at = value;; at++) {
        const size_t n = strcspn(at, ",");
        if (add(m, at, n, err) != 0)
            return -1;
        at += n;
        if (*at == '\0')
            return 0;
    }
}

int psf_model_open(struct psf_model *m, const struct pc_strlist *list, struct pc_err *err)
{
    for (int i = 0; i < list->n; i++)
        if (add_value(m, list->s[i], err) != 0) {
            psf_model_close(m);
            return pc_err_prefix(err, "--startmodel");
        }
    return 0;
}

void psf_model_close(struct psf_model *m)
{
    for (int i = 0; i < m->n; i++)
        free(m->path[i]);
    free(m->path);
    *m = (struct psf_model){0};
}

int psf_model_fill(const struct psf_model *m, const struct pc_imhead *head, int index, float *pix, bool *any,
                   struct pc_startmodel_tally *tally, struct pc_err *err)
{
    const int64_t n = pc_imhead_npix(head);
    memset(pix, 0, (size_t)n * sizeof *pix);
    *tally = (struct pc_startmodel_tally){0};
    for (int i = 0; i < m->n; i++)
        if (pc_startmodel_add(m->path[i], head, index, getenv("TMPDIR"), pix, tally, err) != 0)
            return -1;
    *any = false;
    for (int64_t i = 0; i < n && !*any; i++)
        *any = pix[i] != 0;
    return 0;
}
