/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_PSF_DENSITY_H
#define PC_TOOLS_PSF_DENSITY_H

#include "tools/psf_channel.h"

/* The density of visibilities that the channels of a cube share: pc-psf --density-out and --density. */

/* Whether weights of this kind want one density for all channels of that cube (00cube). */
bool psf_density_shared(const struct psf_conf *conf, const struct pc_record *cube);
/* How blocks are weighed in channels of that cube; hands: of the plane. PC_EX_USAGE when conf->density is
 * wanted and not given, or the other way about. */
int psf_density_conf(const struct psf_conf *conf, const struct pc_record *cube, int nhand,
                     struct pc_weight_conf *weight, struct pc_err *err) PC_MUST_CHECK;

/* One pass over all channels of src, then the file. Reports how many channels and samples went into it. */
int psf_density_make(const struct psf_conf *conf, const char *src, const char *path, int64_t mem_byte,
                     struct pc_err *err) PC_MUST_CHECK;
/* The file's cells into a density that nothing was added to. */
int psf_density_read(struct pc_density *d, const char *path, struct pc_err *err) PC_MUST_CHECK;

#endif
