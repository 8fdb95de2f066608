# SPDX-License-Identifier: MIT
# A contraction that makes a large gradient looks at it itself: what is not finite is found there, in a small batch, in one that is
# cut into segments (only the total is too large), in a group of batches, with threads; and nothing is changed.
cat >outer.nn <<'PROGRAM'
option size: float = 1 "of the inputs"
layer Product {
    param w: float[128, 256] = 0
    fn forward[B](x: float[B, 128]) -> float[B, 256] { return x @ w }
}
model net = Product()
train fit[B](batch=8, steps=2) {
    x = size * (0.99 + 0.01 * rand(B, 128))
    c = 1e18 * (0.99 + 0.01 * rand(B, 256))
    loss = sum(net(x) * c)
    minimize loss over net using lion(lr=0.5)
    report loss
}
train early[B](batch=8, steps=2) {
    x = size * (0.99 + 0.01 * rand(B, 128))
    c = 1e18 * (0.99 + 0.01 * rand(B, 256))
    loss = sum(net(x) * c)
    if step < 1 { minimize loss over net using lion(lr=0.5) }
    report loss
}
export fn largest() -> float { return max(abs(net.w)) }
PROGRAM
"$NNC" --dump=kernel outer.nn >out 2>&1 || broken "outer.nn does not compile"
[ "$(grep -c ' looks ' out)" -ge 2 ] || broken "no kernel looks at its gradient"
"$NNC" outer.nn -o outer >out 2>&1 || broken "outer.nn does not compile"
./outer fit --steps 1 --save start.safetensors >out 2>&1 || broken "a step with a finite gradient"
gives 0.5 ./outer largest --load start.safetensors
wrong="step 0: the gradient of net.w (outer.nn:3) is not finite, at the minimize of outer.nn:11; no update was made"
for way in "--batch 1 --size 4e20" "--batch 8 --size 2e20" "--batch 8 --size 2e20 --threads 3" "--batch 600 --size 6.2e17" \
    "--batch 8 --size 2e20 --accumulate 2"; do
    cp start.safetensors kept
    # shellcheck disable=SC2086
    fails 4 "$wrong" ./outer fit --steps 1 $way --save kept
    cmp -s start.safetensors kept || broken "$way changed the checkpoint"
done
shows "" ./outer fit --steps 1 --batch 600 --size 5e17 --save fine
gives 0.5 ./outer largest --load fine
fails 4 "early, step 0: the gradient of net.w" ./outer early --steps 1 --size 2e20

# So does a scatter, where a sum is too large, in one chain or in its total.
cat >rows.nn <<'PROGRAM'
option size: float = 1 "of the gradient"
layer Table {
    param w: float[200, 128] = 0
    fn forward[B](i: int<200>[B]) -> float[B, 128] { return take(w, i, axis=0) }
}
model net = Table()
train fit[B](batch=8, steps=1) {
    c = size * 1e37 * (0.99 + 0.01 * rand(B, 128))
    loss = sum(net(randint(1, B)) * c)
    minimize loss over net using lion(lr=0.5)
    report loss
}
export fn largest() -> float { return max(abs(net.w)) }
PROGRAM
"$NNC" --dump=kernel rows.nn >out 2>&1 || broken "rows.nn does not compile"
grep -q ' SCATTER .* looks ' out || broken "the scatter does not look at its gradient"
"$NNC" rows.nn -o rows >out 2>&1 || broken "rows.nn does not compile"
for way in "--size 6" "--size 6 --threads 3" "--size 0.06 --batch 600" "--size 0.06 --batch 600 --threads 2"; do
    # shellcheck disable=SC2086
    fails 4 "step 0: the gradient of net.w (rows.nn:3) is not finite" ./rows fit $way
done
shows "" ./rows fit --size 0.05 --batch 600 --save rows.safetensors
gives 0.5 ./rows largest --load rows.safetensors
