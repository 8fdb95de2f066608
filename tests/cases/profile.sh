# SPDX-License-Identifier: MIT
# `profile` names every kernel of an entry, in the order of the program, with what one call runs and costs. Nothing here is timed.
program small <<'END'
layer Recurrent {
    layer gru = GRU(3, 4)
    fn forward[B, T](x: float[B, T, 3]) -> float[B, 4] {
        _, last = gru(x)
        return last
    }
}
model net = Recurrent()
model dense = Dense(8, 6)

export fn twice[B](x: float[B, 8]) -> float[B, 8] { return 2 * x }
export fn product[B](x: float[B, 8]) -> float[B, 6] { return dense(x) }
export fn last[B, T](x: float[B, T, 3]) -> float[B, 4] { return net(x) }
END
# 4 x 8 numbers are multiplied, read and written once.
shows '"kind":"loop","line":11,"runs":1,' ./small profile twice --B 4 --json
shows '"operations":32,"bytes":256}' ./small profile twice --B 4 --json
# 2 x 4 x 8 x 6 in the product, 4 x 6 for the bias; 32 + 48 + 6 + 24 numbers.
shows '"layer":"dense","kind":"product","line":12,"runs":1,' ./small profile product --B 4 --json
shows '"operations":408,"bytes":440}' ./small profile product --B 4 --json
shows ' dense ' ./small profile product
shows '"threads":2,' ./small profile product --threads 2 --json
# Loops of a scan run once for each of its steps.
shows '"runs":5,' ./small profile last --T 5 --json
lacks '"runs":5,' ./small profile last --T 6 --json
fails 2 "profile needs the name of an entry point" ./small profile
fails 2 "there is no entry point thrice" ./small profile thrice

# The kernels are those that the compiler lists.
cp "$SOURCE/examples/iris/iris.nn" .
"$NNC" iris.nn -o iris || broken "iris does not compile"
"$NNC" --dump=kernel --only=fit iris.nn -o iris | awk '/^program/ { n++ } n == 1 && $1 ~ /^k[0-9]+_/ { print $1 }' >listed
./iris profile fit --json | tr '{' '\n' | sed -n 's/^"name":"\([^"]*\)".*/\1/p' >profiled
[ -s listed ] && cmp -s listed profiled || broken "the kernels of the dump are not those of the profile: $(diff listed profiled)"
shows '"entry":"fit","threads":1,"calls":' ./iris profile fit --json

# Numbers end where the words of their columns do.
./small profile product --B 4 | awk '
    function ends(text,   i, at, all) {
        for (i = 1; i <= 8; i++) {
            match(text, /[^ ]+/)
            at += RSTART + RLENGTH - 1
            all = all " " at
            text = substr(text, RSTART + RLENGTH)
        }
        return all
    }
    NR == 2 { head = ends($0) }
    NR > 2 && ends($0) != head { bad = 1 }
    END { exit bad || NR < 3 }' || broken "the columns of profile are not under their words"

# What is told of a kernel fits together: operations and bytes by its time, their part of the peak, its part of the whole.
./small profile product --B 4096 >out || broken "profile"
awk 'NR == 1 { if ($2 != 4096 || $4 != 1) exit 1; for (i = 1; i < NF; i++) if ($i == "peak") peak = $(i + 1) }
    NR > 2 { sub("%", "", $2); sub("%", "", $5); sub("%", "", $7)
        if ($1 < 0.02) next
        near($4, 417792 / $1 / 1e6); near($6, (4096 * (8 + 6) + 48 + 6) * 4 / $1 / 1e6); near($5, 100 * $4 / peak); n++ }
    function near(is, want) { if (is < 0.93 * want - 0.11 || is > 1.07 * want + 0.11) exit 1 }
    END { if (!peak) exit 1 }' out || broken "the numbers of a kernel"
./small profile last --T 50 --json --threads 2 >out || broken "profile --json"
tr '{' '\n' <out | awk -F '[,:]' '
    NR == 2 { for (i = 1; i < NF; i++) { if ($i == "\"seconds\"") all = $(i + 1); if ($i == "\"calls\"") calls = $(i + 1) } }
    NR > 2 { for (i = 1; i < NF; i++) { if ($i == "\"seconds\"") sum += $(i + 1); if ($i == "\"waiting\"" && ($(i + 1) < 0 || $(i + 1) > 1)) exit 1 } }
    END { if (!(calls >= 4 && calls <= 200 && sum > 0 && sum <= 1.001 * all)) exit 1 }' || broken "seconds of kernels are more than those of a call"
