/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/bundle.h"
#include "io/fill.h"
#include "io/fits.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Members filled piece by piece are the bytes of members put in one go, with holes where they are zero. */

enum { NROW = 20000, NBYTE = NROW * 8, PIECE = 999 };

static char data[NBYTE];

static const struct pc_visblock shape = {
    .info = {.ms = "a.ms", .ncorr = 1, .corr = {-5}}, .nrow = NROW, .ncorr = 1, .nchan = 1};

static int begin(struct pc_pass **pass, const char *dst, struct pc_err *err)
{
    static const struct pc_use nothing[] = {{NULL, 0}};
    const struct pc_pass_conf conf = {.dst = dst, .uses = nothing, .version = "1"};
    struct pc_record cube = {0};
    int rc = pc_record_set(&cube, "nchan", "2", err) || pc_pass_open(pass, &conf, err) ? -1 : 0;
    if (!rc)
        rc = pc_pass_set_cube(*pass, &cube, err);
    pc_record_free(&cube);
    return rc;
}

/* From the last piece to the first. */
static int fill(const char *dir, int64_t head, struct pc_err *err)
{
    for (int64_t at = (NBYTE - 1) / PIECE * PIECE; at >= 0; at -= PIECE) {
        const int64_t n = NBYTE - at < PIECE ? NBYTE - at : PIECE;
        if (pc_fill_piece(dir, 1, "vis00000/vis.fits", head + at, data + at, n, err))
            return -1;
    }
    return 0;
}

static int channel(struct pc_pass *pass, int index, const struct pc_vis_head *h, struct pc_err *err)
{
    const uint32_t sum = pc_datasum_bytes(0, data, NBYTE);
    const struct pc_record plane = {0};
    if (pc_pass_begin_channel(pass, index, &plane, err))
        return -1;
    if (index == 1)
        return pc_vis_put_filled(pass, 0, "vis.fits", h, sum, err) || pc_pass_commit(pass, err) ? -1 : 0;
    return pc_vis_put_begin(pass, 0, "vis.fits", &shape, sum, err) || pc_pass_write(pass, data, NBYTE, err) ||
                   pc_vis_put_end(pass, err) || pc_pass_commit(pass, err)
               ? -1
               : 0;
}

static void directory(struct pc_err *err)
{
    struct pc_pass *pass;
    struct pc_vis_head h = {{0}, 0};
    struct stat st;
    ok(!pc_vis_head_make(&h, "vis.fits", &shape, err) && h.data_byte == NBYTE, "a header for many");
    ok(!begin(&pass, "a", err) && !fill("a", (int64_t)h.text.len, err), "pieces come before their channel %s",
       err->msg);
    ok(!channel(pass, 0, &h, err) && !channel(pass, 1, &h, err) && !pc_pass_close(pass, err),
       "two channels %s", err->msg);
    ok(!system("cmp a/ch00000/vis00000/vis.fits a/ch00001/vis00000/vis.fits"), "the same file");
    ok(!system("cmp a/ch00000/zzplane a/ch00001/zzplane"), "and the same commit record");
    ok(!stat("a/ch00001/vis00000/vis.fits", &st) && st.st_size == pc_vis_member_size("vis.fits", &shape),
       "its size");
    pc_vis_head_free(&h);
}

static void refused(struct pc_err *err)
{
    struct pc_pass *pass;
    struct pc_vis_head h = {{0}, 0};
    ok(!pc_vis_head_make(&h, "vis.fits", &shape, err) && !begin(&pass, "b.tar", err), "a stream %s",
       err->msg);
    is_int(channel(pass, 1, &h, err), -1, "has no members that can be filled");
    is_int(err->code, PC_EX_BUG, "and who tries is wrong");
    pc_pass_abort(pass);
    pc_vis_head_free(&h);
    is_int(pc_fill_piece("nowhere", 0, "x.fits", 0, data, 8, err), -1,
           "nor has a directory that is not there");
    is_int(err->code, PC_EX_CANTCREAT, "73");
}

int main(void)
{
    char dir[] = "/tmp/pc-test-fill-XXXXXX", cmd[64];
    struct pc_err err = {0};
    if (!mkdtemp(dir) || chdir(dir))
        return 1;
    for (int i = 0; i < NBYTE; i++)
        data[i] = (char)(i < NBYTE / 2 ? i * 7 : 0);
    directory(&err);
    refused(&err);
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    ok(chdir("/") == 0 && system(cmd) == 0, "clean up");
    return tap_done();
}
