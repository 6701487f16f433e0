/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/beams.h"

#include "io/bintable.h"
#include "io/card.h"

#include <math.h>
#include <stdbool.h>

static const struct pc_bintable_col COLUMNS[] = {{"BMAJ", "1E", "arcsec"},
                                                 {"BMIN", "1E", "arcsec"},
                                                 {"BPA", "1E", "deg"},
                                                 {"CHAN", "1J", NULL},
                                                 {"POL", "1J", NULL}};

static void put_row(struct pc_bintable *t, const struct pc_beam *b, int64_t chan, int pol)
{
    const double arcsec = M_PI / 180 / 3600, degree = M_PI / 180;
    pc_bintable_put_float(t, (float)(b->maj_rad / arcsec));
    pc_bintable_put_float(t, (float)(b->min_rad / arcsec));
    pc_bintable_put_float(t, (float)(b->pa_rad / degree));
    pc_bintable_put_int(t, (int32_t)chan);
    pc_bintable_put_int(t, pol);
}

/* Gives the planes of one Stokes that have none the nearest of those that have; false: there is none. */
static bool fill(struct pc_beam *beam, int64_t nchan)
{
    int64_t last = -1;
    for (int64_t k = 0; k < nchan; k++) {
        if (!(beam[k].maj_rad > 0))
            continue;
        for (int64_t i = last + 1; i < k; i++)
            beam[i] = beam[last < 0 || k - i < i - last ? k : last];
        last = k;
    }
    for (int64_t i = last + 1; last >= 0 && i < nchan; i++)
        beam[i] = beam[last];
    return last >= 0;
}

void pc_beams_fill(struct pc_beam *beam, int64_t nchan, int npol)
{
    int full = -1;
    for (int p = npol - 1; p >= 0; p--)
        full = fill(beam + p * nchan, nchan) ? p : full;
    for (int p = 0; full >= 0 && p < npol; p++)
        for (int64_t k = 0; k < nchan; k++)
            if (!(beam[p * nchan + k].maj_rad > 0))
                beam[p * nchan + k] = beam[full * nchan + k];
}

int pc_beams_format(const struct pc_beam *beam, int64_t nchan, int npol, struct pc_text *out,
                    struct pc_err *err)
{
    struct pc_bintable t = {.extname = "BEAMS", .col = COLUMNS, .ncol = sizeof COLUMNS / sizeof *COLUMNS};
    struct pc_text cards = {0};
    for (int p = 0; p < npol; p++)
        for (int64_t k = 0; k < nchan; k++)
            put_row(&t, &beam[p * nchan + k], k, p);
    pc_card_int(&cards, "NCHAN", nchan, NULL);
    pc_card_int(&cards, "NPOL", npol, NULL);
    int ret = pc_text_ok(&cards, err);
    if (ret == 0)
        ret = pc_bintable_format(&t, &cards, out, err);
    pc_text_free(&cards);
    pc_bintable_fini(&t);
    return ret;
}
