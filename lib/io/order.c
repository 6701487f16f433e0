/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/order.h"

#include <stdio.h>
#include <string.h>

static const char *const PLANES[] = {"psf.fits",       "pb.fits",    "sumwt.fits",       "state",
                                     "residual.fits",  "mask.fits",  "masknext.fits",    "model.fits",
                                     "modelbest.fits", "image.fits", "image.pbcor.fits", NULL};
static const char *const BLOCK[] = {"uvw.fits",      "freq.fits", "vis.fits",       "weight.fits",
                                    "imweight.fits", "row.fits",  "model_vis.fits", NULL};

enum { UNKNOWN_IN_BLOCK = 99, FIRST = 0, VIS = 1, PLANE = 2, UNKNOWN = 3, LAST = 4 };

static int find(const char *const *list, const char *name)
{
    for (int i = 0; list[i]; i++)
        if (!strcmp(list[i], name))
            return i;
    return -1;
}

/* Five digits after the prefix, then the end or a slash. */
static int number_after(const char *s, const char *prefix, const char **rest)
{
    size_t n = strlen(prefix);
    int v = 0;
    if (strncmp(s, prefix, n))
        return -1;
    s += n;
    for (int i = 0; i < 5; i++, s++) {
        if (*s < '0' || *s > '9')
            return -1;
        v = 10 * v + (*s - '0');
    }
    if (*s && *s != '/')
        return -1;
    *rest = *s ? s + 1 : s;
    return v;
}

int pc_order_channel(const char *path)
{
    const char *rest;
    return number_after(path, "ch", &rest);
}

int pc_order_block(const char *name, const char **rest)
{
    int block = number_after(name, "vis", rest);
    return block >= 0 && **rest ? block : -1;
}

static void rank(const char *name, int r[3])
{
    const char *rest;
    int i = find(PLANES, name), block = pc_order_block(name, &rest);
    r[0] = UNKNOWN;
    r[1] = r[2] = 0;
    if (!strcmp(name, "00plane")) {
        r[0] = FIRST;
    } else if (!strcmp(name, "zzplane")) {
        r[0] = LAST;
    } else if (i >= 0) {
        r[0] = PLANE;
        r[1] = i;
    } else if (block >= 0) {
        int sub = find(BLOCK, rest);
        r[0] = VIS;
        r[1] = block;
        r[2] = sub >= 0 ? sub : UNKNOWN_IN_BLOCK;
    }
}

int pc_order_compare(const char *a, const char *b)
{
    int ra[3], rb[3];
    rank(a, ra);
    rank(b, rb);
    for (int i = 0; i < 3; i++)
        if (ra[i] != rb[i])
            return ra[i] < rb[i] ? -1 : 1;
    return strcmp(a, b);
}

bool pc_order_known(const char *name)
{
    int r[3];
    rank(name, r);
    return r[0] != UNKNOWN && r[2] != UNKNOWN_IN_BLOCK;
}

void pc_order_first(const char *pattern, char *name, int cap)
{
    int n = 0;
    for (; *pattern && n < cap - 6; pattern++) {
        int zeros = *pattern == '*' ? 5 : *pattern == '?' ? 1 : 0;
        for (int i = 0; i < zeros; i++)
            name[n++] = '0';
        if (!zeros)
            name[n++] = *pattern;
    }
    name[n] = 0;
}
