/* links: nnc_lib nnc_emit nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_golden_outputs.c: what the compiler makes of right programs, to the letter: core program, C header, manifest; kernels.
 *
 * tests/outputs/NAME.txt holds the first three of tests/outputs/NAME.nn; a program whose first line is `# core` has the first of them
 * only, one that begins with `# kernels` its kernels, and with `# plan` what is computed together, where it lies, and how many
 * loops, reads, writes and products that becomes; `# memory`: what --dump=memory says, and once more with a limit of memory.
 * `NNC_UPDATE=1 tests/test_golden_outputs` writes them anew: look at the difference. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit/emit.h"
#include "nnc.h"
#include "sema_help.h"

#define FOLDER NNC_SOURCE_DIR "/tests/outputs/"

static const char *file_text(Arena *arena, const char *path, size_t *n)
{
    const char *text = read_whole(NULL, path, n, arena, NULL);
    cr_assert(text, "%s cannot be read", path);
    return text;
}

static void to_text(void *user, NncStream stream, const char *text, size_t n)
{
    (void)stream;
    text_bytes(user, text, n);
}

/* Where a piece stands in bytes; NULL: nowhere. */
static const char *piece_of(const char *bytes, size_t n, const char *piece, size_t length)
{
    return memmem(bytes, n, piece, length);
}

/* ---- the header ------------------------------------------------------------------------------- */

/* Without the types that all headers share. */
static void add_header(Arena *arena, Text *out, const char *header)
{
    size_t n = 0;
    const char *types = file_text(arena, NNC_SOURCE_DIR "/runtime/nnrt_types.h", &n);
    const char *at = piece_of(header, strlen(header), types, n);
    cr_assert(at, "the header lacks nnrt_types.h");
    text_add(out, "%.*s...\n%s", (int)(at - header), header, at + n);
}

/* The object has every function of the core that the header declares, by name. */
static void check_symbols(const char *header, const char *object, size_t n)
{
    int seen = 0;
    for (const char *at = header; (at = strstr(at, "_core_")); at++) {
        const char *lo = at, *hi = at;
        while (isalnum((unsigned char)lo[-1]) || lo[-1] == '_')
            lo--;
        while (isalnum((unsigned char)*hi) || *hi == '_')
            hi++;
        char name[200];
        if (*hi != '(') continue;
        cr_assert_lt(hi - lo, 198);
        int length = snprintf(name, sizeof name, "%c%.*s", 0, (int)(hi - lo), lo);
        cr_expect(piece_of(object, n, name, (size_t)length + 1), "the object lacks %s", name + 1);
        seen++;
    }
    cr_expect_gt(seen, 4);
}

/* ---- the manifest ----------------------------------------------------------------------------- */

/* An object to a line. */
static void add_manifest(Text *out, const char *json)
{
    int depth = 0;
    bool quoted = false;
    for (const char *c = json; *c; c++) {
        bool key = depth == 1 && *c == '"' && !quoted && (c[-1] == ',' || c[-1] == '{');
        if (!quoted && depth && (*c == '{' || key)) text_add(out, "\n%*s", 2 * depth, "");
        if (!quoted) depth += (*c == '{') - (*c == '}');
        if (*c == '"' && c[-1] != '\\') quoted = !quoted;
        text_bytes(out, c, 1);
    }
    text_add(out, "\n");
}

static const char *manifest_of(const char *object, size_t n)
{
    static const char begin[] = "{\"nnc\":";
    const char *at = piece_of(object, n, begin, sizeof begin - 1);
    cr_assert(at, "the object has no manifest");
    return at;
}

/* ---- the programs ----------------------------------------------------------------------------- */

/* What a program says in its first line that it is about. */
static const struct {
    const char *line, *dump, *stop;
} parts[] = {{"# core\n", "core", "check"},
             {"# kernels\n", "kernel", "kernel"},
             {"# plan\n", "kernel,loop", "loop"},
             {"# memory\n", "memory", "kernel"},
             {"", "core", NULL}};
enum { PLAN = 2, MEMORY, WHOLE };

static NncOptions options_of(Arena *arena, const char *name, int part, Text *out)
{
    return (NncOptions){.mode = NNC_OBJECT,
                        .input = arena_print(arena, "%s.nn", name),
                        .target = "x86_64-linux-gnu", /* the same on every machine */
                        .march = "x86-64-v3",
                        .dump = parts[part].dump,
                        .stop_after = parts[part].stop,
                        .write = to_text,
                        .user = out};
}

static void add_files(Arena *arena, const char *name, Text *out)
{
    char folder[] = "/tmp/nnc-outputs-XXXXXX";
    size_t n = 0, length = 0;
    cr_assert(mkdtemp(folder));
    NncOptions options = options_of(arena, name, WHOLE, out);
    const char *path = arena_print(arena, "%s/%s.h", folder, name);
    options.output = arena_print(arena, "%s/%s.o", folder, name);
    cr_assert_eq(nnc_compile(&options), 0, "%s.nn: %s", name, text_c(out));
    const char *object = file_text(arena, options.output, &n), *header = file_text(arena, path, &length);
    check_symbols(header, object, n);
    text_add(out, "==== header\n");
    add_header(arena, out, header);
    text_add(out, "==== manifest\n");
    add_manifest(out, manifest_of(object, n));
    unlink(options.output);
    unlink(path);
    rmdir(folder);
}

/* "loop 2  ld 3  st 1": the loops of a function, what it reads and writes, and its products. */
static const char *add_counts(Text *out, const char *line)
{
    static const char *const word[] = {"loop", "ld", "ldstride", "ldgather", "prefetch", "st", "ststride", "fma", "fmul", "call"};
    enum { WORDS = sizeof word / sizeof *word };
    int times[WORDS] = {0};
    for (; *line && *line != '}'; line += strcspn(line, "\n") + 1) {
        const char *op = line + strspn(line, " "), *equals = memmem(line, strcspn(line, "\n"), " = ", 3);
        if (*op == '%' && equals) op = equals + 3;
        for (int i = 0; i < WORDS; i++)
            times[i] += strncmp(op, word[i], strlen(word[i])) == 0 && op[strlen(word[i])] == ' ';
    }
    for (int i = 0; i < WORDS; i++)
        if (times[i]) text_add(out, "  %s %d", word[i], times[i]);
    text_add(out, "\n");
    return line;
}

/* Of kernels the first line of each, with its axes; of buffers those in work memory; of loops how much there is. */
static const char *plan_of(Arena *arena, const char *kernels)
{
    Text out = {.arena = arena};
    for (const char *line = kernels; *line; line += strcspn(line, "\n") + 1) {
        int n = (int)strcspn(line, "\n");
        if (strncmp(line, "fn ", 3) == 0) {
            text_add(&out, "%.*s", (int)strcspn(line, "("), line);
            line = add_counts(&out, line + n + 1);
            continue;
        }
        bool buffer = strncmp(line, "buf ", 4) == 0, work = piece_of(line, (size_t)n, " life=", 6) != NULL;
        if (*line != ' ' && strncmp(line, "table ", 6) != 0 && (!buffer || work)) text_add(&out, "%.*s\n", n, line);
    }
    return text_c(&out);
}

static const char *outputs_of(Arena *arena, const char *name, const char *program)
{
    int part = 0;
    Text out = {.arena = arena};
    while (strncmp(program, parts[part].line, strlen(parts[part].line)) != 0)
        part++;
    if (part == WHOLE) {
        text_add(&out, "==== core\n");
        add_files(arena, name, &out);
        return text_c(&out);
    }
    NncOptions options = options_of(arena, name, part, &out);
    cr_assert_eq(nnc_compile(&options), 0, "%s.nn: %s", name, text_c(&out));
    if (part == MEMORY) {
        text_add(&out, "==== with less\n");
        options.memory = 11000000;
        cr_assert_eq(nnc_compile(&options), 0, "%s.nn: %s", name, text_c(&out));
    }
    return part == PLAN ? plan_of(arena, text_c(&out)) : text_c(&out);
}

/* The first line that differs. */
static int first_difference(const char *a, const char *b, const char **at_a, const char **at_b)
{
    int line = 1;
    for (*at_a = a, *at_b = b; *a && *a == *b; a++, b++)
        if (*a == '\n') line++, *at_a = a + 1, *at_b = b + 1;
    return line;
}

static void check_program(const char *path)
{
    Arena arena = {0};
    size_t n = 0;
    const char *name = strrchr(path, '/') + 1, *was, *is;
    name = arena_copy(&arena, name, strlen(name) - strlen(".nn"));
    const char *text = outputs_of(&arena, name, file_text(&arena, path, &n)), *golden = arena_print(&arena, FOLDER "%s.txt", name);
    if (getenv("NNC_UPDATE")) {
        FILE *f = fopen(golden, "wb");
        cr_assert(f && fwrite(text, 1, strlen(text), f) == strlen(text) && fclose(f) == 0, "%s", golden);
    }
    const char *wanted = file_text(&arena, golden, &n);
    wanted = arena_copy(&arena, wanted, n);
    int line = first_difference(wanted, text, &was, &is);
    cr_expect_str_eq(
        wanted, text,
        "%s:%d: it was\n%.*s\nand is\n%.*s\nIf it should be: NNC_UPDATE=1 tests/test_golden_outputs, and look at the difference", golden,
        line, (int)strcspn(was, "\n"), was, (int)strcspn(is, "\n"), is);
    arena_free(&arena);
}

Test(outputs, of_right_programs)
{
    glob_t found;
    cr_assert_eq(glob(FOLDER "*.nn", 0, NULL, &found), 0);
    cr_assert_eq(chdir(FOLDER), 0); /* a header names its source */
    cr_expect_geq(found.gl_pathc, 4);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_program(found.gl_pathv[i]);
    globfree(&found);
}

/* ---- files of exports ------------------------------------------------------------------------- */

/* The formats that an export of one argument and one result can use. */
static const char *formats_of(Arena *arena, const char *argument, const char *type, const char *result)
{
    Checked c;
    uint32_t n = 0;
    Text out = {.arena = arena};
    check_source(&c, arena_print(arena, "export fn f(A: dim, B: dim, x: %s) -> %s { return %s }\n", argument, type, result));
    cr_assert_eq(c.diags.n_errors, 0, "%s", c.messages);
    EmitProgram e = {.arena = arena, .core = c.program};
    const char *const *list = emit_formats(&e, &n);
    for (uint32_t i = 0; i < n; i++)
        text_add(&out, "%s%s", i ? " " : "", list[i]);
    return text_c(&out);
}

Test(outputs, files_of_exports)
{
    static const struct {
        const char *argument, *type, *result, *formats;
    } row[] = {
        /* arguments: pictures, sounds */
        {"float", "int", "1", ""},
        {"float[A]", "int", "1", "wav"},
        {"int[A]", "int", "1", ""},
        {"float[A, 2]", "int", "1", "wav"},
        {"float[A, B]", "int", "1", "png_in wav"},
        {"float[4, 4]", "int", "1", "png_in wav"},
        {"u8[A, B]", "int", "1", "png_in"},
        {"float[A, 5, 1]", "int", "1", "png_in"},
        {"bool[A, B, 1, 2]", "int", "1", "png_in"},
        /* results: charts and melodies too */
        {"int", "float", "1.5", ""},
        {"int", "int[A]", "full(7, A)", ""},
        {"int", "int<8>[A]", "full(7, A)", "mid"},
        {"int", "int<7>[A, B]", "full(6, A, B)", "png mid"},
        {"int", "float[A]", "zeros(A)", "svg wav"},
        {"int", "f64[A]", "f64(zeros(A))", "svg wav"},
        {"int", "bool[A]", "zeros(A) > 1", ""},
        {"int", "float[A, 3]", "zeros(A, 3)", "png svg wav"},
        {"int", "f16[A, B, 3]", "f16(zeros(A, B, 3))", "png svg"},
        {"int", "bool[A, B, 3]", "zeros(A, B, 3) > 1", "png"},
        {"int", "float[A, A, B, 3]", "zeros(A, A, B, 3)", "png svg"},
        {"int", "float[A, A, A, B, 3]", "zeros(A, A, A, B, 3)", "png"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        cr_expect_str_eq(formats_of(&arena, row[i].argument, row[i].type, row[i].result), row[i].formats, "%s -> %s: %s", row[i].argument,
                         row[i].type, formats_of(&arena, row[i].argument, row[i].type, row[i].result));
    arena_free(&arena);
}

/* What reads the data of a program: every kind of reader once; "jpeg" where pictures may be JPEG files, "words" where texts are cut. */
static const char *readers_of(Arena *arena, const char *fields)
{
    Checked c;
    uint32_t n = 0;
    Text out = {.arena = arena};
    check_source(&c, arena_print(arena, "data d[H, W] {\n%s\n}\n", fields));
    cr_assert_eq(c.diags.n_errors, 0, "%s", c.messages);
    EmitProgram e = {.arena = arena, .core = c.program};
    const char *const *list = emit_readers(&e, &n);
    for (uint32_t i = 0; i < n; i++) {
        text_add(&out, "%s%s", i ? " " : "", list[i]);
        cr_expect(emit_has_reader(&e, list[i]), "%s", list[i]);
    }
    cr_expect(!emit_has_reader(&e, "idx"));
    return text_c(&out);
}

Test(outputs, readers_of_data)
{
    static const struct {
        const char *glob, *readers;
    } row[] = {
        {"*.png", "image_dir"},
        {"*.jpg", "image_dir jpeg"},
        {"*.jpeg", "image_dir jpeg"},
        {"a.jpe", "image_dir jpeg"},
        {"*.JPG", "image_dir jpeg"},
        {"*.JPEG", "image_dir jpeg"},
        {"*.Jpg", "image_dir jpeg"},
        {"*.Jpeg", "image_dir jpeg"},
        {"*.jp2", "image_dir"},
        {"*.jpgs", "image_dir"},
        {"*.j*", "image_dir jpeg"},
        {"*.jp?", "image_dir jpeg"},
        {"*.?pg", "image_dir jpeg"},
        {"*.*", "image_dir jpeg"},
        {"*", "image_dir jpeg"},
        {"a*", "image_dir jpeg"},
        {"*a", "image_dir"},
        {"jpg", "image_dir"},
        {"*.jpg.png", "image_dir"},
        {"*.png|*.jpg", "image_dir jpeg"},
        {"*.jpg|*.png", "image_dir jpeg"},
        {"*.png|*.gif", "image_dir"},
        {"*.png|", "image_dir"},
        {"|*.jpg", "image_dir jpeg"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *is = readers_of(&arena, arena_print(&arena, "x: float[H, W, 3] = image_dir(\"a\", glob=\"%s\")", row[i].glob));
        cr_expect_str_eq(is, row[i].readers, "%s: %s", row[i].glob, is);
    }
    cr_expect_str_eq(
        readers_of(&arena,
                   "x: float[8] = wav_dir(\"a\")\ny: float[2] = csv(\"a\", columns=[1, 3])\nz: float[1] = csv(\"b\", columns=0..1)"),
        "wav_dir csv");
    cr_expect_str_eq(readers_of(&arena, "x: int<9>[H] = lines(\"a\", words=true, max=3)\ny: float[8] = wav_dir(\"*.jpg\")"),
                     "lines words wav_dir");
    cr_expect_str_eq(readers_of(&arena, "x: int<9>[H] = lines(\"a\", chars=true, max=3)"), "lines");
    arena_free(&arena);
}
