/* SPDX-License-Identifier: MIT
 * range.c: numbers of a program that single precision does not hold. The check of a program computes with those that it knows
 * in double precision (const n = 1e50 * 1e-45), so this looks at what is left of them. */
#include "core/range.h"

#include <math.h>

static bool is_single(uint8_t elem)
{
    return elem == ELEM_float || elem == ELEM_f32;
}

static void look_at(Diags *diags, double v, Span span)
{
    if (!isfinite(v) || isfinite((float)v)) return;
    diag_help(diag_error(diags, "E0303", span, "%g does not fit into a float, which has 32 bits", v),
              "infinity is written inf; nnc --float=f64 computes in double precision");
}

static void look_at_body(Diags *diags, const CoreBody *body)
{
    for (uint32_t i = 0; body && i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_const && is_single(ins->type.elem)) look_at(diags, ins->number, ins->span);
        const double *number = (const double *)(const void *)ins->attr;
        for (uint32_t k = 0; ins->op == CORE_table && is_single(ins->type.elem) && k < ins->n_attr; k++)
            look_at(diags, number[k], ins->span);
        look_at_body(diags, ins->bodies[0]);
        look_at_body(diags, ins->bodies[1]);
    }
}

static void look_at_entry(Diags *diags, const CoreEntry *entry)
{
    for (uint32_t i = 0; i < entry->args.n; i++)
        if (entry->args.at[i].has_default && is_single(entry->args.at[i].type.elem))
            look_at(diags, entry->args.at[i].value, entry->args.at[i].span);
    for (uint32_t k = 0; k < 1u << entry->n_conditions; k++)
        look_at_body(diags, entry->body[k]);
    look_at_body(diags, entry->cond_body);
}

/* Of a reader: the number for a missing cell. */
static void look_at_field(Diags *diags, const CoreField *field)
{
    look_at_body(diags, field->expr);
    for (uint32_t i = 0; i < field->readers.n; i++) {
        const CoreReader *reader = &field->readers.at[i];
        for (uint32_t k = 0; k < reader->args.n; k++)
            if (reader->args.at[k].kind == ARG_NUMBER && (field->expr || is_single(reader->type.elem)))
                look_at(diags, reader->args.at[k].number, reader->args.at[k].span);
    }
}

static void look_at_tensor(Diags *diags, const CoreTensor *tensor)
{
    look_at_body(diags, tensor->init.body);
    if (tensor->init.kind == INIT_EXPR || !is_single(tensor->type.elem)) return;
    look_at(diags, tensor->init.a, tensor->span);
    look_at(diags, tensor->init.b, tensor->span);
}

void range_check(Diags *diags, const CoreProgram *program)
{
    for (uint32_t i = 0; i < program->options.n; i++)
        if (is_single(program->options.at[i].elem)) look_at(diags, program->options.at[i].number, program->options.at[i].span);
    for (uint32_t i = 0; i < program->tensors.n; i++)
        look_at_tensor(diags, &program->tensors.at[i]);
    for (uint32_t d = 0; d < program->data.n; d++)
        for (uint32_t i = 0; i < program->data.at[d].fields.n; i++)
            look_at_field(diags, &program->data.at[d].fields.at[i]);
    for (uint32_t i = 0; i < program->entries.n; i++)
        look_at_entry(diags, program->entries.at[i]);
}
