/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_pb.h"

#include "image/pb_image.h"
#include "io/image_file.h"

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

static int make_head(const struct psf_channel *c, const struct psf_conf *conf, struct pc_imhead *h,
                     struct pc_err *err)
{
    if (pc_imhead_copy(h, &c->psf, err) != 0)
        return -1;
    pc_record_remove(&h->extra, "SIDELOBE");
    return pc_record_set_double(&h->extra, "PBLIMIT", conf->pblimit, err);
}

int psf_pb_begin(struct psf_pb *pb, struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                 struct pc_err *err)
{
    bool one;
    if (conf->pb != NULL)
        return 0;
    if (make_head(c, conf, &pb->head, err) != 0 ||
        pc_pb_array_rows(c->pb, &pb->head, pb->head.freq_hz, conf->pblimit, &pb->rows, &one, err) != 0)
        return -1;
    if (!one)
        return 0;
    return pc_pb_out_begin(&pb->out, pass, "pb.fits", &pb->head, &pb->rows, conf->nthread, err);
}

void psf_pb_step(struct psf_pb *pb, int thread)
{
    if (pb->out != NULL && !pc_pb_out_busy(pb->out))
        pc_pb_out_step(pb->out, thread);
}

void psf_pb_fini(struct psf_pb *pb)
{
    pc_pb_out_free(pb->out);
    pc_pb_rows_fini(&pb->rows);
    pc_imhead_fini(&pb->head);
    pb->out = NULL;
}

int psf_pb_put(struct psf_pb *pb, struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
               const struct pc_record *plane, struct pc_err *err)
{
    struct pc_pb_out *out = pb->out;
    struct pc_image whole = {0};
    pb->out = NULL;
    if (out != NULL)
        return pc_pb_out_end(out, err);
    int bad = make_head(c, conf, &whole.head, err) || put_plane_pb(c, conf, pass, plane, &whole, err);
    pc_imhead_fini(&whole.head);
    return bad ? -1 : 0;
}
