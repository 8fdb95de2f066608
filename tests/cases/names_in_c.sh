# SPDX-License-Identifier: MIT
# Whatever the names in a program are, its header compiles in C and C++, also after the common headers, and its object links.
flags="-Wall -Wextra -pedantic -Werror -Wshadow -I. -I$SOURCE/runtime"
for header in assert complex errno fcntl limits math pthread signal stdio stdlib string time unistd; do
    echo "#include <$header.h>"
done >common.h

compiles() { # STANDARD HEADER...
    standard=$1
    shift
    for header in "$@"; do echo "#include \"$header\""; done >use.c
    echo 'int main(void) { return PART; }' | sed "s/PART/${part:-0}/" >>use.c
    case $standard in *++*) cp use.c use.cc && c++ -std="$standard" $flags -c use.cc -o use.o >out 2>&1 ;;
    *) cc -std="$standard" $flags -c use.c -o use.o >out 2>&1 ;; esac || broken "$* do not compile as $standard"
}

cat >names.nn <<'TEXT'
option sum: float = 1.5 "a doc /* with */ marks ??/"
option double: float = 2
option double_: float = 3
option EOF: int = 1
option linux: bool = true
option int8_t: int = 3
data d[I] {
    model: float[4] = csv("a.csv", columns=0..4)
    stdin: int<3> = csv("a.csv", column=4)
    text: int<9>[I] = lines("b.txt", chars=true)
}
layer Net {
    layer fc = Dense(4, 3)
    fn forward[B](x: float[B, 4]) -> float[B, 3] { return fc(x) }
}
model net = Net()
train out[call](ex in d.all, batch=2, epochs=1) {
    y = net(ex.model) * sum * double * double_ + float(ex.text[0, 0] * 0)
    loss = cross_entropy(y, ex.stdin)
    minimize loss over net using sgd()
    report loss
    report unix=loss
    report examples_=loss
    report NULL=loss
    report accuracy(y, ex.stdin)
}
export fn long[train, size_t](model: float[train, size_t], call: float, call_: float, m: float, out0: float, out9: int, run: bool)
    -> (float[train, size_t], float) {
    return model * call + call_, m * out0 + float(out9) + where(run, 1, 0)
}
export fn union(NULL: float, _Bool: float, char8_t: float, errno: float, unix: float, linux: float, nnrt_call: float, int32_t: float,
    sizes: float, args: float, names: float, names_union: float, I: float, M_PI: float, SIGINT: float,
    class: float, double_: float, double: float, printf: float, stderr: float, typeof: float, EAGAIN: float, __x86_64__: float) -> float {
    return NULL + _Bool + char8_t + errno + unix + linux + nnrt_call + int32_t + sizes + args + names + names_union + I
        + M_PI + SIGINT + class + 10 * double_ + 100 * double + printf + stderr + typeof + EAGAIN + __x86_64__
}
export fn draws[seed](x: float[seed]) -> float[seed] { return x + randn(seed) }
TEXT
"$NNC" -c names.nn >out 2>&1 || broken "names.nn does not compile"
compiles c99 names.h
compiles gnu17 common.h names.h
compiles c++17 names.h
compiles gnu++17 common.h names.h
grep -q 'nnrt_float double_; *$' names.h && grep -q 'nnrt_float double__; *$' names.h || broken "two options have one name"

# Files whose names C or C++ know, or that are no names: all their headers beside each other.
echo 'model net = Dense(4, 3)
export fn f[B](x: float[B, 4]) -> float[B, 3] { return net(x) }' >plain.nn
stems="main printf exp std int linux 3d a-b NNRT" headers= objects= part=0
for stem in $stems; do
    cp plain.nn "$stem.nn"
    "$NNC" -c "$stem.nn" >out 2>&1 || broken "$stem.nn does not compile"
    headers="$headers $stem.h" objects="$objects $stem.o"
done
for prefix in nn_main nn_printf nn_exp nn_std nn_int nn_linux nn_3d a_b nn_NNRT; do
    part="$part + (${prefix}_core_model_bytes() != 128 + 64)"
    upper=$(echo $prefix | tr a-z A-Z)
    echo "#define ${upper}_CORE_ONLY" >>core.h
done
compiles c99 $headers
compiles gnu17 common.h $headers
compiles gnu++17 common.h $headers
compiles c99 core.h $headers
cc use.o $objects -o linked >out 2>&1 || broken "the objects do not link"
gives "" ./linked
"$NNC" main.nn -o ./main >out 2>&1 || broken "main.nn is no program"
fails 2 "the header would be nnrt.h" "$NNC" -c plain.nn -o nnrt.o
fails 2 "the header would be math.h" "$NNC" -c plain.nn -o math.o
fails 2 "\`exp\` is no name in C, or means something there; \`nn_exp\` is free" "$NNC" -c plain.nn --prefix=exp
fails 2 "\`nn_nnrt_x\` is free" "$NNC" -c plain.nn --prefix=nnrt_x
fails 2 "\`a_b\` is free" "$NNC" -c plain.nn --prefix=a-b
sed 's/fn f/fn H/' plain.nn >NET.nn
fails 2 "a macro NET_H" "$NNC" -c NET.nn
"$NNC" -c NET.nn --prefix=net >out 2>&1 || broken "--prefix does not help"

# A file whose name begins as an option does.
cp plain.nn ./-x.nn
for flags in '' -c --shared; do
    "$NNC" $flags ./-x.nn >out 2>&1 || broken "nnc $flags ./-x.nn"
done
[ -x ./-x ] && [ -f ./-x.o ] && [ -f lib-x.so ] || broken "-x.nn gives other files"

# Entry points whose symbols or macros would meet.
refused() { printf 'export fn %s(x: float) -> float { return x }\n' "$@" >meet.nn && fails 1 E0110 "$NNC" check meet.nn; }
refused program
refused core_a
refused _a
refused readers
refused a A
refused a a_work

# a field that is called as a size of the step
flags="-Wall -Wextra -Werror -I. -I$SOURCE/runtime" part=0
cat >sized.nn <<'TEXT'
data d {
    B: float[1] = csv("a.csv", columns=0..1)
    B_: float[1] = csv("a.csv", columns=1..2)
}
model net = Dense(1, 1)
train fit[B](ex in d.all) {
    loss = mean((net(ex.B) - ex.B_) ** 2)
    minimize loss over net using sgd()
    report loss
}
eval x[x](ex in d.all, batch=2) { report s = sum(ex.B - ex.B_) }
TEXT
"$NNC" -c sized.nn >out 2>&1 || broken "sized.nn does not compile"
compiles c99 sized.h
compiles c++17 sized.h
grep -q 'int64_t B, const nnrt_float \*B_, const nnrt_float \*B__' sized.h || broken "the fields of sized.h are called $(grep B_ sized.h)"
"$NNC" --python sized.nn -o sized >out 2>&1 && grep -q 'B = B_.shape\[0\]' sized/*/*.py || broken "the package takes a field for a size: $(grep -h shape sized/*/*.py)"
