/* links: nnc_lib nnc_emit nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_golden_files.c: what is written beside or around the code, to the letter: the texts of modules for JavaScript and of packages
 * for Python, and what the linker is told.
 *
 * tests/outputs/files/NAME.txt; `NNC_UPDATE=1 tests/test_golden_files` writes them anew: look at the difference. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes_help.h"
#include "sema_help.h"

#define FOLDER NNC_SOURCE_DIR "/tests/outputs/"

static Arena arena;
static char folder[] = "/tmp/nnc-files-XXXXXX";
static Text said; /* messages */

static void to_text(void *user, NncStream stream, const char *text, size_t n)
{
    (void)stream;
    text_bytes(user, text, n);
}

static void begin(void)
{
    said.arena = &arena;
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void end(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert(chdir("/") == 0 && setenv("PATH", "/usr/bin:/bin", 1) == 0);
    cr_expect_eq(system(command), 0);
    arena_free(&arena);
}

TestSuite(golden_files, .init = begin, .fini = end, .timeout = 120);

static void compare(const char *name, const char *text)
{
    const char *path = arena_print(&arena, FOLDER "files/%s.txt", name);
    size_t n = 0;
    if (getenv("NNC_UPDATE")) {
        FILE *f = fopen(path, "wb");
        cr_assert(f && fwrite(text, 1, strlen(text), f) == strlen(text) && fclose(f) == 0, "%s", path);
    }
    const char *wanted = read_whole(NULL, path, &n, &arena, NULL), *was = wanted, *is = text;
    cr_assert(wanted, "%s cannot be read", path);
    int line = 1;
    for (size_t i = 0; wanted[i] && wanted[i] == text[i]; i++)
        if (text[i] == '\n') line++, was = wanted + i + 1, is = text + i + 1;
    cr_expect_str_eq(wanted, text, "%s:%d: it was\n%.*s\nand is\n%.*s\nIf it should be: NNC_UPDATE=1 tests/test_golden_files", path, line,
                     (int)strcspn(was, "\n"), was, (int)strcspn(is, "\n"), is);
}

static void add_file(Text *out, const char *title, const char *path, const char *until)
{
    size_t n = 0;
    const char *text = read_whole(NULL, path, &n, &arena, NULL);
    cr_assert(text, "%s was not written", path);
    const char *stop = until ? strstr(text, until) : text + n, *version = strstr(text, nnc_version());
    cr_assert(stop, "%s does not say: %s", path, until);
    text_add(out, "==== %s\n", title);
    if (version && version < stop) {
        text_add(out, "%.*sVERSION", (int)(version - text), text);
        text = version + strlen(nnc_version());
    }
    text_bytes(out, text, (size_t)(stop - text));
}

/* ---- texts ------------------------------------------------------------------------------------ */

/* The program lies beside what is made of it: some texts name its path. */
static NncOptions options_of(NncMode mode, const char *program, const char *output)
{
    const char *slash = strrchr(program, '/'), *input = arena_print(&arena, "%s.nn", slash ? slash + 1 : program);
    if (access(input, F_OK) != 0) cr_assert_eq(symlink(arena_print(&arena, FOLDER "%s.nn", program), input), 0);
    return (NncOptions){.mode = mode,
                        .input = input,
                        .output = output,
                        .cc = arena_print(&arena, "%s/cc", folder),
                        .runtime_dir = folder,
                        .write = to_text,
                        .user = &said};
}

static void succeed(const NncOptions *o)
{
    cr_assert_eq(nnc_compile(o), 0, "%s", text_c(&said));
    cr_assert_eq(said.n, 0, "%s", text_c(&said));
}

/* A linker that says what it was told and makes an empty file; it fails as STATUS and SIGNAL say. Beside it lies the runtime. */
static void make_linker(void)
{
    static const char script[] =
        "#!/bin/sh\n"
        "for word; do\n"
        "    printf '%s\\n' \"$word\"\n"
        "    case $word in *version-script=*) /bin/cat \"${word#*script=}\" >exports ;; *.c) /bin/cat \"$word\" >source ;; esac\n"
        "    [ \"$last\" != -o ] || : >\"$word\"\n"
        "    last=$word\n"
        "done >told\n"
        "[ -z \"$SIGNAL\" ] || kill -$SIGNAL $$\n"
        "exit ${STATUS:-0}\n";
    static const char *const empty[] = {"libnnrt.a", "libnnrt-mpi.a"};
    FILE *f = fopen("cc", "w");
    cr_assert(f && fputs(script, f) >= 0 && fclose(f) == 0 && chmod("cc", 0755) == 0);
    for (int i = 0; i < 2; i++)
        cr_assert((f = fopen(empty[i], "w")) && fclose(f) == 0);
}

/* Weights that are all 0, with words behind them, as `export --block` writes them. */
static void add_weights(NncOptions *o, size_t block)
{
    static char weights[1 << 12];
    static const char words[] = "rows.word\nhow\nmany \"words\"\n";
    memcpy(weights + block, words, sizeof words);
    o->weights = weights, o->n_weights = block + sizeof words - 1;
}

static void add_module(Text *out, const char *title, const NncOptions *o)
{
    succeed(o);
    add_file(out, arena_print(&arena, "%s, JavaScript", title), "out.mjs", "// ---- what follows is the same in every module");
    add_file(out, arena_print(&arena, "%s, TypeScript", title), "out.d.mts", NULL);
}

Test(golden_files, of_javascript)
{
    Text out = {.arena = &arena};
    NncOptions o = options_of(NNC_MODULE, "files/words", "out.wasm");
    o.target = "wasm32", o.march = "mvp", add_weights(&o, 448);
    add_module(&out, "words, with weights", &o);
    o = options_of(NNC_MODULE, "borders", "out.wasm");
    o.target = "wasm32", o.march = "mvp", o.floats = NNC_F64;
    add_module(&out, "borders, in f64", &o);
    compare("javascript", text_c(&out));
}

Test(golden_files, of_python)
{
    Text out = {.arena = &arena};
    make_linker();
    NncOptions o = options_of(NNC_PYTHON, "files/words", "words");
    succeed(&o);
    add_file(&out, "words", "words/words/__init__.py", NULL);
    add_file(&out, "pyproject.toml", "words/pyproject.toml", NULL);
    o = options_of(NNC_PYTHON, "borders", "double");
    o.floats = NNC_F64, o.prefix = "lambda";
    succeed(&o);
    add_file(&out, "borders in f64, called lambda", "double/lambda_/__init__.py", NULL);
    o = options_of(NNC_PYTHON, "empty", "least");
    add_weights(&o, 64);
    succeed(&o);
    add_file(&out, "empty, with weights", "least/empty/__init__.py", NULL);
    compare("python", text_c(&out));
}

/* ---- headers ---------------------------------------------------------------------------------- */

/* Without the types that all headers share, and without what LLVM makes of a program: the bytes of its stack and of its code. */
static void add_header(Text *out, const char *title, const NncOptions *o)
{
    size_t n = 0;
    succeed(o);
    const char *header = read_whole(NULL, "out.h", &n, &arena, NULL);
    const char *types = read_whole(NULL, NNC_SOURCE_DIR "/runtime/nnrt_types.h", &n, &arena, NULL), *at = strstr(header, types);
    cr_assert(at, "the header lacks nnrt_types.h");
    text_add(out, "==== %s\n", title);
    for (const char *line = header; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *end = strchr(line, '\n'), *figure = NULL;
        if (line == at) line += strlen(types), end = strchr(line, '\n'), text_add(out, "...\n");
        static const char *const figures[] = {"_STACK ", "_ROM "};
        for (int i = 0; i < 2 && strncmp(line, "#define ", 8) == 0; i++) {
            const char *found = memmem(line, (size_t)(end - line), figures[i], strlen(figures[i]));
            if (found) figure = found + strlen(figures[i]);
        }
        if (strstr(line, nnc_version()) && strstr(line, nnc_version()) < end) figure = strstr(line, nnc_version());
        text_add(out, "%.*s", (int)((figure ? figure : end) - line), line);
        if (figure)
            text_add(out, "N%.*s", (int)(end - figure - (int)strspn(figure, "0123456789.")), figure + strspn(figure, "0123456789."));
        text_add(out, "\n");
    }
}

Test(golden_files, of_headers)
{
    Text out = {.arena = &arena};
    NncOptions o = options_of(NNC_OBJECT, "files/words", "out.o");
    o.target = "thumbv7em-none-eabihf", o.march = "cortex-m4", o.small = 1;
    add_header(&out, "words, small", &o);
    o = options_of(NNC_OBJECT, "borders", "out.o");
    o.floats = NNC_F64;
    add_header(&out, "borders, in f64", &o);
    o = options_of(NNC_OBJECT, "code/bytes", "out.o");
    add_bytes(&o);
    add_header(&out, "bytes, in integers of 8 bits", &o);
    compare("headers", text_c(&out));
}

/* ---- constants -------------------------------------------------------------------------------- */

/* The end of a group that a bracket begins. */
static const char *group_end(const char *c)
{
    int depth = 0;
    do
        depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
    while (*c++ && depth);
    return c;
}

/* Behind a type that a value follows; else where it was. */
static const char *behind_type(const char *c)
{
    static const char *const plain[] = {"i1 ", "i8 ", "i16 ", "i32 ", "i64 ", "ptr ", "float ", "double "};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strncmp(c, plain[i], strlen(plain[i])) == 0) return c + strlen(plain[i]);
    if (*c != '{' && *c != '[') return c;
    const char *end = group_end(c); /* of a type, or of a value */
    return *end == ' ' && end[1] != 'x' && end[1] != '}' && end[1] != ']' ? end + 1 : c;
}

/* "text" of the string @.str3; a long one only begins here. */
static const char *string_of(const char *ir, const char *name, size_t n)
{
    const char *at = strstr(ir, arena_print(&arena, "\n%.*s = ", (int)n, name)), *text = strstr(at, "c\"");
    cr_assert(at && text, "%.*s", (int)n, name);
    int length = (int)strcspn(text + 2, "\n");
    while (text[2 + length] != '"')
        length--;
    return length > 100 ? arena_print(&arena, "\"%.10s ...\"", text + 2) : arena_print(&arena, "\"%.*s\"", length - 3, text + 2);
}

/* A value without its types, with the texts of strings. */
static void add_value(Text *out, const char *ir, const char *c)
{
    while (*c && *c != '\n') {
        const char *value = behind_type(c);
        size_t n = *value == '@' ? strspn(value + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789") + 1 : 0;
        if (strncmp(value, ", align", 7) == 0) break;
        const char *end = strncmp(value, "c\"", 2) == 0 ? strchr(value + 2, '"') : NULL;
        if (end && end - value > 200) /* a table, or weights */
            text_add(out, "%08x", (uint32_t)str_hash(value, (size_t)(end - value))), c = end + 1;
        else if (value != c)
            c = value;
        else if (n && strncmp(value, "@.str", 5) == 0)
            text_add(out, "%s", string_of(ir, value, n)), c += n;
        else
            text_bytes(out, c++, 1);
    }
    text_add(out, "\n");
}

static void add_constants(Text *out, const char *title, NncOptions *o)
{
    const char *head = arena_print(&arena, "@%.*s_", (int)strcspn(o->input, "."), o->input);
    o->target = "x86_64-linux-gnu", o->dump = o->stop_after = "llvm";
    said.n = 0;
    cr_assert_eq(nnc_compile(o), 0, "%s", text_c(&said));
    const char *ir = text_c(&said);
    text_add(out, "==== %s\n", title);
    for (const char *line = ir; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *constant = strstr(line, "constant "), *equals = strstr(line, " = ");
        if (strncmp(line, head, strlen(head)) != 0 || !constant || constant > line + strcspn(line, "\n")) continue;
        text_add(out, "%.*s ", (int)(equals - line - 1), line + 1);
        add_value(out, ir, constant + strlen("constant "));
    }
    const char *integers = strstr(ir, "\\22int8\\22:["); /* of the manifest */
    if (integers) text_add(out, "%.*s]\n", (int)(strstr(integers, "],\\22options") - integers), integers);
    said.n = 0;
}

Test(golden_files, of_constants)
{
    Text out = {.arena = &arena};
    NncOptions o = options_of(NNC_OBJECT, "files/words", "out.o");
    o.march = "x86-64-v3", add_weights(&o, 448);
    add_constants(&out, "words, with weights", &o);
    o = options_of(NNC_OBJECT, "empty", "out.o");
    o.march = "generic";
    add_constants(&out, "empty, for three levels", &o);
    o = options_of(NNC_OBJECT, "borders", "out.o");
    o.march = "x86-64-v3";
    add_constants(&out, "borders", &o);
    o = options_of(NNC_OBJECT, "steps", "out.o");
    o.march = "x86-64-v3", o.floats = NNC_F64;
    add_constants(&out, "steps, in f64", &o);
    o = options_of(NNC_OBJECT, "values", "out.o");
    o.march = "x86-64-v3", o.small = 1;
    add_constants(&out, "values, small", &o);
    o = options_of(NNC_OBJECT, "code/small", "out.o");
    o.march = "x86-64-v3", o.small = 1;
    add_constants(&out, "small", &o);
    o = options_of(NNC_OBJECT, "code/bytes", "out.o");
    o.march = "x86-64-v3", add_bytes(&o);
    add_constants(&out, "bytes, in integers of 8 bits", &o);
    compare("constants", text_c(&out));
}

/* ---- the manifest of a program ------------------------------------------------------------------ */

/* What the string that begins like this says: escapes are \22. */
static const char *unescaped(const char *ir, const char *begin)
{
    Text out = {.arena = &arena};
    const char *at = strstr(ir, begin);
    cr_assert(at, "%s", begin);
    for (; *at != '"'; at++) {
        unsigned code = 0;
        if (*at == '\\' && sscanf(at + 1, "%2x", &code) == 1)
            at += 2;
        else
            code = (unsigned char)*at;
        if (code) text_add(&out, "%c", (int)code);
    }
    return text_c(&out);
}

/* What only programs have: how layers are connected, and their kernels. An item to a line. */
Test(golden_files, of_the_manifest)
{
    static const char *const programs[] = {"rare", "steps"}, *const keys[] = {
                                                                 "\"entry_flows\":", "\"flows\":", "\"shapes\":", "\"kernels\":["};
    Text out = {.arena = &arena};
    for (int i = 0; i < 2; i++) {
        NncOptions o = options_of(NNC_PROGRAM, programs[i], "made");
        o.target = "x86_64-linux-gnu", o.march = "x86-64-v3", o.dump = o.stop_after = "llvm";
        said.n = 0;
        cr_assert_eq(nnc_compile(&o), 0, "%s", text_c(&said));
        const char *manifest = unescaped(text_c(&said), "{\\22nnc\\22:");
        text_add(&out, "==== %s\n", programs[i]);
        for (int k = 0; k < 4; k++)
            for (const char *at = manifest; (at = strstr(at, keys[k])); at++) {
                const char *from = strchr(at, '['), *until = group_end(from);
                text_add(&out, "%.*s", (int)(from - at), at);
                for (const char *c = from; c < until; c++)
                    text_add(&out, *c == '{' ? "\n    %c" : "%c", *c);
                text_add(&out, "\n");
            }
        said.n = 0;
    }
    compare("manifest", text_c(&out));
}

/* ---- the linker ------------------------------------------------------------------------------- */

/* Without what differs from run to run: the folder, and numbers in names of temporary files. */
static void add_word(Text *out, const char *word, size_t n)
{
    size_t of_folder = strlen(folder);
    for (size_t i = 0; i < n;) {
        if (strncmp(word + i, folder, of_folder) == 0) {
            text_add(out, "@");
            i += of_folder;
        } else if (strncmp(word + i, "made.", 5) == 0) {
            text_add(out, "made.");
            i += 5;
            i += strspn(word + i, "0123456789.");
        } else {
            text_bytes(out, word + i++, 1);
        }
    }
}

/* In a line, but for the flag of a build with sanitizers or counts. */
static void add_told(Text *out, const char *title)
{
    size_t n = 0;
    const char *text = read_whole(NULL, "told", &n, &arena, NULL);
    cr_assert(text, "the linker was not called");
    text_add(out, "%s:", title);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, "-fsanitize", 10) == 0 || strcmp(line, "--coverage") == 0) continue;
        text_add(out, " ");
        add_word(out, line, strcspn(line, "\n"));
    }
    text_add(out, "\n");
}

Test(golden_files, of_the_linker)
{
    static const char *const extra[] = {"own.o", "-lown"};
    static const struct {
        const char *title, *program;
        NncOptions o;
        bool gold;
    } row[] = {
        {"a program", "empty", {.mode = NNC_PROGRAM}, true},
        {"without gold", "empty", {.mode = NNC_PROGRAM}, false},
        {"f64, static, with files", "empty", {.floats = NNC_F64, .is_static = 1, .link_inputs = extra, .n_link_inputs = 2}, true},
        {"that has runs", "files/pictures", {.mode = NNC_PROGRAM}, true},
        {"lean", "files/pictures", {.lean = 1}, true},
        {"that several processes share", "files/pictures", {.mpi = 1}, true},
        {"that reads a picture", "files/drawing", {.mode = NNC_PROGRAM}, true},
        {"a library", "empty", {.mode = NNC_SHARED}, true},
        {"a library that reads pictures", "files/pictures", {.mode = NNC_SHARED}, false},
    };
    Text out = {.arena = &arena};
    make_linker();
    cr_assert(mkdir("bin", 0755) == 0 && symlink("/bin/sh", "bin/ld.gold") == 0);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        NncOptions o = options_of(row[i].o.mode, row[i].program, "made");
        o.floats = row[i].o.floats, o.is_static = row[i].o.is_static, o.lean = row[i].o.lean, o.mpi = row[i].o.mpi;
        o.link_inputs = row[i].o.link_inputs, o.n_link_inputs = row[i].o.n_link_inputs;
        cr_assert_eq(setenv("PATH", row[i].gold ? arena_print(&arena, "/nowhere:%s/bin", folder) : "/nowhere", 1), 0);
        succeed(&o);
        add_told(&out, row[i].title);
    }
    add_file(&out, "what the library exports", "exports", NULL);
    size_t n = 0;
    cr_expect(strstr(read_whole(NULL, "source", &n, &arena, NULL), "#define PICTURES_INLINE\n"));
    compare("linker", text_c(&out));
}

Test(golden_files, of_a_linker_that_fails)
{
    static const struct {
        const char *program, *status, *signal, *says;
        int result;
    } row[] = {
        {"empty", "1", "", "nnc: linking failed (the message of `@/cc` is above)\n", 1},
        {"empty", "0", "9", "nnc: `@/cc` was ended by a signal: Killed\n", 3},
        {"files/pictures", "2", "",
         "nnc: linking failed (the message of `@/cc` is above); this program can read JPEG: that takes libjpeg and libpng "
         "(Debian: libjpeg62-turbo-dev, libpng-dev)\n",
         1},
        {"files/pictures", "0", "15", "nnc: `@/cc` was ended by a signal: Terminated\n", 3},
        {"files/drawing", "1", "",
         "nnc: linking failed (the message of `@/cc` is above); this program can read PNG: that takes libpng (Debian: libpng-dev)\n", 1},
    };
    make_linker();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        NncOptions o = options_of(NNC_PROGRAM, row[i].program, "made");
        cr_assert(setenv("STATUS", row[i].status, 1) == 0 && setenv("SIGNAL", row[i].signal, 1) == 0);
        said.n = 0;
        cr_expect_eq(nnc_compile(&o), row[i].result, "%s", row[i].says);
        const char *text = text_c(&said), *at = strstr(text, folder);
        cr_assert(at, "%s", text);
        cr_expect_str_eq(arena_print(&arena, "%.*s@%s", (int)(at - text), text, at + strlen(folder)), row[i].says);
        cr_expect(access("made", F_OK) != 0, "the file is there");
    }
    NncOptions o = options_of(NNC_PROGRAM, "empty", "made");
    o.cc = "nowhere/cc", said.n = 0;
    cr_expect_eq(nnc_compile(&o), 3);
    cr_expect_str_eq(text_c(&said), "nnc: cannot start `nowhere/cc`: No such file or directory\n");
}
