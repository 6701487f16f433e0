/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_PSF_PB_H
#define PC_TOOLS_PSF_PB_H

#include "tools/psf_channel.h"

/* Puts pb.fits: the telescope's primary beam or the user's, blank where there are no data. */
int psf_pb_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
               const struct pc_record *plane, struct pc_err *err) PC_MUST_CHECK;

#endif
