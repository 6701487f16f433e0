/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/card.h"
#include "io/fits.h"

#include <fitsio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARD = 80, BLOCK = 2880, HISTORY_LEN = 72 };
#define RAD_PER_DEG 0.017453292519943295769

static void put_card(struct pc_text *t, const char *s)
{
    char card[CARD + 1];
    snprintf(card, sizeof card, "%-80.80s", s);
    for (int i = 0; i < CARD; i++)
        if (card[i] < 32 || card[i] > 126)
            card[i] = '?';
    pc_text_add_bytes(t, card, CARD);
}

static void put_value(struct pc_text *t, const char *key, const char *value, const char *comment)
{
    char s[256];
    if (comment)
        snprintf(s, sizeof s, "%-8.8s= %20s / %s", key, value, comment);
    else
        snprintf(s, sizeof s, "%-8.8s= %20s", key, value);
    put_card(t, s);
}

void pc_card_int(struct pc_text *t, const char *key, int64_t value, const char *comment)
{
    char s[32];
    snprintf(s, sizeof s, "%lld", (long long)value);
    put_value(t, key, s, comment);
}

void pc_card_bool(struct pc_text *t, const char *key, bool value, const char *comment)
{
    put_value(t, key, value ? "T" : "F", comment);
}

static void make_real(char *s, size_t cap)
{
    if (strpbrk(s, ".EeNnIi"))
        return;
    size_t n = strlen(s);
    if (n + 3 <= cap)
        memcpy(s + n, ".0", 3);
}

/* 2000.0 reads better than 2E+03. */
static bool is_plain(const char *s, double v)
{
    return !strchr(s, 'E') || fabs(v) < 1 || fabs(v) >= 1e15;
}

void pc_card_format_real(char *s, size_t cap, double v)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(s, cap, "%.*G", digits, v);
        if (strtod(s, NULL) == v && is_plain(s, v))
            break;
    }
    make_real(s, cap);
}

void pc_card_real(struct pc_text *t, const char *key, double value, const char *comment)
{
    char s[40];
    if (!isfinite(value)) /* FITS has no card for them: an absent value reads back as absent */
        return;
    pc_card_format_real(s, sizeof s, value);
    put_value(t, key, s, comment);
}

double pc_card_deg_to_rad(double deg)
{
    return deg * RAD_PER_DEG;
}

void pc_card_angle(struct pc_text *t, const char *key, double rad, const char *comment)
{
    double mid = rad / RAD_PER_DEG;
    double near[3] = {mid, nextafter(mid, -1e300), nextafter(mid, 1e300)};
    char s[40];
    if (!isfinite(rad))
        return;
    for (int digits = 1; digits <= 17; digits++)
        for (int i = 0; i < (digits < 17 ? 1 : 3); i++) {
            snprintf(s, sizeof s, "%.*G", digits, near[i]);
            if (pc_card_deg_to_rad(strtod(s, NULL)) == rad && is_plain(s, mid))
                goto found;
        }
    snprintf(s, sizeof s, "%.17G", mid);
found:
    make_real(s, sizeof s);
    put_value(t, key, s, comment);
}

/* Copies at most `room` characters of *value with quotes doubled; returns how many it wrote. */
static size_t quote_some(char *out, size_t room, const char **value)
{
    size_t n = 0;
    for (; **value; (*value)++) {
        size_t need = **value == '\'' ? 2 : 1;
        if (n + need > room)
            break;
        if (need == 2)
            out[n++] = '\'';
        out[n++] = **value;
    }
    out[n] = 0;
    return n;
}

void pc_card_str(struct pc_text *t, const char *key, const char *value, const char *comment)
{
    char part[CARD], s[256];
    const char *rest = value;
    quote_some(part, 68, &rest);
    if (!*rest) {
        char quoted[CARD];
        snprintf(quoted, sizeof quoted, "'%-8.70s'", part);
        snprintf(s, sizeof s, "%-8.8s= %-20s", key, quoted);
        size_t n = strlen(s);
        if (comment && n + 4 < CARD)
            snprintf(s + n, sizeof s - n, " / %s", comment);
        put_card(t, s);
        return;
    }
    /* fitsverify wants the convention announced */
    bool announced = false;
    for (size_t at = 0; at + CARD <= t->len && !announced; at += CARD)
        announced = !strncmp(t->s + at, "LONGSTRN", 8);
    if (!announced)
        put_card(t, "LONGSTRN= 'OGIP 1.0'");
    rest = value;
    for (bool first = true; first || *rest; first = false) {
        quote_some(part, 67, &rest);
        snprintf(s, sizeof s, first ? "%-8.8s= '%s%s'" : "%-8.8s  '%s%s'", first ? key : "CONTINUE", part,
                 *rest ? "&" : "");
        put_card(t, s);
    }
}

bool pc_card_is_number(const char *s)
{
    if (!*s || !strchr("+-.0123456789", *s))
        return false;
    if (strspn(s, "+-.0123456789EeDd") != strlen(s))
        return false;
    char *end;
    strtod(s, &end);
    return !*end;
}

void pc_card_text(struct pc_text *t, const char *key, const char *value)
{
    if (pc_card_is_number(value)) {
        char s[CARD + 1];
        snprintf(s, sizeof s, "%s", value);
        for (char *c = s; *c; c++)
            *c = *c == 'e' ? 'E' : *c; /* FITS knows no lower case */
        put_value(t, key, s, NULL);
    } else if (!strcmp(value, "T") || !strcmp(value, "F")) {
        put_value(t, key, value, NULL);
    } else if (*value == '\'') {
        char s[256];
        snprintf(s, sizeof s, "%-8.8s= %s", key, value);
        put_card(t, s);
    } else {
        pc_card_str(t, key, value, NULL);
    }
}

void pc_card_history(struct pc_text *t, const char *line)
{
    char s[CARD + 1];
    size_t n = strlen(line);
    while (n && line[n - 1] == ' ')
        n--;
    while (n > HISTORY_LEN || (n == HISTORY_LEN && line[n - 1] == '\\')) {
        snprintf(s, sizeof s, "HISTORY %.*s\\", HISTORY_LEN - 1, line);
        put_card(t, s);
        line += HISTORY_LEN - 1;
        n -= HISTORY_LEN - 1;
    }
    snprintf(s, sizeof s, "HISTORY %.*s", (int)n, line);
    put_card(t, s);
}

void pc_card_history_lines(struct pc_text *t, const char *lines)
{
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        char *line = strndup(lines, n);
        if (line)
            pc_card_history(t, line);
        else
            t->bad = true;
        free(line);
        lines += n + (lines[n] == '\n');
    }
}

#define EMPTY_CHECKSUM "CHECKSUM= '0000000000000000'   / HDU checksum"

void pc_card_sums(struct pc_text *t)
{
    put_card(t, EMPTY_CHECKSUM);
    put_card(t, "DATASUM = '0         '         / data unit checksum");
}

void pc_card_fill_sums(struct pc_text *t, uint32_t datasum)
{
    char s[32], ascii[17] = {0};
    for (size_t at = 0; at + CARD <= t->len; at += CARD) {
        if (strncmp(t->s + at, EMPTY_CHECKSUM, strlen(EMPTY_CHECKSUM)))
            continue;
        int n = snprintf(s, sizeof s, "'%-10u'", datasum);
        memcpy(t->s + at + CARD + 10, s, (size_t)n);
        uint32_t sum = pc_datasum_bytes(datasum, t->s, (int64_t)t->len);
        fits_encode_chksum(sum, 1, ascii);
        memcpy(t->s + at + 11, ascii, 16);
        return;
    }
}

void pc_card_end(struct pc_text *t, int64_t align, bool has_sum, uint32_t datasum)
{
    size_t unit = align > BLOCK ? (size_t)align : BLOCK;
    size_t total = (t->len + CARD + unit - 1) / unit * unit;
    /* What comes after END must be blank too, so blank cards before it and blanks after it look alike;
     * readers want END in the last block. */
    while (!t->bad && t->len + BLOCK < total)
        put_card(t, "");
    put_card(t, "END");
    while (!t->bad && t->len < total)
        put_card(t, "");
    if (has_sum && !t->bad)
        pc_card_fill_sums(t, datasum);
}
