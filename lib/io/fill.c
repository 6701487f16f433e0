/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fill.h"
#include "io/file_out.h"

#include <stdio.h>

static int open_member(struct pc_file_out *f, const char *root, int channel, const char *name, int64_t at,
                       struct pc_err *err)
{
    char path[1100];
    if (snprintf(path, sizeof path, "ch%05d/%s", channel, name) >= (int)sizeof path)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", name);
    return pc_file_out_resume(f, root, path, at, err);
}

int pc_fill_piece(const char *root, int channel, const char *name, int64_t at, const void *buf, int64_t n,
                  struct pc_err *err)
{
    struct pc_file_out f;
    if (open_member(&f, root, channel, name, at, err))
        return -1;
    if (pc_file_out_write(&f, buf, (size_t)n, err)) {
        pc_file_out_abort(&f);
        return -1;
    }
    return pc_file_out_pause(&f, err);
}

int pc_fill_end(const char *root, int channel, const char *name, const void *head, int64_t nhead,
                int64_t size, struct pc_err *err)
{
    struct pc_file_out f;
    if (open_member(&f, root, channel, name, 0, err))
        return -1;
    if (pc_file_out_write(&f, head, (size_t)nhead, err)) {
        pc_file_out_abort(&f);
        return -1;
    }
    f.size = size;
    return pc_file_out_end(&f, 0, err);
}
