/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/stage.h"

#include "base/child.h"
#include "io/workdir.h"

#include <math.h>
#include <stdio.h>

static int add_seconds(struct pc_record *r, const char *key, double time_s, struct pc_err *err)
{
    double before_s = 0;
    if (pc_record_has(r, key) && pc_record_double(r, key, &before_s, err))
        return -1;
    return pc_record_setf(r, err, key, "%.4f", before_s + time_s);
}

static int raise(struct pc_record *r, const char *key, double byte, struct pc_err *err)
{
    double before_byte = 0;
    if (pc_record_has(r, key) && pc_record_double(r, key, &before_byte, err))
        return -1;
    return pc_record_setf(r, err, key, "%.0f", fmax(before_byte, byte));
}

static int note(struct pc_record *r, const char *stage, int nchan, const struct pc_child *child,
                struct pc_err *err)
{
    const double each_s = child->time_s / nchan, byte = (double)child->mem_byte;
    char seconds[64], mem_byte[64];
    snprintf(seconds, sizeof seconds, "seconds_%s", stage);
    snprintf(mem_byte, sizeof mem_byte, "mem_byte_%s", stage);
    return add_seconds(r, seconds, each_s, err) || add_seconds(r, "seconds", each_s, err) ||
                   raise(r, mem_byte, byte, err) || raise(r, "peak_mem_byte", byte, err)
               ? -1
               : 0;
}

static int save(const struct pc_record *r, const char *path, struct pc_err *err)
{
    struct pc_text text = {0};
    int rc = pc_record_format(r, &text, err);
    if (rc == 0) {
        FILE *f = fopen(path, "w");
        int bad = !f || fputs(pc_text_str(&text), f) < 0;
        if ((f && fclose(f)) || bad)
            rc = pc_err_errno(err, PC_EX_IOERR, "%s", path);
    }
    pc_text_free(&text);
    return rc;
}

int pc_stage_run(const char *const *argv, const char *stage, int nchan, const char *record, double limit_s,
                 int *status, struct pc_err *err)
{
    struct pc_child child;
    struct pc_record r = {0};
    if (pc_child_run(argv, limit_s, &child, err))
        return -1;
    *status = child.status;
    int rc =
        pc_record_load(&r, record, 1, err) || note(&r, stage, nchan, &child, err) || save(&r, record, err);
    pc_record_free(&r);
    return rc ? -1 : 0;
}
