/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_USAGE_H
#define PC_IO_USAGE_H

#include "base/text.h"

#include <stdint.h>

/* What of this machine is in use, seen from a work directory: for people who watch a run. What cannot be
 * found out is -1. */

struct pc_usage {
    int64_t mem_byte, mem_all_byte;    /* taken by whatever runs here; all there is */
    int64_t disk_byte, disk_free_byte; /* taken by the growing cubes, holes aside; free where they are */
};

void pc_usage_look(const char *work, struct pc_usage *usage);
/* "memory 3.1 of 24 GB, cubes 12 GB, 80 GB free" */
void pc_usage_words(const struct pc_usage *usage, struct pc_text *out);

#endif
