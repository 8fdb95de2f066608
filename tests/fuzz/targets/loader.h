/* SPDX-License-Identifier: MIT
 * loader.h: a reader of data blocks on files in memory. The calls by which readers ask for files are replaced:
 * every file is the input, a folder has two. The first two bytes of an input choose the arguments of the
 * reader, and of another one of the same file in the block; whether that one shares what is read; whether files are held; whether
 * the file is a pipe. */
#ifndef FUZZ_LOADER_H
#define FUZZ_LOADER_H

#include <sys/stat.h>

#include "data/file.h"
#include "data/folder.h"
#include "data/pieces.h"
#include "data/reader.h"
#include "data/text.h"
#include "data/words.h"
#include "memory_file.h"
#include "remark.h"

/* It brings the words of texts along, as in the list of a program. */
static const nnrt_reader *const brings_words __attribute__((used)) = &nnrt_reader_words;

typedef struct Choice {
    const char *args; /* as in the manifest */
    int rank;
    int64_t dim[3];
    int64_t bound;
} Choice;

enum { PIPE = 0x20, SHARED = 0x40, NOT_HELD = 0x80 }; /* of the second byte of an input, whose rest is a choice */

static bool from_pipe;

static const uint8_t *file_bytes;
static size_t file_size;

int __wrap_file_read(const char *path, char **text, size_t *n);
int __wrap_file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n);
int __wrap_file_read_within(const char *path, char **text, size_t *n);
int __wrap_file_find(const char *path, char found[FILE_PATH]);
int __wrap_folder_list(const char *path, const char *glob, char ***list, int *n);
int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);

int __wrap_file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n)
{
    size_t most = SIZE_MAX, size = file_size;
    char *copy = malloc(size + 1);
    memcpy(copy, file_bytes, size);
    copy[size] = 0;
    int code = header ? header->length(header->context, path, copy, size, &most) : NNRT_OK;
    if (!code && size > most && most < SIZE_MAX - 1) copy[size = most + 1] = 0;
    if (code) free(copy);
    if (!code) *text = copy, *n = size;
    return code;
}

int __wrap_file_read(const char *path, char **text, size_t *n)
{
    return __wrap_file_read_headed(path, NULL, text, n);
}

int __wrap_file_read_within(const char *path, char **text, size_t *n)
{
    return __wrap_file_read_headed(path, NULL, text, n);
}

/* Files of arrays stay open if they are not to be held. */
int __wrap_file_find(const char *path, char found[FILE_PATH])
{
    (void)path;
    snprintf(found, FILE_PATH, "%s", memory_file(file_bytes, file_size));
    return NNRT_OK;
}

int __wrap_folder_list(const char *path, const char *glob, char ***list, int *n)
{
    (void)path, (void)glob;
    *n = 2;
    *list = calloc(2, sizeof **list);
    (*list)[0] = strdup("x/a_1/x.png"), (*list)[1] = strdup("x/b/y.png");
    return NNRT_OK;
}

#ifndef PRECISION
#define PRECISION EXACT
#endif
#ifndef OWN_WORDS
#define OWN_WORDS(text) (text) /* without those of other libraries, which differ from one version to the next */
#endif

static inline void give_error(int code)
{
    give("error %d: %s", code, OWN_WORDS(nnrt_error_text()));
}

/* What a source says of an example before its numbers are wanted. */
static inline void give_place(nnrt_source *s, int64_t i, int rank, const int64_t *extent)
{
    give("%s", i ? "; " : "");
    if (s->line) give("line %lld: ", (long long)s->line(s, i));
    if (s->number && !s->line) give("number %lld: ", (long long)s->number(s, i));
    for (int k = 0; s->extent && k < rank; k++)
        give("%s%lld%s", k ? "x" : "[", (long long)extent[k], k + 1 == rank ? "] " : "");
}

/* Where all examples lie in memory at the same distance, each lies where its row says. */
static inline void check_even(nnrt_source *s, int64_t i, int64_t n)
{
    const EvenRows *e = &s->even;
    Numbers row = {0};
    if (!e->at || s->row(s, i, &row)) return;
    CHECK(!row.own && row.type == e->type && n == e->each && (const char *)row.at == (const char *)e->at + i * e->step,
          "example %lld is not among the even ones", (long long)i);
}

/* The first and the last examples, each in a block of exactly its size. */
static inline void read_examples(nnrt_source *s, int rank, Precision precision)
{
    enum { MOST = 1 << 16 };
    CHECK(s->n >= 0, "%lld examples", (long long)s->n);
    give("%lld example%s%s: ", (long long)s->n, s->n == 1 ? "" : "s", s->made ? ", made when asked for" : "");
    for (int64_t i = 0; i < s->n; i++) {
        if (i == 8 && s->n > 16) i = s->n - 8;
        int64_t n = s->count(s, i), extent[8] = {0};
        CHECK(n >= 0, "example %lld has %lld numbers", (long long)i, (long long)n);
        if (s->extent) s->extent(s, i, extent);
        if (s->number) CHECK(s->number(s, i) >= 0, "example %lld has no number", (long long)i);
        give_place(s, i, rank, extent);
        if (n > MOST) continue;
        double *out = malloc(sizeof *out * (size_t)n);
        int code = source_numbers(s, i, out);
        if (code)
            give_error(code);
        else
            give_numbers(out, n, precision);
        check_even(s, i, n);
        if (s->present) s->present(s, i, out);
        for (int64_t k = 0; s->present && k < n; k++)
            if (out[k] == 0) give(", %lld is absent", (long long)k);
        free(out);
    }
}

/* The file may be a pipe. */
#ifndef OWN_STAT
int __wrap_stat(const char *path, struct stat *st)
{
    if (!from_pipe || strcmp(path, "x")) return __real_stat(path, st);
    *st = (struct stat){.st_mode = S_IFIFO, .st_dev = 1, .st_ino = 2};
    return 0;
}
#endif

static inline void give_words(const nnrt *m)
{
    for (int v = 0; v < m->n_vocabs; v++) {
        give("; words of %d:", m->vocab[v].field);
        for (int i = 0; i < m->vocab[v].n; i++)
            give(" \"%s\"", m->vocab[v].word[i]);
    }
}

/* Texts that are not in the file as codes of a field, and the names of codes. */
static inline void give_codes(nnrt *m, const Spec *spec)
{
    static const char *const texts[] = {"b 1", "yes"};
    char name[4];
    snprintf(name, sizeof name, "d.%s", spec->name);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int32_t code[4] = {-1, -1, -1, -1};
        int64_t n = nnrt_encode(m, name, texts[i], code, 3);
        if (n < 0) give("; \"%s\": %s", texts[i], nnrt_error_text());
        if (n >= 0) give("; \"%s\" is %lld: %d %d %d", texts[i], (long long)n, code[0], code[1], code[2]);
        CHECK(code[3] == -1, "more codes than there is room for");
    }
    for (int32_t code = -1; code < 5; code += 2) {
        const char *word = nnrt_code_name(m, name, code);
        give(word ? ", %d is \"%s\"" : ", %d: %s", code, word ? word : nnrt_error_text());
    }
}

/* A list of codes as a text. */
static inline void give_decoded(nnrt *m, int field)
{
    static const int32_t codes[] = {2, 51, 1, 3, 0, 2};
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    text_decode(m, 0, field, codes, sizeof codes / sizeof *codes, f);
    fclose(f);
    give("; decoded: "), give_bytes(text, n);
    free(text);
}

static inline void give_text_field(nnrt *m, int field)
{
    Spec spec;
    CHECK(spec_of_field(m, 0, field, &spec), "field %d has no reader", field);
    if (!text_wanted(&spec)) return;
    give_aside();
    give_codes(m, &spec);
    give_decoded(m, field);
}

typedef struct Opened {
    nnrt_source source;
    int code;
} Opened;

/* A field of the block as the choice says. */
static inline Opened read_field(const nnrt_reader *reader, Spec *spec, int field, const Choice *c)
{
    Opened o = {.code = 0};
    spec->reader = json_at(json_get(json_at(json_get(spec->block, "fields"), field), "readers"), 0);
    spec->rank = c->rank, spec->bound = c->bound, spec->field = field, spec->name = field ? "g" : "f";
    memcpy(spec->dim, c->dim, sizeof c->dim);
    o.code = reader->open(spec, &o.source);
    if (o.code)
        give_error(o.code);
    else
        read_examples(&o.source, c->rank, strstr(c->args, "resample") ? SINGLE : PRECISION);
    return o;
}

static inline void read_block(const nnrt_reader *reader, Spec *spec, const Choice *c, const Choice *other)
{
    Opened f = read_field(reader, spec, 0, c), g = {.code = NNRT_E_IO};
    if (spec->shared) {
        give(" ### ");
        g = read_field(reader, spec, 1, other);
    }
    give_words(spec->m);
    if (!f.code) give_text_field(spec->m, 0);
    if (!g.code) give_text_field(spec->m, 1);
    int code = f.code || g.code ? NNRT_OK : folder_pair("f", &f.source, "g", &g.source);
    if (code) give(" ### "), give_error(code);
    if (!f.code) f.source.close(&f.source);
    if (!g.code) g.source.close(&g.source);
}

/* The field g holds numbers in single precision, where its numbers are those of the reader. */
#define FIELD_TEXT(name, elem) \
    "{\"name\":\"" name "\",\"elem\":\"" elem "\",\"readers\":[{\"kind\":\"%s\",\"path\":[\"x\"],\"args\":[%s]}],\"bound\":%lld}"

static inline int run_reader(const nnrt_reader *reader, const Choice *choice, int n_choices, const uint8_t *data, size_t size)
{
    char text[2000];
    const nnrt_program program = {.abi = NNRT_ABI, .name = "fuzz", .manifest = text, .float_bytes = 4};
    if (size < 2) return 0;
    const Choice *c = &choice[data[0] % n_choices], *other = &choice[data[1] % n_choices];
    snprintf(text, sizeof text, "{\"data\":[{\"name\":\"d\",\"fields\":[" FIELD_TEXT("f", "double") "," FIELD_TEXT("g", "float") "]}]}",
             reader->kind, c->args, (long long)c->bound, reader->kind, other->args, (long long)other->bound);
    file_bytes = data + 2, file_size = size - 2;
    nnrt *m = rt_new(&program);
    CHECK(m && json_list(m->manifest, "data"), "%s", text);
    Spec spec = {.m = m, .block = json_list(m->manifest, "data"), .path = "x"};
    Shared *shared = NULL;
    if (data[1] & SHARED) spec.shared = &shared;
    if (data[1] & NOT_HELD) m->hold_most = 1;
    from_pipe = data[1] & PIPE;
    read_block(reader, &spec, c, other);
    while (shared) {
        Shared *s = shared;
        shared = s->next;
        s->drop(s);
    }
    from_pipe = false;
    nnrt_free(m);
    return 0;
}

/* Ways to read a file: by each choice. In modes, those that make a difference for what is read (READER_WAYS). */
enum { ALONE, UNHELD, FROM_PIPE, WITH_NEXT };

static inline void choose_reader(int way, int mode, int n_choices, uint8_t *input)
{
    static const int flags[] = {0, NOT_HELD, PIPE, SHARED};
    int flag = flags[mode], other = 0;
    while ((flag | other) % n_choices != (way + (mode == WITH_NEXT)) % n_choices)
        other++;
    CHECK(other < PIPE, "%d choices", n_choices);
    input[0] = (uint8_t)way, input[1] = (uint8_t)(flag | other);
}

static inline void name_reader(int mode, const Choice *c)
{
    static const char *const modes[] = {"", "nothing is held", "from a pipe", "then the next way reads the same file"};
    if (mode) {
        give("%s", modes[mode]);
        return;
    }
    give(c->bound ? "int<%lld>[" : "float[", (long long)c->bound);
    for (int i = 0; i < c->rank; i++)
        give("%s%lld", i ? ", " : "", (long long)c->dim[i]);
    give(*c->args ? "] %s" : "]%s", c->args);
}

/* Of a target that has an array of choices; behind them the modes beside ALONE. */
#define READER_WAYS(choices, ...) \
    enum { N_CHOICES = sizeof(choices) / sizeof *(choices) }; \
    static const int modes[] = {ALONE, __VA_ARGS__}; \
    static void choose_way(int way, int mode, uint8_t *input) \
    { \
        choose_reader(way, modes[mode], N_CHOICES, input); \
    } \
    static void name_way(int way, int mode) \
    { \
        name_reader(modes[mode], &(choices)[way]); \
    } \
    const Ways ways = {2, N_CHOICES, sizeof modes / sizeof *modes, choose_way, name_way};

#define READER_TARGET(reader, choices, ...) \
    READER_WAYS(choices, __VA_ARGS__) \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) \
    { \
        return run_reader(&(reader), choices, N_CHOICES, data, size); \
    }

#endif
