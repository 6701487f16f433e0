/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/header.h"
#include "io/card.h"

#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARD = 80, KEY = 8, HISTORY_LEN = 72 };

struct pc_header {
    fitsfile *fits;
    void *block; /* CFITSIO keeps the address of both */
    size_t size;
};

int pc_header_open(struct pc_header **hdr, const struct pc_text *cards, const char *name, struct pc_err *err)
{
    int status = 0;
    struct pc_header *h = calloc(1, sizeof *h);
    *hdr = NULL;
    if (!h || !(h->block = malloc(cards->len))) {
        free(h);
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory for a header of %zu bytes", name, cards->len);
    }
    h->size = cards->len;
    memcpy(h->block, cards->s, cards->len);
    for (size_t at = 0; at + CARD <= h->size; at += CARD) {
        char *card = (char *)h->block + at;
        if (!strncmp(card, "NAXIS   =", 9)) {
            memset(card + 9, ' ', CARD - 9);
            card[29] = '0';
            break;
        }
    }
    fits_open_memfile(&h->fits, "header", READONLY, &h->block, &h->size, 0, NULL, &status);
    if (status) {
        char why[FLEN_STATUS];
        fits_get_errstatus(status, why);
        fits_clear_errmsg();
        free(h->block);
        free(h);
        return pc_err_set(err, PC_EX_DATA, "%s: not a FITS header: %s", name, why);
    }
    *hdr = h;
    return 0;
}

void pc_header_close(struct pc_header *hdr)
{
    int status = 0;
    if (!hdr)
        return;
    fits_close_file(hdr->fits, &status);
    fits_clear_errmsg();
    free(hdr->block);
    free(hdr);
}

/* Whether the header has the key. CFITSIO goes over all cards for each, from the one it is at and round; here
 * it is sent to the right one. What has longer names is left to it. */
static bool seek(struct pc_header *h, const char *key)
{
    const size_t n = strlen(key);
    char name[KEY + 1] = "        ";
    bool others = n > KEY;
    memcpy(name, key, others ? 0 : n);
    for (size_t at = 0; at + CARD <= h->size && n <= KEY; at += CARD) {
        const char *card = (const char *)h->block + at;
        int status = 0;
        if (!memcmp(card, name, KEY))
            return !fits_movabs_key(h->fits, (int)(at / CARD) + 1, &status);
        if (!memcmp(card, "END     ", KEY))
            break;
        others = others || !memcmp(card, "HIERARCH", KEY);
    }
    return others;
}

double pc_header_real(struct pc_header *hdr, const char *key, double def)
{
    double v = def;
    int status = 0;
    if (!seek(hdr, key))
        return def;
    fits_read_key_dbl(hdr->fits, key, &v, NULL, &status);
    if (status)
        fits_clear_errmsg();
    return status ? def : v;
}

long long pc_header_int(struct pc_header *hdr, const char *key, long long def)
{
    LONGLONG v = def;
    int status = 0;
    if (!seek(hdr, key))
        return def;
    fits_read_key(hdr->fits, TLONGLONG, key, &v, NULL, &status);
    if (status)
        fits_clear_errmsg();
    return status ? def : v;
}

void pc_header_str(struct pc_header *hdr, const char *key, char *s, size_t cap)
{
    char *v = NULL;
    int status = 0;
    s[0] = 0;
    if (!seek(hdr, key))
        return;
    fits_read_key_longstr(hdr->fits, key, &v, NULL, &status);
    if (!status && v)
        snprintf(s, cap, "%s", v);
    else
        fits_clear_errmsg();
    if (v)
        fits_free_memory(v, &status);
}

bool pc_header_has(struct pc_header *hdr, const char *key)
{
    char card[FLEN_CARD];
    int status = 0;
    if (!seek(hdr, key))
        return false;
    fits_read_card(hdr->fits, key, card, &status);
    if (status)
        fits_clear_errmsg();
    return !status;
}

int pc_header_history(const struct pc_text *cards, struct pc_text *history, struct pc_err *err)
{
    for (size_t at = 0; at + CARD <= cards->len; at += CARD) {
        const char *card = cards->s + at;
        if (strncmp(card, "HISTORY ", 8))
            continue;
        size_t n = HISTORY_LEN;
        while (n && card[8 + n - 1] == ' ')
            n--;
        if (n == HISTORY_LEN && card[CARD - 1] == '\\') {
            pc_text_add_bytes(history, card + 8, n - 1);
        } else {
            pc_text_add_bytes(history, card + 8, n);
            pc_text_add_bytes(history, "\n", 1);
        }
    }
    return pc_text_ok(history, err);
}

static bool is_known(const char *key, const char *const *known)
{
    for (; *known; known++) {
        size_t n = strlen(*known);
        if ((*known)[n - 1] == '*' ? !strncmp(key, *known, n - 1) : !strcmp(key, *known))
            return true;
    }
    return false;
}

/* A string whose text could be taken for a number or a truth value keeps its quotes. */
static bool is_ambiguous(const char *s)
{
    return !strcmp(s, "T") || !strcmp(s, "F") || *s == '\'' || pc_card_is_number(s);
}

static int add_extra(struct pc_header *hdr, const char *key, const char *value, struct pc_record *extra,
                     struct pc_err *err)
{
    char text[FLEN_VALUE];
    if (value[0] != '\'')
        return pc_record_set(extra, key, value, err);
    char *whole = NULL;
    int status = 0;
    if (!seek(hdr, key))
        return 0;
    fits_read_key_longstr(hdr->fits, key, &whole, NULL, &status);
    if (status || !whole) {
        fits_clear_errmsg();
        return 0;
    }
    snprintf(text, sizeof text, "%s", whole);
    text[strcspn(text, "\n")] = 0;
    fits_free_memory(whole, &status);
    return pc_record_set(extra, key, is_ambiguous(text) ? value : text, err);
}

/* What stands where a card has its key. */
static const char *name_of(const char *card, char key[FLEN_KEYWORD])
{
    snprintf(key, KEY + 1, "%.*s", (int)KEY, card);
    key[strcspn(key, " ")] = 0;
    return key;
}

int pc_header_extra(struct pc_header *hdr, const char *const *known, struct pc_record *extra,
                    struct pc_err *err)
{
    int n = 0, status = 0;
    char key[FLEN_KEYWORD], value[FLEN_VALUE];
    fits_get_hdrspace(hdr->fits, &n, NULL, &status);
    for (int i = 1; i <= n; i++) {
        const char *card = (const char *)hdr->block + (size_t)(i - 1) * CARD;
        if (!memcmp(card, "HISTORY ", KEY) || is_known(name_of(card, key), known))
            continue;
        status = 0;
        fits_read_keyn(hdr->fits, i, key, value, NULL, &status);
        if (status || !key[0] || !value[0] || is_known(key, known)) {
            if (status)
                fits_clear_errmsg();
            continue;
        }
        if (add_extra(hdr, key, value, extra, err))
            return -1;
    }
    return 0;
}
