/* SPDX-License-Identifier: MIT
 * rom.c: bytes of an object in ELF that a program has in read-only memory: code, constants, tables of unwinding. */
#include "codegen/cg.h"

#include <elf.h>
#include <string.h>

#define SUM(NAME, HEADER, SECTION) \
    static int64_t NAME(const char *bytes, size_t n) \
    { \
        HEADER h; \
        SECTION s; \
        int64_t sum = 0; \
        if (n < sizeof h) return 0; \
        memcpy(&h, bytes, sizeof h); \
        for (size_t i = 0; i < h.e_shnum && h.e_shoff + (i + 1) * sizeof s <= n; i++) { \
            memcpy(&s, bytes + h.e_shoff + i * sizeof s, sizeof s); \
            if ((s.sh_flags & SHF_ALLOC) && s.sh_type != SHT_NOBITS) sum += (int64_t)s.sh_size; \
        } \
        return sum; \
    }
SUM(sum_of_32, Elf32_Ehdr, Elf32_Shdr)
SUM(sum_of_64, Elf64_Ehdr, Elf64_Shdr)

int64_t cg_rom(const char *bytes, size_t n)
{
    if (n < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0) return 0;
    return bytes[EI_CLASS] == ELFCLASS64 ? sum_of_64(bytes, n) : sum_of_32(bytes, n);
}
