/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_ORDER_H
#define PC_IO_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/* The order in which the members of a channel travel: what never changes first, what changes last, zzplane at
 * the end. Members this version does not know come before zzplane (in a block of visibilities: at the block's
 * end). */

/* -, 0, + as strcmp; `name` is within the channel: "vis00000/uvw.fits". Unknown ones are ordered by name. */
int pc_order_compare(const char *a, const char *b);
bool pc_order_known(const char *name);
/* "ch00042" and nothing after it, or after it a slash: the index; else -1. */
int pc_order_channel(const char *path);
/* "vis00003/vis.fits": 3, and *rest is "vis.fits"; else -1. */
int pc_order_block(const char *name, const char **rest);
/* The first name a pattern of struct pc_use can stand for: '?' becomes '0', '*' becomes "00000". */
void pc_order_first(const char *pattern, char *name, int cap);

#endif
