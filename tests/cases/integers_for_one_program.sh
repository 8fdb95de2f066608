# SPDX-License-Identifier: MIT
# `nnc quantize` and `--int8`: which weights stay floats, what a program says of all of them, and files, parts and weights that do not fit.
mkdir tmp && export TMPDIR=$PWD/tmp
awk 'BEGIN { srand(4); for (i = 0; i < 200; i++) { s = ""; for (k = 0; k < 16; k++) s = s sprintf("%.3f,", rand()); print s i % 3 } }' >t.csv
cat >parts.nn <<'END'
data rows {
    v: float[16] = csv("t.csv", columns=0..16)
    kind: int<3> = csv("t.csv", column=16)
    split(train=0.6, valid=0.4, seed=1)
}
layer Net {
    layer wide = Conv2d(2, 8, kernel=3, pad=1)
    layer deep = Conv2d(8, 8, kernel=3, pad=1, groups=8)
    layer up = ConvT2d(8, 8, kernel=2, stride=2)
    layer around = GRU(8, 16)
    layer out = Dense(16, 3)
    fn forward[B](x: float[B, 16]) -> float[B, 3] {
        y = relu(up(deep(relu(wide(reshape(x, [B, 4, 2, 2]))))))
        h, _ = around(reshape(y, [B, 32, 8]))
        return out(h[:, -1])
    }
}
model net = Net()
train fit[B](ex in rows.train, batch=20, epochs=1, seed=3, log="none", save="parts.st") {
    minimize cross_entropy(net(ex.v), ex.kind) over net using adam(lr=0.01)
}
eval test[B](ex in rows.valid, batch=50) { report accuracy(net(ex.v), ex.kind) }
export fn scores[B](v: float[B, 16]) -> float[B, 3] { return net(v) }
END
"$NNC" parts.nn -o parts && ./parts fit --quiet || broken "the program does not train"
shows "floats: net.deep.w (groups), net.up.w (transposed), net.around.fwd.0.hz.w (inside of a scan)" \
    "$NNC" quantize parts.nn --weights=parts.st --calibrate=valid
gives "" "$NNC" --weights=parts.st --int8=parts.int8.json parts.nn -o less
./parts summary >floats.txt && ./less summary >integers.txt || broken "no summaries"
grep -q 'net.wide.w  *\[3, 3, 2, 8\] 8 bits' integers.txt || broken "no 8 bits in $(cat integers.txt)"
# 3 rows of taps in 2 words each and a scale for 8 columns, 2 words and a scale for 48, 4 and a scale for 3
grep -q "weights of 8 bits, in the code: $(((3 * 2 + 1) * 8 * 4 + (2 + 1) * 48 * 4 + (4 + 1) * 3 * 4)) bytes" integers.txt || broken "$(cat integers.txt)"
for text in floats integers; do
    sed -n 's/^\([0-9]* parameters\), .* bytes\(, .* FLOPs\)/\1\2/p; s/^\( *net[a-z.0-9]*  *[A-Z].*\]\)/\1/p' $text.txt >$text.sum
done
[ "$(wc -l <floats.sum)" -ge 8 ] && cmp -s floats.sum integers.sum || broken "other layers or parameters: $(diff floats.sum integers.sum)"
# another text that computes the same is the same program
sed 's/^layer Net {/layer Net { # of parts/' parts.nn >same.nn
gives "" "$NNC" --weights=parts.st --int8=parts.int8.json same.nn -o less
# a range that is taken out leaves its weight in floats
sed 's/,{"name":"net.out.w"[^}]*}//' parts.int8.json >fewer.json
gives "" "$NNC" --weights=parts.st --int8=fewer.json parts.nn -o less
./less summary >integers.txt
grep -q 'net.out.w  *\[16, 3\]$' integers.txt && grep -q '8 bits$' integers.txt || broken "net.out.w is no float: $(cat integers.txt)"
sed 's/relu(up/tanh(up/' parts.nn >changed.nn
fails 1 "the program computes something else than when it was made" "$NNC" --weights=parts.st --int8=parts.int8.json changed.nn -o x
sed 's/GRU(8, 16)/GRU(8, 32)/; s/Dense(16, 3)/Dense(32, 3)/' parts.nn >other.nn
fails 1 "net.out.w is [16, 3] but this program has [32, 3]" "$NNC" quantize other.nn --weights=parts.st --calibrate=valid
fails 1 "net.out.w is [16, 3] but this program has [32, 3]" "$NNC" --weights=parts.st --int8=parts.int8.json other.nn -o x
fails 3 "none.st: cannot" "$NNC" quantize parts.nn --weights=none.st --calibrate=valid
head -1 t.csv >one.csv
sed 's/t\.csv/one.csv/; s/train=0.6/train=0.9/; s/valid=0.4/valid=0.1/' parts.nn >one.nn
fails 1 "part train has no examples" "$NNC" quantize one.nn --weights=parts.st --calibrate=train
sed 's/reshape(x,/reshape(log(x - 9),/' parts.nn >infinite.nn
fails 1 "what is multiplied by \`net.wide.w\` is not finite on valid" "$NNC" quantize infinite.nn --weights=parts.st --calibrate=valid
sed '1s/^[^,]*,/nan,/' t.csv >nan.csv
sed 's/t\.csv/nan.csv/' parts.nn >nan.nn
fails 1 "what is multiplied by \`net.wide.w\` is not finite on all" "$NNC" quantize nan.nn --weights=parts.st --calibrate=all
