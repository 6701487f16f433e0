/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_PSF_MODEL_H
#define PC_TOOLS_PSF_MODEL_H

#include "base/opt.h"
#include "io/startmodel.h"

/* What --startmodel says: image files, with commas between or by repeating the option; models are their sum.
 */

struct psf_model {
    char **path;
    int n;
};

/* Splits the names (one that exists as it stands is not split) and looks at each, as pc_startmodel_check().
 */
int psf_model_open(struct psf_model *m, const struct pc_strlist *list, struct pc_err *err) PC_MUST_CHECK;
void psf_model_close(struct psf_model *m);

/* The model of a channel into pix[npol][ny][nx]; whether there is anything in it. */
int psf_model_fill(const struct psf_model *m, const struct pc_imhead *head, int index, float *pix, bool *any,
                   struct pc_startmodel_tally *tally, struct pc_err *err) PC_MUST_CHECK;

#endif
