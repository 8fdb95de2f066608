/* SPDX-License-Identifier: MIT
 * data_args.c: the declared arguments of readers and of split. */
#include "sema/data_args.h"

#include <string.h>

#include "sema/base/readers.h"
#include "sema/base/suggest.h"
#include "sema/base/unit.h"
#include "sema/data_value.h"
#include "sema/expr.h"

enum {
    CSV = 1, /* as the names in base/readers.c */
    IDX = 2,
    NPY = 4,
    NPZ = 8,
    SAFETENSORS = 16,
    JSON_LINES = 32,
    RAW = 64,
    BYTES = 128,
    LINES = 256,
    LINES_DIR = 512,
    IMAGE_DIR = 1024,
    WAV_DIR = 2048,
    SPLIT = 4096,
    TEXTS = CSV | LINES | LINES_DIR | JSON_LINES,
    ARRAYS = NPY | NPZ | SAFETENSORS, /* with examples, or rows of windows, along their first axis */
    FOLDERS = LINES_DIR | IMAGE_DIR | WAV_DIR,
    NAMED = TEXTS | IMAGE_DIR | WAV_DIR, /* can have classes by name */
    READERS = SPLIT - 1
};

static uint32_t kind_of(const char *name)
{
    for (int i = 0; reader_names[i]; i++)
        if (!strcmp(reader_names[i], name)) return 1u << i;
    return strcmp(name, "split") ? 0 : SPLIT;
}

bool reader_known(const char *name)
{
    return (kind_of(name) & READERS) != 0;
}

/* ---- the table ------------------------------------------------------------------------------ */

enum { BOOL = 1, INT = 2, NUMBER = 4, STRING = 8, RANGE = 16, INTS = 32, STRINGS = 64, PATH = 128, FIELD = 256, OPTION = 512 };
enum { MOST = 1 << 30, MOST_EXTENT = 1 << 20 };

typedef struct Argument {
    const char *name;
    uint32_t readers, takes;
    const char *expected; /* "... is EXPECTED, not ..." */
    const char *among;    /* of strings: one of these words */
    int64_t least, most;  /* of integers, also in ranges and lists */
} Argument;

#define PLAIN(name, readers, takes, expected) {name, readers, takes, expected, NULL, 0, 0}
#define WORD(name, readers, expected, among) {name, readers, STRING, expected, among, 0, 0}
static const Argument arguments[] = {
    PLAIN("path", READERS, PATH, "the path of a file or folder"),
    PLAIN("test", READERS, PATH, "the path of the examples of the part test"),
    {"shape", READERS, INTS, "a list of sizes like [3, 32, 32]", NULL, 1, MOST},
    {"column", CSV, INT | STRING, "the number of a column, from 0, or its name", NULL, 0, MOST},
    {"columns", CSV, RANGE | INTS | STRINGS, "a range of columns from 0 like 0..4, or a list of their numbers or names", NULL, 0, MOST},
    PLAIN("sep", CSV, STRING, "one character between cells, like \";\" or \"\\t\""),
    WORD("decimal", CSV, "\".\" or \",\", in front of the fraction of a number", ". ,"),
    PLAIN("quote", CSV, BOOL, "true or false"),
    PLAIN("header", CSV, BOOL, "true or false"),
    PLAIN("missing", CSV, STRING, "the text of a missing cell, like \"?\""),
    {"fill", CSV, INT | NUMBER, "the number that stands for a missing cell", NULL, INT64_MIN, INT64_MAX},
    PLAIN("skip", CSV, BOOL, "true or false"),
    {"window", CSV | ARRAYS, INT, "a number of rows, at least 1", NULL, 1, MOST},
    {"stride", CSV | ARRAYS, INT, "a number of rows, at least 1", NULL, 1, MOST},
    {"stride", RAW | BYTES, INT, "a number of bytes, at least 1", NULL, 1, INT64_MAX},
    PLAIN("array", NPZ | SAFETENSORS, STRING, "the name of an array in the file"),
    PLAIN("key", JSON_LINES, STRING, "the name of a value, like \"score\" or \"meta.score\""),
    {"offset", RAW, INT, "a number of bytes, at least 0", NULL, 0, INT64_MAX},
    WORD("dtype", RAW, "one of \"u8\" \"i8\" \"i16\" \"i32\" \"i64\" \"f16\" \"bf16\" \"f32\" \"f64\"",
         "u8 i8 i16 i32 i64 f16 bf16 f32 f64"),
    WORD("endian", RAW, "\"little\" or \"big\"", "little big"),
    PLAIN("bytes", TEXTS, BOOL, "true or false"),
    PLAIN("words", TEXTS, BOOL, "true or false"),
    PLAIN("chars", TEXTS, BOOL, "true or false"),
    PLAIN("numbers", TEXTS, BOOL, "true or false"),
    PLAIN("labels", NAMED, BOOL | STRINGS, "true, or the list of the classes' names"),
    PLAIN("end", TEXTS, BOOL, "true or false"),
    {"max", TEXTS, INT, "a number of tokens, at least 1", NULL, 1, MOST},
    PLAIN("like", NAMED, FIELD, "a text or label field of a block above: like=d.words"),
    PLAIN("glob", FOLDERS, STRING, "a pattern of file names like \"*.png\""),
    PLAIN("name", FOLDERS, STRING, "a pattern of file names with {label} in it"),
    PLAIN("gray", IMAGE_DIR, BOOL, "true or false"),
    PLAIN("raw", IMAGE_DIR, BOOL, "true or false"),
    {"resize", IMAGE_DIR, INTS, "the list [height, width]", NULL, 1, MOST_EXTENT},
    {"rate", WAV_DIR, INT, "a number of samples a second", NULL, 1, MOST},
    PLAIN("resample", WAV_DIR, BOOL, "true or false"),
    {"seed", SPLIT, INT | OPTION, "an integer, or an int option", NULL, INT64_MIN, INT64_MAX},
    {"folds", SPLIT, INT, "a number of folds, at least 2", NULL, 2, MOST},
    {"fold", SPLIT, INT | OPTION, "the number of a fold, from 0, or an int option", NULL, 0, MOST},
    PLAIN("shuffle", SPLIT, BOOL, "true or false"),
    PLAIN("stratify", SPLIT, FIELD, "a field of this block"),
};
enum { N_ARGUMENTS = sizeof arguments / sizeof *arguments };

static const Argument *declared(uint32_t kind, const char *name)
{
    for (int i = 0; i < N_ARGUMENTS; i++)
        if ((arguments[i].readers & kind) && !strcmp(arguments[i].name, name)) return &arguments[i];
    return NULL;
}

const char *reader_argument(const char *reader, uint32_t i)
{
    uint32_t kind = kind_of(reader);
    for (int k = 0; k < N_ARGUMENTS; k++)
        if ((arguments[k].readers & kind) && i-- == 0) return arguments[k].name;
    return NULL;
}

/* `if_given` of these readers needs one of `others`, or excludes all of them (words apart by blanks). */
typedef struct Rule {
    uint32_t readers;
    const char *if_given, *others, *why;
} Rule;

static const Rule needs[] = {
    {CSV | ARRAYS, "stride", "window", "it is the distance between windows: window=n, stride=s"},
    {TEXTS, "end", "bytes words chars numbers", "it ends a text: bytes=, words=, chars= or numbers=true"},
    {TEXTS, "max", "bytes words chars numbers", "it cuts a text: bytes=, words=, chars= or numbers=true"},
    {NAMED, "like", "words chars labels", "it shares a vocabulary: words=, chars= or labels=true"},
    {WAV_DIR, "resample", "rate", "it is the rate that sounds of another one get: rate=16000, resample=true"},
    {FOLDERS, "name", "labels", "it says where a label stands: labels=true, name=\"{label}_*\""},
};
#define ENCODINGS "bytes words chars numbers labels"
static const Rule excludes[] = {
    {CSV, "column", "columns", "one of them is enough"},
    {CSV, "columns", ENCODINGS, "a text is one column: column="},
    {CSV, "window", "bytes words chars numbers", "windows are rows of numbers or labels"},
    {CSV, "decimal", ENCODINGS, "texts have no decimals"},
    {CSV, "fill", ENCODINGS, "fill= is a number; skip=true leaves rows without a text out"},
    {CSV, "skip", "fill", "a row with a missing cell is either filled or left out"},
    {TEXTS, "words", "bytes chars numbers labels", "a text is encoded in one way"},
    {TEXTS, "chars", "bytes numbers labels", "a text is encoded in one way"},
    {TEXTS, "bytes", "numbers labels", "a text is encoded in one way"},
    {TEXTS, "numbers", "labels", "a text is encoded in one way"},
    {IMAGE_DIR, "labels", "gray raw resize", "the names of folders have no pixels"},
    {WAV_DIR, "labels", "rate resample", "the names of folders have no rate"},
};

/* ---- what is acceptable -------------------------------------------------------------------- */

static uint32_t form_of(const CoreReaderArg *a)
{
    static const uint32_t forms[] = {
        [ARG_INT] = INT,         [ARG_NUMBER] = NUMBER, [ARG_BOOL] = BOOL,   [ARG_STRING] = STRING, [ARG_RANGE] = RANGE,  [ARG_INTS] = INTS,
        [ARG_STRINGS] = STRINGS, [ARG_TEXT] = PATH,     [ARG_FIELD] = FIELD, [ARG_CALL] = 0,        [ARG_OPTION] = OPTION};
    return forms[a->kind];
}

static bool in_range(const Argument *argument, int64_t n)
{
    return n >= argument->least && n <= argument->most;
}

/* Is it one of words that have blanks between them? */
static bool word_among(const char *word, const char *words)
{
    size_t n = strlen(word);
    if (!n || strchr(word, ' ')) return false;
    for (const char *at = words; (at = strstr(at, word)); at++)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n])) return true;
    return false;
}

static bool distinct(const CoreReaderArg *a)
{
    for (uint32_t i = 0; i < a->n_strings; i++)
        for (uint32_t k = 0; k < i; k++)
            if (!strcmp(a->strings[i], a->strings[k])) return false;
    return true;
}

/* A separator is one byte that is no quote, no end of a line and no part of a number. */
static bool separates(const char *text)
{
    return text[0] && !text[1] && !strchr("\"\r\n.+-", text[0]) && !((text[0] | 32) >= 'a' && (text[0] | 32) <= 'z') &&
           !(text[0] >= '0' && text[0] <= '9');
}

static bool acceptable(const Argument *argument, const CoreReaderArg *a)
{
    if (!(argument->takes & form_of(a))) return false;
    bool good = true;
    switch (a->kind) {
    case ARG_INT: return in_range(argument, a->lo);
    case ARG_RANGE: return in_range(argument, a->lo) && in_range(argument, a->hi) && a->lo < a->hi;
    case ARG_INTS:
        for (uint32_t i = 0; i < a->n_ints; i++)
            good &= in_range(argument, a->ints[i]);
        if (!strcmp(a->key, "resize")) return good && a->n_ints == 2;
        return good && (strcmp(a->key, "shape") || a->n_ints <= CORE_MAX_RANK);
    case ARG_STRINGS: return distinct(a);
    case ARG_STRING:
        if (argument->among) return word_among(a->text, argument->among);
        if (!strcmp(a->key, "sep")) return separates(a->text);
        if (!strcmp(a->key, "name")) return strstr(a->text, "{label}") != NULL;
        return a->text[0] != 0;
    default: return true;
    }
}

static const char *help_for(const CoreReaderArg *a)
{
    if (a->kind == ARG_STRINGS && !distinct(a)) return "one of the names stands twice";
    if (!strcmp(a->key, "columns") && a->kind == ARG_INT && a->lo < 0) return "the first four are columns=0..4";
    if (!strcmp(a->key, "columns") && a->kind == ARG_INT) return "one column is column=; two are columns=0..2";
    if (!strcmp(a->key, "columns") && a->kind == ARG_STRING) return "one column is column=\"name\"";
    if (!strcmp(a->key, "columns") && a->kind == ARG_RANGE && a->lo == a->hi)
        return "a range ends before its last number: columns=0..4 are the columns 0, 1, 2 and 3";
    if (!strcmp(a->key, "columns")) return "the first four are columns=0..4";
    if (!strcmp(a->key, "column") && (a->kind == ARG_INTS || a->kind == ARG_STRINGS || a->kind == ARG_RANGE))
        return "several columns are columns=";
    return NULL;
}

static bool refuse(Sema *s, const char *reader, const Argument *argument, const CoreReaderArg *out, const Arg *a, const char *given)
{
    Diag *d = diag_error(s->diags, "E0323", a->value->span, "`%s` of %s is %s, not %s", a->name, reader, argument->expected, given);
    const char *help = help_for(out);
    if (help) suggest_told(d, a->name_span, NULL, help);
    return false;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* like=block.field, stratify=field */
static bool field_value(Sema *s, const Global *block, CoreReaderArg *out, const Expr *e)
{
    const char *name = e->kind == EXPR_FIELD && e->a->kind == EXPR_NAME ? e->a->name : NULL;
    if (!name && e->kind != EXPR_NAME) return false;
    out->kind = ARG_FIELD;
    out->hi = block->index;
    if (name) {
        Global *g = unit_find(block->unit, name);
        if (!g || g->decl->broken || g->decl->kind != DECL_DATA || (g != block && g->phase != PHASE_DONE)) return false;
        out->hi = g->index;
    }
    out->lo = core_find_field(&s->program->data.at[out->hi], e->name);
    return out->lo >= 0;
}

static bool every_call(const Expr *e)
{
    return e->kind == EXPR_CALL && e->a->kind == EXPR_NAME && !strcmp(e->a->name, "every");
}

/* A part of split: a share of the examples, or every(n). */
static bool part_value(Sema *s, const Arg *a, CoreReaderArg *out)
{
    static const char *const settings[] = {"seed", "shuffle", "stratify", "folds", "fold"};
    const char *wrong = NULL, *meant = suggest_among(a->name, settings, sizeof settings / sizeof *settings);
    if (meant && a->value->kind != EXPR_FLOAT && !every_call(a->value)) { /* sede=1: no share */
        suggest_meant(diag_error(s->diags, "E0323", a->name_span, "split has no argument `%s`", a->name), a->name_span, meant);
        return false;
    }
    if (every_call(a->value)) {
        const Arg *n = a->value->args;
        Value v = n && !n->next && !n->name && n->value ? expr_eval(s, n->value) : value_none();
        *out = (CoreReaderArg){.key = a->name, .kind = ARG_CALL, .text = "every", .span = a->span};
        if (v.kind == VAL_ERROR) return false;
        if (value_is_const_int(s, &v, &out->lo) && out->lo > 0) return true;
        wrong = "every(n) takes one number, at least 1";
    } else {
        Value v = expr_eval(s, a->value);
        if (v.kind == VAL_ERROR) return false;
        bool good = data_value(s, out, &v) && (out->kind == ARG_INT || out->kind == ARG_NUMBER);
        double x = out->kind == ARG_INT ? (double)out->lo : out->number;
        if (good && x > 0 && x <= 1) return true;
        wrong =
            arena_print(s->arena, "the part `%s` is a fraction above 0 and at most 1, or every(n), not %s", a->name, quoted_value(s, &v));
    }
    Diag *d = diag_error(s->diags, "E0323", a->value->span, "%s", wrong);
    const char *help = suggest_argument(s, a->name, settings, sizeof settings / sizeof *settings);
    if (help)
        suggest_told(d, a->name_span, NULL, help);
    else
        diag_help(d, "0.8 is 80 %% of the examples: split(train=0.8, test=0.2)");
    return false;
}

/* ---- one argument --------------------------------------------------------------------------- */

/* csv("a.csv", "score"), idx(dir, "file") */
static void help_second_text(Diag *d, uint32_t kind, const char *text)
{
    const char *key = kind == CSV ? "column" : kind == JSON_LINES ? "key" : kind & (NPZ | SAFETENSORS) ? "array" : NULL;
    if (key && text[0] != '/')
        diag_help(d, "write %s=\"%s\"", key, text);
    else
        diag_help(d, "texts are put together with +: dir + \"/file\"");
}

static bool unknown_argument(Sema *s, const char *reader, uint32_t kind, const Arg *a)
{
    const char *names[N_ARGUMENTS];
    uint32_t n = 0;
    if (a->pack || !a->name) {
        Diag *d =
            diag_error(s->diags, "E0323", a->span, "%s has no argument without a name%s", reader, kind == SPLIT ? "" : " but its path");
        if (kind == SPLIT)
            diag_help(d, "parts have names: split(train=0.8, test=0.2)");
        else if (a->value && a->value->kind == EXPR_STRING)
            help_second_text(d, kind, a->value->name);
        return false;
    }
    for (int i = 0; i < N_ARGUMENTS; i++)
        if (arguments[i].readers & kind) names[n++] = arguments[i].name;
    Diag *d = diag_error(s->diags, "E0323", a->span, "%s has no argument `%s`", reader, a->name);
    const char *help = suggest_argument(s, a->name, names, n);
    if (help) diag_help(d, "%s", help);
    if (!help || strncmp(help, "did", 3) != 0) diag_note(d, "its arguments are: %s", suggest_list(s, names, n));
    return false;
}

/* An int option, whose value counts when the data is opened. */
static bool take_option(const Value *v, CoreReaderArg *out)
{
    const Global *g = v->kind == VAL_TENSOR && v->type.elem == ELEM_int ? v->def : NULL;
    if (!g || g->decl->kind != DECL_OPTION) return false;
    out->kind = ARG_OPTION;
    out->lo = g->index;
    return true;
}

bool argument_eval(Sema *s, const char *reader, const Global *block, const Arg *a, CoreReaderArg *out)
{
    uint32_t kind = kind_of(reader);
    const Argument *argument = a->name && !a->pack ? declared(kind, a->name) : NULL;
    *out = (CoreReaderArg){.key = a->name, .span = a->span};
    if (!argument && kind == SPLIT && a->name && !a->pack) return part_value(s, a, out);
    if (!argument) return unknown_argument(s, reader, kind, a);
    if (argument->takes == FIELD) return field_value(s, block, out, a->value) || refuse(s, reader, argument, out, a, "this");
    Value v = expr_eval(s, a->value);
    if (v.kind == VAL_ERROR) return false;
    if (argument->takes == PATH) {
        out->kind = ARG_TEXT;
        return (!is_empty_text(&v) && text_of_value(&v, &out->path)) || refuse(s, reader, argument, out, a, quoted_value(s, &v));
    }
    if ((argument->takes & OPTION) && take_option(&v, out)) return true;
    if (v.kind == VAL_OPTION_TEXT || (v.kind == VAL_TENSOR && !v.type.rank)) {
        Diag *d = diag_error(s->diags, "E0323", a->value->span, "`%s` of %s must be known when the program is compiled", a->name, reader);
        diag_help(d, "only paths can have options in them; a const is known, and nnc -D name=value sets it");
        return false;
    }
    if (data_value(s, out, &v) && acceptable(argument, out)) return true;
    return refuse(s, reader, argument, out, a, quoted_value(s, &v));
}

/* ---- all of them together ------------------------------------------------------------------- */

const CoreReaderArg *argument_find(const CoreReader *r, const char *key)
{
    for (uint32_t i = 0; i < r->args.n; i++)
        if (!strcmp(r->args.at[i].key, key)) return &r->args.at[i];
    return NULL;
}

/* The first of these arguments that is given and not false. */
static const CoreReaderArg *find_among(const CoreReader *r, const char *words)
{
    for (uint32_t i = 0; i < r->args.n; i++) {
        const CoreReaderArg *a = &r->args.at[i];
        if (word_among(a->key, words) && !(a->kind == ARG_BOOL && !a->lo)) return a;
    }
    return NULL;
}

bool reader_is_text(const CoreReader *r)
{
    return find_among(r, ENCODINGS) != NULL;
}

bool reader_has_codes(const CoreReader *r)
{
    return reader_is_text(r) || kind_of(r->kind) == BYTES;
}

bool field_has_codes(const CoreField *f)
{
    return !f->expr && f->readers.n && reader_has_codes(&f->readers.at[0]);
}

static bool check_rules(Sema *s, const CoreReader *r)
{
    uint32_t kind = kind_of(r->kind);
    bool good = true;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const CoreReaderArg *a = find_among(r, needs[i].if_given);
        if (!(needs[i].readers & kind) || !a || find_among(r, needs[i].others)) continue;
        Diag *d = diag_error(s->diags, "E0323", a->span, "`%s` has no effect here", a->key);
        diag_help(d, "%s", needs[i].why);
        good = false;
    }
    for (size_t i = 0; i < sizeof excludes / sizeof *excludes; i++) {
        const CoreReaderArg *a = find_among(r, excludes[i].if_given), *other = find_among(r, excludes[i].others);
        if (!(excludes[i].readers & kind) || !a || !other) continue;
        Diag *d = diag_error(s->diags, "E0323", a->span, "`%s` and `%s` exclude each other", a->key, other->key);
        diag_help(d, "%s", excludes[i].why);
        good = false;
    }
    return good;
}

/* What cannot be left out. */
static bool check_needed(Sema *s, const CoreReader *r, Span call)
{
    uint32_t kind = kind_of(r->kind);
    if (kind == CSV && !find_among(r, "column columns")) {
        diag_error(s->diags, "E0323", call, "csv needs column= (a number from 0, or a name) or columns=");
        return false;
    }
    if (kind == JSON_LINES && !argument_find(r, "key")) {
        diag_error(s->diags, "E0323", call, "json_lines needs key=: the name of a value in each object");
        return false;
    }
    if ((kind & (LINES | LINES_DIR)) && !reader_is_text(r)) {
        diag_error(s->diags, "E0323", call, "%s needs bytes=, words=, chars=, numbers= or labels=true: how a text becomes numbers",
                   r->kind);
        return false;
    }
    const CoreReaderArg *decimal = argument_find(r, "decimal"), *sep = argument_find(r, "sep");
    if (decimal && decimal->text[0] == ',' && (!sep || sep->text[0] == ',')) {
        diag_help(diag_error(s->diags, "E0323", decimal->span, "a comma cannot stand between cells and in numbers"),
                  "say what stands between the cells: sep=\";\"");
        return false;
    }
    const CoreReaderArg *header = argument_find(r, "header"), *columns = find_among(r, "column columns");
    if (header && !header->lo && columns && (columns->kind == ARG_STRING || columns->kind == ARG_STRINGS)) {
        diag_error(s->diags, "E0323", header->span, "without a header columns have no names");
        return false;
    }
    return true;
}

static int64_t count_columns(const CoreReaderArg *a)
{
    return a->kind == ARG_RANGE ? a->hi - a->lo : a->kind == ARG_INTS ? a->n_ints : a->kind == ARG_STRINGS ? a->n_strings : 1;
}

/* As many numbers per example of csv as the field has. */
static bool check_count(Sema *s, const CoreReader *r, const SemaType *type, Span call)
{
    const CoreReaderArg *a = find_among(r, "column columns"), *window = argument_find(r, "window");
    if (!a || strcmp(r->kind, "csv") || reader_is_text(r)) return true;
    int64_t n = 1, k, columns = count_columns(a), have = columns * (window ? window->lo : 1);
    for (int i = 0; i < type->rank; i++) {
        if (type->axis[i].kind != AXIS_DIM || !dim_is_const(s->dims, type->axis[i].dim, &k)) return true;
        if (__builtin_mul_overflow(n, k, &n)) return true; /* refused elsewhere */
    }
    if (have == n) return true;
    const char *what = a->kind == ARG_RANGE ? arena_print(s->arena, "columns %lld..%lld are", (long long)a->lo, (long long)a->hi)
                       : columns == 1       ? "one column is"
                                            : arena_print(s->arena, "%lld columns are", (long long)columns);
    if (window)
        diag_error(s->diags, "E0323", call, "%s %lld numbers in %lld rows, but the field is %s", what, (long long)have,
                   (long long)window->lo, type_print(s, type));
    else {
        Diag *d = diag_error(s->diags, "E0323", call, "%s %lld number%s, but the field is %s", what, (long long)have, have == 1 ? "" : "s",
                             type_print(s, type));
        if (a->kind == ARG_RANGE)
            diag_help(d, "a range ends before its last number: columns=0..4 are the columns 0, 1, 2 and 3");
        else if (type->rank == 1)
            diag_help(d, "declare the field as %s[%lld]", elem_name(type->elem), (long long)have);
    }
    return false;
}

/* The last axis of a picture, where no axis of 1 and no row of numbers stands for another shape. */
static bool check_channels(Sema *s, const CoreReader *r, const SemaType *type, Span call)
{
    int64_t n = 0;
    if (kind_of(r->kind) != IMAGE_DIR || reader_is_text(r) || type->rank != 3) return true;
    for (int i = 0; i < 3; i++)
        if (type->axis[i].kind != AXIS_DIM || (dim_is_const(s->dims, type->axis[i].dim, &n) && n == 1)) return true;
    if (!dim_is_const(s->dims, type->axis[2].dim, &n) || n <= 4) return true;
    Diag *d =
        diag_error(s->diags, "E0323", call, "pictures have 1 to 4 channels along the last axis, but the field is %s", type_print(s, type));
    diag_help(d,
              "1 is grey, 3 are colours, 2 and 4 the same with transparency; rearrange(image_dir(..., shape=[h, w, c]), ...) turns axes");
    return false;
}

/* Labels are classes of int<C>; labels=["no", "yes"]: at most C. */
static bool check_labels(Sema *s, const CoreReader *r, const SemaType *type)
{
    const CoreReaderArg *labels = argument_find(r, "labels");
    int64_t bound;
    if (labels && type->elem == ELEM_int && !type->bound) {
        Diag *d = diag_error(s->diags, "E0323", labels->span, "labels are classes, but the field is %s, without their number",
                             type_print(s, type));
        diag_help(d, "declare it as int<3> for three classes");
        return false;
    }
    if (!labels || labels->kind != ARG_STRINGS || !type->bound || !dim_is_const(s->dims, type->bound, &bound)) return true;
    if (labels->n_strings <= bound) return true;
    diag_error(s->diags, "E0323", labels->span, "these are %u classes, but the field is %s", labels->n_strings, type_print(s, type));
    return false;
}

/* A class for each row of a window. */
static bool check_windows(Sema *s, const CoreReader *r, const SemaType *type, Span call)
{
    const CoreReaderArg *window = argument_find(r, "window");
    int64_t n = -1;
    if (!window || !argument_find(r, "labels")) return true;
    bool row = type->rank == 1 && type->axis[0].kind == AXIS_DIM && dim_is_const(s->dims, type->axis[0].dim, &n);
    if (row && n == window->lo) return true;
    diag_error(s->diags, "E0323", call, "a window has %lld labels, but the field is %s", (long long)window->lo, type_print(s, type));
    return false;
}

/* like= names a field with a vocabulary of the same kind, made there, and no larger than this one's bound. */
static bool check_like(Sema *s, const CoreReader *r, const SemaType *type)
{
    const CoreReaderArg *like = argument_find(r, "like"), *mine = find_among(r, "words chars labels");
    if (!like || !mine) return true;
    const CoreData *data = &s->program->data.at[like->hi];
    const CoreField *f = &data->fields.at[like->lo];
    const CoreReader *of = f->readers.n == 1 ? &f->readers.at[0] : NULL;
    const CoreReaderArg *theirs = of && of != r ? find_among(of, "words chars labels") : NULL;
    const char *wrong = !theirs || argument_find(of, "like")                      ? "has no vocabulary of its own to share"
                        : strcmp(theirs->key, mine->key)                          ? "is encoded in another way"
                        : argument_find(r, "labels") && mine->kind == ARG_STRINGS ? "has names, and labels= gives others"
                                                                                  : NULL;
    int64_t bound, other;
    if (!wrong && type->bound && dim_is_const(s->dims, type->bound, &bound) &&
        (!f->bound || (dim_is_const(s->dims, f->bound, &other) && other > bound)))
        wrong = "has more classes or words than this field can hold";
    if (!wrong) return true;
    diag_error(s->diags, "E0323", like->span, "like=%s.%s: %s.%s %s", data->name, f->name, data->name, f->name, wrong);
    return false;
}

bool arguments_check(Sema *s, const CoreReader *r, const SemaType *type, bool alone, Span call)
{
    if (!check_rules(s, r) || !check_needed(s, r, call)) return false;
    const CoreReaderArg *named = find_among(r, "words chars labels");
    if (alone && named && type->elem != ELEM_int) {
        diag_error(s->diags, "E0323", call, "%s are integers: declare the field as int<C>", named->key);
        return false;
    }
    bool shaped = alone || argument_find(r, "shape");
    if (shaped && !check_channels(s, r, type, call)) return false;
    return (!shaped || check_count(s, r, type, call)) && check_labels(s, r, type) && check_windows(s, r, type, call) &&
           check_like(s, r, type);
}
