/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MSCOPY_H
#define PC_CASA_MSCOPY_H

#include "casa/ms.h"

/* A copy of a MeasurementSet's selected rows, all columns and subtables, with the columns that have channels
 * stored so that one channel of all rows is read at little cost. It is made in a temporary directory beside
 * its place, which goes however the program ends, and gets its name when it is complete; what exists already
 * is never overwritten (73). */

enum pc_stman {
    PC_STMAN_TILED, /* TiledShapeStMan, a tile holding one channel of many rows */
    PC_STMAN_ADIOS2 /* Adios2StMan; 69 where this casacore has none */
};

struct pc_mscopy_conf {
    const char *out;
    enum pc_stman stman;
    const char *engine;       /* of ADIOS2; NULL or "": its default */
    const char *const *param; /* [nparam] "KEY=VALUE" of that engine; 64 when one is not */
    int nparam;
};

/* ms after pc_ms_select(). */
int pc_ms_copy(struct pc_ms *ms, const struct pc_mscopy_conf *conf, struct pc_err *err) PC_MUST_CHECK;

#endif
