/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cgroup.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t least(int64_t a, int64_t b)
{
    return b >= 0 && b < a ? b : a;
}

/* What one control group still allows: its limit less what is used and could not be dropped. */
static int64_t group_left(const char *dir, const char *limit, const char *used, const char *cache)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", dir, limit);
    int64_t most = pc_cgroup_number(path, "");
    snprintf(path, sizeof path, "%s/%s", dir, used);
    int64_t now = pc_cgroup_number(path, "");
    if (most < 0 || now < 0)
        return INT64_MAX;
    snprintf(path, sizeof path, "%s/memory.stat", dir);
    int64_t droppable = pc_cgroup_number(path, cache);
    int64_t left = most - now + (droppable > 0 ? droppable : 0);
    return left > 0 ? left : 0;
}

static void look_at_group(void *ctx, const char *dir, bool v2)
{
    int64_t *left = ctx;
    if (v2) {
        *left = least(*left, group_left(dir, "memory.max", "memory.current", "inactive_file "));
        *left = least(*left, group_left(dir, "memory.high", "memory.current", "inactive_file "));
    } else {
        *left = least(
            *left, group_left(dir, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "));
    }
}

static int64_t rlimit_left(void)
{
    struct rlimit lim;
    if (getrlimit(RLIMIT_AS, &lim) || lim.rlim_cur == RLIM_INFINITY || lim.rlim_cur > INT64_MAX)
        return INT64_MAX;
    int64_t pages = pc_cgroup_number("/proc/self/statm", "");
    int64_t used = pages > 0 ? pages * (int64_t)sysconf(_SC_PAGESIZE) : 0;
    int64_t left = (int64_t)lim.rlim_cur - used;
    return left > 0 ? left : 0;
}

int64_t pc_mem_available_at(const char *root)
{
    char path[512];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    int64_t kib = pc_cgroup_number(path, "MemAvailable:");
    int64_t left = kib >= 0 ? kib * 1024 : INT64_MAX;
    pc_cgroup_each(root, "memory", look_at_group, &left);
    return left;
}

int64_t pc_mem_resident_byte(void)
{
    int64_t kib = pc_cgroup_number("/proc/self/status", "VmRSS:");
    return kib > 0 ? kib * 1024 : 0;
}

int64_t pc_mem_available_byte(void)
{
    return least(pc_mem_available_at(""), rlimit_left());
}
