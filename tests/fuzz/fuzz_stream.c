/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"
#include "io/check.h"
#include "tests/unit/stream_filter.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A damaged stream: checked, and its blocks of visibilities taken; read or refused, nothing else. */

static char dir[40], path[64], seed[64];
static int fd = -1;

static void remove_files(void)
{
    unlink(path);
    unlink(seed);
    rmdir(dir);
}

static void open_file(void)
{
    if (fd >= 0)
        return;
    snprintf(dir, sizeof dir, "%s/pc-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    fuzz_check(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/stream", dir);
    snprintf(seed, sizeof seed, "%s/seed.tar", dir);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    fuzz_check(fd >= 0);
    atexit(remove_files);
}

long pc_fuzz_seed(int i, uint8_t *buf, size_t cap)
{
    struct pc_err err = {0};
    if (i)
        return -1;
    open_file();
    fuzz_check(!write_small(seed, 0, 1, 1, 4, &err));
    FILE *f = fopen(seed, "rb");
    fuzz_check(f != NULL);
    size_t n = fread(buf, 1, cap, f);
    fclose(f);
    return (long)n;
}

static void take_visibilities(void)
{
    static const struct pc_use uses[] = {{"vis*/*", PC_TAKE}, {"psf.fits", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = path, .uses = uses, .read_only = true};
    struct pc_err err = {0};
    struct pc_visstore *s = NULL;
    struct pc_image im = {0};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    int rc = 0;
    if (pc_pass_open(&pass, &conf, &err))
        return;
    fuzz_check(!pc_visstore_new(&s, 1 << 20, NULL, &err));
    while (!rc && pc_pass_channel(pass, &chan, &err) > 0) {
        pc_visstore_clear(s);
        while (rc >= 0 && pc_pass_member(pass, &m, &err) > 0)
            rc = strcmp(m.name, "psf.fits") ? pc_visstore_member(s, pass, &m, true, &err)
                                            : pc_pass_image(pass, &im, &err);
        rc = rc < 0 ? rc : 0;
    }
    pc_image_fini(&im);
    pc_visstore_free(s);
    pc_pass_abort(pass);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pc_check_report report;
    struct pc_err err = {0};
    open_file();
    fuzz_check(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
    if (pc_check(path, &report, &err))
        fuzz_check(err.code && err.msg[0]);
    pc_text_free(&report.problems);
    take_visibilities();
    return 0;
}
