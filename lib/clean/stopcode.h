/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CLEAN_STOPCODE_H
#define PC_CLEAN_STOPCODE_H

/* Why cleaning stopped, in words for people: the global stop codes of spec/casa-imaging.md section 5, and -1,
 * no data. */
const char *pc_stopcode_words(int code);

#endif
