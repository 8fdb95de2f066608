# SPDX-License-Identifier: MIT
# Of a loss that is no number since the data holds one: the first place in the batch, in each kind of file.
program rows <<'PROGRAM'
data table {
    x: float[2] = csv("t.csv", columns=0..2)
    y: float = csv("t.csv", column=2)
}
data scaled { z: float[2] = csv("t.csv", columns=0..2) / 10 }
data lines { x: float[2] = json_lines("l.jsonl", key="x") }
model net = Dense(2, 1)
train one(ex in table.all, batch=2, epochs=1, shuffle=false, save=none) {
    minimize mse(net(ex.x)[:, 0], ex.y) over net using sgd()
}
train two(ex in scaled.all, batch=4, epochs=1, save=none) { minimize mean(net(ex.z)) over net using sgd() }
train third(ex in lines.all, batch=4, epochs=1, save=none) { minimize mean(net(ex.x)) over net using sgd() }
train finite(ex in scaled.all, batch=4, epochs=1, save=none) {
    minimize mean(net(ex.z * 0)) + log(stop_gradient(sum(net.b) * 0 - 1)) over net using sgd()
}
PROGRAM
printf '1,2,3\n4,5,6\n7,inf,9\n1,2,3\n' >t.csv
printf '{"x": [1, 2]}\n{"x": [3, 4]}\n' >l.jsonl
fails 4 'no update was made. t.csv:3, number 1: inf is in x.' ./rows one
fails 4 'no update was made. t.csv:3, number 1: inf is in z.' ./rows two
printf '1,2,3\n4,5,nan\n7,8,9\n' >t.csv
fails 4 't.csv:2: nan is in y.' ./rows one
shows '' ./rows two
shows '' ./rows third
fails 4 'no update was made.' ./rows finite
! grep -q 't.csv' out || broken "the data is finite"
