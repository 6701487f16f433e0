/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_SHA256_H
#define PC_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4) of bytes as they come. */

struct pc_sha256 {
    uint32_t h[8];
    uint64_t nbyte;
    unsigned char block[64]; /* the last, not full yet */
};
enum { PC_SHA256_TEXT = 65 };

void pc_sha256_init(struct pc_sha256 *s);
void pc_sha256_add(struct pc_sha256 *s, const void *bytes, size_t n);
/* In hexadecimal, as sha256sum prints it. */
void pc_sha256_end(struct pc_sha256 *s, char text[PC_SHA256_TEXT]);

#endif
