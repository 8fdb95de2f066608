/* SPDX-License-Identifier: MIT
 * philox.c: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). */
#include "tensor/tensor.h"

void philox(uint64_t key, const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int i = 0; i < 4; i++)
        out[i] = counter[i];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * out[0], p1 = (uint64_t)0xCD9E8D57u * out[2];
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ out[1] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ out[3] ^ k1;
        out[0] = n0, out[1] = (uint32_t)p1, out[2] = n2, out[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
}
