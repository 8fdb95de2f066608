/* SPDX-License-Identifier: MIT
 * core.c: names in a core program. */
#include "core/core.h"

#include <string.h>

const char *core_entry_word(CoreEntryKind kind)
{
    return kind == ENTRY_TRAIN ? "train" : kind == ENTRY_EVAL ? "eval" : "export";
}

const char *core_op_name(uint16_t op)
{
    static const char *const names[] = {
        "none",
#define OPERATION(name, ...) #name,
#include "support/functions.def"
#define CORE(name, attrs) #name,
        CORE_OPS(CORE)
#undef CORE
    };
    return op < CORE_COUNT ? names[op] : "?";
}

int core_find_field(const CoreData *data, const char *name)
{
    for (uint32_t i = 0; i < data->fields.n; i++)
        if (!strcmp(data->fields.at[i].name, name)) return (int)i;
    return -1;
}
