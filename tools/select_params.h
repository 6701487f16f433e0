/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_SELECT_PARAMS_H
#define PC_TOOLS_SELECT_PARAMS_H

#include "base/mem.h"
#include "casa/axis.h"
#include "tools/select_clauses.h"

#include <stdlib.h>

/* What was said to pc-select, whose modes have files of their own. */

struct params {
    struct select_clauses sel;
    int datacolumn;
    const char *phasecenter;
    struct pc_axis_ask axis;
    int64_t fitorder;
    const char *put_model, *to_ms, *engine;
    bool check_storage;
    int stman;
    struct pc_strlist engine_param;
    double mem_byte;
    int64_t nthread;
    const char *tmpdir;
    bool list;
};

static inline const char *select_tmpdir(const struct params *p)
{
    return p->tmpdir && *p->tmpdir ? p->tmpdir : getenv("TMPDIR");
}

static inline int64_t select_memory(const struct params *p)
{
    return p->mem_byte > 0 ? (int64_t)p->mem_byte : pc_mem_available_byte() / 4;
}

#endif
