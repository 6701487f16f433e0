/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/restore_beam.h"

#include "image/beam_parse.h"
#include "io/beamset.h"

#include <string.h>

int restore_beam_find(struct restore_beam *b, const char *option, const char *src, struct pc_err *err)
{
    struct pc_beamset set = {0};
    b->is_given = option[0];
    if (!b->is_given)
        return 0;
    if (strcmp(option, "common") != 0)
        return pc_beam_parse(option, &b->beam, err) ? pc_err_prefix(err, "--restoringbeam") : 0;
    if (pc_beamset_why_not(src))
        return 0;
    int rc = pc_beamset_read(&set, src, err) || pc_beamset_common(&set, &b->beam, err) ? -1 : 0;
    pc_beamset_fini(&set);
    return rc;
}

int restore_beam_refuse(const char *option, const char *src, struct pc_err *err)
{
    const char *why = strcmp(option, "common") ? NULL : pc_beamset_why_not(src);
    if (!why)
        return 0;
    return pc_err_set(
        err, PC_EX_USAGE,
        "--restoringbeam common needs all channels at once, and %s: give a directory or a tar file "
        "of them, or the beam itself (pc-status --common-beam finds it)",
        why);
}
