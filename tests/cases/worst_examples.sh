# SPDX-License-Identifier: MIT
# eval --worst N: the examples that an evaluation is worst at, each evaluated alone.
printf '%s\n' 1,1,a 2,2.5,b 3,9,a 4,4,b 5,2,a 6,6.25,b 7,nan,a >points.csv
program w <<'PROGRAM'
data points {
    x: float[1] = csv("points.csv", columns=0..1)
    y: float[1] = csv("points.csv", columns=1..2)
    kind: int<2> = csv("points.csv", column=2, labels=true)
    split(most=1.0)
}
data words[T] {
    t: int<6>[T] = lines("w.txt", numbers=true)
}
model net = chain(Dense(1, 1))
train fit[B](ex in points.most, batch=4, save="w.safetensors", log="none") {
    if step == 1000 { minimize mean(net(ex.x)) + 0 * mean(float(ex.kind)) over net using sgd(lr=0.1) }
}
eval test[B](ex in points.most, batch=4) { report minimize off = mean(abs(ex.x - ex.y)) + 0 * sum(net(ex.x)), confusion(one_hot(ex.kind, 2), (ex.kind + 1) % 2) }
eval high[B](ex in points.most, batch=4) { report maximize off = mean(abs(ex.x - ex.y)) + 0 * sum(net(ex.x)) }
eval both[B](ex in points.most, batch=4) { report off = mean(ex.x) + 0 * sum(net(ex.x)) }
eval none[B](steps=1, batch=4) { report minimize off = mean(rand([B])) + 0 * sum(net(rand([B, 1]))) }
eval long[B, T](ex in words.all, batch=2) { report maximize sum = mean(float(ex.t)) + 0 * sum(net(rand([B, 1]))) }
PROGRAM
printf '1 2\n5\n4 4 3\n' >w.txt
./w fit --quiet >out 2>&1 || broken "no checkpoint"
rows_json() { "$@" --json | sed 's/.*"worst"/"worst"/'; }
rows() { "$@" | sed -n '/^worst/,$p'; }
gives "worst examples, by off
  points.csv:7: off nan, true b, found a, kind a
  points.csv:3: off 6, true b, found a, kind a
  points.csv:5: off 3, true b, found a, kind a" rows ./w test --load w.safetensors --worst 3
gives "worst examples, by off
  points.csv:7: off nan
  points.csv:4: off 0" rows ./w high --worst 2
gives '"worst":{"by":"sum","examples":[{"example":0,"place":"w.txt:1","value":1.5,"fields":{"t":[1,2]}},{"example":2,"place":"w.txt:3","value":3.6666667461395264,"fields":{"t":[4,4,3]}},{"example":1,"place":"w.txt:2","value":5,"fields":{"t":[5]}}]}}' rows_json ./w long --worst 9
shows "7 examples" ./w test --worst 1
fails 2 '--worst: the first report must be a number of which more is better, or less' ./w both --worst 1
fails 2 '--worst: none reads no data' ./w none --worst 1
fails 2 '--worst is 0, but must be at least 1' ./w test --worst 0
fails 2 '--worst is 1001, but must be at most 1000' ./w test --worst 1001
fails 2 'there is no flag --worst' ./w fit --worst 1

# Pictures, of 0..1 or from the least number to the largest; a long side is thinned, a fourth channel is left out. Classes without names.
awk 'BEGIN {
    for (i = 0; i < 3; i++) {
        for (k = 0; k < 64; k++) printf "%.17g,", i == 0 ? k % 8 / 7 : i == 1 ? 255 * (k - 10) : k == 5 ? "inf" : 0.5
        print i
    }
}' >pictures.csv
awk 'BEGIN { for (k = 0; k < 65 * 8 * 4; k++) printf "%s%.17g", k ? "," : "", k % 256 / 255; print "" }' >tall.csv
program pictures <<'PROGRAM'
data small {
    x: float[8, 8] = csv("pictures.csv", columns=0..64)
    k: int<3> = csv("pictures.csv", column=64)
}
data tall { x: float[65, 8, 4] = csv("tall.csv", columns=0..2080) }
data flat { x: float[7, 4] = csv("pictures.csv", columns=0..28) }
eval test[B](ex in small.all, batch=3) { report maximize k = mean(float(ex.k)) + 0 * sum(float(ex.x > 0)), confusion(one_hot(ex.k, 3), (ex.k + 1) % 3) }
eval high[B](ex in tall.all, batch=3) { report maximize k = max(ex.x) }
eval none[B](ex in flat.all, batch=3) { report maximize k = min(ex.x) }
PROGRAM
gives "worst examples, by k
  pictures.csv:1: k 0, true 1, found 0, k 0
  pictures.csv:2: k 1, true 2, found 1, k 1
  pictures.csv:3: k 2, true 0, found 2, k 2" rows ./pictures test --worst 3
pixels() { awk "BEGIN { for (k = 0; k < 64; k++) printf \"%s%d\", k ? \",\" : \"\", 255 * ($1) + 0.5 }"; }
example() { printf '{"example":%s,"place":"pictures.csv:%s","value":%s,"true":%s,"found":%s,"fields":{"x":{"height":8,"width":8,"channels":1,"picture":[%s]},"k":%s}}' "$1" $(($1 + 1)) "$1" $((($1 + 1) % 3)) "$1" "$2" "$1"; }
gives "\"worst\":{\"by\":\"k\",\"examples\":[$(example 0 "$(pixels 'k % 8 / 7')"),$(example 1 "$(pixels 'k / 63')"),$(example 2 "$(pixels 'k == 5 ? -0.001 : 0.5')")]}}" rows_json ./pictures test --worst 3
gives "\"worst\":{\"by\":\"k\",\"examples\":[{\"example\":0,\"place\":\"tall.csv:1\",\"value\":1,\"fields\":{\"x\":{\"height\":33,\"width\":4,\"channels\":3,\"picture\":[$(awk 'BEGIN {
    for (y = 0; y < 65; y += 2) for (x = 0; x < 8; x += 2) for (c = 0; c < 3; c++) printf "%s%d", y + x + c ? "," : "", ((y * 8 + x) * 4 + c) % 256 }')]}}}]}}" rows_json ./pictures high --worst 1
shows '"fields":{"x":[-2550,-2295,-2040,-1785,-1530,-1275,-1020,-765,-510,-255,0,255,510,765,1020,1275]}}' ./pictures none --worst 1 --json # too small for one

# Words by their names: sixty of them as JSON, and as many letters as a line has room for.
awk 'BEGIN { for (k = 0; k < 61; k++) printf "w%d ", k % 7; print ""; print "only ~ w1" }' >texts.txt
program texts <<'PROGRAM'
data texts[T] { t: int<99>[T] = lines("texts.txt", words=true) }
layer Net { param w: float = 0 }
model net = Net()
train fit[B, T](ex in texts.all, batch=1, save="texts.st", log="none") {
    minimize net.w + 0 * mean(float(ex.t)) over net using sgd(lr=0.1)
}
eval long[B, T](ex in texts.all, batch=2) { report minimize n = float(T) + 0 * mean(float(ex.t)) + 0 * net.w }
PROGRAM
lacks error ./texts fit
words=$(awk 'BEGIN { for (k = 0; k < 60; k++) printf "%sw%d", k ? " " : "", k % 7 }')
gives "worst examples, by n
  texts.txt:1: n 61, t $(printf %s "$words" | cut -c 1-79)
  texts.txt:2: n 2, t only w1" rows ./texts long --worst 2
gives "\"worst\":{\"by\":\"n\",\"examples\":[{\"example\":0,\"place\":\"texts.txt:1\",\"value\":61,\"fields\":{\"t\":\"$words\"}}]}}" rows_json ./texts long --worst 1
