# SPDX-License-Identifier: MIT
# A model in an application whose locale has a decimal comma: the same weights, data, results and files as in any other.
export LOCPATH="$PWD"
localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 >out 2>&1 || broken "a locale with a decimal comma cannot be made (package locales)"
cp "$SOURCE/examples/iris/iris.nn" .
"$NNC" -c iris.nn >out 2>&1 || broken "iris.nn does not compile"
cat >host.c <<'END'
#include "iris.h"

#include <locale.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc > 1 && !setlocale(LC_ALL, argv[1])) return puts("there is no such locale"), 2;
    iris *m = iris_new(3);
    nnrt_run run = {.epochs = 2, .save = "host.safetensors", .log = "host", .threads = 1};
    iris_fit_report r;
    iris_test_report t;
    char half[8];
    snprintf(half, sizeof half, "%.1f", 0.5);
    if (!m || iris_fit(m, &run, &r) || iris_test(m, NULL, &t) || iris_load(m, "host.safetensors"))
        return puts(nnrt_error_text()), 1;
    printf("%.0f %.0f %s\n", 1e9 * r.loss, 1e9 * t.cross_entropy, half);
    iris_free(m);
    return 0;
}
END
cc -std=c11 -Wall -Wextra -Werror -I. -I"$SOURCE/runtime" host.c iris.o -L"${NNC%/*}/runtime" -lnnrt -lm -lpthread $sanitize -o host >out 2>&1 || broken "host.c does not link"
for locale in C de_DE.UTF-8; do
    ./host $locale >$locale.out 2>&1 || { cp $locale.out out; broken "in $locale"; }
    sed 's/"seconds":[^,]*//' host.fit.jsonl >$locale.jsonl
    cut -d, -f 1-5,7- host.fit.csv >$locale.csv
    cp host.safetensors $locale.safetensors
    rm host.fit.* host.*safetensors
done
gives "$(sed 's/0\.5/0,5/' C.out)" cat de_DE.UTF-8.out
for kind in jsonl csv safetensors; do cmp -s C.$kind de_DE.UTF-8.$kind || broken "host.$kind is not the same"; done
