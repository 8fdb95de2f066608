# SPDX-License-Identifier: MIT
# The macros of the header are bounds of what calls need, for every size, and multiples of the alignment, as aligned_alloc wants them.
cat >m.nn <<'END'
layer Net {
    layer body = chain(Dense(5, 7), tanh, Dense(7, 3))
    fn forward[B](x: float[B, 5]) -> float[B, 3] { return body(x) }
}
data rows {
    x: float[5] = csv("none.csv", columns=0..5)
    y: int<3> = csv("none.csv", column=5)
}
model net = Net()
train fit[B](ex in rows.all, batch=8) { minimize cross_entropy(net(ex.x), ex.y) over net using adam(lr=0.1) }
export fn first[B](x: float[B, 5]) -> float[B] { return net(x)[:, 0] }
export fn odd[N, M](x: float[N], y: float[M]) -> float { return sum(outer(x * 2, y + 1)) }
export fn one(x: float) -> float { return x + 1 }
fn outer[N, M](a: float[N], b: float[M]) -> float[N, M] { return einsum("i, j -> i j", a, b) }
END
gives "" "$NNC" -c m.nn
cat >main.c <<'END'
#define M_CORE_ONLY
#include "m.h"
#include <stdint.h>
#include <stdio.h>
static int wrong;
static void look(const char *what, long n, size_t bound, size_t needed)
{
    if (bound % NNRT_ALIGN == 0 && bound >= needed) return;
    printf("%s(%ld): the macro is %zu, the call needs %zu\n", what, n, bound, needed);
    wrong = 1;
}
int main(void)
{
    for (long n = 1; n < 300; n++) {
        look("fit", n, M_FIT_WORK(n), m_core_fit_work(n, 1));
        look("fit eval", n, M_FIT_EVAL_WORK(n), m_core_fit_eval_work(n, 1));
        look("first", n, M_FIRST_WORK(n), m_core_first_work(n, 1));
        for (long k = 1; k < 40; k += 7)
            look("odd", n, M_ODD_WORK(n, k), m_core_odd_work(n, k, 1));
    }
    look("one", 0, M_ONE_WORK, m_core_one_work(1));
    look("the model", 0, M_MODEL_BYTES, m_core_model_bytes());
    look("the train area", 0, M_FIT_TRAIN_BYTES, m_core_fit_train_bytes());
    look("the sums", 0, M_FIT_EVAL_SUM_BYTES, 1);
    return wrong;
}
END
gives "" cc -std=c99 -Wall -Wextra -Werror main.c m.o -o main
gives "" ./main
