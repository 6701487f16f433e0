/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid/uvrow.c in double precision. */
#define PC_WIDE 1
#include "grid/uvrow.c"
