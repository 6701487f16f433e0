/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* _SC_PHYS_PAGES */
#include "io/usage.h"

#include "base/mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int64_t physical_byte(void)
{
#ifdef _SC_PHYS_PAGES
    return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
#else
    return -1;
#endif
}

/* Blocks of the files in WORK/cube; 0 when there is no such directory yet, or when they were renamed at the
 * end. */
static int64_t cubes_byte(const char *work)
{
    struct pc_text path = {0};
    int64_t sum = 0;
    pc_text_add(&path, "%s/cube", work);
    DIR *d = opendir(pc_text_str(&path));
    pc_text_free(&path);
    for (struct dirent *e; d && (e = readdir(d));) {
        struct stat st;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            sum += (int64_t)st.st_blocks * 512;
    }
    if (d)
        closedir(d);
    return sum;
}

void pc_usage_look(const char *work, struct pc_usage *usage)
{
    struct statvfs fs;
    usage->mem_all_byte = physical_byte();
    usage->mem_byte = usage->mem_all_byte < 0 ? -1 : usage->mem_all_byte - pc_mem_available_byte();
    usage->disk_byte = cubes_byte(work);
    usage->disk_free_byte = statvfs(work, &fs) == 0 ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : -1;
}

void pc_usage_words(const struct pc_usage *usage, struct pc_text *out)
{
    const double gb = 1e-9;
    if (usage->mem_byte >= 0)
        pc_text_add(out, "memory %.3g of %.3g GB, ", gb * (double)usage->mem_byte,
                    gb * (double)usage->mem_all_byte);
    pc_text_add(out, "cubes %.3g GB", gb * (double)usage->disk_byte);
    if (usage->disk_free_byte >= 0)
        pc_text_add(out, ", %.3g GB free", gb * (double)usage->disk_free_byte);
}
