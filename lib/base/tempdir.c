/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/tempdir.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { tree_fds = 16, most_fds = 1 << 16 };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, tree_fds, FTW_DEPTH | FTW_PHYS);
}

/* The child: out of reach of the terminal's signals, holding nothing that others wait to see closed. The pipe
 * ends when the parent closes it or is gone. */
static void keep(const char *path, int fd)
{
    static const int deaf[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    char byte;
    for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++)
        signal(deaf[i], SIG_IGN);
    (void)setsid();
    const long limit = sysconf(_SC_OPEN_MAX);
    for (int i = 0; i < most_fds && (limit < 0 || i < limit); i++)
        if (i != fd)
            close(i);
    while (read(fd, &byte, 1) < 0 && errno == EINTR)
        ;
    remove_tree(path);
    _exit(0);
}

static int make(struct pc_tempdir *d, const char *parent, const char *name, struct pc_err *err)
{
    struct pc_text t = {0};
    char *base = realpath(parent, NULL);
    if (!base)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s: no place for temporary files (TMPDIR says where)",
                            parent);
    pc_text_add(&t, "%s/%s.XXXXXX", base, name);
    free(base);
    d->path = pc_text_ok(&t, err) == 0 ? strdup(pc_text_str(&t)) : NULL;
    pc_text_free(&t);
    if (!d->path)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    if (mkdtemp(d->path))
        return 0;
    pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot be made (TMPDIR says where)", d->path);
    free(d->path);
    d->path = NULL;
    return -1;
}

int pc_tempdir_open(struct pc_tempdir *d, const char *parent, const char *name, struct pc_err *err)
{
    int ends[2];
    *d = (struct pc_tempdir){0};
    if (make(d, parent && *parent ? parent : "/tmp", name, err))
        return -1;
    if (pipe(ends) != 0)
        goto fail;
    d->keeper = fork();
    if (d->keeper == 0)
        keep(d->path, ends[0]);
    close(ends[0]);
    d->fd = ends[1];
    if (d->keeper > 0) {
        (void)fcntl(d->fd, F_SETFD, FD_CLOEXEC);
        return 0;
    }
    close(d->fd);
fail:
    pc_err_errno(err, PC_EX_CANTCREAT, "%s: nobody to remove it afterwards", d->path);
    remove_tree(d->path);
    free(d->path);
    d->path = NULL;
    return -1;
}

void pc_tempdir_close(struct pc_tempdir *d)
{
    if (!d->path)
        return;
    close(d->fd);
    while (waitpid(d->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    free(d->path);
    *d = (struct pc_tempdir){0};
}
