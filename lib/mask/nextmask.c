/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/nextmask.h"

#include <stdio.h>
#include <string.h>

static int check_grids(const struct pc_nextmask_in *in, struct pc_err *err)
{
    const struct {
        const struct pc_imhead *head;
        const char *name;
    } planes[] = {
        {&in->from->pb, "pb.fits"}, {&in->from->residual, "residual.fits"}, {&in->from->prev, "mask.fits"}};
    for (int i = 0; i < 3; i++)
        if (planes[i].head->nx &&
            pc_imhead_same_grid(planes[i].head, planes[i].name, in->psf, "psf.fits", err))
            return -1;
    return 0;
}

/* The psf's place in the sky, nothing of its beam and statistics. */
static int begin(const struct pc_nextmask_in *in, struct pc_nextmask *next, struct pc_err *err)
{
    memset(next, 0, sizeof *next);
    if (!in->psf->nx)
        return pc_err_set(err, PC_EX_DATA, "there is no psf.fits; run pc-psf first");
    if (check_grids(in, err) || pc_imhead_copy(&next->head, in->psf, err))
        return -1;
    struct pc_imhead *h = &next->head;
    pc_record_free(&h->extra);
    memset(h->beam, 0, sizeof h->beam);
    h->bunit[0] = '\0';
    snprintf(h->btype, sizeof h->btype, "Mask");
    return 0;
}

void pc_nextmask_fini(struct pc_nextmask *next)
{
    pc_imhead_fini(&next->head);
    for (int pol = 0; pol < PC_MAX_POL; pol++)
        pc_runs_free(&next->mask[pol]);
    memset(next, 0, sizeof *next);
}

static int64_t plane_px(const struct pc_nextmask_in *in)
{
    return (int64_t)in->psf->nx * in->psf->ny;
}

/* What the primary beam leaves. */
static int bound(const struct pc_mask_inputs *from, int pol, const struct pc_imhead *h, struct pc_runs *in,
                 struct pc_err *err)
{
    struct pc_runs all = {0}, valid = {0};
    int bad = pc_runs_add_all(&all, h->nx, h->ny, err) ||
              pc_runs_and(&valid, &all, from->has_valid ? &from->valid[pol] : &all, err) ||
              pc_runs_and(in, &valid, from->has_central ? &from->central[pol] : &all, err);
    pc_runs_free(&all);
    pc_runs_free(&valid);
    return bad ? -1 : 0;
}

/* *out (empty) becomes what is in both. */
static int take_given(struct pc_runs *out, const struct pc_runs *in, const unsigned char *given,
                      const struct pc_imhead *h, struct pc_err *err)
{
    struct pc_runs runs = {0};
    int bad = 0;
    for (int y = 0; y < h->ny && !bad; y++)
        bad = pc_runs_add_bytes(&runs, y, 0, given + (int64_t)y * h->nx, h->nx, err);
    bad = bad || pc_runs_and(out, in, &runs, err);
    pc_runs_free(&runs);
    return bad ? -1 : 0;
}

int pc_nextmask_fixed(const struct pc_nextmask_in *in, const unsigned char *given, struct pc_nextmask *next,
                      int64_t *count, struct pc_err *err)
{
    int64_t per = plane_px(in);
    *count = 0;
    if (begin(in, next, err))
        return -1;
    for (int pol = 0; pol < in->psf->npol; pol++) {
        struct pc_runs runs = {0}, *to = given ? &runs : &next->mask[pol];
        int bad = bound(in->from, pol, in->psf, to, err) ||
                  (given && take_given(&next->mask[pol], &runs, given + pol * per, in->psf, err));
        pc_runs_free(&runs);
        if (bad)
            return -1;
        *count += pc_runs_count(&next->mask[pol]);
    }
    return 0;
}

static int psf_figures(const struct pc_nextmask_in *in, int pol, struct pc_automask_in *a, struct pc_err *err)
{
    a->beam = in->beam ? *in->beam : in->psf->beam[pol];
    a->sidelobe = in->sidelobe;
    if (a->beam.maj_rad <= 0)
        return pc_err_set(err, PC_EX_DATA, "psf.fits has no beam (BMAJ); give --beam");
    if (a->sidelobe == 0 && pc_record_double(&in->psf->extra, "SIDELOBE", &a->sidelobe, err))
        return pc_err_set(err, PC_EX_DATA,
                          "psf.fits does not say its largest sidelobe (SIDELOBE); give --psfsidelobe");
    return 0;
}

static bool is_true(const struct pc_record *extra, const char *key)
{
    const char *value = pc_record_get(extra, key);
    return value && value[0] == 'T';
}

/* The keyword of one plane; with a single plane AMDONE says all. */
static void done_key(char key[24], int pol)
{
    snprintf(key, 24, "AMDONE%d", pol + 1);
}

bool pc_nextmask_done(const struct pc_imhead *masknext, bool done[PC_MAX_POL])
{
    const bool all = is_true(&masknext->extra, "AMDONE");
    for (int pol = 0; pol < PC_MAX_POL; pol++) {
        char key[24];
        done_key(key, pol);
        done[pol] = all || is_true(&masknext->extra, key);
    }
    return all;
}

static bool keeps(const struct pc_nextmask_in *in, int pol)
{
    return in->done[pol] && in->from->prev.nx > 0;
}

/* Figures are the first plane's that was not done before. */
static int put_keywords(struct pc_record *extra, const struct pc_nextmask_in *in,
                        const struct pc_automask_out *out, struct pc_err *err)
{
    const struct pc_automask_out *o = out;
    bool done = true;
    for (int pol = in->psf->npol - 1; pol >= 0; pol--) {
        done = done && out[pol].done;
        if (!keeps(in, pol))
            o = &out[pol];
    }
    if (pc_record_set(extra, "AMDONE", done ? "T" : "F", err))
        return -1;
    for (int pol = 0; pol < in->psf->npol && in->psf->npol > 1; pol++) {
        char key[24];
        done_key(key, pol);
        if (pc_record_set(extra, key, out[pol].done ? "T" : "F", err))
            return -1;
    }
    if (pc_record_set_double(extra, "AMMEDIAN", o->median, err) ||
        pc_record_set_double(extra, "AMSIGMA", o->sigma_jy, err) ||
        pc_record_set_double(extra, "AMTHRESH", o->threshold_pos_jy, err))
        return -1;
    return pc_record_set(extra, "AMLIMIT", o->noise_limited ? "noise" : "sidelobe", err);
}

static int keep_plane(const struct pc_nextmask_in *in, int pol, struct pc_automask_out *out,
                      struct pc_err *err)
{
    const struct pc_runs *prev = &in->from->mask[pol], none = {0};
    *out = (struct pc_automask_out){.done = true, .n_final = pc_runs_count(prev)};
    return pc_runs_or(&out->mask, prev, &none, err);
}

static int make_plane(const struct pc_automask_conf *conf, const struct pc_nextmask_in *in, int pol,
                      struct pc_automask_out *out, struct pc_log *log, struct pc_err *err)
{
    const struct pc_mask_inputs *from = in->from;
    struct pc_automask_in a = {.nx = in->psf->nx,
                               .ny = in->psf->ny,
                               .cell_rad = {in->psf->cell_rad[0], in->psf->cell_rad[1]},
                               .residual = from->pix + pol * plane_px(in),
                               .survey = &from->survey[pol],
                               .central = from->has_central ? &from->central[pol] : NULL,
                               .prev = from->prev.nx ? &from->mask[pol] : NULL,
                               .iterdone = in->iterdone,
                               .cyclethreshold_jy = in->cyclethreshold_jy,
                               .threshold_jy = in->threshold_jy};
    return psf_figures(in, pol, &a, err) || pc_automask(conf, &a, out, log, err) ? -1 : 0;
}

int pc_nextmask_auto(const struct pc_automask_conf *conf, const struct pc_nextmask_in *in,
                     struct pc_nextmask *next, struct pc_automask_out *out, struct pc_log *log,
                     struct pc_err *err)
{
    if (begin(in, next, err))
        return -1;
    if (!in->from->pix)
        return pc_err_set(err, PC_EX_DATA, "there is no residual.fits; run pc-grid first");
    for (int pol = 0; pol < in->psf->npol; pol++) {
        int bad = keeps(in, pol) ? keep_plane(in, pol, &out[pol], err)
                                 : make_plane(conf, in, pol, &out[pol], log, err);
        next->mask[pol] = out[pol].mask;
        out[pol].mask = (struct pc_runs){0};
        if (bad)
            return -1;
    }
    if (put_keywords(&next->head.extra, in, out, err))
        return -1;
    return pc_imhead_history_merge(&next->head, &in->from->residual, err);
}
