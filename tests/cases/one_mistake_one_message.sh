# SPDX-License-Identifier: MIT
# A typing mistake gets one message, at its place.
# mistake EXAMPLE FROM TO WHERE: the first FROM of the example's text becomes TO; WHERE is LINE:COLUMN: and words of the message
mistake() {
    awk -v from="$2" -v to="$3" 'BEGIN { RS = "\001" } { i = index($0, from); if (!i) exit 1
        printf "%s%s%s", substr($0, 1, i - 1), to, substr($0, i + length(from)) }' "$SOURCE/examples/$1/$1.nn" >m.nn || broken "no \`$2\` in $1"
    "$NNC" check m.nn >out 2>&1
    [ $? = 1 ] || broken "\`$2\` -> \`$3\` is accepted"
    n=$(grep -c -E '(error|warning) [EW][0-9]{4}: ' out)
    [ "$n" = 1 ] || broken "\`$2\` -> \`$3\`: $n messages"
    grep -qF -e "$4" out || broken "\`$2\` -> \`$3\` does not say: $4"
}
# names that nothing has any more
mistake iris 'model net' 'model nett' 'unknown name `net`'
grep -q 'on the lines 29, 34, 40 and 41 too' out || broken "the other lines are not named"
mistake iris 'data iris' 'data flowers' 'unknown name `iris`'
mistake iris 'y: int<3>' 'label: int<3>' 'no field `y`'
mistake iris 'fn forward' 'fn forwrd' 'has no function `forward`'
mistake iris 'logits = net' 'logit = net' 'unknown name `logits`'
mistake iris 'ex in iris.train' 'ex = iris.train' 'write `ex in iris.train`'
mistake iris 'h = act' 'h := act' 'is not a state'
mistake iris 'MLP(4, hidden' 'MLP(5, hidden' 'takes float[B, 5] but is given float[B, 4]'
mistake iris 'split(train=0.8, test=0.2, seed=7)' '' 'iris has no parts'
mistake iris 'split(train=0.8, test=0.2, seed=7)' 'split(0.8, 0.2)' 'no argument without a name'
mistake transformer 'const context' 'const contex' 'unknown name `context`'
mistake transformer 'data text' 'data txt' 'unknown name `text`'
mistake transformer 'heads=4' 'heads=5' 'needs d % heads == 0'
mistake transformer 'requires T <= context' 'requires T < context' 'needs T < context'
mistake transformer 'out_std: float) requires heads >= 1, d % heads == 0' 'out_std: float) requires heads >= 1' 'does not split so'
mistake transformer 'SelfAttention(d, heads, p, out_std)' 'SelfAttention(heads, d, p, out_std)' 'needs d % heads == 0'
mistake transformer 'einsum("b h t e,' 'einsum("b h t e' 'the pattern has 1 operands, the call 2'
# a requirement that does not hold: what would come of it in the body is not told
mistake lenet 'Conv2d(6, 16, kernel=5)' 'Conv2d(6, 16, kernel=15)' 'Conv2d(6, 16, kernel=15) needs H + 2 * pad > dilation * (kernel - 1)'
# a head without its brace, and heads of other languages
mistake iris 'data iris {' 'data iris' 'm.nn:6:10: error E0201: unexpected end of line'
mistake iris 'data iris {' 'data iris:' 'm.nn:6:10: error E0206: blocks stand in braces'
mistake iris 'n_in]) -> float[B, n_out] {' 'n_in]) -> float[B, n_out]' 'm.nn:18:56: error E0201'
mistake iris 'fn forward[B](x: float[B, n_in]) -> float[B, n_out] {' 'def forward(self, x):' 'there is no `def`'
mistake iris 'fn forward[B](x: float[B, n_in]) -> float[B, n_out] {' 'def f(self, x) {' 'there is no `def`'
mistake iris 'layer MLP(n_in: int, n_hidden: int, n_out: int, act: fn = relu) {' 'class MLP(nn.Module):' 'there are no classes'
mistake iris 'save="iris.safetensors") {' 'save="iris.safetensors")' 'm.nn:26:100: error E0201'
mistake lenet 'layer LeNet {' 'layer LeNet()' 'm.nn:10:14: error E0201'
mistake transformer 'for i in 0..depth {' 'for i in range(depth):' 'blocks stand in braces'
mistake transformer 'for i in 0..depth { x' 'for i in 0..depth x' 'unexpected name `x`'
mistake transformer '-> float[B, T, d] {' ':' 'blocks stand in braces'
# brackets and strings
mistake iris 'fc2(drop(h))' 'fc2(drop(h)' 'E0209'
mistake iris 'fc2(drop(h))' 'fc2(drop(h)))' 'E0209'
mistake lenet 'chain(' 'chain[' '`)` cannot close the `[`'
mistake iris '"data/iris.csv"' '"data/iris.csv' 'a string on this line has no end'
mistake iris 'average="weighted"' 'average="weighted' 'this string has no end on its line'
mistake iris 'save="iris.safetensors") {' 'save="iris.safetensors):' 'this string has no end on its line'
mistake transformer 'einsum("b h t e, b h s' 'einsum(b h t e, b h s' 'a string on this line has no end'
mistake lenet '0.8 ** epoch' '0.8 ^ epoch' 'a power is written'
# words of other languages
mistake iris 'const hidden' 'import torch
const hidden' 'm.nn:2:8'
mistake iris 'layer fc2  = Dense' 'self.fc2 = Dense' 'E0206'
mistake iris 'labels=true' 'labels=True' 'True'
mistake iris 'act: fn = relu)' '**kwargs)' 'm.nn:12:49'
mistake iris 'minimize loss over net using adam(lr=lr)' 'loss.backward()' 'gradients are not computed by a call'
mistake transformer '[:, _]' '[:, None]' 'there is no `None`'
# a part of the data where there is no data yet
printf 'option file: string = d.train "x"\ndata d { x: float[4] = csv("a.csv", columns=0..4) }\n' >m.nn
fails 1 "E0501" "$NNC" check m.nn
