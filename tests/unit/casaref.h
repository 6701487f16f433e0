/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_CASAREF_H
#define PC_TESTS_CASAREF_H

#include "io/fits.h"
#include "tests/unit/tap.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

/* CASA's own runs for the unit tests: $PC_TEST_DATA/casa-ref, by default ../shared/casa-ref beside the
 * project. */

/* Runs that keep `product` ("psf"): calls one(directory, context) for each. Skips when there are none by
 * default, fails when PC_TEST_DATA is set and holds none. */
static void casaref_each(const char *product, void (*one)(const char *dir, void *ctx), void *ctx)
{
    const char *chosen = getenv("PC_TEST_DATA"), *root = getenv("ROOT");
    char base[512], pattern[768];
    glob_t g;
    if (chosen)
        snprintf(base, sizeof base, "%s", chosen);
    else
        snprintf(base, sizeof base, "%s/../shared", root ? root : ".");
    snprintf(pattern, sizeof pattern, "%s/casa-ref/*/%s.fits.gz", base, product);
    if (glob(pattern, 0, NULL, &g) != 0) {
        if (chosen)
            ok(0, "PC_TEST_DATA is %s, but there is no %s", chosen, pattern);
        else
            skip(product, "no CASA runs beside the project");
        return;
    }
    for (size_t i = 0; i < g.gl_pathc; i++) {
        char *slash = strrchr(g.gl_pathv[i], '/');
        *slash = '\0';
        one(g.gl_pathv[i], ctx);
    }
    globfree(&g);
}

/* The whole of DIR/params.json, NULL when it cannot be read; the caller frees. */
static char *casaref_params(const char *dir)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/params.json", dir);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return NULL;
    size_t cap = 1 << 22;
    char *s = calloc(1, cap);
    if (s != NULL)
        s[fread(s, 1, cap - 1, f)] = '\0';
    fclose(f);
    return s;
}

/* The numbers after "key" up to n; anything that is not part of a number separates them. Returns how many. */
static int casaref_numbers(const char *json, const char *key, double *v, int n)
{
    char quoted[64];
    int got = 0;
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *s = strstr(json, quoted);
    if (s == NULL)
        return 0;
    s += strlen(quoted);
    for (int depth = 0; *s && got < n;) {
        char *end;
        if (*s == '[')
            depth++;
        if (*s == ']' && --depth == 0)
            break;
        double x = strtod(s, &end);
        if (end != s && *s != ' ' && *s != '\n') {
            v[got++] = x;
            s = end;
            if (depth == 0)
                break;
        } else {
            s++;
        }
    }
    return got;
}

static int casaref_load(const char *dir, const char *product, int plane, struct pc_image *im)
{
    struct pc_err err = {0};
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.fits.gz", dir, product);
    if (pc_fits_load(path, plane, im, &err) == 0)
        return 1;
    diag("%s", err.msg);
    return ok(0, "%s is read", path);
}

static const char *casaref_run(const char *dir)
{
    return strrchr(dir, '/') ? strrchr(dir, '/') + 1 : dir;
}

#endif
