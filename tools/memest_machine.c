/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_machine.h"

#include "base/cpus.h"
#include "base/mem.h"

#include <stdlib.h>

/* Of the environment; 0 when it is not there, is no number, or sets no limit. */
static int64_t number(const char *name)
{
    const char *s = getenv(name);
    long long n = s ? strtoll(s, NULL, 10) : 0;
    return n > 0 && n < INT64_C(1) << 40 ? n : 0;
}

struct memest_machine memest_machine(void)
{
    struct memest_machine m = {pc_cpus(), pc_mem_available_byte()};
    const int64_t cores = number("SLURM_CPUS_ON_NODE");
    int64_t byte = number("SLURM_MEM_PER_NODE") << 20;
    if (byte == 0)
        byte = number("SLURM_MEM_PER_CPU") * (cores > 0 ? cores : 1) << 20;
    if (cores > 0 && cores < m.cores)
        m.cores = cores;
    if (byte > 0 && byte < m.memory_byte)
        m.memory_byte = byte;
    m.memory_byte = m.memory_byte / 10 * 9;
    return m;
}
