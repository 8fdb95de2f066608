# SPDX-License-Identifier: MIT
# `nnc --weights=FILE`: a program and an object that carry their weights, with the classes and words they were trained with.
mkdir tmp && export TMPDIR=$PWD/tmp
printf 'a,v,kind\n1,0.5,bee\n2,-1,ant\n3,0,ant\n4,9,bee\n' >t.csv
cat >m.nn <<'END'
const hidden = 3
data rows {
    v: float[2] = csv("t.csv", columns=0..2)
    kind: int<2> = csv("t.csv", column=2, labels=true)
}
layer Net {
    layer body = chain(Dense(2, hidden), tanh, Dense(hidden, 2))
    fn forward[B](x: float[B, 2]) -> float[B, 2] { return body(x) }
}
model net = Net()
train fit[B](ex in rows.all, batch=4, epochs=20, log="none") {
    loss = cross_entropy(net(ex.v), ex.kind)
    minimize loss over net using adam(lr=0.05)
    report loss
}
export fn guess[B](v: float[B, 2]) -> int<2>[B] as rows.kind { return argmax(net(v), axis=-1) }
export fn scores[B](v: float[B, 2]) -> float[B, 2] { return net(v) }
END
"$NNC" m.nn -o m && ./m fit --quiet && mv m.safetensors trained.st || broken "the program does not train"
gives "" "$NNC" --weights=trained.st m.nn -o inside
numbers=$(./m scores --load trained.st 1,2)
classes=$(./m guess --load trained.st "1,0.5;2,-1")
mkdir alone && cp inside alone && cd alone || exit 1
gives "$numbers" ./inside scores 1,2
gives "$classes" ./inside guess "1,0.5;2,-1"
cd ..
./m fit --seed 7 --quiet && mv m.safetensors other.st
gives "$numbers" ./inside scores 1,2
gives "$(./m scores --load other.st 1,2)" ./inside scores --load other.st 1,2
gives "$(./m fit --load trained.st --epochs 1 --save none)" ./inside fit --epochs 1 --save none

# an object: the block stands in memory that is only read
gives "" "$NNC" -c --weights trained.st m.nn
cat >main.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include "m.h"
int main(void)
{
    const float v[2] = {1, 2};
    float y[2], z[2];
    nnrt_call call = {.size = sizeof call, .work_bytes = m_core_scores_work(1, 1)};
    m *all = m_new(1);
    call.work = aligned_alloc(NNRT_ALIGN, M_SCORES_WORK(1));
    if (!all || m_core_check(m_core_weights) || m_core_scores(m_core_weights, &call, 1, v, y) || m_scores(all, 1, v, z)) return 1;
    printf("%.8g,%.8g\n", y[0], y[1]);
    m_free(all);
    free(call.work);
    return y[0] != z[0] || y[1] != z[1];
}
END
cc -Wall -Wextra -Werror main.c m.o -I"$SOURCE/runtime" -L"$(dirname "$NNC")/runtime" -lnnrt -lm -lpthread $sanitize -o main 2>out || broken "main.c does not link"
gives "$(./m scores --load trained.st 1,2)" ./main
nm m.o | grep -q ' R m_core_weights$' || broken "the block is not constant: $(nm m.o | grep weights)"
gives "" "$NNC" -c m.nn -o without.o
! nm without.o | grep -q core_weights || broken "there are weights without --weights"
"$NNC" -c --target=aarch64-linux-gnu --weights=trained.st m.nn -o arm.o || broken "no weights in objects of other machines"
gives "" "$NNC" --weights=trained.st m.nn -o inside --depfile=inside.d
grep -q ' trained.st' inside.d || broken "the rule for make lacks the checkpoint: $(cat inside.d)"

# what does not fit is refused, and nothing is made
cp inside before
fails 1 "net.body.0.w" "$NNC" --weights=trained.st -D hidden=4 m.nn -o inside
fails 3 "nothing.st: cannot read" "$NNC" --weights=nothing.st m.nn -o inside
head -c 300 trained.st >short.st
"$NNC" --weights=short.st m.nn -o inside >out 2>&1 && broken "a damaged file is taken"
cmp -s before inside || broken "a program was made of bad weights"
sed 's/layer Net/layer/' m.nn >bad.nn
fails 1 "bad.nn:6:" "$NNC" --weights=trained.st bad.nn -o inside
fails 2 "check has no flag --weights" "$NNC" check --weights=trained.st m.nn
sed 's/export fn scores/export fn weights/' m.nn >taken.nn
fails 2 "two things of the name core_weights" "$NNC" -c --weights=trained.st taken.nn
[ -z "$(ls tmp)" ] || broken "left: $(ls tmp)"

# The checkpoint is not written over.
fails 2 "-o: trained.st: this would overwrite trained.st, which is read" "$NNC" --weights=trained.st m.nn -o trained.st
fails 2 "this would overwrite trained.st, which is read" "$NNC" --weights=trained.st m.nn -o inside --depfile=trained.st
gives "" "$NNC" --weights=trained.st m.nn -o inside
