/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The number that follows `key` at the beginning of a line (the first number of the file when key is ""); -1
 * when the file or the key is not there, or it says "max". */
static int64_t file_number(const char *path, const char *key)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return -1;
    char line[256];
    int64_t value = -1;
    size_t n = strlen(key);
    while (value < 0 && fgets(line, sizeof line, f)) {
        char *end;
        if (strncmp(line, key, n) != 0)
            continue;
        long long v = strtoll(line + n, &end, 10);
        if (end != line + n)
            value = v;
        if (n == 0)
            break;
    }
    fclose(f);
    return value;
}

static int64_t least(int64_t a, int64_t b)
{
    return b >= 0 && b < a ? b : a;
}

/* What one control group still allows: its limit less what is used and could not be dropped. */
static int64_t group_left(const char *dir, const char *limit, const char *used, const char *cache)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", dir, limit);
    int64_t most = file_number(path, "");
    snprintf(path, sizeof path, "%s/%s", dir, used);
    int64_t now = file_number(path, "");
    if (most < 0 || now < 0)
        return INT64_MAX;
    snprintf(path, sizeof path, "%s/memory.stat", dir);
    int64_t droppable = file_number(path, cache);
    int64_t left = most - now + (droppable > 0 ? droppable : 0);
    return left > 0 ? left : 0;
}

/* The same for a group and all above it. Inside a container the path may belong to the host: those levels are
 * simply not there, and the mount's own directory is the container's. */
static int64_t groups_left(const char *mount, const char *group, bool v2)
{
    char dir[1024];
    int64_t left = INT64_MAX;
    snprintf(dir, sizeof dir, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
    size_t root = strlen(mount);
    for (;;) {
        if (v2) {
            left = least(left, group_left(dir, "memory.max", "memory.current", "inactive_file "));
            left = least(left, group_left(dir, "memory.high", "memory.current", "inactive_file "));
        } else {
            left = least(left, group_left(dir, "memory.limit_in_bytes", "memory.usage_in_bytes",
                                          "total_inactive_file "));
        }
        char *slash = strrchr(dir, '/');
        if (strlen(dir) <= root || !slash || (size_t)(slash - dir) < root)
            return left;
        *slash = '\0';
    }
}

static int64_t cgroup_left(const char *root)
{
    char path[512], line[1024], mount[600];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *f = fopen(path, "r");
    if (!f)
        return INT64_MAX;
    int64_t left = INT64_MAX;
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        char *names = strchr(line, ':');
        char *group = names ? strchr(names + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        bool v2 = names[1] == '\0', v1 = strcmp(names + 1, "memory") == 0;
        if (!v1 && !v2)
            continue;
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s", root, v1 ? "/memory" : "");
        left = least(left, groups_left(mount, group, v2));
    }
    fclose(f);
    return left;
}

static int64_t rlimit_left(void)
{
    struct rlimit lim;
    if (getrlimit(RLIMIT_AS, &lim) || lim.rlim_cur == RLIM_INFINITY || lim.rlim_cur > INT64_MAX)
        return INT64_MAX;
    int64_t pages = file_number("/proc/self/statm", "");
    int64_t used = pages > 0 ? pages * (int64_t)sysconf(_SC_PAGESIZE) : 0;
    int64_t left = (int64_t)lim.rlim_cur - used;
    return left > 0 ? left : 0;
}

int64_t pc_mem_available_at(const char *root)
{
    char path[512];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    int64_t kib = file_number(path, "MemAvailable:");
    int64_t left = kib >= 0 ? kib * 1024 : INT64_MAX;
    return least(left, cgroup_left(root));
}

int64_t pc_mem_resident_byte(void)
{
    int64_t kib = file_number("/proc/self/status", "VmRSS:");
    return kib > 0 ? kib * 1024 : 0;
}

int64_t pc_mem_available_byte(void)
{
    return least(pc_mem_available_at(""), rlimit_left());
}
