/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#endif
#include "io/fdio.h"

#include <fcntl.h>

/* What only Linux has; elsewhere the same functions do nothing. */

void pc_fd_widen_pipe(int fd)
{
#ifdef F_SETPIPE_SZ
    (void)fcntl(fd, F_SETPIPE_SZ, PC_FD_CHUNK);
#else
    (void)fd;
#endif
}
