/* links: nnrt_loaders */
/* wraps: opendir readdir closedir stat file_read file_read_headed file_read_within rt_remark */
/* SPDX-License-Identifier: MIT
 * folder.c: lines as the paths of files below a folder that is read, with labels and without. Of a line that ends in / there is a folder,
 * of one in @ a link to nothing, and one in ^ leads back to the folder itself. All files hold the lines. */
#include <dirent.h>
#include <errno.h>

#define OWN_STAT
#include "loader.h"

extern const nnrt_reader nnrt_reader_image_dir, nnrt_reader_lines_dir, nnrt_reader_wav_dir;

#define LABELS "{\"key\":\"labels\",\"bool\":true}"
#define GLOB(pattern) "{\"key\":\"glob\",\"string\":\"" pattern "\"}"
#define NAME(pattern) "{\"key\":\"name\",\"string\":\"" pattern "\"}"
#define BYTES "{\"key\":\"bytes\",\"bool\":true}"

/* Readers stand together: each is read together with the next one. */
static const nnrt_reader *const readers[] = {
    &nnrt_reader_image_dir, &nnrt_reader_image_dir, &nnrt_reader_image_dir, &nnrt_reader_image_dir, &nnrt_reader_image_dir,
    &nnrt_reader_image_dir, &nnrt_reader_lines_dir, &nnrt_reader_lines_dir, &nnrt_reader_lines_dir, &nnrt_reader_wav_dir,
};
static const Choice choices[] = {
    {LABELS, 0, {0}, 0},
    {LABELS "," GLOB("*_mask.png|*.jpg"), 0, {0}, 0},
    {LABELS "," GLOB("*") "," NAME("{label}_*"), 0, {0}, 3},
    {LABELS "," GLOB("*") "," NAME("*.{label}"), 0, {0}, 0},
    {LABELS "," GLOB("*.png") "," NAME("*{label}.png"), 0, {0}, 0},
    {"", 3, {-1, -1, 3}, 0},
    {BYTES, 1, {-1}, 256},
    {LABELS "," GLOB("*.txt"), 0, {0}, 0},
    {LABELS "," GLOB("*.*") "," NAME("a*-{label}_"), 0, {0}, 0},
    {LABELS, 0, {0}, 0},
};
READER_WAYS(choices, WITH_NEXT)
_Static_assert(sizeof readers / sizeof *readers == N_CHOICES, "a reader for each choice");

/* ---- the folder */

enum { MOST = 40 /* lines */, DEEP = 1024 /* folders in each other: an input has 2000 bytes at most */ };
static char *line[MOST];
static int n_lines;

static bool is_in(const char *path)
{
    return path[0] == 'x' && (path[1] == '/' || path[1] == 0);
}

/* The beginning of a line, up to the slash that a name has behind it, or to its end. */
static bool begins(const char *of, const char *path, size_t n)
{
    return strncmp(of, path, n) == 0 && (of[n] == '/' || of[n] == 0);
}

int __wrap_stat(const char *path, struct stat *st)
{
    size_t n = strlen(path);
    *st = (struct stat){.st_mode = S_IFDIR, .st_dev = 1, .st_ino = 1};
    if (!is_in(path)) return __real_stat(path, st);
    if (n == 1 || path[n - 1] == '^') return 0;
    for (int i = 0; i < n_lines && path[n - 1] != '@'; i++) {
        if (!begins(line[i], path + 2, n - 2)) continue;
        st->st_ino = (ino_t)(2 + n);
        if (!line[i][n - 2]) st->st_mode = S_IFREG;
        return 0;
    }
    errno = ENOENT;
    return -1;
}

typedef struct Listing { /* of an open folder */
    char path[1024];
    int next; /* lines that come, from the last one on */
    struct dirent entry;
} Listing;

DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);

static Listing *listings[DEEP]; /* those that are open */

static Listing **find_listing(const void *dir)
{
    for (int i = 0; i < DEEP; i++)
        if (listings[i] == dir) return &listings[i];
    return NULL;
}

DIR *__wrap_opendir(const char *path)
{
    if (!is_in(path)) return __real_opendir(path);
    Listing **at = find_listing(NULL);
    CHECK(at, "too many folders are open");
    *at = calloc(1, sizeof **at);
    snprintf((*at)->path, sizeof(*at)->path, "%s", path[1] ? path + 2 : "");
    (*at)->next = n_lines - 1;
    return (DIR *)(void *)*at;
}

/* Each name once: that of the last line that has it. */
static bool take_name(Listing *l, int i)
{
    size_t n = strlen(l->path), from = n ? n + 1 : 0;
    if (n && (!begins(line[i], l->path, n) || !line[i][n])) return false;
    size_t k = strcspn(line[i] + from, "/");
    if (k == 0 || k >= sizeof l->entry.d_name) return false;
    for (int later = i + 1; later < n_lines; later++)
        if (begins(line[later], line[i], from + k)) return false;
    snprintf(l->entry.d_name, sizeof l->entry.d_name, "%.*s", (int)k, line[i] + from);
    return true;
}

struct dirent *__wrap_readdir(DIR *dir)
{
    Listing **at = find_listing(dir);
    if (!at) return __real_readdir(dir);
    while ((*at)->next >= 0)
        if (take_name(*at, (*at)->next--)) return &(*at)->entry;
    return NULL;
}

int __wrap_closedir(DIR *dir)
{
    Listing **at = find_listing(dir);
    if (!at) return __real_closedir(dir);
    free(*at);
    *at = NULL;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    char *text = strndup((const char *)data + 2, size - 2 < 1000 ? size - 2 : 1000);
    n_lines = 0;
    for (char *at = text, *end; n_lines < MOST && *at; at = end) {
        end = at + strcspn(at, "\n");
        if (*end) *end++ = 0;
        if (*at) line[n_lines++] = at;
    }
    run_reader(readers[data[0] % N_CHOICES], choices, N_CHOICES, data, size);
    n_lines = 0;
    free(text);
    return 0;
}
