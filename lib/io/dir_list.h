/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_DIR_LIST_H
#define PC_IO_DIR_LIST_H

#include "base/err.h"

/* What a bundle's directory holds. Names that begin with a dot are temporary and never listed. */

/* Indices of chNNNNN in root, ascending; freed by free(). */
int pc_dir_channels(const char *root, int **index, int *n, struct pc_err *err) PC_MUST_CHECK;

struct pc_names {
    char **s;
    int n, cap;
};
/* Files of one channel in travel order, names within the channel; zzplane is not among them. */
int pc_dir_members(const char *channel_dir, struct pc_names *names, struct pc_err *err) PC_MUST_CHECK;
void pc_names_free(struct pc_names *names);
/* Removes what a killed writer left behind (".NAME.new") in a channel. */
void pc_dir_clean(const char *channel_dir);

#endif
