/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_FFT_H
#define PC_IMAGE_FFT_H

#include "base/err.h"

#include <complex.h>
#include <stdbool.h>
#include <stdint.h>

/* Real transforms of planes and of rows, through FFTW3 (single precision).
 *
 * Plans are ESTIMATE, single-threaded, on aligned buffers, no wisdom: a measured plan would change the bytes.
 * Planning is serialised by a lock inside. The forward transform has exp(-2 pi i), neither is normalised.
 * Half-plane layout: ny rows of nx/2+1 complex. */

/* The next size >= n (even when `even`) that is 2^a 3^b 5^c. */
int pc_fft_good_size(int n, int even);
/* Of the even ones up to 7 % above n that which 2 divides most often, powers of two left out: rows of 11520
 * are transformed in 0.8 of the time of rows of 10800, of 13824 in half that of 13500. */
int pc_fft_fast_size(int n);
/* out[ny][nx/2+1] = sum pix exp(-2 pi i ...); pix may be destroyed. */
int pc_fft_r2c(float *pix, float complex *out, int nx, int ny, struct pc_err *err) PC_MUST_CHECK;
/* The adjoint direction, exp(+2 pi i); `in` is destroyed. */
int pc_fft_c2r(float complex *in, float *pix, int nx, int ny, struct pc_err *err) PC_MUST_CHECK;

/* One row, in buffers of its own: half[u] = sum real[x] exp(-2 pi i u x / n), and back. Either way destroys
 * what it starts from. */
struct pc_fft_row {
    int n;
    float *real;         /* [n] */
    float complex *half; /* [n/2+1] */
    void *forward, *back;
};
int pc_fft_row_init(struct pc_fft_row *f, int n, struct pc_err *err) PC_MUST_CHECK;
void pc_fft_row_fini(struct pc_fft_row *f);
void pc_fft_row_forward(struct pc_fft_row *f);
void pc_fft_row_back(struct pc_fft_row *f);

/* For code that plans transforms of its own (fftwf_plan_*, ESTIMATE): FFTW's planner is one per process, so
 * planning and destroying of plans happen between these two. Lock also forgets wisdom: a plan depends on its
 * arguments alone. */
void pc_fft_plan_lock(void);
void pc_fft_plan_unlock(void);

#endif
