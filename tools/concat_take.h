/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_CONCAT_TAKE_H
#define PC_TOOLS_CONCAT_TAKE_H

#include "io/cube.h"
#include "tools/tool.h"

/* What pc-concat does with the channels of its sources: they go to a cube, and, with a work directory, a
 * record of each is written. */

struct concat_take {
    struct pc_cube *cube;
    const char *work; /* NULL: no done records */
    bool refer;       /* planes are not copied (pc_cube_refer()) */
    const struct pc_strlist *note;
    struct pc_log *log;
};

/* The spectral axis of the cube, from a source that is open. */
int concat_take_begin(const struct concat_take *t, struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;
/* All operands; standard input without any. */
int concat_take_all(const struct concat_take *t, const struct pc_run *r, struct pc_err *err) PC_MUST_CHECK;

#endif
