/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST = 48 };

static int lower(char c)
{
    return tolower((unsigned char)c);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Edit distance with neighbours that changed places counted once (optimal string alignment), letter case
 * ignored. */
static int distance(const char *a, int na, const char *b, int nb)
{
    int d[LONGEST + 1][LONGEST + 1];
    for (int i = 0; i <= na; i++)
        d[i][0] = i;
    for (int j = 0; j <= nb; j++)
        d[0][j] = j;
    for (int i = 1; i <= na; i++)
        for (int j = 1; j <= nb; j++) {
            int same = lower(a[i - 1]) == lower(b[j - 1]);
            d[i][j] = least(d[i - 1][j - 1] + !same, 1 + least(d[i - 1][j], d[i][j - 1]));
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[na][nb];
}

static bool is_prefix(const char *a, int na, const char *b)
{
    for (int i = 0; i < na; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

const char *pc_nearest_name(const char *wrong, const char *const *names)
{
    size_t len = strlen(wrong);
    if (len == 0 || len > LONGEST)
        return NULL;
    int n = (int)len, best = 1 + n / 3;
    const char *found = NULL;
    for (; *names; names++) {
        size_t m = strlen(*names);
        if (m == 0 || m > LONGEST)
            continue;
        int d = distance(wrong, n, *names, (int)m);
        if (n >= 3 && n <= (int)m && is_prefix(wrong, n, *names))
            d = least(d, 1);
        if (d < best || (d == best && !found)) {
            best = d;
            found = *names;
        }
    }
    return found;
}
