/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/select_model.h"

#include "casa/putmodel.h"

#include <string.h>
#include <sys/stat.h>

static const char *base_of(const char *path, size_t *n)
{
    size_t end = strlen(path), begin;
    while (end > 1 && path[end - 1] == '/')
        end--;
    for (begin = end; begin > 0 && path[begin - 1] != '/'; begin--)
        ;
    *n = end - begin;
    return path + begin;
}

/* How many operands have the name of a block's MeasurementSet. */
static int count_named(const struct pc_cmdline *cl, const char *ms)
{
    int count = 0;
    for (int i = 0; i < cl->noperand; i++) {
        size_t n;
        const char *base = base_of(cl->operand[i], &n);
        count += strlen(ms) == n && strncmp(base, ms, n) == 0;
    }
    return count;
}

/* Before anything is written. */
static int check(const struct pc_predicted *p, const char *src, const struct pc_cmdline *cl,
                 struct pc_err *err)
{
    struct stat st;
    for (int i = 0; i < cl->noperand; i++)
        if (stat(cl->operand[i], &st) == 0 && !S_ISDIR(st.st_mode))
            return pc_err_set(err, PC_EX_USAGE,
                              "%s: is a file; --put-model writes into a MeasurementSet, which is a directory",
                              cl->operand[i]);
    for (int i = 0; i < p->n; i++) {
        const char *ms = p->sheet[i].info.ms;
        const int count = count_named(cl, ms);
        if (count == 0)
            return pc_err_set(err, PC_EX_NOINPUT,
                              "%s: was made from %s, which is not among the MeasurementSets given", src, ms);
        if (count > 1)
            return pc_err_set(err, PC_EX_USAGE, "%d MeasurementSets are called %s: %s may be of either",
                              count, ms, src);
    }
    return 0;
}

static int put_one(const struct pc_predicted *p, const char *path, const struct select_put *conf,
                   struct pc_log *log, struct pc_err *err)
{
    struct pc_ms *ms;
    struct pc_put_count count;
    if (pc_ms_open_for_model(&ms, path, err))
        return -1;
    const int status = pc_put_model(p, ms, conf->phasecenter, conf->mem_byte / 4, &count, err);
    if (status == 0)
        pc_log_line(log, "%s column=MODEL_DATA rows=%lld visibilities=%lld", pc_ms_name(ms),
                    (long long)count.nrow, (long long)count.nsample);
    pc_ms_close(ms);
    return status;
}

int select_put_model(const struct select_put *conf, struct pc_run *r, struct pc_err *err)
{
    struct pc_predicted p;
    if (pc_predicted_open(&p, conf->src, conf->mem_byte / 2, conf->tmpdir, err))
        return -1;
    int status = check(&p, conf->src, r->cl, err);
    for (int i = 0; status == 0 && i < r->cl->noperand; i++)
        status = put_one(&p, r->cl->operand[i], conf, &r->log, err);
    pc_predicted_close(&p);
    return status;
}
