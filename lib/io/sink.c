/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/sink.h"

#include <string.h>
#include <unistd.h>

int pc_sink_open(struct pc_sink **s, const char *path, struct pc_err *err)
{
    size_t n = strlen(path);
    *s = NULL;
    if (!strcmp(path, "-")) {
        if (isatty(STDOUT_FILENO))
            return pc_err_set(err, PC_EX_USAGE,
                              "standard output is a terminal: a stream is binary; use -o, or a pipe");
        return pc_tar_out_open(s, NULL, err);
    }
    if (n > 4 && !strcmp(path + n - 4, ".tar"))
        return pc_tar_out_open(s, path, err);
    if (n == 0 || n > 3000)
        return pc_err_set(err, PC_EX_USAGE, "-o \"%s\": %s", path,
                          n ? "the path is too long" : "a name is needed");
    return pc_dir_out_open(s, path, err);
}

int pc_sink_put(struct pc_sink *s, const char *path, const void *buf, size_t n, struct pc_err *err)
{
    if (s->ops->begin(s, path, (int64_t)n, err) || s->ops->write(s, buf, n, err))
        return -1;
    return s->ops->end(s, err);
}
