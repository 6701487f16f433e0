/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include "base/mem.h"
#include "io/atomic.h"
#include "io/beams.h"
#include "io/cubefile.h"
#include "io/freqs.h"
#include "io/workdir.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the planes of one product have in common, and their beams and sum. */
struct merged {
    struct pc_imhead head;
    bool any;
    struct pc_beam *beam; /* [npol][count] */
    uint32_t sum;
    int nmissing;
};

static int target(const char *imagename, const char *product, char path[PC_CUBE_PATH], struct pc_err *err)
{
    if (snprintf(path, PC_CUBE_PATH, "%s.%s.fits", imagename, product) >= PC_CUBE_PATH)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", imagename);
    return 0;
}

int pc_cube_check_names(struct pc_cube *c, const struct pc_cube_names *names, struct pc_err *err)
{
    char before[PC_CUBE_PATH], path[PC_CUBE_PATH];
    if (pc_cube_finished_as(c, before, err) != 0)
        return -1;
    for (int i = 0; i < c->nproduct && !names->overwrite; i++) {
        if (pc_cube_listed(names->keep, c->product[i]->name))
            continue;
        if (target(names->imagename, c->product[i]->name, path, err) != 0)
            return -1;
        if (strcmp(before, names->imagename) != 0 && access(path, F_OK) == 0)
            return pc_err_set(err, PC_EX_CANTCREAT, "%s exists: another name, or --overwrite", path);
    }
    return 0;
}

int pc_cube_had_name(const struct pc_cube *c, const char *imagename, bool *had, struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_record r = {0};
    *had = false;
    if (pc_cube_path(c, path, err, "names") != 0 || pc_record_load(&r, path, 1, err) != 0)
        return -1;
    for (size_t i = 0; i < r.n; i++)
        *had = *had || strcmp(r.line[i].value, imagename) == 0;
    pc_record_free(&r);
    return 0;
}

static int remember_name(const struct pc_cube *c, const char *imagename, struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_record r = {0};
    bool had;
    if (pc_cube_had_name(c, imagename, &had, err) != 0)
        return -1;
    if (had)
        return 0;
    int ret = pc_cube_path(c, path, err, "names");
    if (ret == 0)
        ret = pc_record_load(&r, path, 1, err);
    if (ret == 0)
        ret = pc_record_append(&r, "imagename", imagename, err);
    if (ret == 0)
        ret = pc_atomic_write_record(path, &r, err);
    pc_record_free(&r);
    return ret;
}

int pc_cube_file(const struct pc_cube *c, const char *imagename, const char *product, char path[PC_CUBE_PATH],
                 struct pc_err *err)
{
    if (pc_cube_path(c, path, err, "%s.fits", product) != 0)
        return -1;
    if (access(path, F_OK) == 0)
        return 0;
    if (target(imagename, product, path, err) != 0)
        return -1;
    if (access(path, F_OK) != 0)
        path[0] = '\0';
    return 0;
}

/* Keeps the keywords both have with the same value; of SIDELOBE, the largest. */
static int merge_extra(struct pc_record *r, const struct pc_record *other, struct pc_err *err)
{
    for (size_t i = 0; i < r->n;) {
        const char *key = r->line[i].key, *mine = r->line[i].value, *its = pc_record_get(other, key);
        if (its && strcmp(key, "SIDELOBE") == 0 && strtod(its, NULL) > strtod(mine, NULL)) {
            if (pc_record_set(r, "SIDELOBE", its, err) != 0)
                return -1;
        } else if (!its || (strcmp(its, mine) != 0 && strcmp(key, "SIDELOBE") != 0)) {
            char name[80];
            snprintf(name, sizeof name, "%s", key);
            pc_record_remove(r, name);
            continue;
        }
        i++;
    }
    return 0;
}

static int merge(struct merged *m, const struct pc_imhead *h, struct pc_err *err)
{
    if (!m->any) {
        m->any = true;
        return pc_imhead_copy(&m->head, h, err);
    }
    if (strcmp(m->head.date_obs, h->date_obs) > 0)
        memcpy(m->head.date_obs, h->date_obs, sizeof h->date_obs);
    return pc_imhead_history_share(&m->head, h, err) != 0 || merge_extra(&m->head.extra, &h->extra, err) != 0
               ? -1
               : 0;
}

static bool counts(const struct pc_cube_names *names, int index)
{
    char path[PC_CUBE_PATH];
    if (names->done_dir == NULL)
        return true;
    int n = snprintf(path, sizeof path, "%s/ch%05d.done", names->done_dir, index);
    return n < PC_CUBE_PATH && access(path, F_OK) == 0;
}

static int merge_channel(struct pc_cube *c, const struct pc_cube_product *product,
                         const struct pc_cube_names *names, struct pc_cubefile *f, int k, struct merged *m,
                         struct pc_err *err)
{
    struct pc_cube_plane plane;
    int index = c->first + k, ret = 0;
    if (pc_cube_planes_load(c, index, product->name, &plane, err) != 0)
        return -1;
    bool placed = plane.placed && counts(names, index);
    if (!placed)
        m->nmissing++;
    if (!placed || !plane.there)
        ret = pc_cubefile_fill(f, k, placed ? product->neutral : product->missing, plane.sum, err);
    else
        ret = merge(m, &plane.head, err);
    for (int p = 0; p < f->npol && ret == 0; p++) {
        m->sum = pc_cubefile_sum(f, m->sum, k, p, plane.sum[p]);
        if (placed && plane.there && product->has_beam)
            m->beam[(int64_t)p * c->count + k] = plane.head.beam[p];
    }
    if (plane.there)
        pc_imhead_fini(&plane.head);
    return ret;
}

/* Whether all planes that have a beam have the same (restoringbeam common, or given): then it is said once,
 * in head. Blank planes have none. Planes that all have none agree, too. */
static bool one_beam(const struct pc_beam *beam, int64_t count, int npol, struct pc_beam *head)
{
    const struct pc_beam *first = NULL;
    for (int64_t i = 0; i < npol * count; i++) {
        if (!(beam[i].maj_rad > 0))
            continue;
        if (first && memcmp(first, &beam[i], sizeof *first) != 0)
            return false;
        first = first ? first : &beam[i];
        head[i / count] = beam[i];
    }
    return true;
}

static void warn_uneven(struct pc_log *log, double off_hz, double step_hz)
{
    pc_log_warn(log,
                "the channels are not evenly spaced: the linear axis of the headers is off by up to %.6g Hz "
                "(%.3g of a channel); a table FREQ has the frequency of each",
                off_hz, off_hz / fabs(step_hz));
}

/* What follows the data: beams that differ, frequencies that are no linear axis. */
static int add_tables(struct pc_cube *c, const struct pc_cube_product *product, struct merged *m, int npol,
                      bool uneven, struct pc_text *tail, struct pc_err *err)
{
    memset(m->head.beam, 0, sizeof m->head.beam);
    if (product->has_beam && !one_beam(m->beam, c->count, npol, m->head.beam)) {
        memset(m->head.beam, 0, sizeof m->head.beam);
        pc_beams_fill(m->beam, c->count, npol);
        if (pc_record_set(&m->head.extra, "CASAMBM", "T", err) != 0 ||
            pc_beams_format(m->beam, c->count, npol, tail, err) != 0)
            return -1;
    }
    return uneven ? pc_freqs_format(c->freq_hz + c->first, c->count, tail, err) : 0;
}

static int seal(struct pc_cube *c, struct pc_cubefile *f, const struct pc_cube_product *product,
                struct merged *m, struct pc_log *log, bool warn, struct pc_err *err)
{
    struct pc_text header = {0}, tail = {0};
    struct pc_fits_out out = {.bitpix = f->bitpix,
                              .nchan = c->count,
                              .align = PC_CUBE_HEADER_BYTE,
                              .has_sum = true,
                              .datasum = m->sum};
    double off_hz = pc_cube_linear_axis(c, &m->head);
    if (warn && off_hz > 0)
        warn_uneven(log, off_hz, m->head.width_hz);
    int ret = add_tables(c, product, m, f->npol, off_hz > 0, &tail, err);
    if (ret == 0)
        ret = pc_fits_format_imhead(&m->head, &out, &header, err);
    if (ret == 0)
        ret = pc_cubefile_seal(f, &header, &tail, err);
    pc_text_free(&header);
    pc_text_free(&tail);
    return ret;
}

/* Fills, heads and seals one growing cube; it keeps its growing name. */
static int finish_product(struct pc_cube *c, const struct pc_cube_product *product,
                          const struct pc_cube_names *names, int *nmissing, struct pc_log *log, bool *warn,
                          struct pc_err *err)
{
    struct pc_cubefile f;
    struct merged m = {0};
    int ret = -1;
    if (pc_cubefile_open(&f, c->dir, product->name, c->count, NULL, false, err) != 0)
        return -1;
    if (f.fd < 0)
        return 0;
    m.beam = pc_mem_new0((int64_t)c->count * f.npol, sizeof *m.beam, "beams", err);
    if (m.beam == NULL)
        goto out;
    for (int k = 0; k < c->count; k++)
        if (merge_channel(c, product, names, &f, k, &m, err) != 0)
            goto out;
    if (!m.any) {
        pc_err_set(err, PC_EX_DATA, "%s: no channel is done: there is nothing to finish", f.path);
        goto out;
    }
    ret = seal(c, &f, product, &m, log, *warn, err);
    *warn = false;
    if (m.nmissing > *nmissing)
        *nmissing = m.nmissing;
out:
    pc_cubefile_close(&f);
    pc_mem_free(m.beam);
    pc_imhead_fini(&m.head);
    return ret;
}

static int rename_all(struct pc_cube *c, const struct pc_cube_names *names, struct pc_err *err)
{
    const char *imagename = names->imagename;
    char from[PC_CUBE_PATH], to[PC_CUBE_PATH];
    struct pc_text text = {0};
    pc_text_add(&text, "imagename=%s\n", imagename);
    int ret = pc_cube_path(c, from, err, "finished");
    if (ret == 0)
        ret = pc_atomic_write(from, &text, err);
    pc_text_free(&text);
    for (int i = 0; i < c->nproduct && ret == 0; i++) {
        if (pc_cube_listed(names->keep, c->product[i]->name))
            continue;
        ret = pc_cube_path(c, from, err, "%s.fits", c->product[i]->name);
        if (ret == 0 && access(from, F_OK) == 0) {
            ret = target(imagename, c->product[i]->name, to, err);
            if (ret == 0)
                ret = pc_atomic_move(from, to, err);
        }
    }
    return ret;
}

int pc_cube_finish(struct pc_cube *c, const struct pc_cube_names *names, int *nmissing, struct pc_log *log,
                   struct pc_err *err)
{
    char before[PC_CUBE_PATH];
    bool warn = true;
    *nmissing = 0;
    if (!pc_cube_has_axis(c))
        return pc_err_set(err, PC_EX_DATA, "%s: no channel came: there is nothing to finish", c->dir);
    if (pc_cube_check_names(c, names, err) != 0 || pc_cube_finished_as(c, before, err) != 0)
        return -1;
    if (before[0] && strcmp(before, names->imagename) != 0 && pc_cube_take_back(c, err) != 0)
        return -1;
    for (int i = 0; i < c->nproduct; i++)
        if (finish_product(c, c->product[i], names, nmissing, log, &warn, err) != 0)
            return -1;
    return remember_name(c, names->imagename, err) != 0 ? -1 : rename_all(c, names, err);
}
