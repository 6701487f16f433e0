/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_HTML_H
#define PC_REPORT_HTML_H

#include "base/text.h"

/* Texts as parts of an HTML page. */

/* What stands for itself: & < > and quotes replaced, bytes that are no UTF-8 too. */
void pc_html_text(struct pc_text *out, const char *s);
void pc_html_base64(struct pc_text *out, const void *bytes, size_t n);

/* JSON within a page: < is written as an escape, so that nothing in it ends the script. */
void pc_json_string(struct pc_text *out, const char *s);
void pc_json_number(struct pc_text *out, double v); /* null when it is not finite */

#endif
