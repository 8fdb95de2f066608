/* SPDX-License-Identifier: MIT
 * readings.c: what a fuzz target makes of each file of its corpus and of many small changes of it (damage.h), in all its ways, is what
 * is recorded (record.h):
 *
 *     readings_TARGET CORPUS RECORD [--all [FILE]]
 *
 * A reading that differs is shown with its file, way, change and its whole text. NNC_UPDATE=1 writes the record: look at the difference.
 * --all prints the text of every reading. */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>

#include "damage.h"
#include "given.h"
#include "record.h"

enum { MOST_SHOWN = 20, MOST_DIFFERENT = 500 };

typedef struct Input { /* of the corpus */
    char *name;
    uint8_t *at;
    size_t n;
    const uint8_t *file; /* what is read of it, behind the head */
    size_t size;
} Input;

static Input *inputs;
static int n_inputs;

/* ---- the corpus */

static void *room_for(size_t n)
{
    void *at = calloc(1, n + 1);
    CHECK(at, "no memory");
    return at;
}

static char *whole_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL, piece[4096];
    FILE *out = open_memstream(&text, n);
    CHECK(f && out, "%s: %s", path, strerror(errno));
    for (size_t k; (k = fread(piece, 1, sizeof piece, f)) > 0;)
        fwrite(piece, 1, k, out);
    fclose(f);
    fclose(out);
    return text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Input *)a)->name, ((const Input *)b)->name);
}

static void add_input(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    inputs = realloc(inputs, sizeof *inputs * (size_t)(n_inputs + 1));
    CHECK(inputs, "no memory");
    Input *in = &inputs[n_inputs++];
    *in = (Input){.name = strdup(name)};
    in->at = (uint8_t *)whole_file(path, &in->n);
    size_t head = in->n < ways.head ? in->n : ways.head;
    in->file = in->at + head, in->size = in->n - head;
}

/* Files that differ only in how they are read are one. */
static bool is_again(const Input *in)
{
    for (const Input *other = inputs; other < in; other++)
        if (other->size == in->size && memcmp(other->file, in->file, in->size) == 0) return true;
    return false;
}

static void find_inputs(const char *folder)
{
    DIR *dir = opendir(folder);
    CHECK(dir, "%s: %s", folder, strerror(errno));
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.') add_input(folder, e->d_name);
    closedir(dir);
    qsort(inputs, (size_t)n_inputs, sizeof *inputs, by_name);
}

/* ---- readings */

/* Bytes that are in use; 0: the C library, or a sanitizer in its place, does not say. */
static size_t bytes_in_use(void)
{
#if defined __GLIBC__ && __GLIBC_PREREQ(2, 33) && !defined NNC_ASAN
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

static void run_once(const uint8_t *at, size_t n, bool of_damaged)
{
    given_clear(of_damaged);
    LLVMFuzzerTestOneInput(at, n);
}

/* Memory may be left for the next time, but not every time. One reading that never releases it is enough. */
static void run_until_it_stays(const uint8_t *at, size_t n, bool of_damaged)
{
    enum { TIMES = 40 }; /* the C library keeps blocks that were released, seven of each size */
    static bool lost;
    size_t before = bytes_in_use(), now = before + 1;
    for (int i = 0; i < (lost ? 1 : TIMES) && now > before; i++) {
        before = bytes_in_use();
        run_once(at, n, of_damaged);
        now = bytes_in_use();
    }
    if (now > before && !lost) give(" ### %zu bytes of memory are never released", now - before);
    lost |= now > before;
}

/* What the target gives of the head of an input and these bytes. */
static const char *run_target(const Input *in, int way, int mode, const uint8_t *at, size_t n)
{
    size_t size = ways.head + n;
    uint8_t *input = room_for(size < 4 ? 4 : size), *exact = room_for(0);
    memcpy(input, in->at, in->n - in->size);
    if (n) memcpy(input + ways.head, at, n);
    ways.choose(way, mode, input);
    if (size) exact = realloc(exact, size); /* not one byte more, for sanitizers */
    CHECK(exact, "no memory");
    memcpy(exact, input, size);
    run_until_it_stays(exact, size, at != in->file);
    free(exact), free(input);
    return given_text();
}

/* In all modes, on lines of their own: each that gives something else than the first one. */
static char *read_bytes(const Input *in, int way, const uint8_t *at, size_t n)
{
    char *text = NULL;
    size_t length = 0;
    FILE *f = open_memstream(&text, &length);
    CHECK(f, "no memory");
    fputs(run_target(in, way, 0, at, n), f);
    fflush(f);
    size_t first = length;
    for (int mode = 1; mode < ways.modes; mode++) {
        const char *other = run_target(in, way, mode, at, n);
        fflush(f);
        if (strlen(other) != first || memcmp(other, text, first)) fprintf(f, "\n    mode %d: %s", mode, other);
    }
    fclose(f);
    return text;
}

static Damaged room_for_damage(const Input *in)
{
    return (Damaged){.at = room_for(2 * in->size + DAMAGE_ROOM)};
}

static void read_rows(const Input *in, Row *row)
{
    int n = damage_count(in->size);
    Damaged d = room_for_damage(in);
    for (int way = 0; way < ways.n; way++) {
        char *whole = read_bytes(in, way, in->file, in->size), *codes = room_for((size_t)n);
        for (int k = 0; k < n; k++) {
            damage(in->name, k, in->file, in->size, &d);
            char *text = read_bytes(in, way, d.at, d.n);
            codes[k] = strcmp(text, whole) == 0 ? '.' : record_code(text);
            free(text);
        }
        row[way] = (Row){record_text(whole), codes};
        free(whole);
    }
    free(d.at);
}

/* ---- differences */

static int n_different;

static void name_way(int way)
{
    given_clear(false);
    ways.name(way, 0);
    printf("way %d (%s)", way, given_text());
}

static bool shows_more(const Input *in, int way)
{
    if (n_different++ >= MOST_SHOWN) return false;
    printf("%s, ", in->name);
    name_way(way);
    return true;
}

static void show_damaged(const Input *in, int way, int k, char was, char is)
{
    Damaged d = room_for_damage(in);
    if (!shows_more(in, way)) return;
    damage(in->name, k, in->file, in->size, &d);
    char *text = read_bytes(in, way, d.at, d.n);
    printf(", %s: %c is recorded, not %c:\n  %s\n  of the file ", d.what, was, is, text);
    free(text);
    given_escaped(stdout, d.at, d.n < 1000 ? d.n : 1000);
    putchar('\n');
    free(d.at);
}

static void compare_rows(const Input *in, int way, const Row *was, const Row *is)
{
    if (!was->text) {
        if (shows_more(in, way)) printf(": nothing is recorded\n");
        return;
    }
    if (strcmp(was->text, is->text) && shows_more(in, way)) printf(": recorded is\n  %s\nnot\n  %s\n", was->text, is->text);
    if (strlen(was->codes) != strlen(is->codes)) {
        if (shows_more(in, way)) printf(": %zu changes are recorded, not %zu\n", strlen(was->codes), strlen(is->codes));
        return;
    }
    for (int k = 0; was->codes[k]; k++)
        if (was->codes[k] != is->codes[k]) show_damaged(in, way, k, was->codes[k], is->codes[k]);
}

static void write_ways(FILE *f)
{
    for (int way = 0; way < ways.n; way++)
        for (int mode = 0; mode < (way ? 1 : ways.modes); mode++) {
            given_clear(false);
            ways.name(way, mode);
            fprintf(f, mode ? "mode %d: %s\n" : "way %d: %s\n", mode ? mode : way, given_text());
        }
}

/* All that is read, as it is recorded; differences from the record are shown. */
static char *read_all(const char *record)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    CHECK(f && ways.n <= RECORD_WAYS, "%d ways", ways.n);
    write_ways(f);
    for (const Input *in = inputs; in < inputs + n_inputs && n_different < MOST_DIFFERENT; in++) {
        Row is[RECORD_WAYS] = {{0}}, was[RECORD_WAYS] = {{0}};
        if (is_again(in)) continue;
        read_rows(in, is);
        record_write(f, in->name, in->file, in->size, is, ways.n);
        if (record) record_find(record, in->name, was, ways.n);
        for (int way = 0; way < ways.n && record; way++)
            compare_rows(in, way, &was[way], &is[way]);
        record_free(is, ways.n), record_free(was, ways.n);
    }
    fclose(f);
    return text;
}

/* ---- the program */

static void print_reading(const Input *in, int way, const char *what, const uint8_t *at, size_t n)
{
    char *text = read_bytes(in, way, at, n);
    printf("  %s\n    %s\n", what, text);
    free(text);
}

static void print_readings(const Input *in)
{
    Damaged d = room_for_damage(in);
    for (int way = 0; way < ways.n; way++) {
        name_way(way);
        print_reading(in, way, in->name, in->file, in->size);
        for (int k = 0; k < damage_count(in->size); k++) {
            damage(in->name, k, in->file, in->size, &d);
            print_reading(in, way, d.what, d.at, d.n);
        }
    }
    free(d.at);
}

static int compare_record(const char *path)
{
    size_t n = 0;
    char *record = whole_file(path, &n), *text = read_all(record);
    bool same = strcmp(record, text) == 0;
    if (n_different > MOST_SHOWN)
        printf("and %d other readings%s\n", n_different - MOST_SHOWN, n_different < MOST_DIFFERENT ? "" : " at least");
    if (!same && !n_different) printf("%s: the readings are the same, but not the files or the names of ways\n", path);
    free(record), free(text);
    return !same;
}

static int update_record(const char *path)
{
    char *text = read_all(NULL);
    FILE *f = fopen(path, "wb");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0, "%s: %s", path, strerror(errno));
    free(text);
    return 0;
}

int main(int argc, char **argv)
{
    bool all = argc > 3 && strcmp(argv[3], "--all") == 0;
    if (argc < 3 || argc > 5 || (argc > 3 && !all)) {
        fprintf(stderr, "readings CORPUS RECORD [--all [FILE]]\n");
        return 2;
    }
    find_inputs(argv[1]);
    CHECK(n_inputs > 0, "%s: no files", argv[1]);
    for (int i = 0; all && i < n_inputs; i++)
        if (argc < 5 || strcmp(argv[4], inputs[i].name) == 0) print_readings(&inputs[i]);
    int status = all ? 0 : getenv("NNC_UPDATE") ? update_record(argv[2]) : compare_record(argv[2]);
    for (int i = 0; i < n_inputs; i++)
        free(inputs[i].name), free(inputs[i].at);
    free(inputs);
    return status;
}
