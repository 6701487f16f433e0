/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_plane.h"

#include "image/psf_look.h"
#include "io/rows_out.h"

#include <math.h>
#include <string.h>

struct pc_gridder_conf psf_plane_gridder(const struct psf_conf *conf)
{
    return (struct pc_gridder_conf){
        .geom = conf->geom, .accuracy = conf->accuracy, .wide = conf->wide, .nthread = conf->nthread};
}

/* Where the rows of a psf go: to their file, or else to a plane. */
struct making {
    struct psf_channel *c;
    const struct psf_conf *conf;
    struct pc_pass *pass;
    struct psf_pb *pb;
    struct pc_psf_look *look;
    bool by_row;             /* to the file */
    struct pc_rows_out *out; /* once its header is known */
    void *plane;
    struct pc_err err; /* of out */
};

static int64_t row_byte(const struct making *m)
{
    return m->conf->geom.nx * (m->conf->wide ? INT64_C(8) : INT64_C(4));
}

static void put_rows(struct making *m, int thread, int y0, int nrow, const void *rows)
{
    if (m->out != NULL)
        pc_rows_out_take(m->out, thread, 0, y0, nrow, rows);
    else if (m->plane != NULL)
        memcpy((char *)m->plane + y0 * row_byte(m), rows, (size_t)(nrow * row_byte(m)));
}

static void take(void *of, int thread, int plane, int y0, int nrow, const void *rows)
{
    struct making *m = of;
    (void)plane;
    rows = pc_psf_look_rows(m->look, thread, y0, nrow, rows);
    if (rows == NULL)
        return;
    const bool busy = m->out != NULL && pc_rows_out_busy(m->out);
    if (busy)
        psf_pb_step(m->pb, thread);
    put_rows(m, thread, y0, nrow, rows);
    /* a step makes rows on both sides of the centre: every other time is enough */
    if (!busy && y0 / PC_ROW_BAND % 2 == 0)
        psf_pb_step(m->pb, thread);
}

/* The clean beam is known: all of the header but the value of SIDELOBE. */
static int complete_head(struct making *m, double sidelobe, struct pc_err *err)
{
    struct pc_imhead *h = &m->c->psf;
    const char *why;
    const struct pc_beam *beam = pc_psf_look_beam(m->look, &why);
    m->c->sidelobe = sidelobe;
    for (int p = 0; p < h->npol; p++)
        h->beam[p] = *beam;
    return beam->maj_rad > 0 ? pc_record_set_double(&h->extra, "SIDELOBE", sidelobe, err) : 0;
}

static void begin_file(void *of, int plane)
{
    struct making *m = of;
    const struct pc_rows_out_conf conf = {.name = "psf.fits",
                                          .head = &m->c->psf,
                                          .wide = m->conf->wide,
                                          .alike = true,
                                          .nthread = m->conf->nthread};
    int y0, nrow;
    const void *rows = pc_psf_look_centre(m->look, &y0, &nrow);
    (void)plane;
    if (m->by_row &&
        (complete_head(m, 0, &m->err) != 0 || pc_rows_out_begin(&m->out, m->pass, &conf, &m->err) != 0 ||
         psf_pb_begin(m->pb, m->c, m->conf, m->pass, &m->err) != 0))
        return; /* rows are of no use any more */
    put_rows(m, 0, y0, nrow, rows);
}

/* All blocks, as often as the imager wants them. */
static int walk(struct making *m, struct pc_imager *im, struct pc_err *err)
{
    const struct pc_row_taker taker = {take, m, begin_file, PC_BEAM_NEAR};
    void *const sum[] = {m->plane};
    struct pc_visblock *b;
    for (int pass = 0; pass < pc_imager_npass(im); pass++) {
        pc_imager_begin(im, pass);
        for (int i = 0; i < pc_visstore_count(m->c->vis); i++)
            if (pc_visstore_block(m->c->vis, i, &b, err) != 0 || pc_imager_add(im, b, err) != 0)
                return -1;
        pc_imager_end(im, pc_imager_npass(im) > 1 ? sum : NULL, &taker, NULL);
    }
    return 0;
}

static int finish(struct making *m, struct pc_err *err)
{
    const struct psf_channel *c = m->c;
    const char *why;
    if (m->err.code != 0) {
        *err = m->err;
        return -1;
    }
    if (complete_head(m, pc_psf_look_sidelobe(m->look), err) != 0)
        return -1;
    if (!(pc_psf_look_beam(m->look, &why)->maj_rad > 0))
        pc_log_warn(m->conf->log, "%s: no clean beam: %s", c->name, why);
    if (m->by_row) {
        struct pc_rows_out *out = m->out;
        m->out = NULL;
        return pc_rows_out_end(out, err);
    }
    struct pc_image psf = {.head = c->psf}; /* borrowed */
    if (m->conf->wide)
        psf.wide = m->plane;
    else
        psf.pix = m->plane;
    return pc_pass_put_alike(m->pass, "psf.fits", &psf, err);
}

static int make(struct making *m, struct pc_err *err)
{
    struct psf_channel *c = m->c;
    const struct psf_conf *conf = m->conf;
    struct pc_imager_conf want = {.gridder = psf_plane_gridder(conf), .planes = conf->planes, .psf = true};
    struct pc_imager *im = NULL;
    want.gridder.nsample = pc_visstore_nsample(c->vis);
    want.gridder.max_w = c->reach.w;
    want.gridder.wterm = c->wfull;
    want.gridder.nterm = c->wterms;
    int bad = pc_imager_new(&im, &want, err);
    if (!bad && (!m->by_row || pc_imager_npass(im) > 1))
        bad = (m->plane = psf_channel_plane(c, conf, err)) == NULL;
    bad = bad || walk(m, im, err);
    pc_imager_free(im);
    return bad || finish(m, err) ? -1 : 0;
}

static int put_blank(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                     struct pc_err *err)
{
    const int64_t n = (int64_t)conf->geom.nx * conf->geom.ny;
    struct pc_image psf = {.head = c->psf}; /* borrowed */
    void *plane = psf_channel_plane(c, conf, err);
    if (plane == NULL)
        return -1;
    if (conf->wide)
        psf.wide = plane;
    else
        psf.pix = plane;
    for (int64_t i = 0; i < n; i++) {
        if (conf->wide)
            psf.wide[i] = NAN;
        else
            psf.pix[i] = NAN;
    }
    return pc_pass_put_alike(pass, "psf.fits", &psf, err);
}

int psf_plane_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass, struct psf_pb *pb,
                  struct pc_err *err)
{
    const struct pc_psf_look_conf look = {.nx = conf->geom.nx,
                                          .ny = conf->geom.ny,
                                          .cell_rad = {conf->geom.cell_rad[0], conf->geom.cell_rad[1]},
                                          .cutoff = conf->psfcutoff,
                                          .wide = conf->wide,
                                          .nthread = conf->nthread,
                                          .kept = PC_BEAM_NEAR + PC_ROW_BAND,
                                          .band = PC_ROW_BAND};
    struct making m = {.c = c, .conf = conf, .pass = pass, .pb = pb, .by_row = pc_pass_can_amend(pass)};
    if (!(c->sumwt > 0))
        return put_blank(c, conf, pass, err);
    int bad = pc_psf_look_new(&m.look, &look, err) || make(&m, err);
    pc_rows_out_free(m.out);
    pc_psf_look_free(m.look);
    return bad ? -1 : 0;
}
