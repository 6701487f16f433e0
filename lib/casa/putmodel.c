/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/putmodel.h"

#include "base/mem.h"
#include "base/text.h"
#include "casa/direction.h"
#include "casa/frame.h"
#include "casa/resample.h"
#include "casa/slots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How well w must agree: casacore's ephemerides and rounding are far better, a centre elsewhere is far worse.
 */
static const double same_w = 1e-9;

/* A sheet and where it goes. */
struct page {
    const struct pc_sheet *sheet;
    const struct pc_ms_window *w;
    int window;
    int64_t done;
};

struct putting {
    const struct pc_predicted *p;
    struct pc_ms *ms;
    struct page *page; /* [n] */
    int n;
    int64_t chunk_rows;
    struct pc_put_count *count;
};

/* ---- which sheets, which windows ---- */

static int collect(struct putting *q, struct pc_err *err)
{
    q->page = pc_mem_new0(q->p->n + 1, sizeof *q->page, "list of blocks", err);
    if (!q->page)
        return -1;
    for (int i = 0; i < q->p->n; i++)
        if (strcmp(q->p->sheet[i].info.ms, pc_ms_name(q->ms)) == 0)
            q->page[q->n++].sheet = &q->p->sheet[i];
    return 0;
}

/* By number, as names may look like numbers. */
static int select_fields(struct putting *q, struct pc_err *err)
{
    struct pc_text taql = {0};
    pc_text_add(&taql, "FIELD_ID in [-1");
    for (int i = 0; i < q->n; i++)
        pc_text_add(&taql, ",%d", q->page[i].sheet->info.field_id);
    pc_text_add(&taql, "]");
    const struct pc_ms_selection sel = {.taql = pc_text_str(&taql)};
    const int status = pc_text_ok(&taql, err) ? -1 : pc_ms_select(q->ms, &sel, NULL, err);
    pc_text_free(&taql);
    return status;
}

static bool is_window(const struct pc_visinfo *a, const struct pc_visinfo *b)
{
    return a->field_id == b->field_id && a->spw_id == b->spw_id && a->ncorr == b->ncorr &&
           memcmp(a->corr, b->corr, (size_t)a->ncorr * sizeof *a->corr) == 0;
}

static int find_windows(struct putting *q, struct pc_err *err)
{
    for (int i = 0; i < q->n; i++) {
        const struct pc_visinfo *v = &q->page[i].sheet->info;
        for (int k = 0; k < pc_ms_window_count(q->ms) && !q->page[i].w; k++)
            if (is_window(&pc_ms_window(q->ms, k)->info, v)) {
                q->page[i].w = pc_ms_window(q->ms, k);
                q->page[i].window = k;
            }
        if (!q->page[i].w)
            return pc_err_set(
                err, PC_EX_DATA,
                "%s: has no field %d in spectral window %d with the bundle's %d correlations: is "
                "this the MeasurementSet it was made from?",
                pc_ms_name(q->ms), v->field_id, v->spw_id, v->ncorr);
    }
    return 0;
}

/* That of the planes. */
static int set_frame(struct putting *q, struct pc_err *err)
{
    for (int i = 1; i < q->n; i++)
        if (strcmp(q->page[i].sheet->info.specsys, q->page[0].sheet->info.specsys) != 0)
            return pc_err_set(err, PC_EX_DATA, "%s: the bundle has blocks in %s and in %s", pc_ms_name(q->ms),
                              q->page[0].sheet->info.specsys, q->page[i].sheet->info.specsys);
    return pc_ms_set_frame(q->ms, q->page[0].sheet->info.specsys, err);
}

/* Where the bundle's phase centre is not the field's. */
static int find_centre(struct putting *q, const char *phasecenter, struct pc_err *err)
{
    const struct pc_visinfo *v = &q->page[0].sheet->info;
    struct pc_direction d = {.rad = {v->image_rad[0], v->image_rad[1]}};
    bool shifted = false;
    bool moves;
    if (pc_ms_moves(q->ms, &moves, err))
        return -1;
    if (moves && !(phasecenter && *phasecenter))
        phasecenter = "TRACKFIELD";
    if (phasecenter && *phasecenter)
        return pc_direction_parse(phasecenter, q->ms, &d, err) || pc_ms_recenter(q->ms, &d, err) ? -1 : 0;
    memcpy(d.radesys, v->radesys, sizeof d.radesys);
    for (int i = 0; i < q->n; i++) {
        const struct pc_visinfo *o = &q->page[i].sheet->info;
        if (memcmp(o->image_rad, d.rad, sizeof d.rad) != 0)
            return pc_err_set(err, PC_EX_DATA, "%s: the bundle has blocks with different phase centres",
                              o->ms);
        shifted = shifted || memcmp(o->image_rad, o->phase_rad, sizeof o->phase_rad) != 0;
    }
    return shifted ? pc_ms_recenter(q->ms, &d, err) : 0;
}

/* ---- some rows of a page ---- */

/* Rows on their way. Leaves lie one after the other, each [n][nslot][ncorr][2]. */
struct rows {
    int64_t n;
    double *uvw, *freq; /* [n][3]; leaf by leaf, [n or 1][nslot] */
    float *slot, *out, *old;
    unsigned char *reached; /* [n][nchan] */
    struct pc_slots s;
    struct pc_slot_pick *pick; /* [nchan] */
    int *leaf, *at;            /* [slots]: where each is */
};

static void rows_fini(struct rows *r)
{
    pc_mem_free(r->uvw);
    pc_mem_free(r->freq);
    pc_mem_free(r->slot);
    pc_mem_free(r->out);
    pc_mem_free(r->old);
    pc_mem_free(r->reached);
    pc_mem_free(r->pick);
    pc_mem_free(r->leaf);
    pc_mem_free(r->at);
    pc_slots_fini(&r->s);
}

static int rows_init(struct rows *r, const struct page *g, int64_t n, struct pc_err *err)
{
    const struct pc_sheet *s = g->sheet;
    const int64_t nchan = g->w->nchan, nc = g->w->ncorr;
    *r = (struct rows){.n = n};
    r->uvw = pc_mem_new(n * 3, sizeof *r->uvw, "rows", err);
    r->freq = r->uvw ? pc_mem_new(n * s->nslot, sizeof *r->freq, "rows", err) : NULL;
    r->slot = r->freq ? pc_mem_new(n * s->nslot * nc * 2, sizeof *r->slot, "rows", err) : NULL;
    r->out = r->slot ? pc_mem_new(n * nchan * nc * 2, sizeof *r->out, "rows", err) : NULL;
    r->old = r->out ? pc_mem_new(n * nchan * nc * 2, sizeof *r->old, "rows", err) : NULL;
    r->reached = r->old ? pc_mem_new(n * nchan, 1, "rows", err) : NULL;
    r->pick = r->reached ? pc_mem_new(nchan, sizeof *r->pick, "rows", err) : NULL;
    r->leaf = r->pick ? pc_mem_new(s->nslot, sizeof *r->leaf, "rows", err) : NULL;
    r->at = r->leaf ? pc_mem_new(s->nslot, sizeof *r->at, "rows", err) : NULL;
    return r->at && pc_slots_init(&r->s, (int)s->nslot, err) == 0 ? 0 : -1;
}

static int64_t row_byte(const struct page *g)
{
    const int64_t slots = g->sheet->nslot, nchan = g->w->nchan;
    return slots * (8 + 8 * g->w->ncorr) + nchan * (16 * g->w->ncorr + 1) + 64;
}

static int load(struct rows *r, const struct putting *q, const struct page *g, int64_t first,
                struct pc_err *err)
{
    const struct pc_sheet *s = g->sheet;
    int64_t k = 0;
    for (int l = 0; l < s->nleaf; l++) {
        const struct pc_leaf *leaf = &s->leaf[l];
        if (pc_predicted_read(q->p, s, leaf, first, r->n, r->slot + k * r->n * g->w->ncorr * 2,
                              r->freq + k * r->n, err))
            return -1;
        for (int i = 0; i < leaf->nslot; i++, k++) {
            r->leaf[k] = l;
            r->at[k] = i;
            r->s.width_hz[k] = leaf->width_hz;
        }
    }
    return pc_ms_model_uvw(q->ms, s->row + 4 * first, r->n, r->uvw, err);
}

/* The frequencies of row i's slots. */
static void set_freq(struct rows *r, const struct pc_sheet *s, int64_t i)
{
    int64_t k = 0;
    for (int l = 0; l < s->nleaf; l++) {
        const struct pc_leaf *leaf = &s->leaf[l];
        const double *f = r->freq + k * r->n + (leaf->freq_per_row ? i * leaf->nslot : 0);
        memcpy(r->s.freq_hz + k, f, (size_t)leaf->nslot * sizeof *f);
        k += leaf->nslot;
    }
}

/* The sample of a slot: its correlations. */
static const float *sample(const struct rows *r, const struct page *g, int slot, int64_t i)
{
    const struct pc_leaf *leaf = &g->sheet->leaf[r->leaf[slot]];
    const int64_t begin = slot - r->at[slot]; /* slots of the leaves before */
    return r->slot + (begin * r->n + i * leaf->nslot + r->at[slot]) * g->w->ncorr * 2;
}

static void resample(struct rows *r, const struct page *g, int64_t i)
{
    const int nchan = g->w->nchan, nc2 = 2 * g->w->ncorr;
    float *out = r->out + i * nchan * nc2;
    for (int c = 0; c < nchan; c++, out += nc2) {
        const struct pc_slot_pick *k = &r->pick[c];
        r->reached[i * nchan + c] = k->a >= 0;
        if (k->a < 0)
            continue;
        const float *a = sample(r, g, k->a, i), *b = sample(r, g, k->b, i);
        for (int j = 0; j < nc2; j++)
            out[j] = (float)(k->share == 0 ? a[j] : (1 - k->share) * a[j] + k->share * b[j]);
    }
}

/* Whether any leaf's frequencies differ from row to row. */
static bool has_moving(const struct pc_sheet *s)
{
    for (int l = 0; l < s->nleaf; l++)
        if (s->leaf[l].freq_per_row)
            return true;
    return false;
}

static double path_of(const struct pc_ms_window *w, int epoch, double uvw_m[3])
{
    return w->shifted ? pc_shift_uvw(w->track ? &w->track[epoch] : &w->shift, uvw_m) : 0;
}

/* Rows from `first` on. Frequencies of the data are taken in the frame of the planes: there uv counts. */
static void convert(struct rows *r, const struct page *g, int64_t first)
{
    const struct pc_ms_window *w = g->w;
    const bool moving = has_moving(g->sheet);
    double factor = 0;
    int epoch = 0;
    for (int64_t i = 0; i < r->n; i++) {
        epoch = pc_ms_epoch_find(w, g->sheet->row[4 * (first + i) + 1], epoch);
        const bool other = i == 0 || moving || w->epoch[epoch].factor != factor;
        factor = w->epoch[epoch].factor;
        if (i == 0 || moving)
            set_freq(r, g->sheet, i);
        if (i == 0)
            pc_slots_sort(&r->s);
        if (other)
            pc_slots_pick(&r->s, w->freq_hz, w->width_hz, factor, w->nchan, r->pick);
        resample(r, g, i);
        const double path_m = path_of(w, epoch, r->uvw + 3 * i);
        if (path_m != 0)
            pc_shift_vis(-factor * path_m, w->freq_hz, w->nchan, w->ncorr,
                         r->out + i * w->nchan * w->ncorr * 2);
    }
}

/* The channels from the first to the last that any row reaches; those between that a row does not reach keep
 * what they have. */
static int store(struct rows *r, const struct putting *q, const struct page *g, int64_t first,
                 struct pc_err *err)
{
    const int nchan = g->w->nchan, nc2 = 2 * g->w->ncorr;
    const double *row = g->sheet->row + 4 * first;
    int lo = nchan, hi = -1;
    int64_t n = 0;
    for (int64_t i = 0; i < r->n * nchan; i++)
        if (r->reached[i]) {
            const int c = (int)(i % nchan);
            lo = c < lo ? c : lo;
            hi = c > hi ? c : hi;
            n++;
        }
    const int span = hi - lo + 1;
    if (n == 0)
        return 0;
    if (n < r->n * span && pc_ms_model_get(q->ms, g->window, row, r->n, lo, span, r->old, err))
        return -1;
    for (int64_t i = 0; i < r->n; i++)
        for (int c = lo; c <= hi; c++) {
            float *to = r->old + (i * span + c - lo) * nc2;
            if (r->reached[i * nchan + c])
                memcpy(to, r->out + (i * nchan + c) * nc2, (size_t)nc2 * sizeof *to);
        }
    q->count->nrow += r->n;
    q->count->nsample += n * g->w->ncorr;
    return pc_ms_model_put(q->ms, g->window, row, r->n, lo, span, r->old, err);
}

/* ---- all rows, in the order of the MeasurementSet ---- */

static int put_page(struct putting *q, struct page *g, int64_t end, struct pc_err *err)
{
    const double *row = g->sheet->row;
    int64_t n = 0;
    while (g->done + n < g->sheet->nrow && row[4 * (g->done + n)] < (double)end)
        n++;
    if (n == 0)
        return 0;
    struct rows r;
    int status = rows_init(&r, g, n, err);
    if (status == 0)
        status = load(&r, q, g, g->done, err);
    if (status == 0) {
        convert(&r, g, g->done);
        status = store(&r, q, g, g->done, err);
    }
    rows_fini(&r);
    g->done += n;
    return status;
}

/* Whether the rows are the bundle's, and w what turning makes of theirs. */
static int check_page(const struct putting *q, const struct page *g, int64_t first, int64_t n, double *uvw,
                      struct pc_err *err)
{
    const double *row = g->sheet->row + 4 * first;
    if (pc_ms_model_check(q->ms, g->window, row, n, err) || pc_ms_model_uvw(q->ms, row, n, uvw, err))
        return -1;
    for (int64_t i = 0, epoch = 0; i < n; i++) {
        double *b = uvw + 3 * i;
        const double length = fabs(b[0]) + fabs(b[1]) + fabs(b[2]);
        epoch = pc_ms_epoch_find(g->w, row[4 * i + 1], (int)epoch);
        (void)path_of(g->w, (int)epoch, b);
        if (!(fabs(b[2] - g->sheet->w_m[first + i]) <= same_w * length))
            return pc_err_set(
                err, PC_EX_DATA,
                "%s: w of row %lld is %.9g m about the bundle's phase centre, and there %.9g m; if "
                "it follows a source that moves, give --phasecenter as pc-select had it",
                pc_ms_name(q->ms), (long long)row[4 * i], b[2], g->sheet->w_m[first + i]);
    }
    return 0;
}

/* Nothing is written, not even a column made, into what is another MeasurementSet. */
static int check_all(struct putting *q, struct pc_err *err)
{
    enum { some = 1 << 14 };
    double *uvw = pc_mem_new(3 * some, sizeof *uvw, "rows", err);
    int status = uvw ? 0 : -1;
    for (int i = 0; status == 0 && i < q->n; i++) {
        const int64_t nrow = q->page[i].sheet->nrow;
        for (int64_t k = 0; status == 0 && k < nrow; k += some)
            status = check_page(q, &q->page[i], k, nrow - k < some ? nrow - k : some, uvw, err);
    }
    pc_mem_free(uvw);
    return status;
}

static int put_all(struct putting *q, int64_t mem_byte, struct pc_err *err)
{
    int64_t most = 1;
    if (check_all(q, err) || pc_ms_model_begin(q->ms, err))
        return -1;
    for (int i = 0; i < q->n; i++)
        most = row_byte(&q->page[i]) > most ? row_byte(&q->page[i]) : most;
    q->chunk_rows = mem_byte / most > 1 ? mem_byte / most : 1;
    const int64_t nrow = pc_ms_row_count(q->ms);
    for (int64_t end = q->chunk_rows; end < nrow + q->chunk_rows; end += q->chunk_rows)
        for (int i = 0; i < q->n; i++)
            if (put_page(q, &q->page[i], end, err))
                return -1;
    return pc_ms_model_flush(q->ms, err);
}

int pc_put_model(const struct pc_predicted *p, struct pc_ms *ms, const char *phasecenter, int64_t mem_byte,
                 struct pc_put_count *count, struct pc_err *err)
{
    struct putting q = {.p = p, .ms = ms, .count = count};
    *count = (struct pc_put_count){0};
    int status = collect(&q, err);
    if (status == 0 && q.n > 0)
        status = select_fields(&q, err) || find_centre(&q, phasecenter, err) || set_frame(&q, err) ||
                         find_windows(&q, err) || put_all(&q, mem_byte, err)
                     ? -1
                     : 0;
    pc_mem_free(q.page);
    return status;
}
