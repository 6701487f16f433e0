/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* sched_getaffinity; elsewhere the processors that are online count */
#include "base/cpus.h"

#include "base/cgroup.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

static void look_at_group(void *ctx, const char *dir, bool v2)
{
    double *most = ctx, quota = -1, period = -1;
    char path[1200];
    if (v2) {
        snprintf(path, sizeof path, "%s/cpu.max", dir);
        FILE *f = fopen(path, "r"); /* "max 100000" has no quota */
        if (f && fscanf(f, "%lf %lf", &quota, &period) != 2)
            quota = -1;
        if (f)
            fclose(f);
    } else {
        snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", dir);
        quota = (double)pc_cgroup_number(path, "");
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", dir);
        period = (double)pc_cgroup_number(path, "");
    }
    if (quota > 0 && period > 0 && quota / period < *most)
        *most = quota / period;
}

int pc_cpus_within(const char *root, int n)
{
    double most = n;
    pc_cgroup_each(root, "cpu", look_at_group, &most);
    return most > 1 ? (int)most : 1;
}

int pc_cpus(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef CPU_COUNT
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        n = CPU_COUNT(&set);
#endif
    return pc_cpus_within("", n > 0 ? (int)n : 1);
}
