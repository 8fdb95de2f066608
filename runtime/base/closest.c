/* SPDX-License-Identifier: MIT
 * closest.c: what a misspelt name may stand for. */
#include "base/closest.h"

#include <string.h>

#include "base/base.h"

static char folded(char c)
{
    return c == '-' ? '_' : c;
}

/* Edit distance with swaps of neighbours; names are short. */
static int distance(const char *a, const char *b)
{
    enum { MOST = 40 };
    int n = (int)strlen(a), m = (int)strlen(b), d[MOST + 1][MOST + 1];
    if (n > MOST || m > MOST) return 99;
    for (int i = 0; i <= n; i++) {
        for (int j = 0; j <= m; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            int best = d[i - 1][j - 1] + (folded(a[i - 1]) != folded(b[j - 1]));
            if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best) best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[n][m];
}

const char *closest_name(const char *word, const char *const *names, int n)
{
    const char *best = NULL;
    int least = (int)strlen(word) / 3 + 1;
    if (least > 3) least = 3;
    for (int i = 0; i < n; i++) {
        int d = distance(word, names[i]);
        if (d <= least && d < (int)strlen(word)) {
            best = names[i];
            least = d - 1;
        }
    }
    return best;
}

const char *closest_text(char *out, size_t room, const char *word, const char *const *names, int n)
{
    enum { MOST = 12 };
    const char *close = closest_name(word, names, n);
    *out = 0;
    if (close) {
        rt_append(out, room, "; did you mean %.60s?", close);
        return out;
    }
    for (int i = 0; i < n && i < MOST; i++)
        rt_append(out, room, "%s%.60s", i ? ", " : "; there are ", names[i]);
    if (n > MOST) rt_append(out, room, ", ... (%d)", n);
    return out;
}
