/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_PSF_PB_H
#define PC_TOOLS_PSF_PB_H

#include "io/put_pb.h"
#include "tools/psf_channel.h"

/* pb.fits: the telescope's primary beam or the user's, blank where there are no data. That of one pointing
 * can be written row by row while the psf's rows are made: begun and taken steps of then, ended by
 * psf_pb_put(). */

struct psf_pb {
    struct pc_imhead head;
    struct pc_pb_rows rows;
    struct pc_pb_out *out; /* NULL: it is put at once */
};
/* Only where pc_pass_can_amend() and there are data; psf.fits has been put, its header is complete. */
int psf_pb_begin(struct psf_pb *pb, struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                 struct pc_err *err) PC_MUST_CHECK;
/* Some rows more, if there are and nobody else writes any; `thread` is one at a time. */
void psf_pb_step(struct psf_pb *pb, int thread);
int psf_pb_put(struct psf_pb *pb, struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
               const struct pc_record *plane, struct pc_err *err) PC_MUST_CHECK;
void psf_pb_fini(struct psf_pb *pb);

#endif
