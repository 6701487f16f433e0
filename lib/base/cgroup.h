/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_CGROUP_H
#define PC_BASE_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* The control groups that this process is in, of versions 1 and 2, below `root` ("" is the machine). */

/* Calls look() with the directory of the group that has `controller` (version 2 has one for all), and with
 * those of all above it: limits count at every level. Inside a container the path may belong to the host:
 * those levels are not there, and the mount's own directory is the container's. */
void pc_cgroup_each(const char *root, const char *controller,
                    void (*look)(void *ctx, const char *dir, bool v2), void *ctx);

/* Numbers of small files of the kernel. The one that follows `key` at the beginning of a line (the first of
 * the file when key is ""); -1 when the file or the key is not there, or it says "max". */
int64_t pc_cgroup_number(const char *path, const char *key);

#endif
