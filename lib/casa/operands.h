/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_OPERANDS_H
#define PC_CASA_OPERANDS_H

#include "base/tempdir.h"

/* MeasurementSets as a user names them: directories; tar archives that hold one each (plain, or compressed by
 * gzip, bzip2, xz or zstd); UVFITS files. Of the last two a MeasurementSet is made in a temporary directory,
 * which is removed when the operands are closed, and however the program ends. */

struct pc_operands {
    const char **path; /* [n]: of MeasurementSets, or of what pc_ms_open() has a sentence for */
    int n;
    char **made; /* [n]: those that were made, else NULL */
    struct pc_tempdir tmp;
};

/* `given` must live as long. tmpdir: NULL for /tmp. 65: an archive without a MeasurementSet or with several,
 * or one that is not safe to unpack (io/untar.h); FITS without random groups. */
int pc_operands_open(struct pc_operands *o, const char *const *given, int n, const char *tmpdir,
                     struct pc_err *err) PC_MUST_CHECK;
void pc_operands_close(struct pc_operands *o);

#endif
