/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* F_SETPIPE_SZ, copy_file_range() */
#endif
#include "io/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What only Linux has; elsewhere the same functions do nothing. */

int64_t pc_fd_data(int fd, int64_t at, int64_t end)
{
#ifdef SEEK_DATA
    off_t data = lseek(fd, (off_t)at, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? end : at;
    return data < end ? data : end;
#else
    (void)fd, (void)end;
    return at;
#endif
}

int64_t pc_fd_hole(int fd, int64_t at, int64_t end)
{
#ifdef SEEK_HOLE
    off_t hole = lseek(fd, (off_t)at, SEEK_HOLE);
    return hole >= 0 && hole < end ? hole : end;
#else
    (void)fd, (void)at;
    return end;
#endif
}

int64_t pc_fd_copy(int from, int64_t from_at, int to, int64_t to_at, int64_t n)
{
    int64_t done = 0;
#ifdef __linux__
    for (ssize_t got = 1; done < n && got > 0;) {
        off_t in = (off_t)(from_at + done), out = (off_t)(to_at + done);
        got = copy_file_range(from, &in, to, &out, (size_t)(n - done), 0);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            done += got;
    }
#else
    (void)from, (void)from_at, (void)to, (void)to_at, (void)n;
#endif
    return done;
}

void pc_fd_widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
    (void)fcntl(fd, F_SETPIPE_SZ, PC_FD_CHUNK);
#else
    (void)fd;
#endif
}
