/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/fits.h"
#include "io/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARD = 80, BLOCK = 2880, MAX_BLOCKS = 4096 };

static bool ends_here(const char *block)
{
    for (int at = 0; at < BLOCK; at += CARD)
        if (!strncmp(block + at, "END     ", 8))
            return true;
    return false;
}

static int read_blocks(struct pc_reader *r, struct pc_text *header, struct pc_err *err)
{
    char block[BLOCK];
    for (int i = 0; i < MAX_BLOCKS; i++) {
        if (r->left < BLOCK)
            return pc_err_set(err, PC_EX_DATA,
                              "%s: %lld bytes left where a FITS header of %d-byte blocks goes on", r->name,
                              (long long)r->left, BLOCK);
        if (r->read(r, block, BLOCK, err))
            return -1;
        if (i == 0 && strncmp(block, "SIMPLE  =                    T", 30))
            return pc_err_set(err, PC_EX_DATA, "%s: not a FITS file: it does not begin with SIMPLE = T",
                              r->name);
        pc_text_add_bytes(header, block, BLOCK);
        if (ends_here(block))
            return pc_text_ok(header, err);
    }
    return pc_err_set(err, PC_EX_DATA, "%s: no END card in the first %d header blocks", r->name, MAX_BLOCKS);
}

static int shape_check(const struct pc_fits_shape *s, const char *name, struct pc_err *err)
{
    int64_t total = abs(s->bitpix) / 8;
    for (int i = 0; i < s->naxis; i++) {
        if (s->axis[i] < 0)
            return pc_err_set(err, PC_EX_DATA, "%s: NAXIS%d is %lld", name, i + 1, (long long)s->axis[i]);
        if (pc_mem_mul(total, s->axis[i], &total, err)) {
            err->code = PC_EX_DATA;
            return pc_err_prefix(err, "%s: NAXIS%d is %lld", name, i + 1, (long long)s->axis[i]);
        }
    }
    return 0;
}

/* NAXIS as written: pc_header tells CFITSIO that it is 0. */
static int naxis_of(const struct pc_text *cards)
{
    for (size_t at = 0; at + CARD <= cards->len; at += CARD)
        if (!strncmp(cards->s + at, "NAXIS   =", 9))
            return atoi(cards->s + at + 9);
    return -1;
}

static uint32_t parse_sum(const char *s)
{
    unsigned long long v = strtoull(s, NULL, 10);
    return v <= UINT32_MAX ? (uint32_t)v : 0;
}

static int shape_parse(const struct pc_text *cards, const char *name, struct pc_fits_shape *s,
                       struct pc_err *err)
{
    struct pc_header *hdr;
    char key[16], sum[32];
    memset(s, 0, sizeof *s);
    if (pc_header_open(&hdr, cards, name, err))
        return -1;
    s->bitpix = (int)pc_header_int(hdr, "BITPIX", 0);
    s->naxis = naxis_of(cards);
    for (int i = 0; i < s->naxis && i < 8; i++) {
        snprintf(key, sizeof key, "NAXIS%d", i + 1);
        s->axis[i] = pc_header_int(hdr, key, -1);
    }
    pc_header_str(hdr, "DATASUM", sum, sizeof sum);
    s->datasum = parse_sum(sum);
    pc_header_close(hdr);
    if (s->bitpix != 8 && s->bitpix != -32 && s->bitpix != -64)
        return pc_err_set(err, PC_EX_DATA, "%s: BITPIX is %d; 8, -32 and -64 are understood", name,
                          s->bitpix);
    if (s->naxis < 0 || s->naxis > 8)
        return pc_err_set(err, PC_EX_DATA, "%s: NAXIS is %d; 0 to 8 are understood", name, s->naxis);
    return shape_check(s, name, err);
}

int pc_fits_read_header(struct pc_reader *r, struct pc_fits_shape *shape, struct pc_text *header,
                        struct pc_err *err)
{
    pc_text_free(header);
    if (read_blocks(r, header, err))
        return -1;
    return shape_parse(header, r->name, shape, err);
}
