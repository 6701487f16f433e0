/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_ARCHIVE_LIST_H
#define PC_IO_ARCHIVE_LIST_H

#include "base/err.h"

/* The files that belong to IMAGENAME, in order. */

struct pc_archive_file {
    char *path;       /* where it is */
    const char *name; /* in the archive, within its directory; points into path */
};
struct pc_archive_list {
    struct pc_archive_file *file;
    int n, cap, nproduct;
};

/* list is zeroed before. */
int pc_archive_list_make(struct pc_archive_list *list, const char *imagename,
                         struct pc_err *err) PC_MUST_CHECK;
void pc_archive_list_fini(struct pc_archive_list *list);

#endif
