/* links: nnc_report */
/* SPDX-License-Identifier: MIT
 * report.c: any bytes as a file that a program wrote (a log, an evaluation, a summary, a profile, a run), on a page and as a picture:
 * none of its texts is markup. */
#include "memory_file.h"
#include "report/page.h"
#include "report/plot.h"

static Arena arena;

ONE_WAY

/* Every `<` of a page begins a tag or ends one; what is between `<` and `>` has no other. */
static void check_markup(const Text *page)
{
    bool inside = false;
    for (size_t i = 0; i < page->n; i++) {
        char c = page->at[i];
        CHECK(c != '<' || !inside, "a tag inside of a tag at %zu", i);
        CHECK(c != 0, "a byte 0 at %zu", i);
        inside = c == '<' || (inside && c != '>');
    }
    CHECK(!inside, "a tag without an end");
    CHECK(!strstr(page->at, "<script") && !strstr(page->at, "<iframe") && !strstr(page->at, "javascript:\""), "a text became markup");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = memory_file(data, size);
    Text page = {.arena = &arena}, picture = {.arena = &arena};
    PlotOptions o = {.chart = {.width = 300, .scale = SCALE_LOG}};
    int status = 0;
    const char *wrong = page_files(&page, &path, 1, NULL, &status);
    if (!wrong) check_markup(&page);
    CHECK(!wrong || status == 1 || status == 3, "status %d", status);
    if (wrong)
        give("status %d: %s", status, wrong);
    else
        give("a page of %zu bytes: ", page.n), give_bytes(page.at, page.n);
    o.chart.scale = size % 3 ? SCALE_AUTO : SCALE_LOG;
    wrong = plot_files(&picture, &path, 1, &o, &status);
    if (!wrong) check_markup(&picture);
    if (wrong)
        give(" ### status %d: %s", status, wrong);
    else
        give(" ### a picture of %zu bytes: ", picture.n), give_bytes(picture.at, picture.n);
    arena_clear(&arena);
    return 0;
}
