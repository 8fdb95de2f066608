# SPDX-License-Identifier: MIT
# Numbers that C passes by value have the types that arrays of them have: a compiler warns of what does not fit, and both layers agree.
cat >p.nn <<'END'
export fn f(x: u8, y: i8, k: int<5>, b: bool, n: i64, h: f16) -> i64 {
    return i64(x) + 1000 * i64(y) + i64(k) + where(b, i64(1000000), i64(0)) + n + i64(h)
}
END
"$NNC" -c p.nn || broken "p.nn does not compile"
shows 'p_core_f(const void *model, nnrt_call *call, uint8_t x, int8_t y, int32_t k, bool b, int64_t n, uint16_t h, int64_t *out);' cat p.h
cat >use.c <<'END'
#include "p.h"
#include <stdio.h>
int main(int argc, char **argv)
{
    int flags = 256 * argc; /* true, though its low byte is 0 */
    int64_t a = 0, b = 0;
    p *m = p_new(1);
    nnrt_call call = {.size = sizeof call};
    static _Alignas(NNRT_ALIGN) char work[4096];
    (void)argv;
    call.work = work, call.work_bytes = sizeof work;
    if (!m || p_core_f_work(1) > sizeof work) return 1;
    if (p_f(m, 200, -7, 4, flags, 1, 0x4900, &a) || p_core_f(p_model(m), &call, 200, -7, 4, flags, 1, 0x4900, &b)) return 2;
    printf("%lld %lld\n", (long long)a, (long long)b);
    if (p_f(m, 255, -128, 0, flags - 256, 0, 0, &a) || p_core_f(p_model(m), &call, 255, -128, 0, flags - 256, 0, 0, &b)) return 3;
    printf("%lld %lld\n", (long long)a, (long long)b);
    printf("%d ", p_f(m, 0, 0, 5, 0, 0, 0, &a));
    puts(p_error());
    p_free(m);
    return 0;
}
END
link="p.o -I$SOURCE/runtime -L${NNC%/*}/runtime -lnnrt -lm -lpthread $sanitize"
for optimize in -O0 -O2; do
    # shellcheck disable=SC2086
    cc -std=c11 -Wall -Wextra $optimize use.c $link -o use >out 2>&1 || broken "use.c does not compile"
    gives '993215 993215
-127745 -127745
2 p f: k contains 5, but must be in 0..4' ./use
done
sed 's/200, -7/300, -7/' use.c >wrong.c
# shellcheck disable=SC2086
cc -std=c11 -Wall -Wextra -Werror wrong.c $link -o wrong >out 2>&1 && broken "300 is passed for a u8 without a warning"
grep -q 'overflow' out || broken "what the compiler says of 300 for a u8 is something else"
