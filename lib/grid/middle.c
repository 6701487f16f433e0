/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/middle.h"

#include "base/clones.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Models are sparse: most rows hold nothing. */
PC_CLONES static bool is_empty(const float *row, int n)
{
    enum { PIECE = 1024 };
    for (int x = 0; x < n; x += PIECE) {
        const int end = n - x < PIECE ? n : x + PIECE;
        int some = 0;
        for (int i = x; i < end; i++)
            some |= row[i] != 0;
        if (some)
            return false;
    }
    return true;
}

/* The farthest pixel from the middle of a row that has one, `least` at least. */
static int reach_of(const float *row, int n, int least)
{
    const int mid = n / 2;
    int west = 0, east = n - 1;
    while (mid - west > least && row[west] == 0)
        west++;
    while (east - mid > least && row[east] == 0)
        east--;
    const int reach = mid - west > east - mid ? mid - west : east - mid;
    return reach > least ? reach : least;
}

static int axis_of(int reach, int n)
{
    return 2 * reach + 1 < n ? 2 * reach + 1 : n;
}

struct pc_geom pc_middle_find(const struct pc_geom *geom, int nplane, const float *model)
{
    struct pc_geom middle = *geom;
    int reach_x = 0, reach_y = 0;
    for (int64_t i = 0; i < (int64_t)nplane * geom->ny; i++) {
        const float *row = model + i * geom->nx;
        const int away = abs((int)(i % geom->ny) - geom->ny / 2);
        if (is_empty(row, geom->nx))
            continue;
        reach_x = reach_of(row, geom->nx, reach_x);
        reach_y = away > reach_y ? away : reach_y;
    }
    middle.nx = axis_of(reach_x, geom->nx);
    middle.ny = axis_of(reach_y, geom->ny);
    return middle;
}

float *pc_middle_copy(const struct pc_geom *geom, int nplane, const float *model,
                      const struct pc_geom *middle, struct pc_err *err)
{
    const int x0 = geom->nx / 2 - middle->nx / 2, y0 = geom->ny / 2 - middle->ny / 2;
    float *copy =
        pc_mem_new((int64_t)nplane * middle->ny * middle->nx, sizeof *copy, "the middle of a model", err);
    for (int p = 0; copy != NULL && p < nplane; p++)
        for (int y = 0; y < middle->ny; y++)
            memcpy(copy + ((int64_t)p * middle->ny + y) * middle->nx,
                   model + ((int64_t)p * geom->ny + y0 + y) * geom->nx + x0,
                   (size_t)middle->nx * sizeof *copy);
    return copy;
}
