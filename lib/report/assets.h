/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_ASSETS_H
#define PC_REPORT_ASSETS_H

/* report.css and report.js, as the build made C of them (mk/assets). */
extern const char pc_report_css[], pc_report_js[];

#endif
