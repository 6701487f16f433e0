/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/source.h"
#include "io/order.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool holds(const char *dir, const char *name)
{
    char path[4200];
    struct stat st;
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    return n > 0 && (size_t)n < sizeof path && !stat(path, &st) && S_ISREG(st.st_mode);
}

static int open_directory(struct pc_source **s, const char *path, bool accept, struct pc_err *err)
{
    /* The name as the user gave it stays in the errors unless the parent has to be found. */
    if (holds(path, "00stream"))
        return pc_dir_in_open(s, path, -1, accept, err);
    char *real = realpath(path, NULL), *slash = real ? strrchr(real, '/') : NULL;
    int rc = -1, index = slash ? pc_order_channel(slash + 1) : -1;
    if (index >= 0) {
        *slash = 0;
        if (holds(real, "00stream"))
            rc = pc_dir_in_open(s, real, index, accept, err);
        else
            pc_err_set(err, PC_EX_DATA, "%s: no 00stream beside this channel; it is not part of a bundle",
                       path);
    } else {
        pc_err_set(err, PC_EX_DATA, "%s: no 00stream in this directory; it is not a bundle", path);
    }
    free(real);
    return rc;
}

static int open_tar(struct pc_source **s, const char *path, struct pc_err *err)
{
    bool standard = !strcmp(path, "-");
    int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", standard ? "standard input" : path);
    return pc_tar_in_open(s, fd, standard ? "standard input" : path, err);
}

int pc_source_open(struct pc_source **s, const char *path, bool accept_uncommitted, struct pc_err *err)
{
    struct stat st;
    *s = NULL;
    if (!strcmp(path, "-")) {
        if (isatty(STDIN_FILENO))
            return pc_err_set(
                err, PC_EX_USAGE,
                "standard input is a terminal: name a directory or tar file, or pipe a stream in");
        return open_tar(s, path, err);
    }
    if (stat(path, &st))
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    if (S_ISDIR(st.st_mode))
        return open_directory(s, path, accept_uncommitted, err);
    return open_tar(s, path, err);
}
