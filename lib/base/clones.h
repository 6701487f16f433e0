/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_CLONES_H
#define PC_BASE_CLONES_H

/* PC_CLONES before a function: it is compiled for several instruction sets, and the machine chooses as the
 * program starts (before sanitizers are ready, so their builds have but one). Nothing is contracted or
 * reordered: all give the same bits. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_UNDEFINED__) && !defined(__SANITIZE_THREAD__)
#define PC_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define PC_CLONES
#endif
#define PC_INLINE static inline __attribute__((always_inline))

#endif
