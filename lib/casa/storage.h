/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_STORAGE_H
#define PC_CASA_STORAGE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* How the columns of a MeasurementSet's main table are stored, and what reading one channel of all rows
 * costs. Tiles are read whole: where a tile holds all channels, one channel costs as much as all. */

/* A column, or one of its hypercubes where it has several (cells of different shapes). Of what has no tiles
 * ntile is 0, and where cells are not alike ncell is 0. */
struct pc_storage {
    char column[64], manager[64], name[64];
    int ncell, ntile;
    int64_t cell[8], tile[9]; /* the last axis of a tile is rows */
    int64_t nrow;
    double byte;         /* of the values; 0: not known */
    double channel_read; /* share of them that one channel costs; NaN: there is no axis of channels, or it
                            depends on the engine */
};

/* In the order of the table; pc_mem_free() it. */
int pc_storage_list(const char *path, struct pc_storage **list, int *n, int64_t *nrow,
                    struct pc_err *err) PC_MUST_CHECK;
/* Whether this casacore has a storage manager of that type. */
bool pc_storage_has(const char *manager);

#endif
