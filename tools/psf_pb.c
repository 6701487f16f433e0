/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_pb.h"

#include "image/pb_image.h"
#include "io/image_file.h"
#include "io/put_pb.h"

#include <math.h>
#include <stdlib.h>

static void blank(float *pix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        pix[i] = NAN;
}

/* From the user's image; scaled by frequency when there is one place to scale it about. */
static int given_pb(struct psf_channel *c, const struct psf_conf *conf, const struct pc_record *plane,
                    struct pc_image *pb, struct pc_err *err)
{
    struct pc_image im = {0};
    double centre_rad[2];
    long long index;
    bool one = pc_pb_array_pointing(c->pb, centre_rad);
    if (pc_record_int(plane, "index", &index, err) != 0)
        return -1;
    const struct pc_image_want want = {
        .freq_hz = pb->head.freq_hz, .index = (int)index, .tmpdir = getenv("TMPDIR")};
    int bad = pc_image_file_load(conf->pb, &want, &im, NULL, err) ||
              pc_pb_resample(&im, conf->pb, &pb->head, one ? centre_rad : NULL, conf->pblimit, pb->pix, err);
    pc_image_fini(&im);
    return bad ? -1 : 0;
}

/* All of the plane at once, in the buffer of the psf, which has been written by then. */
static int put_plane_pb(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                        const struct pc_record *plane, struct pc_image *pb, struct pc_err *err)
{
    int bad = 0;
    pb->pix = psf_channel_plane(c, conf, err);
    if (pb->pix == NULL)
        return -1;
    if (!(c->sumwt > 0))
        blank(pb->pix, (int64_t)pb->head.nx * pb->head.ny);
    else if (conf->pb != NULL)
        bad = given_pb(c, conf, plane, pb, err);
    else
        bad = pc_pb_array_fill(c->pb, &pb->head, pb->head.freq_hz, conf->pblimit, pb->pix, err);
    return bad || pc_pass_put_alike(pass, "pb.fits", pb, err) ? -1 : 0;
}

/* Of one pointing, row by row where that can be. */
int psf_pb_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
               const struct pc_record *plane, struct pc_err *err)
{
    struct pc_image pb = {0};
    struct pc_pb_rows rows;
    bool by_row = c->sumwt > 0 && conf->pb == NULL && pc_pass_can_amend(pass);
    if (pc_imhead_copy(&pb.head, &c->psf, err) != 0)
        return -1;
    pc_record_remove(&pb.head.extra, "SIDELOBE");
    int bad = pc_record_set_double(&pb.head.extra, "PBLIMIT", conf->pblimit, err);
    if (!bad && by_row)
        bad = pc_pb_array_rows(c->pb, &pb.head, pb.head.freq_hz, conf->pblimit, &rows, &by_row, err);
    if (!bad && by_row) {
        bad = pc_pass_put_pb(pass, "pb.fits", &pb.head, &rows, conf->nthread, err);
        pc_pb_rows_fini(&rows);
    } else if (!bad) {
        bad = put_plane_pb(c, conf, pass, plane, &pb, err);
    }
    pc_imhead_fini(&pb.head);
    return bad ? -1 : 0;
}
