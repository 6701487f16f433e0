/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/dir_list.h"
#include "io/order.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 4, PATH_CAP = 4200 };

static int compare_int(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

int pc_dir_channels(const char *root, int **index, int *n, struct pc_err *err)
{
    struct dirent *e;
    int cap = 0, *list = NULL, count = 0;
    DIR *d = opendir(root);
    if (!d)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", root);
    while ((e = readdir(d))) {
        int i = pc_order_channel(e->d_name);
        if (i < 0)
            continue;
        if (count == cap) {
            cap = cap ? 2 * cap : 64;
            int *more = realloc(list, (size_t)cap * sizeof *list);
            if (!more) {
                free(list);
                closedir(d);
                return pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a list of %d channels", root, cap);
            }
            list = more;
        }
        list[count++] = i;
    }
    closedir(d);
    if (count)
        qsort(list, (size_t)count, sizeof *list, compare_int);
    *index = list;
    *n = count;
    return 0;
}

static int add_name(struct pc_names *names, const char *name, struct pc_err *err)
{
    if (names->n == names->cap) {
        int cap = names->cap ? 2 * names->cap : 32;
        char **s = realloc(names->s, (size_t)cap * sizeof *s);
        if (!s)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %d members", cap);
        names->s = s;
        names->cap = cap;
    }
    if (!(names->s[names->n] = strdup(name)))
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    names->n++;
    return 0;
}

static int join(char *path, const char *dir, const char *name, struct pc_err *err)
{
    int n = snprintf(path, PATH_CAP, *dir ? "%s/%s" : "%s%s", dir, name);
    if (n < 0 || n >= PATH_CAP)
        return pc_err_set(err, PC_EX_DATA, "%s/%s: the path is too long", dir, name);
    return 0;
}

/* Files below base/within. */
static int walk(const char *base, const char *within, int depth, struct pc_names *names, struct pc_err *err)
{
    char path[PATH_CAP], name[PATH_CAP];
    struct dirent *e;
    struct stat st;
    int rc = 0;
    if (*within ? join(path, base, within, err) : join(path, "", base, err))
        return -1;
    DIR *d = opendir(path);
    if (!d)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    while (!rc && (e = readdir(d))) {
        if (e->d_name[0] == '.' || (!*within && !strcmp(e->d_name, "zzplane")))
            continue;
        if (join(name, within, e->d_name, err) || join(path, base, name, err)) {
            rc = -1;
        } else if (stat(path, &st)) {
            rc = errno == ENOENT ? 0 : pc_err_errno(err, PC_EX_IOERR, "%s", path);
        } else if (S_ISREG(st.st_mode)) {
            rc = add_name(names, name, err);
        } else if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH) {
            rc = walk(base, name, depth + 1, names, err);
        }
    }
    closedir(d);
    return rc;
}

static int compare_names(const void *a, const void *b)
{
    return pc_order_compare(*(char *const *)a, *(char *const *)b);
}

int pc_dir_members(const char *channel_dir, struct pc_names *names, struct pc_err *err)
{
    if (walk(channel_dir, "", 0, names, err)) {
        pc_names_free(names);
        return -1;
    }
    if (names->n)
        qsort(names->s, (size_t)names->n, sizeof *names->s, compare_names);
    return 0;
}

void pc_names_free(struct pc_names *names)
{
    for (int i = 0; i < names->n; i++)
        free(names->s[i]);
    free(names->s);
    memset(names, 0, sizeof *names);
}

static void clean(const char *dir, int depth)
{
    char path[PATH_CAP];
    struct pc_err ignored;
    struct dirent *e;
    struct stat st;
    DIR *d = opendir(dir);
    if (!d)
        return;
    while ((e = readdir(d))) {
        size_t n = strlen(e->d_name);
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || join(path, dir, e->d_name, &ignored))
            continue;
        if (e->d_name[0] == '.' && n > 5 && !strcmp(e->d_name + n - 4, ".new"))
            unlink(path);
        else if (depth < 1 && e->d_name[0] != '.' && !stat(path, &st) && S_ISDIR(st.st_mode))
            clean(path, depth + 1);
    }
    closedir(d);
}

void pc_dir_clean(const char *channel_dir)
{
    clean(channel_dir, 0);
}
