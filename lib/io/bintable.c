/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/bintable.h"

#include "io/card.h"
#include "io/fits.h"

#include <stdio.h>

void pc_bintable_put_int(struct pc_bintable *t, int32_t v)
{
    uint32_t u = (uint32_t)v;
    char s[4];
    for (int i = 0; i < 4; i++)
        s[i] = (char)(unsigned char)(u >> (24 - 8 * i));
    pc_text_add_bytes(&t->row, s, sizeof s);
}

void pc_bintable_put_float(struct pc_bintable *t, float v)
{
    char s[4];
    pc_swap_f32(s, &v, 1);
    pc_text_add_bytes(&t->row, s, sizeof s);
}

void pc_bintable_put_double(struct pc_bintable *t, double v)
{
    char s[8];
    pc_swap_f64(s, &v, 1);
    pc_text_add_bytes(&t->row, s, sizeof s);
}

static int row_byte(const struct pc_bintable *t)
{
    int n = 0;
    for (int i = 0; i < t->ncol; i++)
        n += t->col[i].form[1] == 'D' ? 8 : 4;
    return n;
}

static void put_header(struct pc_text *h, const struct pc_bintable *t, const struct pc_text *cards,
                       uint32_t sum)
{
    char key[16];
    int size = row_byte(t);
    pc_card_str(h, "XTENSION", "BINTABLE", NULL);
    pc_card_int(h, "BITPIX", 8, NULL);
    pc_card_int(h, "NAXIS", 2, NULL);
    pc_card_int(h, "NAXIS1", size, "bytes of a row");
    pc_card_int(h, "NAXIS2", (int64_t)t->row.len / size, "rows");
    pc_card_int(h, "PCOUNT", 0, NULL);
    pc_card_int(h, "GCOUNT", 1, NULL);
    pc_card_int(h, "TFIELDS", t->ncol, NULL);
    for (int i = 0; i < t->ncol; i++) {
        snprintf(key, sizeof key, "TTYPE%d", i + 1);
        pc_card_str(h, key, t->col[i].name, NULL);
        snprintf(key, sizeof key, "TFORM%d", i + 1);
        pc_card_str(h, key, t->col[i].form, NULL);
        snprintf(key, sizeof key, "TUNIT%d", i + 1);
        if (t->col[i].unit)
            pc_card_str(h, key, t->col[i].unit, NULL);
    }
    pc_card_str(h, "EXTNAME", t->extname, NULL);
    pc_card_int(h, "EXTVER", 1, NULL);
    if (cards)
        pc_text_add_bytes(h, pc_text_str(cards), cards->len);
    pc_card_sums(h);
    pc_card_end(h, 0, true, sum);
}

int pc_bintable_format(const struct pc_bintable *t, const struct pc_text *cards, struct pc_text *out,
                       struct pc_err *err)
{
    static const char zeros[2880];
    struct pc_text header = {0}; /* of its own: CHECKSUM is over this extension alone */
    int ret = pc_text_ok(&t->row, err);
    if (ret == 0) {
        put_header(&header, t, cards, pc_datasum_bytes(0, pc_text_str(&t->row), (int64_t)t->row.len));
        ret = pc_text_ok(&header, err);
    }
    if (ret == 0) {
        pc_text_add_bytes(out, header.s, header.len);
        pc_text_add_bytes(out, pc_text_str(&t->row), t->row.len);
        pc_text_add_bytes(out, zeros, (2880 - t->row.len % 2880) % 2880);
        ret = pc_text_ok(out, err);
    }
    pc_text_free(&header);
    return ret;
}

void pc_bintable_fini(struct pc_bintable *t)
{
    pc_text_free(&t->row);
}
