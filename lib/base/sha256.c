/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sha256.h"

#include <stdio.h>

void pc_sha256_init(struct pc_sha256 *s)
{
    sha256_init(&s->ctx);
}

void pc_sha256_add(struct pc_sha256 *s, const void *bytes, size_t n)
{
    sha256_update(&s->ctx, n, bytes);
}

void pc_sha256_end(struct pc_sha256 *s, char text[PC_SHA256_TEXT])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&s->ctx, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}
