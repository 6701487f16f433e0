/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_RESTORE_BEAM_H
#define PC_TOOLS_RESTORE_BEAM_H

#include "image/beam.h"

#include <stdbool.h>

/* pc-restore's --restoringbeam, as a beam. */

struct restore_beam {
    bool is_given;       /* one for all channels: */
    struct pc_beam beam; /* no size: no channel has a beam */
};

/* "": the psfs' own, none is given. "common" needs a look at all channels of src before the first is
 * restored; of a source that has none, nothing is found, for restore_beam_refuse(). PC_EX_USAGE when it is no
 * beam. */
int restore_beam_find(struct restore_beam *b, const char *option, const char *src,
                      struct pc_err *err) PC_MUST_CHECK;
/* PC_EX_USAGE for what cannot have a common beam; asked once the source is known to be one. */
int restore_beam_refuse(const char *option, const char *src, struct pc_err *err) PC_MUST_CHECK;

#endif
