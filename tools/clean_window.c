/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/clean_window.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum { BLOCK = PC_MADE_BLOCK };

/* What a look needs beside the planes. */
struct look {
    float residual[BLOCK], pb[BLOCK];
    unsigned char mask[BLOCK];
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* ---- pieces of rows that lie both in a block of pixels and in the window ---- */

struct piece {
    int64_t in_block, in_window;
    int n;
};

/* The first one at or after pixel `from` of the block that ends before `end`; false: no more. */
static bool next_piece(const struct clean_window *w, int64_t first, int64_t *from, int64_t end,
                       struct piece *p)
{
    while (*from < end) {
        int64_t row = *from / w->full_nx, pol = row / w->full_ny, y = row % w->full_ny - w->y0;
        int64_t begin = row * w->full_nx, x0 = begin + w->x0, x1 = x0 + w->nx;
        if (y < 0 || y >= w->ny) {
            row = y < 0 ? row - y : (pol + 1) * w->full_ny + w->y0;
            *from = row * w->full_nx;
            continue;
        }
        int64_t lo = x0 > *from ? x0 : *from, hi = smaller(x1, end);
        *from = begin + w->full_nx;
        if (lo >= hi)
            continue;
        p->in_block = lo - first;
        p->in_window = (pol * w->ny + y) * w->nx + (lo - x0);
        p->n = (int)(hi - lo);
        return true;
    }
    return false;
}

bool clean_window_meets(const struct clean_window *w, int64_t first, int64_t n)
{
    struct piece p;
    int64_t from = first;
    return w->nx && next_piece(w, first, &from, first + n, &p);
}

static void keep(struct clean_window *w, int64_t first, int64_t n, const float *v, const unsigned char *mask)
{
    struct piece p;
    for (int64_t from = first; w->nx && next_piece(w, first, &from, first + n, &p);) {
        float *to = w->residual + p.in_window;
        memmove(to, v + p.in_block, (size_t)p.n * sizeof *to); /* it may be on its place already */
        for (int i = 0; mask && i < p.n; i++)
            to[i] = mask[p.in_block + i] ? to[i] : NAN;
    }
}

/* ---- the rectangle ---- */

struct box {
    int x0, y0, x1, y1;
};

static void box_add(struct box *b, const unsigned char *m, int64_t first, int64_t n, int nx, int ny)
{
    for (int64_t i = 0, row; i < n; i += row) {
        int x = (int)((first + i) % nx), y = (int)((first + i) / nx % ny), lo = 0, hi;
        row = smaller(nx - x, n - i);
        hi = (int)row;
        if (!m[i] && !memcmp(m + i, m + i + 1, (size_t)row - 1))
            continue;
        while (!m[i + lo])
            lo++;
        while (!m[i + hi - 1])
            hi--;
        b->x0 = x + lo < b->x0 ? x + lo : b->x0;
        b->x1 = x + hi > b->x1 ? x + hi : b->x1;
        b->y0 = y < b->y0 ? y : b->y0;
        b->y1 = y + 1 > b->y1 ? y + 1 : b->y1;
    }
}

/* Not when more than the mask's pixels are asked for; and planes that are cleaned together share the first
 * one's mask, which cannot be written into them as blanks. */
static bool is_local(const struct clean_source *s)
{
    const struct pc_deconvolver *d = s->conf->deconvolver;
    return d->is_local && !s->conf->whole_plane && !(d->joint && s->residual->image.head.npol > 1);
}

static int find_box(struct clean_window *w, const struct clean_source *s, unsigned char *buf,
                    struct pc_err *err)
{
    const struct pc_imhead *h = &s->residual->image.head;
    const int64_t npix = pc_imhead_npix(h);
    struct box b = {h->nx, h->ny, 0, 0};
    *w = (struct clean_window){.nx = h->nx, .ny = h->ny, .full_nx = h->nx, .full_ny = h->ny, .npol = h->npol};
    if (!s->mask->there || !is_local(s))
        return 0;
    for (int64_t i = pc_later_skip(s->mask, 0), n; i < npix; i = pc_later_skip(s->mask, i + n)) {
        n = smaller(npix - i, BLOCK);
        const unsigned char *m = pc_later_bytes(s->mask, i, n, buf, err);
        if (!m)
            return -1;
        box_add(&b, m, i, n, h->nx, h->ny);
    }
    w->x0 = b.x0, w->y0 = b.y0;
    w->nx = b.x1 > b.x0 ? b.x1 - b.x0 : 0;
    w->ny = w->nx ? b.y1 - b.y0 : 0;
    return 0;
}

/* ---- the look ---- */

static bool is_whole(const struct clean_window *w)
{
    return w->nx == w->full_nx && w->ny == w->full_ny;
}

/* One block: where the residual is kept whole it is read to its place. */
static int look_at(struct clean_window *w, const struct clean_source *s, bool whole, int pol, int64_t i,
                   int64_t n, struct look *l, unsigned char *noise, struct pc_clean_seen *seen,
                   struct pc_err *err)
{
    const float *pb = NULL,
                *v = pc_later_floats(s->residual, i, n, whole ? w->residual + i : l->residual, err);
    const unsigned char *mask = NULL;
    if (!v || (s->pb->there && !(pb = pc_later_floats(s->pb, i, n, l->pb, err))) ||
        (s->mask->there && clean_window_meets(w, i, n) &&
         !(mask = pc_later_bytes(s->mask, i, n, l->mask, err))))
        return -1;
    /* what is held may be changed */
    float *residual = s->residual->image.pix ? s->residual->image.pix + i
                      : whole                ? w->residual + i
                                             : l->residual;
    pc_clean_look(seen, pol, residual, pb, s->pblimit, mask, n);
    if (noise)
        pc_clean_inside(pb, -1, s->pbmask, n, noise + i);
    if (!whole)
        keep(w, i, n, residual, mask);
    return 0;
}

/* The levels of the noise need planes that are whole. */
static int look_at_noise(const struct clean_window *w, const struct clean_source *s,
                         const unsigned char *noise, struct pc_clean_seen *seen, struct pc_err *err)
{
    const int64_t npix = (int64_t)w->full_nx * w->full_ny * w->npol;
    struct pc_clean_planes p = {.nx = w->full_nx, .ny = w->full_ny, .npol = w->npol, .residual = w->residual};
    unsigned char *own = NULL;
    p.inside = noise;
    if (s->mask->there && !s->conf->fastnoise &&
        (!(own = pc_mem_new(npix, 1, "the mask", err)) ||
         !(p.mask = pc_later_bytes(s->mask, 0, npix, own, err)))) {
        pc_mem_free(own);
        return -1;
    }
    int rc = pc_clean_noise(s->conf, &p, s->is_first, seen, err);
    pc_mem_free(own);
    return rc;
}

/* Cuts the window out of planes that are whole. */
static int cut(struct clean_window *w, const struct clean_source *s, struct look *l, struct pc_err *err)
{
    const int64_t npix = (int64_t)w->full_nx * w->full_ny * w->npol;
    for (int64_t i = 0; i < npix; i += BLOCK) {
        int64_t n = smaller(npix - i, BLOCK);
        if (!clean_window_meets(w, i, n))
            continue;
        const unsigned char *mask = pc_later_bytes(s->mask, i, n, l->mask, err);
        if (!mask)
            return -1;
        keep(w, i, n, w->residual + i, mask);
    }
    return 0;
}

static int take_mask(struct clean_window *w, const struct clean_source *s, struct pc_err *err)
{
    const int64_t npix = (int64_t)w->full_nx * w->full_ny * w->npol;
    if (!s->mask->image.mask && !(w->own_mask = pc_mem_new(npix, 1, "the mask", err)))
        return -1;
    w->mask = pc_later_bytes(s->mask, 0, npix, w->own_mask, err);
    return w->mask ? 0 : -1;
}

static int look_at_all(struct clean_window *w, const struct clean_source *s, struct look *l,
                       unsigned char *noise, struct pc_clean_seen *seen, struct pc_err *err)
{
    const bool with_noise = s->conf->control.nsigma > 0, whole = is_whole(w) || with_noise;
    const int64_t plane = (int64_t)w->full_nx * w->full_ny;
    const int64_t room = (whole ? plane : (int64_t)w->nx * w->ny) * w->npol;
    w->residual = s->residual->image.pix;
    if (!w->residual && !(w->residual = pc_mem_new(room, sizeof *w->residual, "the residual", err)))
        return -1;
    for (int k = 0; k < w->npol; k++)
        for (int64_t i = 0; i < plane; i += BLOCK)
            if (look_at(w, s, whole, k, k * plane + i, smaller(plane - i, BLOCK), l, noise, seen, err))
                return -1;
    s->residual->image.pix = NULL; /* the window's now */
    seen->is_masked = s->mask->there;
    if (with_noise && look_at_noise(w, s, noise, seen, err))
        return -1;
    if (s->mask->there && !is_local(s))
        return take_mask(w, s, err);
    return whole && s->mask->there ? cut(w, s, l, err) : 0;
}

int clean_window_look(struct clean_window *w, const struct clean_source *s, struct pc_clean_seen *seen,
                      struct pc_err *err)
{
    const int64_t npix = pc_imhead_npix(&s->residual->image.head);
    const bool bounded = s->conf->control.nsigma > 0 && s->pbmask > 0 && s->pb->there;
    struct look *l = pc_mem_new(1, sizeof *l, "blocks of pixels", err);
    unsigned char *noise = bounded ? pc_mem_new(npix, 1, "the region of the noise", err) : NULL;
    *seen = (struct pc_clean_seen){0};
    int rc =
        !l || (bounded && !noise) || find_box(w, s, l->mask, err) || look_at_all(w, s, l, noise, seen, err)
            ? -1
            : 0;
    pc_mem_free(noise);
    pc_mem_free(l);
    return rc;
}

/* ---- psf and model ---- */

/* How far the psf can reach to one side and to the other, from one pixel of the window to another. */
static void psf_reach(int window, int full, int *n, int *centre)
{
    int before = (int)smaller(window - 1, full / 2), after = (int)smaller(window - 1, full - 1 - full / 2);
    *n = before + after + 1;
    *centre = before;
}

static int read_psf(struct clean_window *w, const struct clean_source *s, struct pc_err *err)
{
    struct pc_psf_window *p = &w->psf_part;
    *p = (struct pc_psf_window){w->full_nx, w->full_ny, w->full_nx / 2, w->full_ny / 2};
    if (s->conf->deconvolver->needs_part_of_psf) {
        psf_reach(w->nx, w->full_nx, &p->nx, &p->x);
        psf_reach(w->ny, w->full_ny, &p->ny, &p->y);
    }
    const int x0 = w->full_nx / 2 - p->x, y0 = w->full_ny / 2 - p->y;
    const bool wide = p->nx == w->full_nx; /* then rows follow each other */
    const int rows = wide ? 1 + BLOCK / p->nx : 1;
    w->psf = s->psf->image.pix;
    if (!w->psf && !(w->psf = pc_mem_new((int64_t)p->nx * p->ny * w->npol, sizeof *w->psf, "the psf", err)))
        return -1;
    for (int pol = 0; pol < w->npol; pol++)
        for (int y = 0; y < p->ny; y += rows) {
            int64_t n = smaller(p->ny - y, rows) * p->nx;
            int64_t first = ((int64_t)pol * w->full_ny + y0 + y) * w->full_nx + x0;
            float *to = w->psf + ((int64_t)pol * p->ny + y) * p->nx;
            const float *v = pc_later_floats(s->psf, first, n, to, err);
            if (!v)
                return -1;
            if (v != to)
                memmove(to, v, (size_t)n * sizeof *to);
        }
    s->psf->image.pix = NULL;
    return 0;
}

/* In the place of the primary beam, which is used up, when that was held. */
static int fill_model(struct clean_window *w, const struct clean_source *s, struct pc_err *err)
{
    const int64_t n = (int64_t)w->nx * w->ny * w->npol;
    w->model = s->pb->image.pix;
    s->pb->image.pix = NULL;
    if (!w->model && !(w->model = pc_mem_new(n, sizeof *w->model, "the model", err)))
        return -1;
    memset(w->model, 0, (size_t)n * sizeof *w->model);
    for (int64_t y = 0; y < (int64_t)w->ny * w->npol; y++) {
        int64_t row = y / w->ny * w->full_ny + w->y0 + y % w->ny;
        if (model_in_fill(s->model, row * w->full_nx + w->x0, w->nx, w->model + y * w->nx, err) < 0)
            return -1;
    }
    return 0;
}

int clean_window_open(struct clean_window *w, const struct clean_source *s, struct pc_err *err)
{
    return fill_model(w, s, err) || read_psf(w, s, err) ? -1 : 0;
}

void clean_window_fini(struct clean_window *w)
{
    pc_mem_free(w->residual);
    pc_mem_free(w->model);
    pc_mem_free(w->psf);
    pc_mem_free(w->own_mask);
    w->residual = w->model = w->psf = NULL;
    w->own_mask = NULL;
    w->mask = NULL;
}

int clean_window_model(const struct clean_window *w, const struct model_in *came, int64_t first, int64_t n,
                       float *pix, struct pc_err *err)
{
    struct piece p;
    int any = is_whole(w) ? 0 : model_in_fill(came, first, n, pix, err);
    for (int64_t from = first; any >= 0 && w->nx && next_piece(w, first, &from, first + n, &p); any = 1) {
        if (!any)
            memset(pix, 0, (size_t)n * sizeof *pix);
        memcpy(pix + p.in_block, w->model + p.in_window, (size_t)p.n * sizeof *pix);
    }
    return any;
}
