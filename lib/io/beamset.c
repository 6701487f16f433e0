/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/beamset.h"

#include "base/mem.h"
#include "image/beam_common.h"
#include "image/beam_parse.h"
#include "io/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct pc_use USES[] = {{"psf.fits", PC_TAKE}, {"state", PC_TAKE}, {NULL, 0}};

int pc_beamset_add(struct pc_beamset *s, const struct pc_beam *beam, int npol, struct pc_err *err)
{
    bool any = false;
    if (s->nchan == s->cap) {
        int cap = s->cap ? 2 * s->cap : 64;
        struct pc_beam *grown = realloc(s->beam, (size_t)cap * PC_MAX_POL * sizeof *grown);
        if (!grown)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for the beams of %d channels", cap);
        s->beam = grown;
        s->cap = cap;
    }
    struct pc_beam *to = s->beam + (size_t)s->nchan * PC_MAX_POL;
    for (int p = 0; p < PC_MAX_POL; p++) {
        to[p] = p < npol ? beam[p] : (struct pc_beam){0, 0, 0};
        any = any || to[p].maj_rad > 0;
    }
    s->nchan++;
    s->nblank += !any;
    return 0;
}

/* ---- from a bundle ---- */

static int has_no_data(struct pc_pass *pass, bool *none, struct pc_err *err)
{
    struct pc_record r = {0};
    long long code = 0;
    int bad = pc_pass_record(pass, &r, err) ||
              (pc_record_has(&r, "stopcode") && pc_record_int(&r, "stopcode", &code, err));
    *none = code == -1;
    pc_record_free(&r);
    return bad ? -1 : 0;
}

static int read_channel(struct pc_beamset *s, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_imhead psf = {0};
    struct pc_member m;
    bool none = false;
    int more, bad = 0;
    while (!bad && (more = pc_pass_member(pass, &m, err)) != 0)
        bad = more < 0 || (strcmp(m.name, "state") == 0 ? has_no_data(pass, &none, err)
                                                        : pc_pass_imhead(pass, &psf, err));
    if (!bad && psf.nx == 0)
        bad = pc_err_set(err, PC_EX_DATA, "no psf.fits: pc-psf makes it");
    bad = bad || pc_beamset_add(s, psf.beam, none ? 0 : psf.npol, err);
    pc_imhead_fini(&psf);
    return bad ? -1 : 0;
}

int pc_beamset_read(struct pc_beamset *s, const char *src, struct pc_err *err)
{
    struct pc_pass_conf conf = {.src = src, .read_only = true, .uses = USES};
    struct pc_pass *pass;
    struct pc_chan chan;
    int more;
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0)
        if (read_channel(s, pass, err)) {
            more = pc_err_prefix(err, "%s", chan.name);
            break;
        }
    if (more == 0)
        return pc_pass_close(pass, err);
    pc_pass_abort(pass);
    return -1;
}

const char *pc_beamset_why_not(const char *src)
{
    struct pc_text inside = {0};
    struct stat st;
    if (!strcmp(src, "-") || (stat(src, &st) == 0 && !S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
        return "a stream brings them one by one";
    if (stat(src, &st) || !S_ISDIR(st.st_mode))
        return NULL;
    pc_text_add(&inside, "%s/00stream", src);
    bool whole = access(pc_text_str(&inside), F_OK) == 0;
    pc_text_free(&inside);
    return whole ? NULL : "this is one of them";
}

/* ---- as records ---- */

int pc_beamset_record(const struct pc_beamset *s, struct pc_record *out, struct pc_err *err)
{
    for (int p = 0; s->nchan > 0 && p < PC_MAX_POL; p++) {
        const struct pc_beam *b = &s->beam[(size_t)(s->nchan - 1) * PC_MAX_POL + (size_t)p];
        char maj[40], min[40], pa[40], value[128];
        snprintf(value, sizeof value, "%s %s %s", pc_text_double(maj, b->maj_rad),
                 pc_text_double(min, b->min_rad), pc_text_double(pa, b->pa_rad));
        if (pc_record_append(out, "beam_rad", value, err))
            return -1;
    }
    return 0;
}

static int beam_scan(const char *value, struct pc_beam *b, struct pc_err *err)
{
    double *const axis[3] = {&b->maj_rad, &b->min_rad, &b->pa_rad};
    char *end;
    const char *p = value;
    for (int i = 0; i < 3; i++, p = end) {
        *axis[i] = strtod(p, &end);
        if (end == p || (*end != ' ' && *end != '\0'))
            return pc_err_set(err, PC_EX_DATA, "beam_rad is '%s', not three numbers", value);
    }
    return 0;
}

static int add_record(struct pc_beamset *s, const struct pc_record *r, struct pc_err *err)
{
    struct pc_beam beam[PC_MAX_POL] = {{0, 0, 0}};
    int npol = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->line[i].key, "beam_rad") != 0)
            continue;
        if (npol == PC_MAX_POL)
            return pc_err_set(err, PC_EX_DATA, "more than %d lines beam_rad", PC_MAX_POL);
        if (beam_scan(r->line[i].value, &beam[npol++], err))
            return -1;
    }
    return pc_beamset_add(s, beam, npol, err);
}

int pc_beamset_work(struct pc_beamset *s, const struct pc_workdir *w, struct pc_err *err)
{
    for (int i = 0; i < w->nchan; i++) {
        struct pc_text path = {0};
        struct pc_record r = {0};
        pc_text_add(&path, "%s/ch%05d.beam", w->path, w->chan[i].index);
        int bad = pc_text_ok(&path, err) || pc_record_load(&r, path.s, 1, err) ||
                  (add_record(s, &r, err) && pc_err_prefix(err, "%s", path.s));
        pc_record_free(&r);
        pc_text_free(&path);
        if (bad)
            return -1;
    }
    return 0;
}

/* ---- what is common ---- */

int pc_beamset_common(const struct pc_beamset *s, struct pc_beam *common, struct pc_err *err)
{
    char text[PC_BEAM_TEXT];
    struct pc_beam *all = pc_mem_new((int64_t)s->nchan * PC_MAX_POL + 1, sizeof *all, "beams", err);
    if (!all)
        return -1;
    for (int p = 0; p < PC_MAX_POL; p++) /* the order of image/beam_common.h */
        for (int c = 0; c < s->nchan; c++)
            all[(int64_t)p * s->nchan + c] = s->beam[(int64_t)c * PC_MAX_POL + p];
    int bad = pc_beam_common(all, (int64_t)s->nchan * PC_MAX_POL, common, err);
    pc_mem_free(all);
    if (bad || common->maj_rad == 0)
        return bad;
    pc_beam_text(common, text);
    return pc_beam_parse(text, common, err);
}

void pc_beamset_fini(struct pc_beamset *s)
{
    free(s->beam);
    *s = (struct pc_beamset){0};
}
