/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* flock */
#include "io/workdir.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_file(const char *path, struct pc_text *out, struct pc_err *err)
{
    FILE *f = fopen(path, "r");
    if (!f)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    char buf[4096];
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;)
        pc_text_add_bytes(out, buf, n);
    int bad = ferror(f);
    fclose(f);
    if (bad)
        return pc_err_set(err, PC_EX_IOERR, "%s: cannot be read", path);
    return pc_text_ok(out, err);
}

int pc_record_load(struct pc_record *r, const char *path, int missing_ok, struct pc_err *err)
{
    *r = (struct pc_record){0};
    if (missing_ok && access(path, F_OK) != 0)
        return 0;
    struct pc_text text = {0};
    int rc = read_file(path, &text, err);
    if (rc == 0)
        rc = pc_record_parse(r, pc_text_str(&text), text.len, path, err);
    pc_text_free(&text);
    return rc;
}

/* "WORK/ch00042.done"; the caller's array is large enough for any index. */
static void chan_path(const struct pc_workdir *w, int index, const char *suffix, struct pc_text *out)
{
    pc_text_add(out, "%s/ch%05d.%s", w->path, index, suffix);
}

static int parse_channels(struct pc_workdir *w, const char *s, const char *name, struct pc_err *err)
{
    int64_t n = 0;
    for (const char *p = s; *p; p++)
        n += *p == '\n';
    w->chan = pc_mem_new0(n + 1, sizeof *w->chan, "list of channels", err);
    if (!w->chan)
        return -1;
    while (*s) {
        char *end;
        errno = 0;
        long index = strtol(s, &end, 10);
        if (end == s || *end != '\n' || errno || index < 0 || index > 99999999)
            return pc_err_set(err, PC_EX_DATA, "%s: line %d is not a channel's index", name, w->nchan + 1);
        w->chan[w->nchan++].index = (int)index;
        s = end + 1;
    }
    if (w->nchan == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: holds no channel", name);
    return 0;
}

int pc_workdir_open(struct pc_workdir *w, const char *path, struct pc_err *err)
{
    *w = (struct pc_workdir){0};
    struct pc_text name = {0}, text = {0};
    int rc = -1;
    w->path = strdup(path);
    if (!w->path) {
        pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
        goto done;
    }
    pc_text_add(&name, "%s/channels", path);
    if (pc_text_ok(&name, err) || read_file(pc_text_str(&name), &text, err) ||
        parse_channels(w, pc_text_str(&text), pc_text_str(&name), err) || pc_workdir_scan(w, err))
        goto done;
    rc = 0;
done:
    pc_text_free(&name);
    pc_text_free(&text);
    if (rc)
        pc_workdir_close(w);
    return rc;
}

/* A record counts when it is there and not empty: it was renamed into place whole. */
static int has_record(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

static int is_locked(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    int locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

int pc_workdir_scan(struct pc_workdir *w, struct pc_err *err)
{
    static const struct {
        const char *suffix;
        int (*is)(const char *path);
        enum pc_work_state state;
    } signs[] = {{"done", has_record, PC_WORK_DONE},
                 {"lock", is_locked, PC_WORK_RUNNING},
                 {"failed", has_record, PC_WORK_FAILED}};
    memset(w->count, 0, sizeof w->count);
    for (int i = 0; i < w->nchan; i++) {
        struct pc_work_chan *c = &w->chan[i];
        size_t k = 0;
        for (c->state = PC_WORK_TODO; k < sizeof signs / sizeof *signs && c->state == PC_WORK_TODO; k++) {
            struct pc_text path = {0};
            chan_path(w, c->index, signs[k].suffix, &path);
            int rc = pc_text_ok(&path, err);
            if (rc == 0 && signs[k].is(path.s))
                c->state = signs[k].state;
            pc_text_free(&path);
            if (rc)
                return -1;
        }
        w->count[c->state]++;
    }
    return 0;
}

int pc_workdir_record(const struct pc_workdir *w, int index, struct pc_record *r, struct pc_err *err)
{
    static const char *const suffixes[] = {"done", "failed"};
    *r = (struct pc_record){0};
    for (int k = 0; k < 2 && r->n == 0; k++) {
        struct pc_text path = {0};
        chan_path(w, index, suffixes[k], &path);
        int rc = pc_text_ok(&path, err);
        if (rc == 0)
            rc = pc_record_load(r, path.s, 1, err);
        pc_text_free(&path);
        if (rc)
            return -1;
    }
    return 0;
}

static const char *const COLUMNS[] = {"freq_hz",         "velocity_kms",  "beam_maj_arcsec",
                                      "beam_min_arcsec", "beam_pa_deg",   "peak_jy",
                                      "rms_jy",          "flux_jy",       "model_flux_jy",
                                      "mask_px",         "iterdone",      "nmajor",
                                      "stopcode",        "seconds_psf",   "seconds_grid",
                                      "seconds_mask",    "seconds_clean", "seconds_restore",
                                      "seconds",         "peak_mem_byte", "visibilities",
                                      "flagged",         "zero_weight",   "not_finite",
                                      "bad_weight",      "no_channel",    NULL};

static void table_row(int index, const struct pc_record *r, const char *(*stop_words)(int code),
                      struct pc_text *out)
{
    pc_text_add(out, "%d", index);
    for (int k = 0; COLUMNS[k]; k++) {
        const char *value = pc_record_get(r, COLUMNS[k]);
        pc_text_add(out, "\t%s", value && *value ? value : "nan");
    }
    const char *code = pc_record_get(r, "stopcode");
    const char *reason = pc_record_get(r, "reason"), *host = pc_record_get(r, "host");
    pc_text_add(out, "\t%s\t%s\t", host ? host : "", code ? stop_words(atoi(code)) : "");
    for (; reason && *reason; reason++)
        pc_text_add(out, "%c", *reason == '\t' ? ' ' : *reason);
    pc_text_add(out, "\n");
}

int pc_workdir_table(const struct pc_workdir *w, const char *(*stop_words)(int code), struct pc_text *out,
                     struct pc_err *err)
{
    pc_text_add(out, "index");
    for (int k = 0; COLUMNS[k]; k++)
        pc_text_add(out, "\t%s", COLUMNS[k]);
    pc_text_add(out, "\thost\tstop\terror\n");
    for (int i = 0; i < w->nchan; i++) {
        struct pc_record r;
        if (pc_workdir_record(w, w->chan[i].index, &r, err))
            return -1;
        table_row(w->chan[i].index, &r, stop_words, out);
        pc_record_free(&r);
    }
    return pc_text_ok(out, err);
}

void pc_workdir_close(struct pc_workdir *w)
{
    free(w->path);
    pc_mem_free(w->chan);
    *w = (struct pc_workdir){0};
}
