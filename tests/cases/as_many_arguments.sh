# SPDX-License-Identifier: MIT
# As many arguments and sizes as an entry point can have, in the command line and from C.
numbers() { # FIRST LAST FORMAT
    awk -v a="$1" -v b="$2" -v f="$3" 'BEGIN { for (i = a; i <= b; i++) printf f, i, i }'
}
{
    echo "export fn sizes($(numbers 1 15 'n%d: dim, ')n16: dim) -> int { return int(float($(numbers 1 15 'n%d + 2 * ')n16)) }"
    echo "export fn values($(numbers 1 54 'x%d: float, ')x55: float) -> float { return $(numbers 1 54 'x%d * %d + ')x55 }"
    echo "export fn results(x: float) -> ($(numbers 1 54 'float, ')float) { return $(numbers 1 54 'x + %d, ')x }"
} >many.nn
"$NNC" many.nn -o many >out 2>&1 || broken "many.nn does not compile"
"$NNC" -c many.nn >out 2>&1 || broken "many.nn does not compile"
gives 271 ./many sizes $(numbers 1 16 '--n%d %d ')
gives 54010 ./many values $(numbers 1 55 '--x%d %d ')
shows '"results":[2,3,4,' ./many results --x 1 --json
cat >use.c <<'TEXT'
#include "many.h"
#include <stdio.h>
int main(void)
{
    static _Alignas(64) unsigned char model[MANY_MODEL_BYTES], work[1 << 16];
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
    nnrt_float y = 0, r[55];
    int32_t n = 0;
    many_core_init(model, 1);
    if (many_core_sizes(model, &call, SIZES, &n)) return 1;
    if (many_core_values(model, &call, VALUES, &y)) return 2;
    if (many_core_results(model, &call, 1, RESULTS)) return 3;
    printf("%d %g %g %g\n", (int)n, (double)y, (double)r[0], (double)r[54]);
    return 0;
}
TEXT
list() { numbers "$1" "$2" "$3" | sed 's/, $//'; }
sed -i "s/SIZES/$(list 1 16 '%d, ')/; s/VALUES/$(list 1 55 '%d, ')/; s/RESULTS/$(list 0 54 '\\&r[%d], ')/" use.c
cc -std=c11 -I. -DMANY_CORE_ONLY use.c many.o -o use >out 2>&1 || broken "use.c does not compile"
gives "271 54010 2 1" ./use
