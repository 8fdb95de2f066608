/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_model.c: a model's tensors, names of codes, threads that work together, and memory that there is none of. */
#include "runtime_help.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "model/call.h"
#include "model/gang.h"
#include "model/vocab.h"
#include "rows.h"

/* ---- tensors ---- */

static const nnrt_tensor_info tensors[] = {
    {.name = "w", .rank = 2, .dim = {2, 3}, .stride = {4, 1}, .offset = 64, .padded = 16, .dtype = NNRT_F32},
    {.name = "n", .rank = 1, .dim = {5}, .stride = {1}, .offset = 128, .padded = 16, .dtype = NNRT_I32, .is_state = 1},
    {.name = "on", .rank = 0, .offset = 192, .padded = 16, .dtype = NNRT_BOOL, .is_state = 1},
    {.name = "d", .rank = 0, .offset = 256, .padded = 16, .dtype = NNRT_F64},
    {.name = "l", .rank = 0, .offset = 320, .padded = 16, .dtype = NNRT_I64, .is_state = 1},
};

Test(model, tensors)
{
    static const int32_t dtypes[] = {0, 2, 4, 1, 3};
    nnrt_program p = line_program;
    p.tensor = tensors, p.n_tensors = 5, p.model_bytes = p.state_offset = 448, p.param_bytes = 384;
    nnrt *m = nnrt_new(&p, 0);
    cr_assert(m, "%s", nnrt_error_text());
    for (int i = 0; i < 5; i++) {
        nnrt_tensor t = {.rank = -1};
        cr_assert_eq(nnrt_get_tensor(m, tensors[i].name, &t), NNRT_OK);
        cr_expect(t.rank == tensors[i].rank && t.dtype == dtypes[i] && t.data == (char *)nnrt_model(m) + tensors[i].offset, "%d", i);
        cr_expect(memcmp(t.dim, tensors[i].dim, sizeof t.dim) == 0 && memcmp(t.stride, tensors[i].stride, sizeof t.stride) == 0);
    }
    nnrt_tensor none;
    cr_expect_eq(nnrt_get_tensor(m, "x", &none), NNRT_E_SHAPE);
    cr_expect_str_eq(nnrt_error_text(), "there is no tensor x");
    nnrt_free(m);
    p.abi = NNRT_ABI + 1;
    cr_expect_null(nnrt_new(&p, 0));
    cr_expect_str_eq(nnrt_error_text(),
                     "the program was compiled by an nnc with ABI 9, but this libnnrt has ABI 8: use both of one version");
    p.abi = NNRT_ABI, p.manifest = "{\"a\":";
    cr_expect_null(nnrt_new(&p, 0));
    cr_expect(strstr(nnrt_error_text(), "the program's manifest is damaged: "), "%s", nnrt_error_text());
}

/* ---- words ---- */

static char **two_words(const char *a, const char *b)
{
    char **words = calloc(3, sizeof *words);
    words[0] = strdup(a), words[1] = strdup(b);
    return words;
}

Test(model, words_of_fields)
{
    nnrt *m = nnrt_new(&line_program, 0);
    cr_assert(rt_add_vocab(m, 0, 1, two_words("a", "b"), 2) == 0 && rt_add_vocab(m, 1, 0, two_words("c", "d"), 2) == 0);
    cr_assert(m->n_vocabs == 2 && strcmp(rt_vocab(m, 0, 1)->word[1], "b") == 0 && strcmp(rt_vocab(m, 1, 0)->word[0], "c") == 0);
    cr_assert(!rt_vocab(m, 0, 0) && !rt_vocab(m, 1, 1));
    cr_assert(rt_add_vocab(m, 0, 1, two_words("e", "f"), 1) == 0 && m->n_vocabs == 2);
    cr_assert(rt_vocab(m, 0, 1)->n == 1 && strcmp(rt_vocab(m, 0, 1)->word[0], "e") == 0);
    free(rt_vocab(m, 0, 1)->word[1]); /* behind the last one of those that were given */
    nnrt_free(m);
}

static void *find_words(void *vocab)
{
    for (int i = 0; i < 2000; i++) {
        char word[16];
        snprintf(word, sizeof word, "w%d", i);
        if (rt_vocab_find(vocab, word) != (i < 1000 ? i : -1)) return vocab;
    }
    return NULL;
}

/* The index of the words is made by the first search, of whatever thread, and is no longer that of words that were replaced. */
Test(model, words_are_found)
{
    enum { WORDS = 1000, THREADS = 4 };
    nnrt *m = nnrt_new(&line_program, 0);
    char **words = calloc(WORDS, sizeof *words);
    pthread_t thread[THREADS];
    for (int i = 0; i < WORDS; i++)
        cr_assert(asprintf(&words[i], "w%d", i) > 0);
    cr_assert(rt_add_vocab(m, 0, 1, words, WORDS) == 0);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&thread[i], NULL, find_words, rt_vocab(m, 0, 1)), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        cr_expect(pthread_join(thread[i], &wrong) == 0 && !wrong);
    }
    cr_assert(rt_add_vocab(m, 0, 1, two_words("e", "e"), 2) == 0);
    cr_expect_eq(rt_vocab_find(rt_vocab(m, 0, 1), "e"), 0);
    cr_expect_eq(rt_vocab_find(rt_vocab(m, 0, 1), "w1"), -1);
    nnrt_free(m);
}

/* The words of a field with labels, for C callers. */
Test(model, names_of_codes)
{
    static const char labels[] = "\"args\":[{\"key\":\"labels\",\"bool\":true}]}],";
    static char text[8000];
    nnrt_program p = line_program;
    const char *field = strstr(line_manifest, "\"name\":\"y\""), *at = strstr(field, "\"args\":["), *end = strstr(at, "\"expr\"");
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - line_manifest), line_manifest, labels, end);
    p.manifest = text;
    nnrt *m = nnrt_new(&p, 0);
    cr_assert(m, "%s", nnrt_error_text());
    cr_expect_null(nnrt_code_name(m, "points.y", 0));
    cr_expect_str_eq(nnrt_error_text(),
                     "the numbering of the classes of points.y is not known: only a training run on its own data makes it [E0610]");
    cr_assert_eq(rt_add_vocab(m, 0, 1, two_words("a", "b"), 2), 0);
    cr_expect_str_eq(nnrt_code_name(m, "points.y", 0), "a");
    cr_expect_str_eq(nnrt_code_name(m, "points.y", 1), "b");
    static const int32_t none[] = {2, -1};
    for (int i = 0; i < 2; i++) {
        char want[100];
        snprintf(want, sizeof want, "points.y has names for the codes 0 to 1, not for %d", none[i]);
        cr_expect_null(nnrt_code_name(m, "points.y", none[i]));
        cr_expect_str_eq(nnrt_error_text(), want);
    }
    cr_expect_null(nnrt_code_name(m, "points.x", 0));
    cr_expect_str_eq(nnrt_error_text(), "points.x is no field of this program whose codes have names");
    cr_expect_null(nnrt_code_name(m, "points.z", 0));
    cr_expect_str_eq(nnrt_error_text(), "points.z is no field of this program whose codes have names");
    nnrt_free(m);
}

/* ---- threads ---- */

typedef struct Meeting {
    const nnrt_host *host;
    atomic_int here, each[8];
    _Atomic uint32_t word;
} Meeting;

/* All have to be there at once: the last one lets the others go on. */
static void meet(void *arg, int i)
{
    Meeting *m = arg;
    atomic_fetch_add(&m->each[i], 1);
    if (atomic_fetch_add(&m->here, 1) + 1 < 3) {
        while (m->word == 0)
            m->host->wait(m->host->user, (const uint32_t *)&m->word, 0);
        return;
    }
    m->word = 1;
    m->host->wake(m->host->user, (const uint32_t *)&m->word);
}

static void count_one(void *arg, int i)
{
    atomic_fetch_add(&((Meeting *)arg)->each[i], 1);
}

Test(threads, work_together)
{
    Pool *pool = pool_new(3), *one = pool_new(1);
    const nnrt_host *host = pool_host(pool);
    cr_assert(host && host->threads == 3 && host->size == sizeof *host && !pool_host(one) && !pool_host(NULL));
    for (int round = 0; round < 200; round++) {
        Meeting m = {.host = host};
        host->gang(host->user, 3, meet, &m);
        cr_assert(m.here == 3 && m.each[0] == 1 && m.each[1] == 1 && m.each[2] == 1);
        host->gang(host->user, 2, count_one, &m);
        cr_assert(m.each[0] == 2 && m.each[1] == 2 && m.each[2] == 1);
    }
    pool_free(pool), pool_free(one), pool_free(NULL);
    int all = pool_default_threads();
    pool = pool_new(0);
    cr_assert(all >= 1 && (all == 1 ? !pool_host(pool) : pool_host(pool)->threads == all));
    pool_free(pool);
}

Test(threads, as_many_as_are_wanted)
{
    nnrt *m = nnrt_new(&line_program, 0);
    cr_assert(rt_threads(m, 2) == 0 && m->threads_fixed && pool_host(m->pool)->threads == 2);
    cr_assert(rt_threads(m, 0) == 0 && !m->threads_fixed);
    cr_expect_eq(rt_threads(m, 1025), NNRT_E_RANGE);
    cr_expect_str_eq(nnrt_error_text(), "1025 threads are wanted, but at most 1024 are possible");
    nnrt_free(m);
}

/* ---- memory ---- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* which take terabytes of addresses */
Test(memory, that_there_is_none_of)
{
    static const struct rlimit limit = {1000000000, 1000000000};
    nnrt_program p = line_program;
    nnrt_entry train = fit_entry, eval = test_entry;
    const nnrt_entry *list[] = {&train, &eval, &predict_entry};
    p.entry = list;
    train.train_bytes = 2000000000, eval.sums_area = 3000000000;
    nnrt *m = nnrt_new(&p, 0);
    cr_assert(m && setrlimit(RLIMIT_AS, &limit) == 0);
    cr_expect_null(rt_area(m, 0));
    cr_expect_str_eq(nnrt_error_text(),
                     "fit takes 2.0 GB of memory: the model 192 bytes, gradients and what the optimizer keeps 2.0 GB; there are 1.0 GB");
    cr_expect_null(rt_area(m, 1));
    cr_expect_str_eq(nnrt_error_text(), "test takes 3.0 GB of memory: the model 192 bytes, sums 3.0 GB; there are 1.0 GB");
    cr_expect_null(rt_area(m, 2));
    nnrt_free(m);
    p.model_bytes = 4000000000;
    cr_expect_null(nnrt_new(&p, 0));
    cr_expect_str_eq(nnrt_error_text(), "the model takes 4.0 GB of memory; there are 1.0 GB");
}
#endif
