/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/runinfo.h"

#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pc_runinfo_read(const char *path, struct pc_text *out, struct pc_err *err)
{
    char buf[65536];
    FILE *f = fopen(path, "r");
    if (!f)
        return errno == ENOENT ? 0 : pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;)
        pc_text_add_bytes(out, buf, n);
    int bad = ferror(f) ? pc_err_set(err, PC_EX_IOERR, "%s: cannot be read", path) : 0;
    fclose(f);
    return bad ? -1 : pc_text_ok(out, err);
}

static int load(struct pc_record *r, const char *dir, const char *name, struct pc_err *err)
{
    struct pc_text path = {0};
    pc_text_add(&path, "%s/%s", dir, name);
    int bad = pc_text_ok(&path, err) || pc_record_load(r, path.s, 1, err);
    pc_text_free(&path);
    return bad ? -1 : 0;
}

static int read_channel(struct pc_runinfo *r, int i, struct pc_err *err)
{
    struct pc_runchan *c = &r->chan[i];
    struct pc_record state = {0};
    char name[40];
    c->index = r->dir.chan[i].index;
    c->state = r->dir.chan[i].state;
    snprintf(name, sizeof name, "ch%05d.state", c->index);
    if (pc_workdir_record(&r->dir, c->index, &c->figures, err) || load(&state, r->dir.path, name, err))
        return -1;
    int bad = pc_state_parse(&c->cleaning, &state, err);
    if (bad)
        pc_err_prefix(err, "%s/%s", r->dir.path, name);
    pc_record_free(&state);
    return bad;
}

static int read_all(struct pc_runinfo *r, struct pc_err *err)
{
    struct pc_text log = {0};
    r->chan = pc_mem_new0(r->dir.nchan, sizeof *r->chan, "channels", err);
    if (!r->chan)
        return -1;
    for (; r->nchan < r->dir.nchan; r->nchan++)
        if (read_channel(r, r->nchan, err)) {
            pc_record_free(&r->chan[r->nchan].figures);
            return -1;
        }
    pc_text_add(&log, "%s.log", r->imagename);
    int bad = load(&r->params, r->dir.path, "params", err) || load(&r->plan, r->dir.path, "plan", err) ||
              load(&r->selected, r->dir.path, "selected", err) || pc_text_ok(&log, err) ||
              pc_runinfo_read(log.s, &r->log, err);
    pc_text_free(&log);
    return bad ? -1 : 0;
}

int pc_runinfo_open(struct pc_runinfo *r, const char *work, const char *imagename, struct pc_err *err)
{
    *r = (struct pc_runinfo){0};
    if (pc_workdir_open(&r->dir, work, err))
        return -1;
    r->imagename = strdup(imagename);
    int bad = r->imagename ? read_all(r, err) : pc_err_set(err, PC_EX_NOMEM, "no memory for a name");
    if (bad)
        pc_runinfo_close(r);
    return bad;
}

void pc_runinfo_close(struct pc_runinfo *r)
{
    for (int i = 0; i < r->nchan; i++) {
        pc_record_free(&r->chan[i].figures);
        pc_state_fini(&r->chan[i].cleaning);
    }
    pc_mem_free(r->chan);
    pc_record_free(&r->params);
    pc_record_free(&r->plan);
    pc_record_free(&r->selected);
    pc_text_free(&r->log);
    free(r->imagename);
    if (r->dir.path)
        pc_workdir_close(&r->dir);
    *r = (struct pc_runinfo){0};
}

double pc_runinfo_number(const struct pc_record *r, const char *key)
{
    const char *s = pc_record_get(r, key);
    char *end;
    double v = s ? strtod(s, &end) : (double)NAN;
    return s && end != s && !*end ? v : (double)NAN;
}

const char *pc_runinfo_param(const struct pc_runinfo *r, const char *tool, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < r->params.n; i++) {
        const char *value = r->params.line[i].value;
        if (!strcmp(r->params.line[i].key, tool) && !strncmp(value, "--", 2) &&
            !strncmp(value + 2, name, n) && value[2 + n] == '=')
            return value + 3 + n;
    }
    return NULL;
}
