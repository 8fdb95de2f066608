/* SPDX-License-Identifier: MIT
 * write_calls.c: linked with the object of a program, it writes a test of that object from the
 * tables that the object carries:
 *
 *   ENTRY.ARGUMENT.npy  arguments of every export
 *   cli.sh              the command line: trains, evaluates, calls every export on these files;
 *                       results in ENTRY.NAME.npy and ENTRY.json
 *   calls.c             a C program that does the same through the generated header, in both
 *                       layers, and compares */
#include "program.h"

enum { SEED = 5, STEPS = 3 };
static const char *const c_type[] = {"float", "double", "int32_t", "int64_t", "uint8_t"};
static FILE *cli, *calls;

static const char *upper(const char *name)
{
    static char out[2][128];
    static int turn;
    char *to = out[turn ^= 1];
    size_t i = 0;
    for (; name[i] && i < 127; i++)
        to[i] = (char)toupper((unsigned char)name[i]);
    to[i] = 0;
    return to;
}

/* ---- calls */

static void write_argument(const Entry *x, const nnrt_arg_desc *a, int position)
{
    char path[256];
    Npy npy = good_npy(x, a, position);
    snprintf(path, sizeof path, "%s.%s.npy", x->d->name, a->name);
    write_npy(path, &npy);
}

/* A number of the type: a whole one for integers. */
static const char *scalar(const nnrt_arg_desc *a)
{
    return a->dtype <= 1 || a->dtype >= 6 ? "0.75" : "1";
}

/* The parameters behind those of the layer: sizes, arguments, then results named PREFIX_NAME. */
static void write_parameters(const Entry *x, const char *results)
{
    for (int i = 0; i < x->d->n_binders; i++)
        fprintf(calls, ", %lld", (long long)x->size[i]);
    for (int i = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        if (a->kind == ARGUMENT) fprintf(calls, ", %s", a->name);
        if (a->kind == SIZE) fprintf(calls, ", %lld", (long long)size_named(x, a->name));
        if (a->kind == SCALAR) fprintf(calls, ", (%s)%s", c_type[a->dtype], scalar(a));
        if (a->kind == RESULT) fprintf(calls, ", %s_%s", results, a->name);
    }
}

static void write_sizes(const Entry *x, const char *behind)
{
    for (int i = 0; i < x->e->n_sizes; i++)
        fprintf(calls, "%s%lld", i ? ", " : "", (long long)x->size[i]);
    fprintf(calls, "%s%s", x->e->n_sizes && *behind ? ", " : "", behind);
}

/* ---- one export */

static void write_buffers(const Entry *x)
{
    for (int i = 0, position = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        const char *type = c_type[a->dtype];
        if (a->kind == SIZE || a->kind == REPORT) continue;
        size_t bytes = width[a->dtype] * elements(x, position);
        if (a->kind == ARGUMENT) {
            write_argument(x, a, position);
            fprintf(calls, "    %s *%s = same_npy(\"%s.%s.npy\", %zu);\n", type, a->name, x->d->name, a->name, bytes);
        }
        if (a->kind == RESULT)
            fprintf(calls,
                    "    %s *call_%s = same_room(%zu), *core_%s = same_room(%zu), *cli_%s = "
                    "same_npy(\"%s.%s.npy\", %zu);\n",
                    type, a->name, bytes, a->name, bytes, a->name, x->d->name, a->name, bytes);
        position++;
    }
}

static void write_comparisons(const Entry *x)
{
    for (int i = 0, position = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        if (a->kind == SIZE || a->kind == REPORT) continue;
        size_t bytes = width[a->dtype] * elements(x, position++);
        if (a->kind == ARGUMENT) fprintf(calls, "    free(%s);\n", a->name);
        if (a->kind != RESULT) continue;
        fprintf(calls,
                "    same_bytes(\"%s.%s: convenience layer and command line\", call_%s, cli_%s, "
                "%zu);\n",
                x->d->name, a->name, a->name, a->name, bytes);
        fprintf(calls, "    same_bytes(\"%s.%s: core and command line\", core_%s, cli_%s, %zu);\n", x->d->name, a->name, a->name, a->name,
                bytes);
        fprintf(calls, "    free(call_%s), free(core_%s), free(cli_%s);\n", a->name, a->name, a->name);
    }
}

static void write_export(const Entry *x)
{
    const char *name = x->d->name;
    fprintf(calls, "static void call_%s(%s *m)\n{\n", name, prefix);
    write_buffers(x);
    fprintf(calls, "    SAME_TRY(%s_%s(m", prefix, name);
    if (x->e->draws) fprintf(calls, ", %d", SEED);
    write_parameters(x, "call");
    fprintf(calls, "), %s_error());\n    size_t need = %s_core_%s_work(", prefix, prefix, name);
    write_sizes(x, "1");
    fprintf(calls, ");\n    if (need > %s_%s_WORK", upper(prefix), upper(name));
    if (x->e->n_sizes) fputc('(', calls), write_sizes(x, ""), fputc(')', calls);
    fprintf(calls,
            ") SAME_FAIL(\"%s needs more work memory than its macro says\");\n"
            "    nnrt_call call = {.size = sizeof call, .work = same_room(need), .work_bytes = "
            "need, .seed = %d};\n"
            "    SAME_TRY(%s_core_%s(%s_model(m), &call",
            name, SEED, prefix, name, prefix);
    write_parameters(x, "core");
    fprintf(calls, "), \"core\");\n    free(call.work);\n");
    write_comparisons(x);
    fprintf(calls, "}\n\n");

    fprintf(cli, "./%s %s --load weights.safetensors", prefix, name);
    if (x->e->draws) fprintf(cli, " --seed %d", SEED);
    for (int i = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        if (a->kind == ARGUMENT) fprintf(cli, " --%s %s.%s.npy", a->name, name, a->name);
        if (a->kind == SIZE) fprintf(cli, " --%s %lld", a->name, (long long)size_named(x, a->name));
        if (a->kind == SCALAR) fprintf(cli, " --%s %s", a->name, scalar(a));
        if (a->kind == RESULT) fprintf(cli, " --out %s.%s.npy", name, a->name);
    }
    fputc('\n', cli);
}

/* ---- training and evaluation */

/* Each run starts from the weights of the one before: heads may name files that are not there. */
static void write_train(const char *name, const char *before)
{
    fprintf(calls,
            "static void train_%s(void)\n{\n    %s *m = %s_new(7);\n"
            "    nnrt_run run = {.steps = %d, .seed = 7, .threads = 1, .load = %s%s%s, .save = "
            "\"from_c.safetensors\", .log = \"none\"};\n"
            "    %s_%s_report report;\n    SAME_TRY(!m || %s_%s(m, &run, &report), %s_error());\n"
            "    same_files(\"%s.safetensors\", \"from_c.safetensors\");\n    "
            "same_report(\"%s.json\", &report, sizeof report);\n    %s_free(m);\n}\n\n",
            name, prefix, prefix, STEPS, before ? "\"" : "", before ? before : "NULL", before ? ".safetensors\"" : "", prefix, name, prefix,
            name, prefix, name, name, prefix);
    fprintf(cli, "./%s %s --steps %d --seed 7 --threads 1 --log none --json --save %s.safetensors", prefix, name, STEPS, name);
    if (before) fprintf(cli, " --load %s.safetensors", before);
    fprintf(cli, " >events\ntail -n 1 events >%s.json\ncp %s.safetensors weights.safetensors\n", name, name);
}

static void write_eval(const char *name)
{
    fprintf(calls,
            "static void evaluate_%s(%s *m)\n{\n    %s_%s_report report;\n    SAME_TRY(%s_%s(m, "
            "NULL, &report), %s_error());\n"
            "    same_report(\"%s.json\", &report, sizeof report);\n}\n\n",
            name, prefix, prefix, name, prefix, name, prefix, name);
    fprintf(cli, "./%s %s --load weights.safetensors --threads 1 --json >%s.json\n", prefix, name, name);
}

static int is_derived(int i)
{
    for (int k = 0; k < i; k++)
        if (program->desc->entry[k].kind == NNRT_TRAIN_ENTRY &&
            strncmp(program->desc->entry[k].name, program->desc->entry[i].name, strlen(program->desc->entry[k].name)) == 0)
            return program->desc->entry[i].kind == NNRT_EVAL_ENTRY;
    return 0;
}

static void write_main(void)
{
    const nnrt_entry_desc *d = program->desc->entry;
    int n = program->desc->n_entries;
    fprintf(calls, "static void *call_all(void *m)\n{\n");
    for (int i = 0; i < n; i++)
        if (d[i].kind == NNRT_EXPORT_ENTRY) fprintf(calls, "    call_%s(m);\n", d[i].name);
    fprintf(calls, "    return m;\n}\n\nint main(void)\n{\n");
    for (int i = 0; i < n; i++)
        if (d[i].kind == NNRT_TRAIN_ENTRY) fprintf(calls, "    train_%s();\n", d[i].name);
    fprintf(calls,
            "    %s *m = %s_new(1); /* other weights than those of the file */\n    SAME_TRY(!m || "
            "%s_load(m, \"weights.safetensors\"), %s_error());\n",
            prefix, prefix, prefix, prefix);
    for (int i = 0; i < n; i++)
        if (d[i].kind == NNRT_EVAL_ENTRY && !is_derived(i)) fprintf(calls, "    evaluate_%s(m);\n", d[i].name);
    fprintf(calls, "    call_all(m);\n    same_in_threads(call_all, m);\n    %s_free(m);\n    return 0;\n}\n", prefix);
}

int main(void)
{
    const char *before = NULL;
    cli = create("cli.sh"), calls = create("calls.c");
    fprintf(calls, "#include \"%s.h\"\n#include \"same.h\"\n\n", prefix);
    for (int i = 0; i < program->desc->n_entries; i++) {
        const nnrt_entry_desc *d = &program->desc->entry[i];
        if (d->kind == NNRT_TRAIN_ENTRY) write_train(d->name, before), before = d->name;
        if (d->kind == NNRT_EVAL_ENTRY && !is_derived(i)) write_eval(d->name);
        if (d->kind != NNRT_EXPORT_ENTRY) continue;
        Entry x = export_entry(i);
        write_export(&x);
    }
    write_main();
    return fclose(cli) || fclose(calls);
}
