/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/image_file.h"

#include "base/child.h"
#include "io/fits.h"
#include "io/fits_cube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool pc_image_file_is_casa(const char *path)
{
    static const char *const marks[] = {"table.dat", "imageconcat.json"};
    char file[4096];
    struct stat st;
    for (int i = 0; i < 2; i++)
        if (snprintf(file, sizeof file, "%s/%s", path, marks[i]) < (int)sizeof file && stat(file, &st) == 0)
            return true;
    return false;
}

static bool has_freq(const struct pc_imhead *h, const struct pc_fits_cube *cube)
{
    return cube->freq_hz || (isfinite(h->freq_hz) && h->freq_hz > 0 &&
                             (cube->nchan == 1 || (isfinite(h->width_hz) && h->width_hz != 0)));
}

static double freq_of(const struct pc_imhead *h, const struct pc_fits_cube *cube, int k)
{
    return cube->freq_hz ? cube->freq_hz[k] : cube->nchan == 1 ? h->freq_hz : h->freq_hz + k * h->width_hz;
}

static int nearest(const struct pc_imhead *h, double freq_hz, const struct pc_fits_cube *cube)
{
    int best = 0;
    if (cube->freq_hz == NULL)
        return cube->nchan == 1
                   ? 0
                   : (int)fmin(cube->nchan - 1, fmax(0, rint((freq_hz - h->freq_hz) / h->width_hz)));
    for (int k = 1; k < cube->nchan; k++)
        if (fabs(cube->freq_hz[k] - freq_hz) < fabs(cube->freq_hz[best] - freq_hz))
            best = k;
    return best;
}

static int load_channel(const char *path, const struct pc_image_want *want, const struct pc_fits_cube *cube,
                        struct pc_image *im, struct pc_err *err)
{
    const int n = cube->nchan;
    const bool by_freq = want->freq_hz > 0;
    /* the header comes with pixels: most likely with the right ones */
    int plane = n == 1 ? 0 : by_freq && want->index >= n ? n - 1 : want->index;
    if (pc_fits_load(path, plane, im, err) != 0)
        return -1;
    const bool known = has_freq(&im->head, cube);
    const int right = n == 1 ? 0 : known && by_freq ? nearest(&im->head, want->freq_hz, cube) : want->index;
    if (right != plane) {
        pc_image_fini(im);
        if (pc_fits_load(path, right, im, err) != 0)
            return -1;
    }
    im->head.freq_hz = known ? freq_of(&im->head, cube, right) : 0;
    return 0;
}

static int load_fits(const char *path, const struct pc_image_want *want, struct pc_image *im, int *nchan,
                     struct pc_err *err)
{
    struct pc_fits_cube cube;
    if (pc_fits_cube_load(path, &cube, err) != 0)
        return -1;
    *nchan = cube.nchan;
    int ret = load_channel(path, want, &cube, im, err);
    pc_fits_cube_fini(&cube);
    return ret;
}

/* A file that is gone when it is closed. */
static int open_unlinked(const char *dir, struct pc_err *err)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/pc-image.XXXXXX", dir ? dir : "/tmp") >= (int)sizeof path)
        return pc_err_set(err, PC_EX_CANTCREAT, "the name of the directory for temporary files is too long");
    int fd = mkstemp(path);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    unlink(path);
    return fd;
}

/* pc-image beside this program, so that both are of one build; else wherever PATH has it. */
static const char *find_program(char *path, size_t size)
{
    static const char name[] = "pc-image";
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n <= 0)
        return name;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash + 1 - path) + sizeof name > size)
        return name;
    strcpy(slash + 1, name);
    return access(path, X_OK) == 0 ? path : name;
}

/* argv[0] is filled in; what pc-image writes to its standard output goes to fd. `why` it is needed. */
static int run_pc_image(const char **argv, int fd, const char *path, const char *why, struct pc_err *err)
{
    char program[4096];
    int status;
    argv[0] = find_program(program, sizeof program);
    if (pc_child_into(argv, fd, &status, err) != 0)
        return -1;
    if (status == 126 || status == 127)
        return pc_err_set(err, PC_EX_UNAVAILABLE,
                          "%s %s, is not there (neither beside this program nor in PATH); FITS needs none",
                          path, why);
    if (status != 0)
        return pc_err_set(err, status < 128 ? status : PC_EX_BUG, "%s: pc-image cannot read it (status %d)",
                          path, status);
    return 0;
}

static int convert(const char *path, const struct pc_image_want *want, int fd, struct pc_err *err)
{
    char freq[48], index[24];
    snprintf(freq, sizeof freq, "--freq=%.17gHz", want->freq_hz);
    snprintf(index, sizeof index, "--channel=%d", want->index);
    const char *by_index[] = {NULL, index, "-o", "-", "--", path, NULL};
    const char *by_freq[] = {NULL, freq, index, "-o", "-", "--", path, NULL};
    return run_pc_image(want->freq_hz > 0 ? by_freq : by_index, fd, path,
                        "is a CASA image, and pc-image, which reads them", err);
}

int pc_image_file_to_casa(const char *fits, const char *casa, bool overwrite, struct pc_err *err)
{
    const char *argv[] = {NULL, overwrite ? "--overwrite" : "--no-overwrite", "-o", casa, "--", fits, NULL};
    return run_pc_image(argv, STDERR_FILENO, fits,
                        "is to become a CASA image, and pc-image, which makes them", err);
}

int pc_image_file_to_fits(const char *casa, const char *fits, struct pc_err *err)
{
    const char *argv[] = {NULL, "-o", fits, "--", casa, NULL};
    return run_pc_image(argv, STDERR_FILENO, casa, "is a CASA image, and pc-image, which reads them", err);
}

static int load_casa(const char *path, const struct pc_image_want *want, struct pc_image *im, int *nchan,
                     struct pc_err *err)
{
    char name[32];
    int fd = open_unlinked(want->tmpdir, err);
    if (fd < 0)
        return -1;
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    const struct pc_image_want one = {.freq_hz = want->freq_hz};
    int bad = convert(path, want, fd, err);
    if (!bad && load_fits(name, &one, im, nchan, err) != 0)
        bad = pc_err_prefix(err, "%s (as pc-image wrote it)", path);
    close(fd);
    if (!bad && pc_record_has(&im->head.extra, "NCHAN")) {
        long long n = 1;
        bad = pc_record_int(&im->head.extra, "NCHAN", &n, err);
        *nchan = (int)n;
    }
    return bad ? -1 : 0;
}

int pc_image_file_load(const char *path, const struct pc_image_want *want, struct pc_image *im, int *nchan,
                       struct pc_err *err)
{
    int unasked = 1;
    nchan = nchan ? nchan : &unasked;
    memset(im, 0, sizeof *im);
    return pc_image_file_is_casa(path) ? load_casa(path, want, im, nchan, err)
                                       : load_fits(path, want, im, nchan, err);
}
