/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CUBE_VERIFY_H
#define PC_IO_CUBE_VERIFY_H

#include "io/cube.h"

/* Reads all planes of a channel of a cube, growing or finished, and compares them with the sums that were
 * kept when they were written. *holds is false when a plane is another, cannot be read, or was never placed.
 */
int pc_cube_verify(struct pc_cube *cube, int index, bool *holds, struct pc_err *err) PC_MUST_CHECK;

#endif
