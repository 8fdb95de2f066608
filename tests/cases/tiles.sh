# SPDX-License-Identifier: MIT
# Products of bf16 by the tiles of AMX: where they are used, and what happens on a processor without them. A processor that has AMX trains
# with them here; on others unit.loop_amx and fuzz_compile carry the instructions out.
[ "$(uname -m)" = x86_64 ] || exit 77

awk 'BEGIN { srand(1); for (i = 0; i < 128; i++) { for (j = 0; j < 8; j++) printf "%f,", rand(); print int(3 * rand()) } }' >rows.csv
cat >m.nn <<'END'
data rows {
    x: float[8] = csv("rows.csv", columns=0..8)
    y: int<3> = csv("rows.csv", column=8)
}
model net = chain(Dense(8, 48), tanh, Dense(48, 64), relu, Dense(64, 3))
train fit[B](ex in rows.all, batch=32, epochs=2, save="m.safetensors") {
    minimize cross_entropy(net(ex.x), ex.y) over net using adam(lr=0.01)
}
END
instructions() # OPTIONS: multiplications of tiles in the code
{
    "$NNC" -S -march=sapphirerapids "$@" m.nn -o m.s 2>err || broken "nnc -S $*: $(cat err)"
    grep -c tdpbf16ps m.s || true
}
[ "$(instructions --float=bf16)" -gt 0 ] || broken "no tiles"
grep -q ldtilecfg m.s || broken "tiles without sizes"
[ "$(instructions)" = 0 ] || broken "tiles in single precision"
[ "$(instructions --float=bf16 --fp=strict)" = 0 ] || broken "tiles with --fp=strict"
[ "$(instructions --float=bf16 -Os)" = 0 ] || broken "tiles in small code"

"$NNC" --float=bf16 -march=sapphirerapids m.nn -o tiles || broken "sapphirerapids"
if grep -qw amx_bf16 /proc/cpuinfo && grep -qw avx512_fp16 /proc/cpuinfo; then
    ./tiles fit --seed 3 --quiet --log none --save tiles.safetensors || broken "no training by tiles"
    "$NNC" --float=bf16 -march=x86-64-v4 m.nn -o vectors || broken "v4"
    ./vectors fit --seed 3 --quiet --log none --save vectors.safetensors || broken "no training by vectors"
    cmp -s tiles.safetensors vectors.safetensors || broken "tiles have other bits than vectors"
else
    fails 3 "the program is compiled for sapphirerapids, but this processor lacks " ./tiles fit
    grep -q amx-tile out || broken "AMX is not named"
fi
"$NNC" -march=sapphirerapids m.nn -o single || broken "single precision"
./single fit --quiet --log none --save none 2>err || ! grep -q amx err || broken "AMX is wanted in single precision: $(cat err)"
