/* SPDX-License-Identifier: MIT
 * quantize.c: `nnc quantize`, and the file that it makes, which --int8 reads.
 *
 * The program that reports ranges is compiled and evaluates a part of the data, then its own part for the floats; with the ranges the
 * program of bytes is compiled, and evaluates the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "emit/json.h"
#include "report/tree.h"
#include "support/input.h"
#include "support/output.h"

typedef struct Quantizing {
    Command *c;
    Arena *arena;
    const char *output; /* of -o, or STEM.int8.json */
    const char *program, *answer; /* temporary files */
    NncInt8 found;
    NncSizes sizes;
    const char *model; /* hash of the weights */
    const Tree *before, *after; /* evaluations */
    int status;
} Quantizing;

static const char *const sides[] = {"range.lo ", "range.hi "};

/* ---- the file ---- */

const char *command_weights_hash(Arena *arena, const NncOptions *o)
{
    enum { HEAD = 64 }; /* says which program wrote them */
    const char *bytes = o->weights;
    return arena_print(arena, "%016llx", (unsigned long long)(o->n_weights > HEAD ? str_hash(bytes + HEAD, o->n_weights - HEAD) : 0));
}

static const char *take_ranges(Arena *arena, const Tree *list, NncInt8 *to)
{
    unsigned n = 0;
    const char **name = ARENA_ARRAY(arena, const char *, list && list->n ? list->n : 1);
    double *bound[2] = {ARENA_ARRAY(arena, double, list && list->n ? list->n : 1),
                        ARENA_ARRAY(arena, double, list && list->n ? list->n : 1)};
    for (const Tree *t = list ? list->child : NULL; t; t = t->next, n++) {
        name[n] = tree_text(t, "name", NULL);
        bound[0][n] = tree_number(t, "lo", NAN);
        bound[1][n] = tree_number(t, "hi", NAN);
        if (!name[n]) return "a range has no name";
    }
    to->n = n, to->name = name, to->lo = bound[0], to->hi = bound[1];
    return n ? NULL : "there are no ranges";
}

const char *command_read_int8(Arena *arena, const char *path, const NncOptions *o, NncInt8 *to, int *status)
{
    Text text = {.arena = arena};
    const char *wrong = input_read(&text, path);
    *status = wrong ? 3 : 1;
    if (wrong) return wrong;
    const Tree *t = tree_read(arena, text_c(&text), text.n, &wrong);
    if (t && !tree_get(t, "ranges")) t = NULL, wrong = "there are no ranges in it";
    if (!t) return arena_print(arena, "%s: this is no file of `nnc quantize`%s%s", path, wrong ? ": " : "", wrong ? wrong : "");
    to->file = path, to->code = tree_text(t, "code", "");
    wrong = take_ranges(arena, tree_get(t, "ranges"), to);
    if (wrong) return arena_print(arena, "%s: %s", path, wrong);
    if (strcmp(tree_text(t, "model", ""), command_weights_hash(arena, o)) == 0) return *status = 0, NULL;
    return arena_print(arena, "%s: it was made with other weights than %s: `nnc quantize` makes one for these", path, o->checkpoint);
}

/* Scalars that an evaluation reports: all numbers behind the count of examples but ranges. */
static bool is_measure(const Tree *t)
{
    return t->kind == TREE_NUMBER && strcmp(t->key, "examples") != 0 && strncmp(t->key, "range.", 6) != 0;
}

static void put_measures(Json *j, const char *name, const Tree *evaluation)
{
    json_members(j, name);
    for (const Tree *t = evaluation->child; t; t = t->next)
        if (is_measure(t)) json_number(j, t->key, t->number);
    json_end(j);
}

static const char *file_text(const Quantizing *q)
{
    Json j = {.t = {.arena = q->arena}, .first = true};
    json_item(&j);
    json_text(&j, "nnc", nnc_version());
    json_text(&j, "program", q->c->o.input);
    json_text(&j, "weights", q->c->o.checkpoint);
    json_text(&j, "model", q->model);
    json_text(&j, "code", q->sizes.code);
    json_text(&j, "calibrated", q->c->part);
    json_list(&j, "ranges");
    for (unsigned i = 0; i < q->found.n; i++) {
        json_item(&j);
        json_text(&j, "name", q->found.name[i]);
        json_number(&j, "lo", q->found.lo[i]);
        json_number(&j, "hi", q->found.hi[i]);
        json_end(&j);
    }
    json_end_list(&j);
    json_members(&j, "bytes");
    json_int(&j, "f32", q->sizes.before);
    json_int(&j, "int8", q->sizes.after);
    json_int(&j, "states", q->sizes.states);
    json_end(&j);
    json_text(&j, "floats", *q->sizes.floats ? q->sizes.floats + 2 : "");
    json_text(&j, "evaluated", tree_text(q->before, "part", ""));
    json_int(&j, "examples", (int64_t)tree_number(q->before, "examples", 0));
    put_measures(&j, "f32", q->before);
    put_measures(&j, "int8", q->after);
    json_end(&j);
    text_add(&j.t, "\n");
    return text_c(&j.t);
}

/* ---- the programs ---- */

static bool build(Quantizing *q, const NncInt8 *int8)
{
    NncOptions o = q->c->o;
    o.mode = NNC_PROGRAM, o.output = q->program;
    o.observe = int8 == NULL, o.int8 = int8, o.sizes = &q->sizes;
    if (!int8) o.weights = NULL;
    q->status = nnc_compile(&o);
    return q->status == 0;
}

/* What the program says to a command; flags behind `--` are for it, too. */
static const Tree *ask(Quantizing *q, const char *const *words, int n, const char **wrong)
{
    const char *argv[COMMAND_MOST + 16] = {q->program};
    int at = 1;
    for (int i = 0; i < n; i++)
        argv[at++] = words[i];
    for (unsigned i = q->c->n_free; i < q->c->words.n; i++)
        argv[at++] = q->c->words.at[i];
    *wrong = NULL;
    q->status = command_spawn(argv, q->answer);
    Text text = {.arena = q->arena};
    if (q->status) return NULL; /* it said why */
    *wrong = input_read(&text, q->answer);
    const Tree *t = *wrong ? NULL : tree_read(q->arena, text_c(&text), text.n, wrong);
    if (!t) q->status = 1;
    return t;
}

static const Tree *evaluate(Quantizing *q, bool load, const char *part, const char **wrong)
{
    const char *words[16] = {"eval", "--json", "--log", "none", "--progress", "none"};
    int n = 6;
    if (load) words[n++] = "--load", words[n++] = q->c->o.checkpoint;
    if (part) words[n++] = "--on", words[n++] = part;
    return ask(q, words, n, wrong);
}

static const char *find_ranges(Quantizing *q, const Tree *evaluation)
{
    const size_t length = strlen(sides[0]);
    unsigned most = (unsigned)evaluation->n + 1, n = 0;
    const char **name = ARENA_ARRAY(q->arena, const char *, most);
    double *lo = ARENA_ARRAY(q->arena, double, most), *hi = ARENA_ARRAY(q->arena, double, most);
    for (const Tree *t = evaluation->child; t; t = t->next) {
        if (strncmp(t->key, sides[1], length) != 0) continue;
        name[n] = t->key + length;
        hi[n] = t->number;
        lo[n] = 0 - tree_number(evaluation, arena_print(q->arena, "%s%s", sides[0], name[n]), NAN);
        if (!isfinite(lo[n]) || !isfinite(hi[n]))
            return arena_print(q->arena, "quantize: what is multiplied by `%s` is not finite on %s", name[n], q->c->part);
        n++;
    }
    q->found = (NncInt8){.file = q->output, .n = n, .name = name, .lo = lo, .hi = hi};
    return NULL;
}

static const char *take_block(Quantizing *q)
{
    const char *argv[COMMAND_MOST + 16] = {q->program, "export", "--load", q->c->o.checkpoint, "--block", q->answer, NULL};
    Text bytes = {.arena = q->arena};
    q->status = command_spawn(argv, NULL);
    if (q->status) return NULL;
    const char *wrong = input_read(&bytes, q->answer);
    if (wrong) return q->status = 3, wrong;
    q->c->o.weights = text_c(&bytes), q->c->o.n_weights = bytes.n;
    q->model = command_weights_hash(q->arena, &q->c->o);
    return NULL;
}

static void tell(const Quantizing *q, Text *out)
{
    text_add(out, "%-20s %12s %12s\n", "", "f32", "int8");
    for (const Tree *t = q->before->child; t; t = t->next)
        if (is_measure(t)) text_add(out, "%-20s %12.5f %12.5f\n", t->key, t->number, tree_number(q->after, t->key, NAN));
    text_add(out, "%-20s %12lld %12lld   %.2f times smaller\n", "bytes of weights", q->sizes.before, q->sizes.after,
             (double)q->sizes.before / (double)(q->sizes.after ? q->sizes.after : 1));
    if (q->sizes.states) text_add(out, "%-20s %12lld %12lld\n", "bytes of states", q->sizes.states, q->sizes.states);
    if (*q->sizes.floats) text_add(out, "weights that stay floats: %s\n", q->sizes.floats + 2);
    text_add(out, "evaluated on %s, %lld examples; ranges of %u weights from %s in %s\n", tree_text(q->before, "part", "?"),
             (long long)tree_number(q->before, "examples", 0), q->found.n, q->c->part, q->output);
}

static const char *run(Quantizing *q, Text *out)
{
    const char *wrong = NULL;
    if (!build(q, NULL)) return NULL;
    const Tree *ranges = evaluate(q, true, q->c->part, &wrong);
    if (ranges) wrong = find_ranges(q, ranges);
    if (ranges && !wrong) q->before = evaluate(q, true, NULL, &wrong);
    if (q->before) wrong = take_block(q);
    if (wrong || q->status || !build(q, &q->found)) return wrong;
    q->after = evaluate(q, false, NULL, &wrong);
    if (!q->after) return wrong;
    const char *text = file_text(q);
    wrong = output_write(q->arena, q->output, text, strlen(text), false);
    if (!wrong) tell(q, out);
    q->status = wrong ? 3 : 0;
    return wrong;
}

const char *command_quantize(Command *c, Arena *arena, Text *out, int *status)
{
    *status = 2;
    if (c->o.floats != NNC_F32) return "quantize: the numbers around are floats of 32 bits, not --float=f64 or bf16";
    if (c->o.mode != NNC_PROGRAM || c->o.target) return "quantize runs a program on this machine; --int8 is for what is made of it";
    if (!c->o.checkpoint) return "quantize needs the weights: --weights=FILE";
    if (!c->part) return "quantize needs a part of the data to see what is computed with: --calibrate=PART";
    const char *stem = strrchr(c->o.input, '/');
    stem = stem ? stem + 1 : c->o.input;
    int length = (int)strcspn(stem, ".");
    Quantizing q = {.c = c, .arena = arena, .output = c->o.output};
    if (!q.output) q.output = arena_print(arena, "%.*s.int8.json", length, stem);
    q.program = command_temporary(arena, "nnc-program"), q.answer = command_temporary(arena, "nnc-answer");
    const char *wrong = run(&q, out);
    *status = q.status || !wrong ? q.status : 1;
    return wrong;
}
