/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_CPUS_H
#define PC_BASE_CPUS_H

/* Processors this process may use, at least 1: those it is bound to, within the quota of its control groups.
 */
int pc_cpus(void);
/* Of n processors as many as the control groups below `root` give time for ("" is the machine). */
int pc_cpus_within(const char *root, int n);

#endif
