/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/operands.h"

#include "base/mem.h"
#include "base/text.h"
#include "casa/uvfits.h"
#include "io/unpack.h"
#include "io/untar.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How deep in an archive a MeasurementSet may lie. */
enum { most_deep = 8 };

static bool exists(const char *dir, const char *name)
{
    struct pc_text path = {0};
    struct pc_err ignored;
    struct stat st;
    pc_text_add(&path, "%s/%s", dir, name);
    const bool yes = pc_text_ok(&path, &ignored) == 0 && stat(pc_text_str(&path), &st) == 0;
    pc_text_free(&path);
    return yes;
}

struct found {
    struct pc_text path, names;
    int n;
};

/* MeasurementSets in and below a directory, but not those within another. */
static int find(struct found *f, const char *dir, int deep, struct pc_err *err)
{
    if (exists(dir, "table.dat") && exists(dir, "SPECTRAL_WINDOW/table.dat")) {
        if (f->n++ == 0)
            pc_text_add(&f->path, "%s", dir);
        const char *slash = strrchr(dir, '/');
        pc_text_add(&f->names, "%s%s", f->n > 1 ? ", " : "", slash ? slash + 1 : dir);
        return 0;
    }
    DIR *d = deep < most_deep ? opendir(dir) : NULL;
    int status = 0;
    struct dirent *e;
    while (d && status == 0 && (e = readdir(d))) {
        struct stat st;
        struct pc_text path = {0};
        pc_text_add(&path, "%s/%s", dir, e->d_name);
        status = pc_text_ok(&path, err);
        if (status == 0 && e->d_name[0] != '.' && lstat(pc_text_str(&path), &st) == 0 && S_ISDIR(st.st_mode))
            status = find(f, pc_text_str(&path), deep + 1, err);
        pc_text_free(&path);
    }
    if (d)
        closedir(d);
    return status;
}

/* The one MeasurementSet that was unpacked. */
static int find_one(const char *given, const char *dir, char **made, struct pc_err *err)
{
    struct found f = {0};
    int status = find(&f, dir, 0, err);
    if (status == 0 && f.n != 1)
        status = f.n == 0
                     ? pc_err_set(err, PC_EX_DATA, "%s: there is no MeasurementSet in this archive", given)
                     : pc_err_set(err, PC_EX_DATA,
                                  "%s: there are %d MeasurementSets in this archive: %s; unpack it and "
                                  "name those that are meant",
                                  given, f.n, pc_text_str(&f.names));
    if (status == 0)
        status = pc_text_ok(&f.path, err);
    if (status == 0 && !(*made = strdup(pc_text_str(&f.path))))
        status = pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    pc_text_free(&f.path);
    pc_text_free(&f.names);
    return status;
}

/* "data/obs.uvfits" becomes "obs.ms", and so does "obs.ms.tar.gz". */
static void add_name(struct pc_text *t, const char *given)
{
    const char *slash = strrchr(given, '/'), *base = slash ? slash + 1 : given;
    pc_text_add_bytes(t, base, strcspn(base, "."));
    pc_text_add(t, ".ms");
}

static int convert(const char *uvfits, const char *ms, char **made, struct pc_err *err)
{
    *made = strdup(ms);
    if (!*made)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    return pc_uvfits_convert(uvfits, *made, err);
}

/* A compressed UVFITS file: 1: made; 0: it is none. */
static int make_packed(const char *given, const char *dir, const char *ms, char **made, struct pc_err *err)
{
    struct pc_text path = {0};
    pc_text_add(&path, "%s/uvfits", dir);
    int kind = pc_text_ok(&path, err) ? -1 : pc_unpack(given, "SIMPLE  =", pc_text_str(&path), err);
    if (kind > 0) {
        kind = pc_uvfits_is(pc_text_str(&path), err);
        if (kind > 0 && convert(pc_text_str(&path), ms, made, err))
            kind = -1;
        if (kind < 0)
            pc_err_prefix(err, "%s", given);
        unlink(pc_text_str(&path));
    }
    pc_text_free(&path);
    return kind;
}

/* From file `given` into a directory below `dir`. 1: made; 0: neither archive nor UVFITS. */
static int make(const char *given, const char *dir, char **made, struct pc_err *err)
{
    struct pc_text path = {0};
    pc_text_add(&path, "%s/", dir);
    add_name(&path, given);
    int kind = pc_text_ok(&path, err) ? -1 : pc_uvfits_is(given, err);
    if (kind == 0)
        kind = make_packed(given, dir, pc_text_str(&path), made, err);
    else if (kind > 0 && convert(given, pc_text_str(&path), made, err))
        kind = -1;
    if (kind == 0) {
        /* an archive of what is in a MeasurementSet, without its name, gets one */
        if (mkdir(pc_text_str(&path), 0700) != 0)
            kind = pc_err_errno(err, PC_EX_CANTCREAT, "%s", pc_text_str(&path));
        else
            kind = pc_untar(given, pc_text_str(&path), err);
        if (kind > 0 && find_one(given, pc_text_str(&path), made, err))
            kind = -1;
    }
    pc_text_free(&path);
    return kind;
}

static int open_one(struct pc_operands *o, int i, const char *tmpdir, struct pc_err *err)
{
    struct stat st;
    struct pc_text dir = {0};
    if (stat(o->path[i], &st) != 0 || S_ISDIR(st.st_mode))
        return 0;
    if (!o->tmp.path && pc_tempdir_open(&o->tmp, tmpdir, "pc-select", err))
        return -1;
    pc_text_add(&dir, "%s/%d", o->tmp.path, i);
    int status = pc_text_ok(&dir, err);
    if (status == 0 && mkdir(pc_text_str(&dir), 0700) != 0)
        status = pc_err_errno(err, PC_EX_CANTCREAT, "%s", pc_text_str(&dir));
    if (status == 0 && make(o->path[i], pc_text_str(&dir), &o->made[i], err) < 0)
        status = -1;
    if (o->made[i])
        o->path[i] = o->made[i];
    pc_text_free(&dir);
    return status;
}

int pc_operands_open(struct pc_operands *o, const char *const *given, int n, const char *tmpdir,
                     struct pc_err *err)
{
    *o = (struct pc_operands){.n = n};
    o->path = pc_mem_new(n, sizeof *o->path, "list of MeasurementSets", err);
    o->made = o->path ? pc_mem_new0(n, sizeof *o->made, "list of MeasurementSets", err) : NULL;
    int status = o->made ? 0 : -1;
    for (int i = 0; status == 0 && i < n; i++) {
        o->path[i] = given[i];
        status = open_one(o, i, tmpdir, err);
    }
    if (status)
        pc_operands_close(o);
    return status;
}

void pc_operands_close(struct pc_operands *o)
{
    for (int i = 0; o->made && i < o->n; i++)
        free(o->made[i]);
    pc_mem_free(o->made);
    pc_mem_free(o->path);
    pc_tempdir_close(&o->tmp);
    *o = (struct pc_operands){0};
}
