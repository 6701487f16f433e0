/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cpus.h"
#include "base/mem.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/pc-test-mem.XXXXXX";
static struct pc_err err;

/* Writes a file below `top`, with its directories. */
static void put(const char *path, const char *text)
{
    char full[600];
    snprintf(full, sizeof full, "%s%s", top, path);
    for (char *s = full + strlen(top) + 1; (s = strchr(s, '/')); s++) {
        *s = '\0';
        mkdir(full, 0700);
        *s = '/';
    }
    FILE *f = fopen(full, "w");
    if (!f || fputs(text, f) < 0 || fclose(f)) {
        printf("Bail out! cannot write %s\n", full);
        exit(1);
    }
}

static void drop(const char *path)
{
    char full[600];
    snprintf(full, sizeof full, "%s%s", top, path);
    remove(full);
}

static void arrays(void)
{
    double *a = pc_mem_new0(1000, sizeof *a, "a small array", &err);
    int zero = a != NULL;
    for (int i = 0; a && i < 1000; i++)
        zero = zero && a[i] == 0;
    ok(zero, "new0 is zero");
    ok(((uintptr_t)a & 63) == 0, "small arrays are aligned to 64 bytes");
    pc_mem_free(a);
    float *plane = pc_mem_new(3 << 20, sizeof *plane, "a plane", &err);
    ok(plane && ((uintptr_t)plane & ((2 << 20) - 1)) == 0, "planes are aligned to 2 MiB");
    if (plane)
        memset(plane, 1, (size_t)(3 << 20) * sizeof *plane);
    pc_mem_free(plane);
    void *none = pc_mem_new(0, 8, "nothing", &err);
    ok(none != NULL, "nothing can be asked for");
    pc_mem_free(none);
    pc_mem_free(NULL);
}

static void whole_pages(void)
{
    const int64_t huge = 2 << 20;
    is_int(pc_mem_whole_byte(0), 0, "nothing takes nothing");
    is_int(pc_mem_whole_byte(huge - 1), huge - 1, "a small array takes what it is");
    is_int(pc_mem_whole_byte(3 * huge), 3 * huge, "three huge pages");
    is_int(pc_mem_whole_byte(3 * huge + 1), 4 * huge, "and one byte: four");
    ok(pc_mem_whole_byte(INT64_MAX) == INT64_MAX, "more than any machine has");
}

static void refused(int64_t n, size_t size, const char *piece, const char *name)
{
    err = (struct pc_err){0};
    void *p = pc_mem_new(n, size, "the psf", &err);
    ok(!p && err.code == PC_EX_NOMEM, "%s is refused with 75", name);
    has(err.msg, piece, name);
    has(err.msg, "the psf", "and what it was for");
    pc_mem_free(p);
}

static void too_large(void)
{
    refused(INT64_MAX, 8, "9223372036854775807 times 8 bytes", "a product that overflows");
    refused(INT64_MAX / 16, 4, "2305843009213693948 bytes", "a request beyond any machine");
    refused((int64_t)1 << 46, 4, "281474976710656 bytes", "256 TiB");
    refused(-1, 4, "-1 times 4 bytes", "a negative number");
    int64_t p = 0;
    ok(pc_mem_mul(3, 5, &p, &err) == 0 && p == 15, "3 times 5");
    ok(pc_mem_mul((int64_t)1 << 32, (int64_t)1 << 31, &p, &err) == -1 && err.code == PC_EX_NOMEM,
       "2^63 overflows");
    ok(pc_mem_mul(-1, 5, &p, &err) == -1, "sizes are not negative");
}

static void machine(void)
{
    int64_t have = pc_mem_available_byte();
    ok(have > 1 << 20 && have < (int64_t)1 << 50, "this machine has %lld bytes available", (long long)have);
    ok(pc_mem_check(1, "a byte", &err) == 0, "a byte fits");
    const int64_t before = pc_mem_resident_byte(), size = 64 << 20;
    char *touched = pc_mem_new(size, 1, "what is touched", &err);
    if (touched)
        memset(touched, 1, (size_t)size);
    const int64_t grown = pc_mem_resident_byte() - before;
    ok(touched && before > 0 && grown > size - (1 << 20) && grown < size + (4 << 20),
       "what is touched is resident: %lld bytes more", (long long)grown);
    pc_mem_free(touched);
    have += 1 << 30;
    void *p = pc_mem_new(have, 1, "more than there is", &err);
    ok(!p && strstr(err.msg, "are available"), "more than is available is refused, not promised");
    pc_mem_free(p);
    ok(pc_mem_check(INT64_MAX, "everything", &err) == -1 && err.code == PC_EX_NOMEM, "everything does not");
}

#ifdef __SANITIZE_ADDRESS__
static void limits_of_the_process(void)
{
    skip("RLIMIT_AS", "the address sanitizer needs all addresses");
}
#else
static void limits_of_the_process(void)
{
    struct rlimit lim = {.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
    getrlimit(RLIMIT_AS, &lim);
    rlim_t before = lim.rlim_cur;
    lim.rlim_cur = 1;
    if (setrlimit(RLIMIT_AS, &lim)) {
        skip("RLIMIT_AS", "the limit cannot be set");
        return;
    }
    int64_t have = pc_mem_available_byte();
    lim.rlim_cur = before;
    setrlimit(RLIMIT_AS, &lim);
    is_int(have, 0, "RLIMIT_AS is honoured");
}
#endif

static void control_groups(void)
{
    put("/proc/meminfo", "MemTotal: 9000000 kB\nMemFree: 1 kB\nMemAvailable:   8000000 kB\n");
    is_int(pc_mem_available_at(top), 8000000LL * 1024, "without control groups MemAvailable counts");
    put("/proc/self/cgroup", "0::/user/job\n");
    put("/sys/fs/cgroup/user/job/memory.max", "max\n");
    put("/sys/fs/cgroup/user/job/memory.current", "100\n");
    is_int(pc_mem_available_at(top), 8000000LL * 1024, "a group without a limit allows all");
    put("/sys/fs/cgroup/user/job/memory.max", "5000\n");
    put("/sys/fs/cgroup/user/job/memory.stat", "anon 1\nfile 7\ninactive_file 30\n");
    is_int(pc_mem_available_at(top), 5000 - 100 + 30, "version 2: limit less use, the page cache given back");
    put("/sys/fs/cgroup/user/job/memory.high", "3000\n");
    is_int(pc_mem_available_at(top), 3000 - 100 + 30, "version 2: where it is throttled counts too");
    put("/sys/fs/cgroup/user/memory.max", "1000\n");
    put("/sys/fs/cgroup/user/memory.current", "900\n");
    is_int(pc_mem_available_at(top), 100, "version 2: the group above is tighter");
    put("/sys/fs/cgroup/user/memory.current", "1200\n");
    is_int(pc_mem_available_at(top), 0, "version 2: beyond the limit nothing is left");
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/memory.max", "70000\n");
    put("/sys/fs/cgroup/memory.current", "20000\n");
    is_int(pc_mem_available_at(top), 50000, "version 2: inside a container the mount's root is the group");
    put("/proc/self/cgroup", "0::/docker/not/visible/here\n");
    is_int(pc_mem_available_at(top), 50000,
           "version 2: levels of the host that cannot be seen are passed over");
    put("/proc/self/cgroup", "12:cpu,cpuacct:/a\n4:memory:/a\n1:name=systemd:/a\n");
    put("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "6000\n");
    put("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1000\n");
    put("/sys/fs/cgroup/memory/a/memory.stat", "inactive_file 5\ntotal_inactive_file 11\n");
    is_int(pc_mem_available_at(top), 5011, "version 1");
    put("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    is_int(pc_mem_available_at(top), 8000000LL * 1024, "version 1 without a limit");
}

static void processors(void)
{
    is_int(pc_cpus_within(top, 64), 64, "version 1: no quota, all processors");
    put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "1200000\n");
    put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    is_int(pc_cpus_within(top, 64), 12, "version 1: the quota of the group above");
    put("/proc/self/cgroup", "0::/user/job\n");
    put("/sys/fs/cgroup/user/job/cpu.max", "max 100000\n");
    is_int(pc_cpus_within(top, 64), 64, "version 2: no quota");
    put("/sys/fs/cgroup/user/job/cpu.max", "450000 100000\n");
    is_int(pc_cpus_within(top, 64), 4, "version 2: whole processors");
    is_int(pc_cpus_within(top, 2), 2, "version 2: not more than there are");
    put("/sys/fs/cgroup/user/cpu.max", "50000 100000\n");
    is_int(pc_cpus_within(top, 64), 1, "version 2: half of one is one");
    ok(pc_cpus() >= 1 && pc_cpus() <= sysconf(_SC_NPROCESSORS_ONLN), "this machine: %d", pc_cpus());
}

static void sweep(void)
{
    static const char *const made[] = {"/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
                                       "/sys/fs/cgroup/memory/a/memory.usage_in_bytes",
                                       "/sys/fs/cgroup/memory/a/memory.stat",
                                       "/sys/fs/cgroup/memory/a",
                                       "/sys/fs/cgroup/memory",
                                       "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us",
                                       "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us",
                                       "/sys/fs/cgroup/cpu/a",
                                       "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
                                       "/sys/fs/cgroup/cpu/cpu.cfs_period_us",
                                       "/sys/fs/cgroup/cpu",
                                       "/sys/fs/cgroup/user/job/cpu.max",
                                       "/sys/fs/cgroup/user/job/memory.max",
                                       "/sys/fs/cgroup/user/job/memory.current",
                                       "/sys/fs/cgroup/user/job/memory.high",
                                       "/sys/fs/cgroup/user/job/memory.stat",
                                       "/sys/fs/cgroup/user/job",
                                       "/sys/fs/cgroup/user/cpu.max",
                                       "/sys/fs/cgroup/user/memory.max",
                                       "/sys/fs/cgroup/user/memory.current",
                                       "/sys/fs/cgroup/user",
                                       "/sys/fs/cgroup/memory.max",
                                       "/sys/fs/cgroup/memory.current",
                                       "/sys/fs/cgroup",
                                       "/sys/fs",
                                       "/sys",
                                       "/proc/self/cgroup",
                                       "/proc/self",
                                       "/proc/meminfo",
                                       "/proc",
                                       ""};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        drop(made[i]);
    ok(access(top, F_OK) != 0, "the test leaves nothing behind");
}

int main(void)
{
    if (!mkdtemp(top))
        return 1;
    arrays();
    whole_pages();
    too_large();
    machine();
    limits_of_the_process();
    control_groups();
    processors();
    sweep();
    return tap_done();
}
