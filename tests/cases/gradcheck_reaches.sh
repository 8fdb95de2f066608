# SPDX-License-Identifier: MIT
# gradcheck compares what can be compared, and says what it leaves out.
program g --float=f64 <<'PROGRAM'
layer Net {
    layer embed = Embedding(500, 3)
    param before: float[3] = normal(1)
    param after: float[3] = normal(1)
    fn forward[B](id: int<500>[B]) -> float[B] { return binarize(embed(id) * before) @ after }
}
model net = Net()
layer Few {
    layer table = Embedding(500, 3)
    param w: float[3] = 0.5
}
model few = Few()
train surrogate[B](batch=4, steps=1, save=none) {
    loss = mean((net(randint(500, B)) - 0.3) ** 2)
    minimize loss over net using sgd(lr=0.1)
    report loss
}
train later[B](batch=4, steps=10, save=none) {
    first = sum(few.w ** 2)
    if step % 5 == 4 {
        minimize first over few.w using sgd(lr=0.1)
    }
    second = sum(few.w ** 3)
    minimize second over few.w using sgd(lr=0.1)
    report first, second
}
train never(steps=1, save=none) {
    first = sum(few.w ** 2)
    if step < 0 {
        minimize first over few.w using sgd(lr=0.1)
    }
    report first
}
train sparse[B](batch=2, steps=1, save=none) {
    loss = sum((few.table(randint(500, B)) @ few.w) ** 2)
    minimize loss over few using sgd(lr=0.1)
    report loss
}
PROGRAM
shows "net.before: not checked, its gradient goes through the surrogate of binarize" ./g gradcheck surrogate
grep -qF "net.embed.table: not checked" out || broken "the table is behind binarize"
grep -qF "net.after: not checked" out && broken "net.after is not behind binarize"
grep -qF "3 derivatives checked, 0 wrong" out || broken "net.after has 3 elements"
shows "loss 0.75 at step 4" ./g gradcheck later
grep -qF "loss 0.375" out || broken "the second statement"
grep -qF "6 derivatives checked, 0 wrong" out || broken "both statements have 3 elements"
shows "never, statement 1: not checked: it is not made in the first 1000 steps" ./g gradcheck never
shows "2 tensors with 1503 elements, 0 without effect" ./g gradcheck sparse
grep -qF "15 derivatives checked, 0 wrong" out || broken "12 elements of the table and 3 of w"

# epoch and steps are those of a run: 200 rows are 13 batches of 16
seq 200 >t.csv
program epochs --float=f64 <<'PROGRAM'
data d { x: float = csv("t.csv", column=0) / 200 }
layer Line { param w: float = 0.5 }
model net = Line()
train second[B](ex in d.all, batch=16, save=none) {
    loss = mean((net.w * ex.x - 1) ** 2)
    if epoch > 0 {
        minimize loss over net using sgd()
    }
    report loss
}
train far[B](ex in d.all, batch=1, epochs=20, accumulate=2, save=none) {
    loss = mean((net.w * ex.x - 1) ** 2)
    if epoch == 15 and step < steps {
        minimize loss over net using sgd()
    }
    report loss
}
train early[B](ex in d.all, batch=16, epochs=2, save=none) {
    loss = mean((net.w * ex.x - 1) ** 2)
    if step * 2 >= steps {
        minimize loss over net using sgd()
    }
    report loss
}
train never[B](ex in d.all, batch=16, save=none) {
    loss = mean((net.w * ex.x - 1) ** 2)
    if epoch < 0 {
        minimize loss over net using sgd()
    }
    report loss
}
PROGRAM
shows " at step 13 of epoch 1" ./epochs gradcheck second
grep -qF "1 derivatives checked, 0 wrong" out || broken "the statement of the second epoch"
shows " at step 1500 of epoch 15" ./epochs gradcheck far
shows " at step 13 of epoch 1" ./epochs gradcheck early
shows "not checked: it is not made in the first 1000 steps, nor in the first ones of 100 epochs" ./epochs gradcheck never

program none --float=f64 <<'PROGRAM'
export fn f[B](x: float[B]) -> float[B] { return x * x }
PROGRAM
shows "there is no train, whose derivatives could be checked" ./none gradcheck
