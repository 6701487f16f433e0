/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grid/uvmodel.c in double precision. */
#define PC_WIDE 1
#include "grid/uvmodel.c"
