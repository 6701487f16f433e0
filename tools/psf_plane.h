/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_PSF_PLANE_H
#define PC_TOOLS_PSF_PLANE_H

#include "tools/psf_pb.h"

/* psf.fits, gridded and written: one plane is gridded, for the others are the same, their samples have the
 * same weights. Where a file can be written anywhere, rows go there as they are made, and a plane is held
 * only for the sum of several terms of the w-term. */

struct pc_gridder_conf psf_plane_gridder(const struct psf_conf *conf);
/* Completes c->psf by the clean beam, and c->sidelobe. Blank where there are no data. pb.fits is begun where
 * it can be written meanwhile. */
int psf_plane_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass, struct psf_pb *pb,
                  struct pc_err *err) PC_MUST_CHECK;

#endif
