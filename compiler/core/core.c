/* SPDX-License-Identifier: MIT
 * core.c: the operations of a core program, and names in it. */
#include "core/core.h"

#include <string.h>

#include "support/budget.h"

static const char *entry_word(CoreEntryKind kind)
{
    return kind == ENTRY_TRAIN ? "train" : kind == ENTRY_EVAL ? "eval" : "export";
}

void core_treat(const CoreEntry *entry, const Sources *sources)
{
    if (!entry) return;
    source_treat(sources, entry->span);
    budget_entry(entry_word(entry->kind), entry->name);
}

const char *const core_op_names[] = {"none",
#define OPERATION(name, ...) #name,
#include "support/functions.def"
#define CORE(name, operands, attributes) #name,
                                     CORE_OPS(CORE)
#undef CORE
};

static const struct {
    int operands;
    const char *attributes;
} rows[] = {{0, ""},
#define OPERATION(name, operands, ...) {operands, ""},
#include "support/functions.def"
#define CORE(name, operands, attributes) {operands, attributes},
            CORE_OPS(CORE)
#undef CORE
};

const char *core_op_name(uint16_t op)
{
    return op < CORE_COUNT ? core_op_names[op] : "?";
}

int core_operands(uint16_t op)
{
    return rows[op].operands;
}

char core_attribute(uint16_t op, uint32_t i)
{
    const char *kinds = rows[op].attributes, *group = strchr(kinds, '(');
    size_t fixed = group ? (size_t)(group - kinds) : strlen(kinds);
    if (i < fixed) return kinds[i];
    return group ? group[1 + (i - fixed) % (strlen(group) - 2)] : 0;
}

bool core_attributes_end(uint16_t op, uint32_t n)
{
    const char *kinds = rows[op].attributes, *group = strchr(kinds, '(');
    size_t fixed = group ? (size_t)(group - kinds) : strlen(kinds);
    return group ? n >= fixed && (n - fixed) % (strlen(group) - 2) == 0 : n == fixed;
}

int core_find_field(const CoreData *data, const char *name)
{
    for (uint32_t i = 0; i < data->fields.n; i++)
        if (!strcmp(data->fields.at[i].name, name)) return (int)i;
    return -1;
}
