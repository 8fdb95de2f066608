# SPDX-License-Identifier: MIT
# Targets that there are not, and a program that is too large for machines of 32 bits.
cat >m.nn <<'END'
option step: float = 0.1
option rows: string = "rows.csv"
data d {
    x: int<100000000> = csv(rows, column=0)
}
model words = Embedding(100000000, 8)
train fit[B](ex in d.all, batch=4) { minimize mean(words(ex.x) ** 2) over words using sgd(lr=step) }
export fn twice[B](x: float[B]) -> float[B] { return 2 * x }
END
"$NNC" -c m.nn -o m.o || broken "an object for this machine"
fails 1 'm.nn: training needs a block of' "$NNC" -c --target=armv7-linux-gnueabihf m.nn -o arm.o
fails 2 'target `mips-linux-gnu`: code is made for x86_64, aarch64, riscv64, armv7,' "$NNC" -c --target=mips-linux-gnu m.nn
fails 2 'target `thumbv7em`: its last part says how numbers are passed' "$NNC" -c --target=thumbv7em m.nn
fails 2 "unknown CPU 'cortex-m9' for thumbv7em-unknown-none-" "$NNC" -c --target=thumbv7em-none-eabihf -march=cortex-m9 m.nn
fails 2 'cortex-m0plus has no registers for numbers' "$NNC" -c --target=thumbv6m-none-eabihf m.nn
fails 2 'a program for armv7 cannot be linked here; `nnc -c` makes an object for it' "$NNC" --target=armv7-linux-gnueabihf m.nn
sed -i 's/100000000/50/g' m.nn
"$NNC" -c --target=thumbv7em-none-eabihf m.nn -o m4.o || broken "an object for a Cortex-M4"
