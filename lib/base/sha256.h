/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_SHA256_H
#define PC_BASE_SHA256_H

#include <nettle/sha2.h>
#include <stddef.h>

/* SHA-256 (FIPS 180-4) of bytes as they come, by Nettle, which uses what processors have for it. */

struct pc_sha256 {
    struct sha256_ctx ctx;
};
enum { PC_SHA256_TEXT = 65 };

void pc_sha256_init(struct pc_sha256 *s);
void pc_sha256_add(struct pc_sha256 *s, const void *bytes, size_t n);
/* In hexadecimal, as sha256sum prints it. */
void pc_sha256_end(struct pc_sha256 *s, char text[PC_SHA256_TEXT]);

#endif
