/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MS_H
#define PC_CASA_MS_H

#include "base/log.h"
#include "image/shift.h"
#include "image/vis.h"

#include <stdbool.h>
#include <stdint.h>

/* A MeasurementSet (version 2) open for reading: what is in it, which of its rows are selected, and their
 * visibilities. Nothing is ever locked or written: a read-only directory will do.
 *
 * Selected rows are grouped into windows, one for each field and data description that has rows. A window
 * keeps the MS's order of rows. Autocorrelations are dropped. Values come as the MS has them but for three
 * things: the weight is WEIGHT_SPECTRUM where the cell is defined and else WEIGHT (spec section 2.1); where
 * the sample does not count it says why (casa/flags.h); visibilities that are not finite become 0.
 *
 * Not thread-safe (casacore is not). Failures: no such path 66; not a MeasurementSet, missing or damaged
 * columns 65; a selection that cannot be parsed 64, or that selects nothing 66, naming the clause. */

struct pc_ms;

/* MSSelection syntax, taql a condition on the main table; NULL or "": everything. */
struct pc_ms_selection {
    const char *field, *spw, *timerange, *uvrange, *antenna, *scan, *observation, *intent, *taql;
    const char *fitspec; /* channels without lines, as spw; selects nothing */
    int part, nparts;    /* of what is selected, in order of time, the part-th of nparts equal blocks of rows,
                            from 1; 0: all. Windows are described as if all were there, and may have no rows. */
};

enum pc_ms_column { PC_MS_CORRECTED, PC_MS_DATA, PC_MS_MODEL };

/* Rows of one time. */
struct pc_ms_epoch {
    double time_s; /* MJD */
    int64_t nrow;
    double factor; /* times a frequency of the data: that frequency in info.specsys (casa/frame.h) */
};

/* Rows of one field and data description. Owned by the MS. */
struct pc_ms_window {
    int field_id, dd_id, spw_id;
    int64_t nrow; /* selected, without autocorrelations */
    int nepoch;
    const struct pc_ms_epoch *epoch; /* ascending in time */
    int nchan;                       /* of the spectral window */
    const double *freq_hz;           /* [nchan], in the data's own frame */
    const double *width_hz;
    int nsel; /* channels that the spw clause leaves; ascending */
    const int *sel;
    int nfit; /* channels of fitspec; ascending */
    const int *fit;
    int ncorr;
    struct pc_visinfo info;       /* restfreq_hz: the SOURCE table's, 0 when it has none */
    bool shifted;                 /* the image has a phase centre of its own (casa/direction.h) */
    struct pc_shift shift;        /* to there; pc_ms_read does not apply it */
    const struct pc_shift *track; /* [nepoch] where it moves, in the place of shift; else NULL */
};

/* column: PC_MS_CORRECTED falls back to DATA with a warning. */
int pc_ms_open(struct pc_ms **ms, const char *path, enum pc_ms_column column, struct pc_log *log,
               struct pc_err *err) PC_MUST_CHECK;
void pc_ms_close(struct pc_ms *ms);
const char *pc_ms_name(const struct pc_ms *ms); /* base name, borrowed */

/* Closes its files after pc_ms_select() and what else asks it about itself: pc_ms_read() opens what it needs
 * again. So any number of MSs can be at hand. */
void pc_ms_park(struct pc_ms *ms);

/* Must be called once before what follows. */
int pc_ms_select(struct pc_ms *ms, const struct pc_ms_selection *sel, struct pc_log *log,
                 struct pc_err *err) PC_MUST_CHECK;
int pc_ms_window_count(const struct pc_ms *ms);
const struct pc_ms_window *pc_ms_window(const struct pc_ms *ms, int i);
/* Selected rows that were dropped because they are autocorrelations. */
int64_t pc_ms_autocorrelations(const struct pc_ms *ms);
/* Rows the MS has in all, and the place in window i of the first row that is not before `ms_row`. */
int64_t pc_ms_row_count(const struct pc_ms *ms);
int64_t pc_ms_window_find(const struct pc_ms *ms, int i, int64_t ms_row);

/* How it will be read: rows in order, channels chan0 .. chan0 + nchan - 1 of them. rows 1: each row once;
 * else what is in so many rows will be read again before the next are. Tiles of its files are kept in memory
 * accordingly, but no more than limit_byte of a column. */
void pc_ms_expect(struct pc_ms *ms, int chan0, int nchan, int64_t rows, int64_t limit_byte);

/* `n` rows of a window from its row `first` on, channels chan0, chan0 + step ... (nchan of them), into the
 * caller's arrays: uvw_m [n][3], row [n][4] (MS row, time, antenna 1, antenna 2), vis_jy
 * [n][nchan][ncorr][2], weight [n][nchan][ncorr]. Native byte order. */
struct pc_ms_rows {
    int64_t first, n;
    int chan0, step, nchan;
    double *uvw_m, *row;
    float *vis_jy, *weight;
};
int pc_ms_read(struct pc_ms *ms, int window, struct pc_ms_rows *rows, struct pc_err *err) PC_MUST_CHECK;

#endif
