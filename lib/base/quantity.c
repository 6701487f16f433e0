/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

struct unit {
    enum pc_dim dim;
    const char *name;
    double si;
};

static const struct unit units[] = {
    {PC_DIM_ANGLE, "deg", PI / 180},
    {PC_DIM_ANGLE, "arcmin", PI / 10800},
    {PC_DIM_ANGLE, "arcsec", PI / 648000},
    {PC_DIM_ANGLE, "mas", PI / 648e6},
    {PC_DIM_ANGLE, "uas", PI / 648e9},
    {PC_DIM_ANGLE, "rad", 1},
    {PC_DIM_ANGLE, "mrad", 1e-3},
    {PC_DIM_ANGLE, "'", PI / 10800},
    {PC_DIM_ANGLE, "\"", PI / 648000},
    {PC_DIM_FLUX, "Jy", 1},
    {PC_DIM_FLUX, "mJy", 1e-3},
    {PC_DIM_FLUX, "uJy", 1e-6},
    {PC_DIM_FLUX, "kJy", 1e3},
    {PC_DIM_FREQUENCY, "Hz", 1},
    {PC_DIM_FREQUENCY, "kHz", 1e3},
    {PC_DIM_FREQUENCY, "MHz", 1e6},
    {PC_DIM_FREQUENCY, "GHz", 1e9},
    {PC_DIM_VELOCITY, "m/s", 1},
    {PC_DIM_VELOCITY, "km/s", 1e3},
    {PC_DIM_BYTE, "B", 1},
    {PC_DIM_BYTE, "kB", 1e3},
    {PC_DIM_BYTE, "MB", 1e6},
    {PC_DIM_BYTE, "GB", 1e9},
    {PC_DIM_BYTE, "TB", 1e12},
    {PC_DIM_BYTE, "KiB", 1024.0},
    {PC_DIM_BYTE, "MiB", 1048576.0},
    {PC_DIM_BYTE, "GiB", 1073741824.0},
    {PC_DIM_BYTE, "TiB", 1099511627776.0},
    {PC_DIM_BYTE, "k", 1024.0},
    {PC_DIM_BYTE, "M", 1048576.0},
    {PC_DIM_BYTE, "G", 1073741824.0},
    {PC_DIM_BYTE, "T", 1099511627776.0},
    {PC_DIM_TIME, "s", 1},
    {PC_DIM_TIME, "ms", 1e-3},
    {PC_DIM_TIME, "min", 60},
    {PC_DIM_TIME, "h", 3600},
    {PC_DIM_TIME, "d", 86400},
    {PC_DIM_UV, "lambda", 1},
    {PC_DIM_UV, "klambda", 1e3},
    {PC_DIM_UV, "Mlambda", 1e6},
};
enum { NUNIT = sizeof units / sizeof *units };

/* Length of the decimal number that s begins with; 0 when there is none. Hexadecimal, inf and nan are not
 * numbers. */
static size_t number_length(const char *s)
{
    const char *p = s + (*s == '+' || *s == '-');
    size_t before = strspn(p, "0123456789");
    p += before;
    size_t after = 0;
    if (*p == '.') {
        after = strspn(p + 1, "0123456789");
        p += 1 + after;
    }
    if (before + after == 0)
        return 0;
    if (*p == 'e' || *p == 'E') {
        const char *digits = p + 1 + (p[1] == '+' || p[1] == '-');
        size_t n = strspn(digits, "0123456789");
        if (n)
            p = digits + n;
    }
    return (size_t)(p - s);
}

/* The unit spelled by the n characters at s; "/beam" after a flux is no unit of its own. */
static const struct unit *find_unit(const char *s, size_t n)
{
    for (const struct unit *u = units; u < units + NUNIT; u++) {
        size_t len = strlen(u->name);
        if (n >= len && memcmp(s, u->name, len) == 0 &&
            (n == len || (u->dim == PC_DIM_FLUX && n == len + 5 && memcmp(s + len, "/beam", 5) == 0)))
            return u;
    }
    return NULL;
}

static void split(const char *s, size_t *begin, size_t *number, const char **unit, size_t *nunit)
{
    *begin = strspn(s, " \t");
    *number = number_length(s + *begin);
    const char *rest = s + *begin + *number;
    rest += strspn(rest, " \t");
    size_t n = strlen(rest);
    while (n && (rest[n - 1] == ' ' || rest[n - 1] == '\t'))
        n--;
    *unit = rest;
    *nunit = n;
}

static int wrong_unit(const char *s, const char *unit, size_t n, enum pc_dim dim, struct pc_err *err)
{
    const char *names[NUNIT + 1];
    struct pc_text list = {0};
    char wrong[32];
    size_t k = 0, shown = n < sizeof wrong - 1 ? n : sizeof wrong - 1;
    memcpy(wrong, unit, shown);
    wrong[shown] = '\0';
    for (const struct unit *u = units; u < units + NUNIT; u++)
        if (u->dim == dim) {
            pc_text_add(&list, "%s%s", k ? ", " : "", u->name);
            names[k++] = u->name;
        }
    names[k] = NULL;
    const char *near = pc_nearest_name(wrong, names);
    int rc = pc_err_set(err, PC_EX_USAGE, "\"%.80s\": unit \"%s\" is not one of %s%s%s%s", s, wrong,
                        pc_text_str(&list), near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    pc_text_free(&list);
    return rc;
}

static double bare_unit(enum pc_dim dim)
{
    return dim == PC_DIM_ANGLE ? PI / 648000 : 1;
}

int pc_quantity_parse(const char *s, enum pc_dim dim, double *value_si, struct pc_err *err)
{
    size_t begin, number, n;
    const char *unit;
    split(s, &begin, &number, &unit, &n);
    if (number == 0)
        return pc_err_set(err, PC_EX_USAGE, "\"%.80s\" does not begin with a number", s);
    double scale = bare_unit(dim);
    if (n && dim == PC_DIM_NONE)
        return pc_err_set(err, PC_EX_USAGE, "\"%.80s\" is not a number without a unit", s);
    if (n) {
        const struct unit *u = find_unit(unit, n);
        if (!u || u->dim != dim)
            return wrong_unit(s, unit, n, dim, err);
        scale = u->si;
    }
    double v = strtod(s + begin, NULL) * scale;
    if (!isfinite(v))
        return pc_err_set(err, PC_EX_USAGE, "\"%.80s\" is too large a number", s);
    *value_si = v;
    return 0;
}

int pc_quantity_dim(const char *s)
{
    size_t begin, number, n;
    const char *unit;
    split(s, &begin, &number, &unit, &n);
    if (n == 0 && number)
        return PC_DIM_NONE;
    const struct unit *u = find_unit(unit, n);
    return number && u ? (int)u->dim : -1;
}

const char *pc_dim_unit(enum pc_dim dim)
{
    static const char *const si[] = {"", "rad", "Jy", "Hz", "m/s", "B", "s", "lambda"};
    return si[dim];
}
