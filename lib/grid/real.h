/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_GRID_REAL_H
#define PC_GRID_REAL_H

/* The arithmetic of a source that exists in single and in double precision: it is compiled once as it is, and
 * once from NAME_f64.c, which defines PC_WIDE before it includes NAME.c. */

#ifdef PC_WIDE
typedef double pc_real;
#define PC_REAL(name) name##_f64
#define PC_FFTW(name) fftw_##name
#else
typedef float pc_real;
#define PC_REAL(name) name##_f32
#define PC_FFTW(name) fftwf_##name
#endif

#endif
