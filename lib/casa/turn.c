/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turn_impl.h"

#include "base/mem.h"
#include "io/fits.h"

#include <string.h>

static const int64_t block_byte = 64 << 20; /* of vis; part of the format: DESIGN section 2 */
enum { tile_row = 32 };                     /* rows turned at a time: their channels stay in cache */

/* ---- the plan ---- */

static int plan_contsub(struct pc_turn_feed *f, int order, struct pc_err *err)
{
    int *fit = pc_mem_new(f->w->nfit + 1, sizeof *fit, "continuum fit", err);
    if (!fit)
        return -1;
    for (int i = 0; i < f->w->nfit; i++)
        fit[i] = f->w->fit[i] - f->lo;
    const int status = f->w->nfit == 0 ? 0
                                       : pc_contsub_init(&f->contsub, order, f->w->freq_hz + f->lo, f->nspan,
                                                         fit, f->w->nfit, err);
    pc_mem_free(fit);
    return status;
}

static int plan_feed(struct pc_turn *t, int i, struct pc_err *err)
{
    struct pc_turn_feed *f = &t->feed[i];
    const struct pc_axis *a = t->conf.axis;
    f->w = t->conf.gather->window[i];
    if (pc_axis_map(a, f->w, &f->chan, &f->nper, err))
        return -1;
    int lo = f->w->nchan, hi = -1;
    for (int q = 0; q < a->nwanted; q++)
        for (int k = 0; k < f->nper; k++) {
            const int c = f->chan[(int64_t)a->wanted[q] * f->nper + k];
            lo = c < lo ? c : lo;
            hi = c > hi ? c : hi;
        }
    if (f->w->nfit > 0) {
        lo = f->w->fit[0] < lo ? f->w->fit[0] : lo;
        hi = f->w->fit[f->w->nfit - 1] > hi ? f->w->fit[f->w->nfit - 1] : hi;
    }
    f->lo = lo;
    f->nspan = hi - lo + 1;
    if (plan_contsub(f, t->conf.fitorder, err))
        return -1;
    f->rows_per_block = block_byte / (8 * pc_turn_row_size(f));
    if (f->rows_per_block < 1)
        f->rows_per_block = 1;
    f->block0 = t->nblock;
    t->nblock += (int)((f->w->nrow + f->rows_per_block - 1) / f->rows_per_block);
    t->count.nrow += f->w->nrow;
    return 0;
}

static void place_blocks(struct pc_turn *t)
{
    int64_t shared = 0, plane = 0;
    for (int i = 0, b = 0; i < t->conf.gather->n; i++) {
        const struct pc_turn_feed *f = &t->feed[i];
        for (int64_t first = 0; first < f->w->nrow; first += f->rows_per_block, b++) {
            struct pc_turn_block *k = &t->block[b];
            const int64_t left = f->w->nrow - first, n = left < f->rows_per_block ? left : f->rows_per_block;
            *k = (struct pc_turn_block){.feed = i, .first = first, .nrow = n};
            k->uvw_at = shared;
            k->row_at = shared + n * 24;
            shared += n * 56;
            k->vis_at = plane;
            k->weight_at = plane + n * pc_turn_row_size(f) * 8;
            plane += n * pc_turn_row_size(f) * 12;
        }
    }
    t->planes_at = shared;
    t->plane_byte = plane;
}

int pc_turn_new(struct pc_turn **turn, const struct pc_turn_conf *conf, struct pc_err *err)
{
    struct pc_turn *t = pc_mem_new0(1, sizeof *t, "plan", err);
    *turn = t;
    if (!t)
        return -1;
    t->conf = *conf;
    t->first_put = -1;
    t->feed = pc_mem_new0(conf->gather->n, sizeof *t->feed, "plan", err);
    if (!t->feed)
        goto fail;
    for (int i = 0; i < conf->gather->n; i++)
        if (plan_feed(t, i, err))
            goto fail;
    t->count.nblock = t->nblock;
    t->block = pc_mem_new0(t->nblock, sizeof *t->block, "plan", err);
    t->sum = pc_mem_new0((int64_t)t->nblock * conf->axis->nwanted, sizeof *t->sum, "plan", err);
    if (!t->block || !t->sum)
        goto fail;
    place_blocks(t);
    const int64_t size = t->planes_at + t->plane_byte * conf->axis->nwanted;
    if (pc_scratch_new(&t->scratch, size, conf->mem_byte / 4 * 3, conf->tmpdir, err) == 0)
        return 0;
fail:
    pc_turn_free(t);
    *turn = NULL;
    return -1;
}

void pc_turn_free(struct pc_turn *t)
{
    if (!t)
        return;
    for (int i = 0; t->feed && i < t->conf.gather->n; i++) {
        pc_mem_free(t->feed[i].chan);
        pc_contsub_fini(&t->feed[i].contsub);
    }
    pc_scratch_free(t->scratch);
    pc_mem_free(t->feed);
    pc_mem_free(t->block);
    pc_mem_free(t->sum);
    pc_mem_free(t);
}

struct pc_turn_count pc_turn_counts(const struct pc_turn *t)
{
    return t->count;
}

/* ---- the pass over the MS ---- */

/* Buffers for as many rows as a chunk has. */
struct chunk {
    int64_t rows;
    double *uvw, *row;
    float *vis, *weight;
    char *stage; /* each plane's share, when the scratch is a file */
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG32(w) __builtin_bswap32(w)
#else
#define BIG32(w) (w)
#endif

static uint32_t fold(uint64_t sum)
{
    while (sum >> 32)
        sum = (sum & 0xffffffffu) + (sum >> 32);
    return (uint32_t)sum;
}

/* A piece: rows of one block that were read together, and where a plane's share of them goes. */
struct piece {
    const struct pc_turn_feed *f;
    struct pc_turn_block *b;
    int64_t at, n; /* rows of the block */
    const struct chunk *c;
};

static char *vis_place(struct pc_turn *t, const struct piece *p, int q)
{
    const int64_t row = pc_turn_row_size(p->f);
    char *mem = pc_scratch_at(t->scratch, pc_turn_plane_at(t, q) + p->b->vis_at + p->at * row * 8);
    return mem ? mem : p->c->stage + q * p->n * row * 12;
}

static char *weight_place(struct pc_turn *t, const struct piece *p, int q)
{
    const int64_t row = pc_turn_row_size(p->f);
    char *mem = pc_scratch_at(t->scratch, pc_turn_plane_at(t, q) + p->b->weight_at + p->at * row * 4);
    return mem ? mem : p->c->stage + q * p->n * row * 12 + p->n * row * 8;
}

/* Turning the samples of some rows into one plane: where from, where to, and their sums on the way. */
struct turning {
    const uint32_t *vis, *weight; /* the first row's, as read */
    int64_t row;                  /* samples of a row as read */
    const int *chan;              /* [nper] */
    int lo;                       /* the first channel read */
    int nper;
    int64_t n; /* rows */
    uint32_t *to_vis, *to_weight;
    uint64_t sum_vis, sum_weight; /* of the words, for DATASUM */
    double total;
};

/* nc is a constant where it is called, so that the inner loops unroll. */
static inline __attribute__((always_inline)) void turn_by(struct turning *u, const int nc)
{
    uint32_t *dv = u->to_vis, *dw = u->to_weight;
    uint64_t sv = 0, sw = 0;
    double total = 0;
    for (int64_t i = 0; i < u->n; i++)
        for (int k = 0; k < u->nper; k++, dv += 2 * nc, dw += nc) {
            const int64_t from = i * u->row + (int64_t)(u->chan[k] - u->lo) * nc;
            for (int j = 0; j < 2 * nc; j++) {
                const uint32_t w = u->vis[2 * from + j];
                sv += w;
                dv[j] = BIG32(w);
            }
            for (int j = 0; j < nc; j++) {
                const uint32_t w = u->weight[from + j];
                float value;
                memcpy(&value, &w, sizeof value);
                sw += w;
                dw[j] = BIG32(w);
                total += value;
            }
        }
    u->sum_vis = sv;
    u->sum_weight = sw;
    u->total = total;
}

/* Rows i0 .. i1-1 of the piece into plane q. */
static void turn_rows(struct pc_turn *t, const struct piece *p, int q, int64_t i0, int64_t i1)
{
    const int nc = p->f->w->ncorr, nper = p->f->nper;
    const int64_t row = (int64_t)p->f->nspan * nc;
    struct pc_turn_sum *s = &t->sum[(int64_t)q * t->nblock + (p->b - t->block)];
    struct turning u = {.vis = (const uint32_t *)(const void *)(p->c->vis + 2 * i0 * row),
                        .weight = (const uint32_t *)(const void *)(p->c->weight + i0 * row),
                        .row = row,
                        .chan = p->f->chan + (int64_t)t->conf.axis->wanted[q] * nper,
                        .lo = p->f->lo,
                        .nper = nper,
                        .n = i1 - i0,
                        .to_vis = (uint32_t *)vis_place(t, p, q) + i0 * nper * nc * 2,
                        .to_weight = (uint32_t *)weight_place(t, p, q) + i0 * nper * nc};
    switch (nc) {
    case 1:
        turn_by(&u, 1);
        break;
    case 2:
        turn_by(&u, 2);
        break;
    case 3:
        turn_by(&u, 3);
        break;
    default:
        turn_by(&u, 4);
    }
    s->vis = pc_datasum_add(s->vis, fold(u.sum_vis));
    s->weight = pc_datasum_add(s->weight, fold(u.sum_weight));
    s->total += u.total;
}

static int store_shared(struct pc_turn *t, const struct piece *p, struct pc_err *err)
{
    pc_swap_f64(p->c->uvw, p->c->uvw, p->n * 3);
    pc_swap_f64(p->c->row, p->c->row, p->n * 4);
    p->b->uvw_sum = pc_datasum_bytes(p->b->uvw_sum, p->c->uvw, p->n * 24);
    p->b->row_sum = pc_datasum_bytes(p->b->row_sum, p->c->row, p->n * 32);
    if (pc_scratch_write(t->scratch, p->b->uvw_at + p->at * 24, p->c->uvw, p->n * 24, err) ||
        pc_scratch_write(t->scratch, p->b->row_at + p->at * 32, p->c->row, p->n * 32, err))
        return -1;
    return 0;
}

static int store_planes(struct pc_turn *t, const struct piece *p, struct pc_err *err)
{
    const int nq = t->conf.axis->nwanted;
    const int64_t row = pc_turn_row_size(p->f);
    for (int64_t i = 0; i < p->n; i += tile_row)
        for (int q = 0; q < nq; q++)
            turn_rows(t, p, q, i, i + tile_row < p->n ? i + tile_row : p->n);
    for (int q = 0; !pc_scratch_at(t->scratch, 0) && q < nq; q++) {
        const int64_t plane = pc_turn_plane_at(t, q);
        if (pc_scratch_write(t->scratch, plane + p->b->vis_at + p->at * row * 8, vis_place(t, p, q),
                             p->n * row * 8, err) ||
            pc_scratch_write(t->scratch, plane + p->b->weight_at + p->at * row * 4, weight_place(t, p, q),
                             p->n * row * 4, err))
            return -1;
    }
    return 0;
}

/* While a row's whole spectrum is at hand, in the data's own channels and phase centre. */
static int subtract_continuum(struct pc_turn *t, const struct pc_turn_feed *f, const struct pc_ms_rows *rows,
                              struct pc_err *err)
{
    const int64_t row = (int64_t)rows->nchan * f->w->ncorr;
    double *work = pc_mem_new(pc_contsub_nwork(&f->contsub), sizeof *work, "continuum fit", err);
    if (!work)
        return -1;
    for (int64_t i = 0; i < rows->n; i++)
        pc_contsub_row(&f->contsub, f->w->ncorr, rows->vis_jy + 2 * i * row, rows->weight + i * row, work,
                       &t->count.unfit);
    pc_mem_free(work);
    return 0;
}

/* To the phase centre of the image, in the data's own channels: their frequencies turn the phases. */
static void recenter(const struct pc_turn_feed *f, const struct pc_ms_rows *rows)
{
    const int64_t row = (int64_t)rows->nchan * f->w->ncorr * 2;
    for (int64_t i = 0; i < rows->n; i++)
        pc_shift_vis(pc_shift_uvw(&f->w->shift, rows->uvw_m + 3 * i), f->w->freq_hz + rows->chan0,
                     rows->nchan, f->w->ncorr, rows->vis_jy + i * row);
}

/* Rows first .. first+n-1 of feed i, which are in one block. */
static int turn_piece(struct pc_turn *t, int i, int64_t first, int64_t n, const struct chunk *c,
                      struct pc_err *err)
{
    const struct pc_turn_feed *f = &t->feed[i];
    const struct pc_feed *from = &t->conf.gather->feed[i];
    struct pc_turn_block *b = &t->block[f->block0 + first / f->rows_per_block];
    struct pc_ms_rows rows = {first, n, f->lo, 1, f->nspan, c->uvw, c->row, c->vis, c->weight, 0, 0};
    if (pc_ms_read(from->ms, from->window, &rows, err))
        return -1;
    if (f->contsub.nchan > 0 && subtract_continuum(t, f, &rows, err))
        return -1;
    if (f->w->shifted)
        recenter(f, &rows);
    t->count.nnan += rows.nnan;
    t->count.nneg += rows.nneg;
    const struct piece p = {f, b, first - b->first, n, c};
    if (store_shared(t, &p, err) || store_planes(t, &p, err))
        return -1;
    return 0;
}

/* The rows of feed i that lie before MS row `end`, from its row *first on. */
static int turn_chunk(struct pc_turn *t, int i, int64_t end, int64_t *first, const struct chunk *c,
                      struct pc_err *err)
{
    const struct pc_feed *from = &t->conf.gather->feed[i];
    const int64_t stop = pc_ms_window_find(from->ms, from->window, end), per = t->feed[i].rows_per_block;
    while (*first < stop) {
        int64_t n = per - *first % per;
        n = n < stop - *first ? n : stop - *first;
        if (turn_piece(t, i, *first, n, c, err))
            return -1;
        *first += n;
    }
    return 0;
}

static int64_t bytes_per_row(const struct pc_turn *t)
{
    int64_t most = 0;
    for (int i = 0; i < t->conf.gather->n; i++) {
        const struct pc_turn_feed *f = &t->feed[i];
        const int64_t out = pc_turn_row_size(f) * t->conf.axis->nwanted * 12;
        const int64_t in = (int64_t)f->nspan * f->w->ncorr * 13 + 128;
        most = in + out > most ? in + out : most;
    }
    return most;
}

static int64_t most_samples(const struct pc_turn *t, bool out)
{
    int64_t most = 0;
    for (int i = 0; i < t->conf.gather->n; i++) {
        const struct pc_turn_feed *f = &t->feed[i];
        const int64_t n = out ? pc_turn_row_size(f) * t->conf.axis->nwanted : (int64_t)f->nspan * f->w->ncorr;
        most = n > most ? n : most;
    }
    return most;
}

static void chunk_fini(struct chunk *c)
{
    pc_mem_free(c->uvw);
    pc_mem_free(c->row);
    pc_mem_free(c->vis);
    pc_mem_free(c->weight);
    pc_mem_free(c->stage);
}

static int chunk_init(struct chunk *c, const struct pc_turn *t, struct pc_err *err)
{
    /* A file likes long writes, and rereading the tiles at a chunk's ends costs the less the longer it is. */
    const int64_t most = pc_scratch_at(t->scratch, 0) ? 128 << 20 : 512 << 20;
    const int64_t budget = t->conf.mem_byte / 4 < most ? t->conf.mem_byte / 4 : most;
    const int64_t in = most_samples(t, false), out = pc_scratch_at(t->scratch, 0) ? 0 : most_samples(t, true);
    c->rows = budget / bytes_per_row(t);
    if (c->rows < 1)
        c->rows = 1;
    c->rows = c->rows < t->count.nrow ? c->rows : t->count.nrow;
    c->uvw = pc_mem_new(c->rows * 3, sizeof(double), "rows", err);
    c->row = c->uvw ? pc_mem_new(c->rows * 4, sizeof(double), "rows", err) : NULL;
    c->vis = c->row ? pc_mem_new(c->rows * in, 8, "rows", err) : NULL;
    c->weight = c->vis ? pc_mem_new(c->rows * in, 4, "rows", err) : NULL;
    c->stage = c->weight ? pc_mem_new(c->rows * out + 1, 12, "rows", err) : NULL;
    return c->stage ? 0 : -1;
}

int pc_turn_fill(struct pc_turn *t, struct pc_err *err)
{
    const struct pc_gather *g = t->conf.gather;
    struct chunk c = {0};
    int64_t *first = pc_mem_new0(g->n, sizeof *first, "plan", err);
    int status = first ? chunk_init(&c, t, err) : -1;
    for (int a = 0, z; status == 0 && a < g->n; a = z) {
        for (z = a; z < g->n && g->feed[z].ms == g->feed[a].ms; z++)
            ;
        const int64_t nrow = pc_ms_row_count(g->feed[a].ms);
        for (int64_t end = c.rows; status == 0 && end < nrow + c.rows; end += c.rows)
            for (int i = a; status == 0 && i < z; i++)
                status = turn_chunk(t, i, end, &first[i], &c, err);
    }
    chunk_fini(&c);
    pc_mem_free(first);
    return status;
}
