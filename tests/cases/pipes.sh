# SPDX-License-Identifier: MIT
# What is no plain file is read to its end: as an argument, and as data, also by several fields.
program pipes <<'TEXT'
option file: string = "/dev/stdin"
data d {
    x: float[2] = csv(file, columns=0..2)
    y: float = csv(file, column=2)
}
data words[T] {
    text: int<256>[T] = lines(file, bytes=true)
    len: int = length(text)
}
export fn rows[B](x: float[B, 3]) -> float[2] { return stack([sum(x), float(B)], axis=0) }
export fn both[B](x: float[B, 2], y: float[B]) -> float[2] { return stack([sum(x) + sum(y), float(B)], axis=0) }
export fn letters[B](len: int[B]) -> int { return sum(len) }
TEXT
numbers() { yes 1,2,3 | head -n 400000; }
sums=$(printf '2400000\n400000')
through() { numbers | "$@"; }
gives "$sums" through ./pipes rows -
gives "$sums" through ./pipes rows /dev/stdin
gives "$sums" through ./pipes both d.x d.y
shows "d: 400000 examples" through ./pipes check-data
gives 2000000 through ./pipes letters words.len
packed() { numbers | gzip -c | "$@"; }
if command -v gzip >/dev/null; then
    gives "$sums" packed ./pipes both d.x d.y
    gives "$sums" packed ./pipes rows /dev/stdin
    gives "$sums" packed ./pipes rows -
fi
mkfifo named
(numbers >named &)
gives "$sums" ./pipes both d.x d.y --file named
(numbers >named &)
gives "$sums" ./pipes rows named
# Values of flags; a checkpoint is read from several places.
program run <<'TEXT'
option rate: float = 1
layer Net { param w: float = 1 }
model net = Net()
train fit(steps=1, log="none") {
    loss = net.w ** 2
    minimize loss over net using sgd(lr=0)
    report rate=rate
}
TEXT
echo '{"rate": 3}' >rate.json
piped() { "$@" <rate.json | ./run fit --config /dev/stdin; }
shows "rate 3" piped cat
(cat rate.json >named &)
shows "rate 3" ./run fit --config named
fails 3 "named is a device or a pipe; a checkpoint is read from a file" ./run fit --load named
