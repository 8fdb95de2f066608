/* links: nnrt_loaders */
/* wraps: file_read file_read_headed folder_list rt_remark input_open store_write stat */
/* SPDX-License-Identifier: MIT
 * words.c: lines as the words of a command line: flags, numbers for an argument, examples of the data, and the call.
 * No file is there but that of the data block. */
#include <errno.h>

#include "export/export.h"
#include "line_program.h"
#define OWN_STAT
#include "piecewise.h"

ONE_WAY

static bool inside; /* the program, not the fuzzer */
int __wrap_stat(const char *path, struct stat *st)
{
    if (!inside) return __real_stat(path, st);
    errno = ENOENT;
    return -1;
}

/* What goes to standard output stays in order with what is printed. */
int __real_store_write(int fd, const void *bytes, size_t n);
int __wrap_store_write(int fd, const void *bytes, size_t n);
int __wrap_store_write(int fd, const void *bytes, size_t n)
{
    if (fd != STDOUT_FILENO) return __real_store_write(fd, bytes, n);
    return fwrite(bytes, 1, n, stdout) == n ? 0 : EIO;
}

static int split(char *text, char **word, int most)
{
    int n = 0;
    for (char *end; n < most && *text; text = end) {
        end = text + strcspn(text, "\n");
        if (*end) *end++ = 0;
        if (strcmp(text, "-") != 0) word[n++] = text; /* standard input */
    }
    return n;
}

/* What it prints is given in place. */
static int call(Cli *cli)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = stdout;
    if (GIVES) stdout = open_memstream(&text, &n);
    inside = true;
    int code = export_run(cli);
    inside = false;
    if (!GIVES) return code;
    fclose(stdout);
    stdout = out;
    give_bytes(text, n);
    if (code) give("error %d: %s", code, nnrt_error_text());
    free(text);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char rows[] = "x,y\n1,2\n3,4\n5,6\n7,8\n";
    file_bytes = (const uint8_t *)rows, file_size = sizeof rows - 1;
    char *text = strndup((const char *)data, size), *word[20];
    Cli *cli = calloc(1, sizeof *cli);
    *cli = (Cli){.program = &line_program, .readers = line_readers, .formats = line_formats, .m = nnrt_new(&line_program, 0), .entry = 2};
    CHECK(cli->m, "no program");
    export_flags(cli);
    int code = flags_parse(&cli->flags, split(text, word, 20), word);
    if (!code && !flags_has(&cli->flags, "out")) {
        Flag *threads = flags_find(&cli->flags, "threads");
        threads->n = 0;
        CHECK(flag_give(threads, "1", NULL) == 0, "no room for a value");
        code = call(cli);
    } else if (code) {
        give("error %d: %s", code, nnrt_error_text());
    }
    flags_free(&cli->flags);
    nnrt_free(cli->m);
    free(cli);
    free(text);
    return 0;
}
