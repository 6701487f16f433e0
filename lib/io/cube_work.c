/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include "io/atomic.h"
#include "io/workdir.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int join(char path[PC_CUBE_PATH], const char *work, const char *name, struct pc_err *err)
{
    if (snprintf(path, PC_CUBE_PATH, "%s/%s", work, name) >= PC_CUBE_PATH)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", work);
    return 0;
}

int pc_cube_open_work(struct pc_cube **cube, const char *work, const char *products, struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_record params = {0};
    struct stat st;
    *cube = NULL;
    if (stat(work, &st) != 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", work);
    if (!S_ISDIR(st.st_mode))
        return pc_err_set(err, PC_EX_NOINPUT, "%s: is not a directory", work);
    if (join(path, work, "params", err) != 0 || pc_record_load(&params, path, 1, err) != 0)
        return -1;
    if (products == NULL)
        products = pc_record_get(&params, "products");
    int ret = join(path, work, "cube", err);
    if (ret == 0)
        ret = pc_cube_open(cube, path, products, err);
    pc_record_free(&params);
    return ret;
}

int pc_cube_begin_work(struct pc_cube *cube, const char *work, const struct pc_record *cube00,
                       struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_workdir w = {0};
    long long nchan;
    if (pc_record_int(cube00, "nchan", &nchan, err) != 0 || join(path, work, "channels", err) != 0)
        return -1;
    int first = 0, last = (int)nchan - 1;
    if (!pc_cube_has_axis(cube) && access(path, F_OK) == 0) {
        if (pc_workdir_open(&w, work, err) != 0)
            return -1;
        first = last = w.chan[0].index;
        for (int i = 1; i < w.nchan; i++) {
            first = w.chan[i].index < first ? w.chan[i].index : first;
            last = w.chan[i].index > last ? w.chan[i].index : last;
        }
        pc_workdir_close(&w);
    }
    return pc_cube_set_axis(cube, cube00, first, last - first + 1, err);
}

/* WORK/chNNNNN.SUFFIX */
static int channel_path(char path[PC_CUBE_PATH], const char *work, int index, const char *suffix,
                        struct pc_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "ch%05d.%s", index, suffix);
    return join(path, work, name, err);
}

static int add_notes_file(const char *path, struct pc_record *done, struct pc_err *err)
{
    struct pc_record notes;
    int ret = pc_record_load(&notes, path, 1, err);
    for (size_t i = 0; ret == 0 && i < notes.n; i++)
        ret = pc_record_set(done, notes.line[i].key, notes.line[i].value, err);
    pc_record_free(&notes);
    return ret;
}

static int add_note(const char *note, struct pc_record *done, struct pc_err *err)
{
    char key[128];
    size_t n = strcspn(note, "=");
    if (note[n] != '=' || n == 0 || n >= sizeof key || strchr(note, '\n'))
        return pc_err_set(err, PC_EX_USAGE, "--note '%s': key=value is wanted", note);
    snprintf(key, sizeof key, "%.*s", (int)n, note);
    return pc_record_set(done, key, note + n + 1, err);
}

int pc_cube_done_work(const char *work, int index, struct pc_record *done, const char *const *note, int nnote,
                      struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    if (channel_path(path, work, index, "notes", err) != 0 || add_notes_file(path, done, err) != 0)
        return -1;
    for (int i = 0; i < nnote; i++)
        if (add_note(note[i], done, err) != 0)
            return -1;
    if (channel_path(path, work, index, "done", err) != 0)
        return -1;
    return pc_atomic_write_record(path, done, err);
}
