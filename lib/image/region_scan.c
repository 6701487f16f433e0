/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/region_scan.h"

#include "base/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double DEG = 3.14159265358979323846 / 180;

int pc_scan_fail(struct pc_scan *sc, size_t at, const char *fmt, ...)
{
    char why[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    return pc_err_set(sc->err, sc->code, "%s:%d:%zu: %s", sc->name, sc->line, at - sc->line_at + 1, why);
}

int pc_scan_peek(const struct pc_scan *sc)
{
    return sc->at < sc->len ? (unsigned char)sc->s[sc->at] : 0;
}

void pc_scan_blank(struct pc_scan *sc)
{
    while (pc_scan_peek(sc) == ' ' || pc_scan_peek(sc) == '\t' || pc_scan_peek(sc) == '\r')
        sc->at++;
}

bool pc_scan_accept(struct pc_scan *sc, char c)
{
    pc_scan_blank(sc);
    if (sc->at >= sc->len || sc->s[sc->at] != c)
        return false;
    sc->at++;
    return true;
}

int pc_scan_expect(struct pc_scan *sc, char c)
{
    if (pc_scan_accept(sc, c))
        return 0;
    int next = pc_scan_peek(sc);
    if (next > ' ' && next < 127)
        return pc_scan_fail(sc, sc->at, "'%c' is expected, not '%c'", c, next);
    return pc_scan_fail(sc, sc->at, "'%c' is expected", c);
}

void pc_scan_line_end(struct pc_scan *sc)
{
    while (sc->at < sc->len && sc->s[sc->at] != '\n')
        sc->at++;
}

bool pc_scan_newline(struct pc_scan *sc)
{
    if (sc->at >= sc->len || sc->s[sc->at] != '\n')
        return false;
    sc->line++;
    sc->line_at = ++sc->at;
    return true;
}

void pc_scan_word(struct pc_scan *sc, char word[32])
{
    size_t n = 0;
    pc_scan_blank(sc);
    for (int c; c = pc_scan_peek(sc), isalpha(c) || c == '_' || (n > 0 && isdigit(c)); sc->at++)
        if (n < 31)
            word[n++] = (char)tolower(c);
    word[n] = '\0';
}

/* Degrees, minutes, seconds (or hours) with their separators; the last may be left out, and the seconds with
 * it. */
static bool sexagesimal(const char *t, const char sep[3], double *value)
{
    double sign = *t == '-' ? -1 : 1, v[3] = {0};
    t += *t == '-' || *t == '+';
    for (int i = 0; i < 3; i++) {
        size_t digits = strspn(t, "0123456789"), n = digits;
        if (i == 2 && t[n] == '.')
            n += 1 + strspn(t + n + 1, "0123456789");
        if (digits == 0)
            return false;
        v[i] = i < 2 ? (double)strtoul(t, NULL, 10) : strtod(t, NULL);
        t += n;
        if (*t == '\0' && i > 0)
            break;
        if (*t++ != sep[i])
            return false;
        if (*t == '\0' && i > 0)
            break;
    }
    if (*t || v[1] >= 60 || v[2] >= 60)
        return false;
    *value = sign * (v[0] + v[1] / 60 + v[2] / 3600);
    return true;
}

static bool looks_like_clock(const char *t)
{
    const char *unit = t + strspn(t, "+-0123456789");
    return *unit == ':' || ((*unit == 'h' || *unit == 'd') && isdigit((unsigned char)unit[1]));
}

static int clock_value(struct pc_scan *sc, struct pc_scan_value *v)
{
    double x;
    v->unit = PC_SCAN_ANGLE;
    if (sexagesimal(v->text, "hms", &x))
        v->v = x * 15 * DEG;
    else if (sexagesimal(v->text, "dms", &x))
        v->v = x * DEG;
    else if (sexagesimal(v->text, ":::", &v->v))
        v->unit = PC_SCAN_COLONS;
    else
        return pc_scan_fail(sc, v->at, "\"%s\" is neither 12h34m56.7s, -40d30m00s nor 12:34:56.7", v->text);
    return 0;
}

static int unit_value(struct pc_scan *sc, struct pc_scan_value *v)
{
    size_t n = strspn(v->text, "+-.0123456789");
    if (n > 0 && (v->text[n] == 'e' || v->text[n] == 'E') && strspn(v->text + n + 1, "+-0123456789"))
        n += 1 + strspn(v->text + n + 1, "+-0123456789");
    const char *unit = v->text + n;
    char number[64], *end;
    snprintf(number, sizeof number, "%.*s", (int)n, v->text);
    v->v = strtod(number, &end);
    if (n == 0 || *end || !isfinite(v->v))
        return pc_scan_fail(sc, v->at, "\"%s\" is not a number", v->text);
    if (!*unit)
        v->unit = PC_SCAN_BARE;
    else if (!strcmp(unit, "pix") || !strcmp(unit, "pixel") || !strcmp(unit, "pixels"))
        v->unit = PC_SCAN_PIXEL;
    else
        v->unit = pc_quantity_dim(v->text) == PC_DIM_ANGLE ? PC_SCAN_ANGLE : PC_SCAN_OTHER;
    if (v->unit == PC_SCAN_ANGLE && pc_quantity_parse(v->text, PC_DIM_ANGLE, &v->v, sc->err)) {
        char why[256];
        snprintf(why, sizeof why, "%.255s", sc->err->msg);
        return pc_scan_fail(sc, v->at, "%s", why);
    }
    return 0;
}

int pc_scan_value(struct pc_scan *sc, struct pc_scan_value *v)
{
    size_t n = 0;
    double x;
    pc_scan_blank(sc);
    v->at = sc->at;
    for (int c; c = pc_scan_peek(sc), c > ' ' && c < 127 && !strchr(",[](){};#=", c); sc->at++)
        if (n + 1 < sizeof v->text)
            v->text[n++] = (char)c;
    v->text[n] = '\0';
    if (n == 0)
        return pc_scan_fail(sc, v->at, "a number is missing here");
    if (n + 1 == sizeof v->text)
        return pc_scan_fail(sc, v->at, "\"%.20s...\" is no number", v->text);
    if (looks_like_clock(v->text))
        return clock_value(sc, v);
    if (sexagesimal(v->text, "..", &x)) { /* 40.30.00.0, CASA's declinations; 40.30 is a number */
        const char *dot = strchr(v->text, '.');
        if (strchr(dot + 1, '.')) {
            v->v = x * DEG;
            v->unit = PC_SCAN_ANGLE;
            return 0;
        }
    }
    return unit_value(sc, v);
}
