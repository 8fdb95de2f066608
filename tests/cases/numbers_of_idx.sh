# SPDX-License-Identifier: MIT
# IDX files of every type have their numbers, which stand with the most significant byte first.
header() { printf "\000\000\\$1\002\000\000\000\002\000\000\000\002"; } # type; 2 x 2
(header 010; printf '\001\002\003\377') >a8
(header 011; printf '\001\002\003\377') >a9
(header 013; printf '\000\001\001\000\000\003\377\376') >a11
(header 014; printf '\000\000\000\001\000\001\000\000\000\000\000\003\377\377\377\376') >a12
(header 015; printf '\077\200\000\000\300\000\000\000\100\100\000\000\277\000\000\000') >a13
(header 016; printf '\077\360\000\000\000\000\000\000\300\000\000\000\000\000\000\000\100\010\000\000\000\000\000\000\277\340\000\000\000\000\000\000') >a14
program sums <<'END'
option file: string = "a8" "file"
data d { x: float[2] = float(idx(file)) }
eval all[B](ex in d.all) { report first = mean(ex.x[:, 0]), second = mean(ex.x[:, 1]) }
END
shows "first 2, second 128.5" ./sums all
shows "first 2, second 0.5" ./sums all --file a9
shows "first 2, second 127" ./sums all --file a11
shows "first 2, second 32767" ./sums all --file a12
shows "first 2, second -1.25" ./sums all --file a13
shows "first 2, second -1.25" ./sums all --file a14
