/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid/uvimage.c in double precision. */
#define PC_WIDE 1
#include "grid/uvimage.c"
