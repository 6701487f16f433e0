/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "io/fits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Headers: whatever comes is parsed or refused; what was parsed formats to a header that parses and formats
 * to the same bytes. */

static const uint8_t *at;

static int memory_read(struct pc_reader *r, void *buf, size_t n, struct pc_err *err)
{
    if ((int64_t)n > r->left)
        return pc_err_set(err, PC_EX_DATA, "short");
    memcpy(buf, at, n);
    at += n;
    r->left -= (int64_t)n;
    return 0;
}

static void add_card(uint8_t *buf, size_t cap, size_t *n, const char *card)
{
    char s[81];
    snprintf(s, sizeof s, "%-80.80s", card);
    if (*n + 80 <= cap)
        memcpy(buf + *n, s, 80);
    *n += 80;
}

long pc_fuzz_seed(int i, uint8_t *buf, size_t cap)
{
    static const char *const cards[] = {
        "SIMPLE  =                    T",
        "BITPIX  =                  -32",
        "NAXIS   =                    4",
        "NAXIS1  = 12",
        "NAXIS2  = 10",
        "NAXIS3  = 1",
        "NAXIS4  = 2",
        "CTYPE1  = 'RA---SIN'",
        "CRVAL1  = 180.D0",
        "CDELT1  = -1.D-3",
        "CRPIX1  = 7.",
        "CTYPE2  = 'DEC--SIN'",
        "CDELT2  = 1.E-3",
        "CTYPE3  = 'VRAD'",
        "CUNIT3  = 'km/s'",
        "CRVAL3  = 10.",
        "CRPIX3  = 3",
        "CDELT3  = 2.",
        "CTYPE4  = 'STOKES'",
        "CRVAL4  = -5",
        "CDELT4  = -1",
        "CRPIX4  = 1",
        "RESTFRQ = 1.0E11",
        "OBJECT  = 'O''Neill'",
        "LONGSTRN= 'OGIP 1.0'",
        "LONG    = 'begins&'",
        "CONTINUE  'and ends'",
        "AMDONE  = T",
        "BMAJ    = 1E-4",
        "DATASUM = '12345'",
        "HISTORY 34567890123456789012345678901234567890123456789012345678901234567890123\\",
        "HISTORY joined",
        "END"};
    size_t n = 0;
    if (i)
        return -1;
    for (size_t k = 0; k < sizeof cards / sizeof *cards; k++)
        add_card(buf, cap, &n, cards[k]);
    while (n % 2880)
        add_card(buf, cap, &n, "");
    return n <= cap ? (long)n : -1;
}

static void round_trip(const struct pc_imhead *h)
{
    struct pc_fits_out o = {.bitpix = -32, .has_sum = true, .datasum = 7};
    struct pc_text one = {0}, two = {0};
    struct pc_imhead again;
    struct pc_err err = {0};
    if (!pc_fits_format_imhead(h, &o, &one, &err)) {
        fuzz_check(one.len % 2880 == 0);
        fuzz_check(!pc_fits_parse_imhead(&one, "again", &again, &err));
        fuzz_check(!pc_fits_format_imhead(&again, &o, &two, &err));
        pc_imhead_fini(&again);
    }
    pc_text_free(&one);
    pc_text_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pc_reader r = {memory_read, "fuzz", (int64_t)size};
    struct pc_fits_shape shape;
    struct pc_text header = {0};
    struct pc_imhead h;
    struct pc_err err = {0};
    at = data;
    if (!pc_fits_read_header(&r, &shape, &header, &err) && !pc_fits_parse_imhead(&header, "fuzz", &h, &err)) {
        round_trip(&h);
        pc_imhead_fini(&h);
    } else {
        fuzz_check((err.code == PC_EX_DATA || err.code == PC_EX_NOMEM) && err.msg[0]);
    }
    pc_text_free(&header);
    return 0;
}
