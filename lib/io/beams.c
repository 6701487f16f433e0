/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/beams.h"

#include "io/card.h"
#include "io/fits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NCOL = 5, ROW_BYTE = 20 };

static void put_header(struct pc_text *t, int64_t nchan, int npol, uint32_t sum)
{
    static const char *const names[NCOL] = {"BMAJ", "BMIN", "BPA", "CHAN", "POL"};
    static const char *const units[NCOL] = {"arcsec", "arcsec", "deg", NULL, NULL};
    char key[16];
    pc_card_str(t, "XTENSION", "BINTABLE", NULL);
    pc_card_int(t, "BITPIX", 8, NULL);
    pc_card_int(t, "NAXIS", 2, NULL);
    pc_card_int(t, "NAXIS1", ROW_BYTE, "bytes of a row");
    pc_card_int(t, "NAXIS2", nchan * npol, "planes");
    pc_card_int(t, "PCOUNT", 0, NULL);
    pc_card_int(t, "GCOUNT", 1, NULL);
    pc_card_int(t, "TFIELDS", NCOL, NULL);
    for (int i = 0; i < NCOL; i++) {
        snprintf(key, sizeof key, "TTYPE%d", i + 1);
        pc_card_str(t, key, names[i], NULL);
        snprintf(key, sizeof key, "TFORM%d", i + 1);
        pc_card_str(t, key, i < 3 ? "1E" : "1J", NULL);
        snprintf(key, sizeof key, "TUNIT%d", i + 1);
        if (units[i])
            pc_card_str(t, key, units[i], NULL);
    }
    pc_card_str(t, "EXTNAME", "BEAMS", NULL);
    pc_card_int(t, "EXTVER", 1, NULL);
    pc_card_int(t, "NCHAN", nchan, NULL);
    pc_card_int(t, "NPOL", npol, NULL);
    pc_card_sums(t);
    pc_card_end(t, 0, true, sum);
}

static void put_int(char *to, int32_t v)
{
    uint32_t u = (uint32_t)v;
    for (int i = 0; i < 4; i++)
        to[i] = (char)(unsigned char)(u >> (24 - 8 * i));
}

static void put_row(struct pc_text *t, const struct pc_beam *b, int64_t chan, int pol)
{
    const double arcsec = M_PI / 180 / 3600, degree = M_PI / 180;
    char row[ROW_BYTE];
    bool none = !(b->maj_rad > 0);
    float v[3] = {0, 0, 0};
    if (!none) {
        v[0] = (float)(b->maj_rad / arcsec);
        v[1] = (float)(b->min_rad / arcsec);
        v[2] = (float)(b->pa_rad / degree);
    }
    pc_swap_f32(row, v, 3);
    put_int(row + 12, (int32_t)chan);
    put_int(row + 16, pol);
    pc_text_add_bytes(t, row, sizeof row);
}

int pc_beams_format(const struct pc_beam *beam, int64_t nchan, int npol, struct pc_text *out,
                    struct pc_err *err)
{
    static const char zeros[2880];
    struct pc_text data = {0}, header = {0};
    for (int p = 0; p < npol; p++)
        for (int64_t k = 0; k < nchan; k++)
            put_row(&data, &beam[p * nchan + k], k, p);
    pc_text_add_bytes(&data, zeros, (2880 - data.len % 2880) % 2880);
    int ret = pc_text_ok(&data, err);
    if (ret == 0) {
        /* into a text of its own: CHECKSUM is over this extension alone */
        put_header(&header, nchan, npol, pc_datasum_bytes(0, data.s, (int64_t)data.len));
        ret = pc_text_ok(&header, err);
    }
    if (ret == 0) {
        pc_text_add_bytes(out, header.s, header.len);
        pc_text_add_bytes(out, data.s, data.len);
        ret = pc_text_ok(out, err);
    }
    pc_text_free(&data);
    pc_text_free(&header);
    return ret;
}
