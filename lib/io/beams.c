/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/beams.h"

#include "io/bintable.h"
#include "io/card.h"

#include <math.h>

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

/* Of Stokes plane p, the beam of the channel nearest to k that has one; NULL when none has. */
static const struct pc_beam *nearest(const struct pc_beam *beam, int64_t nchan, int p, int64_t k)
{
    for (int64_t d = 0; d < nchan; d++)
        for (int side = -1; side <= 1; side += 2) {
            int64_t at = k + side * d;
            if (at >= 0 && at < nchan && beam[p * nchan + at].maj_rad > 0)
                return &beam[p * nchan + at];
        }
    return NULL;
}

static const struct pc_beam *stand_in(const struct pc_beam *beam, int64_t nchan, int npol, int p, int64_t k)
{
    static const struct pc_beam none;
    const struct pc_beam *b = nearest(beam, nchan, p, k);
    for (int q = 0; b == NULL && q < npol; q++)
        b = nearest(beam, nchan, q, k);
    return b ? b : &none;
}

int pc_beams_format(const struct pc_beam *beam, int64_t nchan, int npol, struct pc_text *out,
                    struct pc_err *err)
{
    struct pc_bintable t = {.extname = "BEAMS", .col = COLUMNS, .ncol = sizeof COLUMNS / sizeof *COLUMNS};
    struct pc_text cards = {0};
    for (int p = 0; p < npol; p++)
        for (int64_t k = 0; k < nchan; k++)
            put_row(&t, stand_in(beam, nchan, npol, p, k), k, p);
    pc_card_int(&cards, "NCHAN", nchan, NULL);
    pc_card_int(&cards, "NPOL", npol, NULL);
    int ret = pc_text_ok(&cards, err);
    if (ret == 0)
        ret = pc_bintable_format(&t, &cards, out, err);
    pc_text_free(&cards);
    pc_bintable_fini(&t);
    return ret;
}
