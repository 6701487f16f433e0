/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_PAGE_H
#define PC_REPORT_PAGE_H

#include "report/runinfo.h"

/* A run as one HTML page that needs nothing beside it: warnings first, channel maps and moments of
 * the images, graphs of every channel's figures, the history of its cleaning, what it took, and how
 * to repeat it. The same records and cubes give the same bytes. */

struct pc_report_conf {
    const char *image;   /* the FITS cube to make pictures of, read three times; NULL: none are wanted */
    const char *version; /* of this program */
};

/* A picture that cannot be made is a sentence in its place. */
int pc_report_page(const struct pc_runinfo *r, const struct pc_report_conf *conf, struct pc_text *out,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
