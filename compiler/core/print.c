/* SPDX-License-Identifier: MIT
 * print.c: the checked program as text (--dump=core). */
#include "core/core.h"

#include <string.h>

static void print_type(Arena *arena, const Dims *dims, const CoreType *type, Text *out)
{
    text_add(out, "%s", elem_name((Elem)type->elem));
    for (int i = 0; i < type->rank; i++)
        text_add(out, "%s%s", i ? ", " : "[",
                 type->dim[i] ? dim_print(dims, arena, type->dim[i]) : "?");
    if (type->rank) text_add(out, "]");
}

static void print_body(Arena *arena, const CoreProgram *p, const CoreBody *body, int indent,
                       Text *out);

static void print_ins(Arena *arena, const CoreProgram *p, const CoreIns *ins, uint32_t ref,
                      int indent, Text *out)
{
    text_add(out, "%*s%%%u = %s", indent, "", ref, core_op_name(ins->op));
    for (uint32_t i = 0; i < ins->n_in; i++)
        text_add(out, "%s%%%u", i ? ", " : " ", ins->in[i]);
    if (ins->n_attr) {
        text_add(out, " {");
        for (uint32_t i = 0; i < ins->n_attr; i++)
            text_add(out, "%s%lld", i ? ", " : "", (long long)ins->attr[i]);
        text_add(out, "}");
    }
    if (ins->op == CORE_const) text_add(out, " %.17g", ins->number);
    if (ins->op == CORE_pad) text_add(out, " value %.17g", ins->number);
    if (ins->op == CORE_size) text_add(out, " %s", dim_print(p->dims, arena, (Dim)ins->attr[0]));
    if ((ins->op == CORE_weight || ins->op == CORE_state || ins->op == CORE_state_set) &&
        (uint64_t)ins->attr[0] < p->tensors.n)
        text_add(out, " %s", p->tensors.at[ins->attr[0]].name);
    if (ins->name) text_add(out, " %s", ins->name);
    text_add(out, " : ");
    if (ins->n_out == 0)
        text_add(out, "-");
    else if (ins->n_out == 1)
        print_type(arena, p->dims, &ins->type, out);
    for (uint32_t i = 0; ins->n_out > 1 && ins->types && i < ins->n_out; i++) {
        text_add(out, "%s", i ? ", " : "(");
        print_type(arena, p->dims, &ins->types[i], out);
    }
    text_add(out, ins->n_out > 1 ? ")\n" : "\n");
    for (int k = 0; k < 2; k++) {
        if (!ins->bodies[k]) continue;
        text_add(out, "%*s  {\n", indent, "");
        print_body(arena, p, ins->bodies[k], indent + 4, out);
        text_add(out, "%*s  }\n", indent, "");
    }
}

static void print_body(Arena *arena, const CoreProgram *p, const CoreBody *body, int indent,
                       Text *out)
{
    for (uint32_t i = 0; i < body->ins.n; i++)
        print_ins(arena, p, &body->ins.at[i], i + 1, indent, out);
    if (!body->results.n) return;
    text_add(out, "%*sresult", indent, "");
    for (uint32_t i = 0; i < body->results.n; i++)
        text_add(out, "%s%%%u", i ? ", " : " ", body->results.at[i]);
    text_add(out, "\n");
}

static void print_tensors(Arena *arena, const CoreProgram *p, Text *out)
{
    static const char *const inits[] = {"zero",   "const", "normal",     "uniform",
                                        "glorot", "he",    "orthogonal", "truncated_normal", "expr"};
    for (uint32_t i = 0; i < p->tensors.n; i++) {
        const CoreTensor *t = &p->tensors.at[i];
        text_add(out, "%s %u %s: ", t->is_state ? "state" : "param", i, t->name);
        print_type(arena, p->dims, &t->type, out);
        text_add(out, " = %s(%g, %g)%s\n", inits[t->init.kind], t->init.a, t->init.b,
                 t->trained ? " trained" : "");
    }
}

static void print_data(Arena *arena, const CoreProgram *p, Text *out)
{
    for (uint32_t i = 0; i < p->data.n; i++) {
        const CoreData *d = &p->data.at[i];
        text_add(out, "data %s\n", d->name);
        for (uint32_t k = 0; k < d->fields.n; k++) {
            const CoreField *f = &d->fields.at[k];
            text_add(out, "    %s: ", f->name);
            print_type(arena, p->dims, &f->type, out);
            if (f->bound) text_add(out, " below %s", dim_print(p->dims, arena, f->bound));
            for (uint32_t r = 0; r < f->readers.n; r++) {
                text_add(out, " %s ", f->readers.at[r].kind);
                print_type(arena, p->dims, &f->readers.at[r].type, out);
            }
            text_add(out, "\n");
            if (f->expr) print_body(arena, p, f->expr, 8, out);
        }
    }
}

static void print_entry(Arena *arena, const CoreProgram *p, const CoreEntry *e, Text *out)
{
    static const char *const kinds[] = {"train", "eval", "export"};
    text_add(out, "%s %s%s [", kinds[e->kind], e->name, e->derived_from >= 0 ? " (derived)" : "");
    for (uint32_t i = 0; i < e->binder_names.n; i++)
        text_add(out, "%s%s", i ? ", " : "", e->binder_names.at[i]);
    text_add(out, "]\n");
    for (uint32_t i = 0; i < e->args.n; i++) {
        text_add(out, "    arg %s: ", e->args.at[i].name);
        if (e->args.at[i].role == ROLE_DIM)
            text_add(out, "dim");
        else
            print_type(arena, p->dims, &e->args.at[i].type, out);
        text_add(out, "\n");
    }
    for (uint32_t i = 0; i < e->requires_.n; i++)
        text_add(out, "    requires %s\n", e->requires_.at[i].text);
    for (uint32_t i = 0; i < e->sums.n; i++) {
        text_add(out, "    sum %u %s: ", i, e->sums.at[i].name);
        print_type(arena, p->dims, &e->sums.at[i].type, out);
        text_add(out, "\n");
    }
    for (uint32_t i = 0; i < e->minimizes.n; i++) {
        text_add(out, "    minimize %u %s slots %d over", i, e->minimizes.at[i].optimizer->name,
                 e->minimizes.at[i].slot_set);
        for (uint32_t k = 0; k < e->minimizes.at[i].over.n; k++)
            text_add(out, " %u", e->minimizes.at[i].over.at[k]);
        text_add(out, "\n");
    }
    if (e->cond_body) {
        text_add(out, "    conditions\n");
        print_body(arena, p, e->cond_body, 8, out);
    }
    for (uint32_t mask = 0; mask < 1u << e->n_conditions; mask++) {
        text_add(out, "    body %u\n", mask);
        if (e->body[mask]) print_body(arena, p, e->body[mask], 8, out);
    }
    if (e->kind == ENTRY_EXPORT) return;
    text_add(out, "    report\n");
    print_body(arena, p, e->report_body, 8, out);
    for (uint32_t i = 0; i < e->reports.n; i++)
        text_add(out, "    report %s = %%%u\n", e->reports.at[i].name, e->reports.at[i].value);
}

void core_print(Arena *arena, const CoreProgram *program, Text *out)
{
    text_add(out, "program %s\n", program->name ? program->name : "");
    for (uint32_t i = 0; i < program->options.n; i++)
        text_add(out, "option %s: %s\n", program->options.at[i].name,
                 program->options.at[i].elem ? elem_name((Elem)program->options.at[i].elem)
                                             : "string");
    print_data(arena, program, out);
    print_tensors(arena, program, out);
    for (uint32_t i = 0; i < program->entries.n; i++)
        print_entry(arena, program, program->entries.at[i], out);
}
