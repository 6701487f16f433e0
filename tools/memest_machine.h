/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_MEMEST_MACHINE_H
#define PC_TOOLS_MEMEST_MACHINE_H

#include <stdint.h>

/* What this process may use of this machine: processors, and nine tenths of the memory that is free, within
 * its control groups and, in a job of Slurm, within what that was given on this node (SLURM_CPUS_ON_NODE,
 * SLURM_MEM_PER_NODE or SLURM_MEM_PER_CPU, megabytes). */
struct memest_machine {
    int64_t cores, memory_byte;
};
struct memest_machine memest_machine(void);

#endif
