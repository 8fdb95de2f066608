# SPDX-License-Identifier: MIT
# A static program with musl gives the bits of one with the usual library. Skipped where there is no musl-gcc.
command -v musl-gcc >/dev/null || { echo "musl: skipped: there is no musl-gcc (Debian: musl-tools)"; exit 77; }
cat >m.nn <<'END'
layer Net {
    layer body = chain(Dense(3, 16), tanh, Dense(16, 2))
    fn forward[B](x: float[B, 3]) -> float[B, 2] { return body(x) }
}
model net = Net()
train fit(steps=50, save="m.safetensors", log="none") {
    x = randn([8, 3])
    loss = mean((net(x) - x[:, 0:2]) ** 2)
    minimize loss over net using adam(lr=0.01)
    report loss
}
export fn predict[B](x: float[B, 3]) -> float[B, 2] { return softmax(net(x)) }
END
gives "" "$NNC" m.nn -o m
"$SOURCE/tools/musl-runtime" lib || broken "the runtime does not compile with musl-gcc"
gives "" "$NNC" -static --cc=musl-gcc --runtime=lib m.nn -o still
./m fit >loss
mkdir other
gives "$(cat loss)" sh -c 'cd other && ../still fit'
gives "$(./m predict "1,2,3;4,5,6")" ./still predict --load other/m.safetensors "1,2,3;4,5,6"
cmp m.safetensors other/m.safetensors || broken "the checkpoints are not the same"
gives "$(./m summary)" ./still summary
if command -v readelf >/dev/null; then lacks "NEEDED" readelf -d still; fi
if command -v strip >/dev/null; then strip still && [ "$(wc -c <still)" -lt 600000 ] || broken "it has $(wc -c <still) bytes"; fi
