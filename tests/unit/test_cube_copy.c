/* SPDX-License-Identifier: GPL-3.0-or-later */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "io/cube_copy.h"
#include "io/fdio.h"
#include "tests/unit/stream_filter.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Planes copied into a cube by the kernel, where it can and where it cannot: the same bytes. This
 * copy_file_range() stands before the C library's. */

static int refusal;           /* errno; 0: none */
static int64_t most, allowed; /* bytes of a call; bytes until it refuses */
static int64_t by_kernel;
static bool interrupts;

ssize_t copy_file_range(int from, off_t *in, int to, off_t *out, size_t n, unsigned flags);
ssize_t copy_file_range(int from, off_t *in, int to, off_t *out, size_t n, unsigned flags)
{
    if (interrupts) {
        interrupts = false;
        errno = EINTR;
        return -1;
    }
    if (refusal && by_kernel >= allowed) {
        errno = refusal > 0 ? refusal : 0;
        return refusal > 0 ? -1 : 0;
    }
    n = (int64_t)n < most ? n : (size_t)most;
#ifdef SYS_copy_file_range
    ssize_t got = syscall(SYS_copy_file_range, from, in, to, out, n, flags);
    by_kernel += got > 0 ? got : 0;
    return got;
#else
    (void)from, (void)in, (void)to, (void)out, (void)flags;
    errno = ENOSYS;
    return -1;
#endif
}

enum { NX = 1001, NY = 701, NPIX = NX * NY, NCHAN = 3, HOLE = 300000, MEMBER = 5760 };
static char dir[] = "/tmp/pc-cube-copy-XXXXXX";
static char path[256];
static struct pc_err err;
static unsigned char bytes[2 * NPIX * 4]; /* as they are in the file: big-endian */

/* The definition of DATASUM, byte by byte. */
static uint32_t plain_sum(const unsigned char *s, int64_t n)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (uint64_t)s[i] << (24 - 8 * (i % 4));
    while (sum >> 32)
        sum = (sum & 0xffffffff) + (sum >> 32);
    return (uint32_t)sum;
}

/* A member's file: pixels of `size` bytes, npol planes, with a hole at the beginning and one within. */
static int make_member(struct pc_later *l, int size, int npol)
{
    const int64_t n = (int64_t)npol * NPIX * size;
    for (int64_t i = 0; i < n; i++)
        bytes[i] = size == 1 ? (unsigned char)(i % 7 == 0) : (unsigned char)(i * 2654435761u >> 13);
    memset(bytes, 0, (size_t)HOLE);
    memset(bytes + n / 2, 0, (size_t)HOLE / 2);
    *l = (struct pc_later){
        .there = true, .in_file = true, .is_bytes = size == 1, .bitpix = size == 1 ? 8 : -32};
    small_head(&l->image.head, NX, 0);
    l->image.head.ny = NY;
    l->image.head.npol = npol;
    l->image.head.stokes[1] = 2;
    l->at = MEMBER;
    snprintf(path, sizeof path, "%s/member", dir);
    l->fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (l->fd < 0 || ftruncate(l->fd, MEMBER + n + 1000))
        return -1;
    for (int64_t i = 0, m; i < n; i += m) {
        m = n - i < 4096 ? n - i : 4096;
        if ((bytes[i] || memcmp(bytes + i, bytes + i + 1, (size_t)m - 1)) &&
            pc_fd_pwrite(l->fd, bytes + i, (size_t)m, MEMBER + i, path, &err))
            return -1;
    }
    return 0;
}

/* The plane in the cube is the member's; those beside it are what they were. */
static bool is_copied(struct pc_cubefile *f, const uint32_t *sum)
{
    const int64_t size = pc_cubefile_plane_byte(f);
    unsigned char *got = malloc((size_t)size);
    bool good = got != NULL;
    for (int p = 0; good && p < f->npol; p++)
        for (int k = 0; good && k < NCHAN; k++) {
            good = pc_fd_pread(f->fd, got, (size_t)size, pc_cubefile_offset(f, k, p), f->path, &err) == 0;
            if (k == 1)
                good = good && !memcmp(got, bytes + p * size, (size_t)size) && sum[p] == plain_sum(got, size);
            else
                for (int64_t i = 0; good && i < size; i++)
                    good = got[i] == 0x55;
        }
    free(got);
    return good;
}

static void copy(const struct pc_later *l, const char *what)
{
    const struct pc_cube_blank none = {NULL, 0};
    const struct pc_imhead *h = &l->image.head;
    const int64_t size = NPIX * (l->is_bytes ? 1 : 4);
    const uint32_t datasum = plain_sum(bytes, size * h->npol);
    struct pc_cubefile f;
    uint32_t sum[PC_MAX_POL] = {0};
    by_kernel = 0;
    if (!ok(pc_cubefile_open(&f, dir, "cube", NCHAN, h, l->is_bytes, &err) == 0, "%s: a cube", what))
        return;
    /* something was there before */
    unsigned char *junk = malloc((size_t)size);
    for (int i = 0; junk && i < NCHAN * h->npol; i++)
        if (pc_fd_pwrite(f.fd, memset(junk, 0x55, (size_t)size), (size_t)size, PC_CUBE_HEADER_BYTE + i * size,
                         "", &err))
            diag("%s", err.msg);
    free(junk);
    ok(pc_cube_copy(&f, 1, l, datasum, &none, sum, &err) == 0, "%s: copied", what);
    ok(is_copied(&f, sum), "%s: bytes and sums, and nothing beside", what);
    pc_cubefile_close(&f);
    snprintf(path, sizeof path, "%s/cube.fits", dir);
    unlink(path);
}

/* The kernel's part of it, and then it refuses. */
static void with(const struct pc_later *l, const char *what, int code, int64_t after)
{
    most = INT64_MAX, refusal = code, allowed = after;
    copy(l, what);
    ok(by_kernel <= (after ? after + 70000 : 0), "%s: what it refused was not done by it", what);
}

static void test_refusals(const struct pc_later *l)
{
    with(l, "other file systems", EXDEV, 0);
    with(l, "files it does not do", EINVAL, 0);
    with(l, "no such call", ENOSYS, 0);
    with(l, "not supported", EOPNOTSUPP, 0);
    with(l, "it copies nothing", -1, 0);
    most = 70000;
    refusal = EIO, allowed = 200000, interrupts = true;
    copy(l, "an interruption, pieces, then a failure");
}

static void test_kinds(void)
{
    struct pc_later l;
    for (int size = 1; size <= 4; size += 3)
        for (int npol = 1; npol <= 2; npol++) {
            char what[64];
            snprintf(what, sizeof what, "%d bytes a pixel, %d planes", size, npol);
            if (!ok(make_member(&l, size, npol) == 0, "%s: a member", what))
                continue;
            refusal = 0, most = INT64_MAX;
            copy(&l, what);
#ifdef SYS_copy_file_range
            if (npol == 1)
                ok(by_kernel >= NPIX * size - 2 * HOLE && by_kernel <= NPIX * size, "%s: by the kernel alone",
                   what);
            else
                is_int(by_kernel, 0, "the sums of two planes are not known from one");
#endif
            test_refusals(&l);
            pc_later_fini(&l);
        }
}

/* What cannot be read is said so, by whoever read it. */
static void test_short(void)
{
    const struct pc_cube_blank none = {NULL, 0};
    struct pc_cubefile f;
    struct pc_later l;
    uint32_t sum[PC_MAX_POL];
    refusal = 0, most = INT64_MAX;
    if (make_member(&l, 4, 1) || pc_cubefile_open(&f, dir, "cube", NCHAN, &l.image.head, false, &err))
        return;
    ok(ftruncate(l.fd, MEMBER + NPIX * 4 - 5000) == 0 && pc_cube_copy(&f, 1, &l, 7, &none, sum, &err) == -1 &&
           err.code == PC_EX_DATA,
       "a file that has become short: %s", err.msg);
    pc_cubefile_close(&f);
    pc_later_fini(&l);
}

int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    test_kinds();
    test_short();
    snprintf(path, sizeof path, "rm -rf '%s'", dir);
    return system(path) ? 1 : tap_done();
}
