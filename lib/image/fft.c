/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/fft.h"

#include "base/mem.h"

#include <fftw3.h>
#include <pthread.h>

/* FFTW's planner is one per process and not thread-safe. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

void pc_fft_plan_lock(void)
{
    pthread_mutex_lock(&planner);
    /* What was planned before must not show in what is planned now: the bytes would depend on the order of
     * work. */
    fftwf_forget_wisdom();
}

void pc_fft_plan_unlock(void)
{
    pthread_mutex_unlock(&planner);
}

static bool is_good(int64_t n)
{
    static const int prime[] = {2, 3, 5};
    for (int i = 0; i < 3; i++)
        while (n % prime[i] == 0)
            n /= prime[i];
    return n == 1;
}

int pc_fft_good_size(int n, int even)
{
    int64_t size = n < 1 ? 1 : n;
    while ((even && size % 2 != 0) || !is_good(size))
        size++;
    return (int)size;
}

/* How often 2 divides it; 0 for a power of two, whose strides fall on the same lines of the cache. */
static int twos(int n)
{
    int k = 0;
    for (; n % 2 == 0; n /= 2)
        k++;
    return n == 1 ? 0 : k;
}

int pc_fft_fast_size(int n)
{
    int best = pc_fft_good_size(n, 1);
    for (int size = best; size <= n + n / 14; size = pc_fft_good_size(size + 1, 1))
        if (twos(size) > twos(best))
            best = size;
    return best;
}

static unsigned flags_for(void *a, void *b)
{
    bool aligned = fftwf_alignment_of(a) == 0 && fftwf_alignment_of(b) == 0;
    return FFTW_ESTIMATE | (aligned ? 0 : FFTW_UNALIGNED);
}

static int run(fftwf_plan plan, int nx, int ny, struct pc_err *err)
{
    if (plan == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no Fourier transform of %d x %d pixels could be planned", nx,
                          ny);
    fftwf_execute(plan);
    pc_fft_plan_lock();
    fftwf_destroy_plan(plan);
    pc_fft_plan_unlock();
    return 0;
}

int pc_fft_r2c(float *pix, float complex *out, int nx, int ny, struct pc_err *err)
{
    unsigned flags = flags_for(pix, out);
    pc_fft_plan_lock();
    fftwf_plan plan = fftwf_plan_dft_r2c_2d(ny, nx, pix, (fftwf_complex *)out, flags);
    pc_fft_plan_unlock();
    return run(plan, nx, ny, err);
}

int pc_fft_c2r(float complex *in, float *pix, int nx, int ny, struct pc_err *err)
{
    unsigned flags = flags_for(in, pix);
    pc_fft_plan_lock();
    fftwf_plan plan = fftwf_plan_dft_c2r_2d(ny, nx, (fftwf_complex *)in, pix, flags);
    pc_fft_plan_unlock();
    return run(plan, nx, ny, err);
}

int pc_fft_row_init(struct pc_fft_row *f, int n, struct pc_err *err)
{
    *f = (struct pc_fft_row){.n = n};
    f->real = pc_mem_new(n, sizeof *f->real, "a row", err);
    f->half = f->real ? pc_mem_new(n / 2 + 1, sizeof *f->half, "the transform of a row", err) : NULL;
    if (!f->half)
        return -1;
    const unsigned flags = flags_for(f->real, f->half);
    pc_fft_plan_lock();
    f->forward = fftwf_plan_dft_r2c_1d(n, f->real, (fftwf_complex *)f->half, flags | FFTW_DESTROY_INPUT);
    f->back = fftwf_plan_dft_c2r_1d(n, (fftwf_complex *)f->half, f->real, flags);
    pc_fft_plan_unlock();
    if (!f->forward || !f->back)
        return pc_err_set(err, PC_EX_NOMEM, "no Fourier transform of %d pixels could be planned", n);
    return 0;
}

void pc_fft_row_fini(struct pc_fft_row *f)
{
    pc_fft_plan_lock();
    if (f->forward)
        fftwf_destroy_plan(f->forward);
    if (f->back)
        fftwf_destroy_plan(f->back);
    pc_fft_plan_unlock();
    pc_mem_free(f->real);
    pc_mem_free(f->half);
    *f = (struct pc_fft_row){0};
}

void pc_fft_row_forward(struct pc_fft_row *f)
{
    fftwf_execute(f->forward);
}

void pc_fft_row_back(struct pc_fft_row *f)
{
    fftwf_execute(f->back);
}
