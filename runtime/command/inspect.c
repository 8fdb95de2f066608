/* SPDX-License-Identifier: MIT
 * inspect.c: what the program is made of: info. */
#include <string.h>

#include "command/command.h"
#include "model/cpu.h"
#include "model/manifest.h"

static void put_entry(FILE *f, nnrt *m, const Json *e)
{
    char type[1024];
    const Json *sizes = json_get(e, "sizes"), *results = json_get(e, "results"), *reports = json_get(e, "reports");
    int binders = (int)json_int(e, "n_binders", 0), i = 0;
    bool export = json_is(e, "kind", "export"), first = true;
    fprintf(f, "  %-6s %s", json_text(e, "kind", "?"), json_text(e, "name", "?"));
    if (binders) fputc('[', f);
    for (const Json *s = json_first(sizes); s && i < binders; s = s->next, i++)
        fprintf(f, "%s%s", i ? ", " : "", s->text);
    fputs(binders ? "](" : "(", f);
    for (const Json *a = json_list(e, "args"); a; a = a->next) {
        fprintf(f, "%s%s: ", first ? "" : ", ", json_text(a, "name", "?"));
        if (json_is(a, "role", "dim"))
            fputs("dim", f);
        else
            fputs(rt_type_text(a, type, sizeof type), f);
        first = false;
    }
    fputc(')', f);
    if (export && results) {
        fputs(results->n > 1 ? " -> (" : " -> ", f);
        for (const Json *r = results->child; r; r = r->next)
            fprintf(f, "%s%s", rt_type_text(r, type, sizeof type), r->next ? ", " : "");
        if (results->n > 1) fputc(')', f);
    }
    if (!export && reports) {
        fputs(" reports ", f);
        for (const Json *r = reports->child; r; r = r->next)
            fprintf(f, "%s%s", json_text(r, "name", "?"), r->next ? ", " : "");
        const Json *blocks = json_get(m->manifest, "data");
        if (json_int(e, "data", -1) >= 0)
            fprintf(f, ", on %s.%s", json_text(json_at(blocks, (int)json_int(e, "data", 0)), "name", "?"), json_text(e, "part", "all"));
    }
    fputc('\n', f);
}

static void put_option(FILE *f, const Json *o)
{
    char number[40];
    const Json *v = json_get(o, "default");
    fprintf(f, "  --%s %s", json_text(o, "name", "?"), json_text(o, "type", "?"));
    if (v && v->kind == JSON_STRING)
        fprintf(f, " = \"%s\"", v->text);
    else if (v && v->kind == JSON_BOOL)
        fprintf(f, " = %s", v->number != 0 ? "true" : "false");
    else if (v)
        fprintf(f, " = %s", json_format_number(v->number, number, sizeof number));
    fprintf(f, "  %s\n", json_text(o, "doc", ""));
}

int command_info(Cli *cli)
{
    const nnrt_program *p = cli->program;
    if (cli->json) {
        puts(p->manifest);
        return NNRT_OK;
    }
    const Json *entries = json_get(cli->m->manifest, "entries"), *options = json_get(cli->m->manifest, "options");
    printf("%s, made from %s by nnc %s, %s\n", p->name, json_text(cli->m->manifest, "source", "?"), json_text(cli->m->manifest, "nnc", "?"),
           p->float_bytes == 8                                                ? "double precision"
           : strcmp(json_text(cli->m->manifest, "float", "f32"), "bf16") == 0 ? "single precision, products of bf16"
                                                                              : "single precision");
    printf("model: %lld parameters, %llu bytes; program hash %016llx\n", (long long)rt_parameters(cli->m),
           (unsigned long long)p->model_bytes, (unsigned long long)p->hash);
    const char *cpu = cpu_check(p) ? NULL : cpu_name(p);
    char cpus[200];
    printf("code for %s", cpu_names(p, cpus, sizeof cpus));
    if (!cpu || p->n_levels > 1) printf("; here runs %s", cpu ? cpu : "none of it");
    puts("");
    puts("entry points:");
    for (const Json *e = json_first(entries); e; e = e->next)
        if (json_int(e, "derived_from", -1) < 0) put_entry(stdout, cli->m, e);
    if (options && options->n) puts("options:");
    for (const Json *o = json_first(options); o; o = o->next)
        put_option(stdout, o);
    for (int i = 0; i < p->n_entries; i++)
        if (p->entry[i]->kind == NNRT_TRAIN_ENTRY && json_int(rt_entry(cli->m, i), "derived_from", -1) < 0)
            printf("training area of %s: %llu bytes\n", p->entry[i]->name, (unsigned long long)p->entry[i]->train_bytes);
    return NNRT_OK;
}
