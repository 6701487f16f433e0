/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t pc_cgroup_number(const char *path, const char *key)
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

static void group_and_above(const char *mount, const char *group, bool v2,
                            void (*look)(void *ctx, const char *dir, bool v2), void *ctx)
{
    char dir[1024];
    snprintf(dir, sizeof dir, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
    size_t root = strlen(mount);
    for (;;) {
        look(ctx, dir, v2);
        char *slash = strrchr(dir, '/');
        if (strlen(dir) <= root || !slash || (size_t)(slash - dir) < root)
            return;
        *slash = '\0';
    }
}

/* Whether the word is one of a list divided by commas. */
static bool listed(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (const char *s = list; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL)
        if (strncmp(s, word, n) == 0 && (s[n] == '\0' || s[n] == ','))
            return true;
    return false;
}

void pc_cgroup_each(const char *root, const char *controller,
                    void (*look)(void *ctx, const char *dir, bool v2), void *ctx)
{
    char path[512], line[1024], mount[600];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) { /* number:controllers:group */
        line[strcspn(line, "\n")] = '\0';
        char *names = strchr(line, ':');
        char *group = names ? strchr(names + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        bool v2 = names[1] == '\0';
        if (!v2 && !listed(names + 1, controller))
            continue;
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup%s%s", root, v2 ? "" : "/", v2 ? "" : controller);
        group_and_above(mount, group, v2, look, ctx);
    }
    if (f)
        fclose(f);
}
