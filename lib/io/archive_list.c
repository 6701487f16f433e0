/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/archive_list.h"

#include "base/text.h"
#include "io/image_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_in(const char *s, const char *ending)
{
    size_t n = strlen(s), m = strlen(ending);
    return n > m && strcmp(s + n - m, ending) == 0;
}

static bool is_product(const char *name)
{
    return ends_in(name, ".fits") || ends_in(name, ".fits.fz");
}

static bool belongs(const char *name)
{
    static const char *const endings[] = {".html", ".tsv", ".log", ".png", ".pdf", ".txt"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_in(name, endings[i]))
            return true;
    return is_product(name);
}

/* `skip`: how much of the path is not the name. */
static int add(struct pc_archive_list *l, const char *path, size_t skip, struct pc_err *err)
{
    if (l->n == l->cap) {
        int cap = l->cap ? 2 * l->cap : 64;
        struct pc_archive_file *grown = realloc(l->file, (size_t)cap * sizeof *grown);
        if (grown == NULL)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for %d names", cap);
        l->file = grown;
        l->cap = cap;
    }
    if (strchr(path + skip, '\n'))
        return pc_err_set(err, PC_EX_DATA, "%s: a name with a newline has no place in SHA256SUMS", path);
    struct pc_archive_file *f = &l->file[l->n];
    f->path = strdup(path);
    if (f->path == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    f->name = f->path + skip;
    l->n++;
    return 0;
}

/* A list of images must be one of its own: "././" is within it. */
static int check_virtual(const char *path, struct pc_err *err)
{
    struct pc_text file = {0};
    char line[4096];
    int ret = 0;
    pc_text_add(&file, "%s/imageconcat.json", path);
    FILE *f = pc_text_ok(&file, err) == 0 ? fopen(file.s, "r") : NULL;
    bool inside = false;
    while (f && ret == 0 && fgets(line, sizeof line, f)) {
        const char *s = line + strspn(line, " ");
        inside = inside || strstr(s, "\"Images\"");
        if (inside && s[0] == ']')
            break;
        if (inside && s[0] == '"' && strncmp(s, "\"Images", 7) != 0 && strncmp(s, "\"././", 5) != 0)
            ret = pc_err_set(
                err, PC_EX_DATA,
                "%s: refers to planes that are not in it: pc-image -o FILE.fits makes a cube of it", path);
    }
    if (f)
        fclose(f);
    pc_text_free(&file);
    return ret;
}

typedef bool wanted_fn(const char *name);

static bool all(const char *name)
{
    return strcmp(name, "table.lock") != 0;
}

/* Of the run's directory: its records and logs, which are plain files with no ending of their own. */
static bool record(const char *name)
{
    return strcmp(name, "lock") != 0 && strstr(name, ".tmp") == NULL && name[0] != '.';
}

/* The plain files of a directory that are wanted; with `deep`, of those below it too. */
static int add_dir(struct pc_archive_list *l, const char *dir, size_t skip, wanted_fn *wanted, bool deep,
                   struct pc_err *err)
{
    int ret = 0;
    DIR *d = opendir(dir);
    if (d == NULL)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", dir);
    for (struct dirent *e; ret == 0 && (e = readdir(d));) {
        struct pc_text path = {0};
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || !wanted(e->d_name))
            continue;
        pc_text_add(&path, "%s/%s", dir, e->d_name);
        if (pc_text_ok(&path, err) != 0)
            ret = -1;
        else if (stat(path.s, &st) != 0)
            ret = pc_err_errno(err, PC_EX_NOINPUT, "%s", path.s);
        else if (S_ISREG(st.st_mode))
            ret = add(l, path.s, skip, err);
        else if (S_ISDIR(st.st_mode) && deep)
            ret = add_dir(l, path.s, skip, wanted, true, err);
        pc_text_free(&path);
    }
    closedir(d);
    return ret;
}

static int add_entry(struct pc_archive_list *l, const char *path, size_t skip, struct pc_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    if (S_ISREG(st.st_mode)) {
        if (!belongs(path))
            return 0;
        l->nproduct += is_product(path);
        return add(l, path, skip, err);
    }
    if (!S_ISDIR(st.st_mode) || ends_in(path, ".ms") || strstr(path + skip, ".tmp"))
        return 0;
    if (ends_in(path, ".pc"))
        return add_dir(l, path, skip, record, false, err);
    if (!pc_image_file_is_casa(path))
        return 0;
    l->nproduct++;
    return check_virtual(path, err) != 0 ? -1 : add_dir(l, path, skip, all, true, err);
}

static int by_name(const void *a, const void *b)
{
    const struct pc_archive_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

int pc_archive_list_make(struct pc_archive_list *l, const char *imagename, struct pc_err *err)
{
    const char *slash = strrchr(imagename, '/'), *base = slash ? slash + 1 : imagename;
    struct pc_text dir = {0};
    int ret = 0;
    pc_text_add(&dir, "%.*s", slash ? (int)(slash - imagename) + 1 : 2, slash ? imagename : "./");
    DIR *d = pc_text_ok(&dir, err) == 0 ? opendir(dir.s) : NULL;
    if (d == NULL)
        ret = pc_err_errno(err, PC_EX_NOINPUT, "%s", pc_text_str(&dir));
    for (struct dirent *e; ret == 0 && (e = readdir(d));) {
        struct pc_text path = {0};
        size_t n = strlen(base);
        if (strncmp(e->d_name, base, n) != 0 || e->d_name[n] != '.')
            continue;
        pc_text_add(&path, "%s%s", dir.s, e->d_name);
        ret = pc_text_ok(&path, err) == 0 ? add_entry(l, path.s, dir.len, err) : -1;
        pc_text_free(&path);
    }
    if (d)
        closedir(d);
    pc_text_free(&dir);
    if (ret == 0 && l->nproduct == 0)
        ret =
            pc_err_set(err, PC_EX_NOINPUT, "%s: has no products (%s.image.fits and so on)", imagename, base);
    if (ret == 0)
        qsort(l->file, (size_t)l->n, sizeof *l->file, by_name);
    return ret;
}

void pc_archive_list_fini(struct pc_archive_list *l)
{
    for (int i = 0; i < l->n; i++)
        free(l->file[i].path);
    free(l->file);
    *l = (struct pc_archive_list){0};
}
