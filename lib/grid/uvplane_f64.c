/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid/uvplane.c in double precision. */
#define PC_WIDE 1
#include "grid/uvplane.c"
