/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* F_SETPIPE_SZ */
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

void pc_fd_widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
    (void)fcntl(fd, F_SETPIPE_SZ, PC_FD_CHUNK);
#else
    (void)fd;
#endif
}
