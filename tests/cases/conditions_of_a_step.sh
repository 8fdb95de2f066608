# SPDX-License-Identifier: MIT
# Conditions over `step` and `epoch` make variants of a step: each value of the run is that of the variant that runs.
awk 'BEGIN { for (i = 0; i < 8; i++) print i / 8 "," i / 4 }' >points.csv
head='data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
}
model net = chain(Dense(1, 2), tanh, Dense(2, 1))
train fit[B](ex in points.all, batch=8, epochs=6, save=none, log="run") {
    loss = mse(net(ex.x), ex.y)
    a = net[0].w[0, 0]
    b = net[2].w[0, 0]
'
values() { # NAME: its values in the log, a line each
    grep '"event":"train"' run.fit.jsonl | grep -o "\"$1\":[-0-9.e]*" | cut -d: -f2
}
moves() { # NAME: in which steps it is another than in the one before
    values "$1" | awk 'NR > 1 { printf("%s%s", (NR > 2 ? " " : ""), ($1 != last ? "moves" : "stays")) } { last = $1 }'
}
runs() { # PROGRAM: a body
    rm -f run.fit.jsonl
    { echo "$head"; echo "$1"; echo "}"; } >line.nn
    "$NNC" line.nn -o line >said 2>&1 || { cat said; broken "line.nn is refused"; }
    ./line fit --log_every 1 >out 2>&1 || { cat out; broken "fit"; }
}

# A name, a step size, conditions that are written again or the other way round: one condition each.
runs '    k = 1.0
    r = 0.0
    if epoch < 2 { k = 3.0 }
    if not (epoch < 2) { r = 0.1 }
    if 2 <= epoch { j = 5.0 } else { j = 7.0 }
    if epoch > 3 { h = 1.0 } else if step % 2 == 1 { h = 2.0 } else { h = 0.0 }
    minimize loss over net using sgd(lr=r)
    report loss, k, j, h, a'
[ ! -s said ] || { cat said; broken "something is said of a right program"; }
[ "$(values k | tr '\n' ' ')" = "3 3 1 1 1 1 " ] || broken "k is $(values k)"
[ "$(values j | tr '\n' ' ')" = "7 7 5 5 5 5 " ] || broken "j is $(values j)"
[ "$(values h | tr '\n' ' ')" = "0 2 0 2 1 1 " ] || broken "h is $(values h)"
[ "$(moves a)" = "stays stays moves moves moves" ] || broken "a: $(moves a)"

# The paths of a minimize: each variant updates what it names, with the slots of the one statement.
runs '    part = net[0]
    if epoch >= 3 { part = net[2] }
    minimize loss over part using momentum(lr=0.05, mu=0.9)
    report loss, a, b'
[ "$(moves a)" = "moves moves moves stays stays" ] || broken "a: $(moves a)"
[ "$(moves b)" = "stays stays stays moves moves" ] || broken "b: $(moves b)"

# The momentum that is 0 at first: as with one that is 0 in a schedule.
runs '    m = 0.0
    if epoch >= 3 { m = 0.9 }
    minimize loss over net using rmsprop(lr=0.01, mu=m)
    report loss, a'
values a >branches
runs '    minimize loss over net using rmsprop(lr=0.01, mu=where(epoch >= 3, 0.9, 0.0))
    report loss, a'
values a | diff - branches || broken "the momentum of a variant is lost"
