/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/gather.h"

#include "base/mem.h"
#include "base/text.h"
#include "casa/frame.h"

#include <math.h>
#include <string.h>

/* Far below any image's pixel, far above rounding. */
static const double same_place_rad = 5e-10;

static int one_field(const struct pc_ms *ms, struct pc_err *err)
{
    const int n = pc_ms_window_count(ms), first = pc_ms_window(ms, 0)->field_id;
    if (pc_ms_window(ms, n - 1)->field_id == first)
        return 0;
    struct pc_text names = {0};
    int last = -1;
    for (int i = 0; i < n; i++) {
        const struct pc_ms_window *w = pc_ms_window(ms, i);
        if (w->field_id != last)
            pc_text_add(&names, "%s%d '%s'", last < 0 ? "" : ", ", w->field_id, w->info.field);
        last = w->field_id;
    }
    pc_err_set(err, PC_EX_USAGE,
               "%s: fields %s are selected; choose one with --field (mosaics are not there yet)",
               pc_ms_name(ms), pc_text_str(&names));
    pc_text_free(&names);
    return -1;
}

static int same_place(const struct pc_visinfo *a, const struct pc_visinfo *b, struct pc_err *err)
{
    const double dra = remainder(a->phase_rad[0] - b->phase_rad[0], 2 * M_PI) * cos(a->phase_rad[1]);
    const double ddec = a->phase_rad[1] - b->phase_rad[1];
    if (hypot(dra, ddec) <= same_place_rad && strcmp(a->radesys, b->radesys) == 0)
        return 0;
    return pc_err_set(err, PC_EX_USAGE,
                      "%s field %d '%s' and %s field %d '%s' have phase centres %.3g arcsec apart (%s and "
                      "%s): fields of one "
                      "phase centre only can be imaged together, yet",
                      a->ms, a->field_id, a->field, b->ms, b->field_id, b->field,
                      hypot(dra, ddec) * 180 / M_PI * 3600, a->radesys, b->radesys);
}

static int collect(struct pc_gather *g, bool moving, struct pc_err *err)
{
    int n = 0;
    for (int i = 0; i < g->nms; i++)
        n += pc_ms_window_count(g->ms[i]);
    g->feed = pc_mem_new0(n, sizeof *g->feed, "list of windows", err);
    g->window = g->feed ? pc_mem_new0(n, sizeof *g->window, "list of windows", err) : NULL;
    if (!g->window)
        return -1;
    for (int i = 0; i < g->nms; i++)
        for (int k = 0; k < pc_ms_window_count(g->ms[i]); k++) {
            const struct pc_ms_window *w = pc_ms_window(g->ms[i], k);
            if (w->nsel == 0)
                continue;
            g->feed[g->n] = (struct pc_feed){g->ms[i], k};
            g->window[g->n++] = w;
            g->nrow += w->nrow;
            if (!moving && same_place(&g->window[0]->info, &w->info, err))
                return -1;
        }
    if (g->n == 0)
        return pc_err_set(err, PC_EX_NOINPUT, "%s: --spw leaves no channel", pc_ms_name(g->ms[0]));
    return 0;
}

/* A field that moves is followed unless something else is asked for: a place at rest would smear it. */
static int choose_centre(struct pc_gather *g, const char **phasecenter, struct pc_log *log,
                         struct pc_err *err)
{
    bool moves;
    if (*phasecenter && **phasecenter)
        return 0;
    if (pc_ms_moves(g->ms[0], &moves, err))
        return -1;
    if (moves)
        pc_log_line(log, "%s: the phase centre moves, by an ephemeris: it is followed (TRACKFIELD)",
                    pc_ms_name(g->ms[0]));
    *phasecenter = moves ? "TRACKFIELD" : NULL;
    return 0;
}

/* MS i, which has just been opened; the first says what a field's number means. */
static int recenter(struct pc_gather *g, int i, const char *phasecenter, struct pc_direction *d,
                    struct pc_err *err)
{
    if (phasecenter == NULL)
        return 0;
    if (i == 0 && pc_direction_parse(phasecenter, g->ms[0], d, err))
        return -1;
    return pc_ms_recenter(g->ms[i], d, err);
}

/* Images of a source that moves have one place in their headers: where it was first. */
static void first_place(struct pc_gather *g)
{
    const struct pc_visinfo *first = &g->window[0]->info;
    for (int i = 1; i < g->n; i++)
        if (g->window[i]->info.mjd_begin < first->mjd_begin)
            first = &g->window[i]->info;
    for (int i = 0; i < g->nms; i++)
        pc_ms_set_image(g->ms[i], first->image_rad);
}

int pc_gather_open(struct pc_gather *g, const char *const *path, int npath, const struct pc_ms_selection *sel,
                   enum pc_ms_column column, const char *phasecenter, struct pc_log *log, struct pc_err *err)
{
    struct pc_direction d = {0};
    *g = (struct pc_gather){0};
    g->ms = pc_mem_new0(npath, sizeof *g->ms, "list of MeasurementSets", err);
    if (!g->ms)
        return -1;
    for (int i = 0; i < npath; i++) {
        if (pc_ms_open(&g->ms[i], path[i], column, log, err))
            goto fail;
        g->nms++;
        if (pc_ms_select(g->ms[i], &sel[i], log, err) || one_field(g->ms[i], err) ||
            (i == 0 && choose_centre(g, &phasecenter, log, err)) || recenter(g, i, phasecenter, &d, err))
            goto fail;
        pc_ms_park(g->ms[i]);
    }
    if (collect(g, d.moving[0] != 0, err) == 0) {
        if (d.moving[0])
            first_place(g);
        return 0;
    }
fail:
    pc_gather_close(g);
    return -1;
}

int pc_gather_set_frame(struct pc_gather *g, const char *specsys, struct pc_err *err)
{
    for (int i = 0; specsys != NULL && i < g->nms; i++)
        if (pc_ms_set_frame(g->ms[i], specsys, err))
            return -1;
    return 0;
}

int64_t pc_gather_autocorrelations(const struct pc_gather *g)
{
    int64_t n = 0;
    for (int i = 0; i < g->nms; i++)
        n += pc_ms_autocorrelations(g->ms[i]);
    return n;
}

int64_t pc_gather_unselected(const struct pc_gather *g)
{
    int64_t n = -g->nrow - pc_gather_autocorrelations(g);
    for (int i = 0; i < g->nms; i++)
        n += pc_ms_row_count(g->ms[i]);
    return n;
}

void pc_gather_close(struct pc_gather *g)
{
    for (int i = 0; i < g->nms; i++)
        pc_ms_close(g->ms[i]);
    pc_mem_free(g->ms);
    pc_mem_free(g->feed);
    pc_mem_free(g->window);
    *g = (struct pc_gather){0};
}
