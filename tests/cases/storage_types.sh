# SPDX-License-Identifier: MIT
# Every storage type at every border of a program: numbers in the command line, CSV and NPY files, results on standard output and
# in .csv, .npy and .json, and fields of data. TYPE, three numbers that it holds, one that it does not, what is said of it.
{
    for type in f16 bf16 f32 f64 i8 u8 i32 i64 bool int float; do
        echo "export fn e_$type[N](x: $type[N]) -> $type[N] { return x }"
        echo "export fn s_$type(x: $type) -> $type { return x }"
        echo "export fn d_$type(x: $type[3]) -> $type[3] { return x }"
        [ "$type" = bool ] || echo "data file_$type { x: $type[3] = npy(\"$type.npy\") }"
        [ "$type" = bool ] || echo "data table_$type { x: $type[3] = csv(\"$type.csv\", columns=0..3) }"
    done
} >source
program types <source
borders() {
    type=$1 numbers=$2
    lines=$(echo "$numbers" | tr , '\n')
    gives "$lines" ./types e_$type "$numbers"
    printf '%s\n' "$numbers" >$type.csv
    gives "$lines" ./types e_$type $type.csv
    gives '' ./types e_$type "$numbers" --out $type.one.npy
    gives "$lines" ./types e_$type $type.one.npy
    gives "$lines" ./types d_$type $type.one.npy
    gives '' ./types e_$type $type.one.npy --out again.npy
    cmp -s $type.one.npy again.npy || broken "$type: NPY is not read as it is written"
    gives '' ./types e_$type "$numbers" --out $type.txt.csv
    gives "$lines" cat $type.txt.csv
    gives "{\"entry\":\"e_$type\",\"results\":[[$numbers]]}" ./types e_$type "$numbers" --json
    [ $type = bool ] || gives "${numbers%%,*}" ./types s_$type "${numbers%%,*}"
}
fields() { # an array of one example, [1, 3]: the header of the NPY file says so instead of (3,)
    sed 's/(3,), }  /(1, 3), }/' $1.one.npy >$1.npy
    gives "$(echo "$2" | tr , '\n')" ./types e_$1 file_$1.x:0
    gives "$(echo "$2" | tr , '\n')" ./types e_$1 table_$1.x:0
}
borders f16 1,2,0.5
borders bf16 1,1e+38,0.5
borders f32 1,3.4028235e+38,0.1
borders f64 1,1e+300,0.1
borders i8 -128,0,127
borders u8 0,200,255
borders i32 -2147483648,0,2147483647
borders int -2147483648,0,2147483647
borders i64 5000000000,-9007199254740991,7
borders bool 1,0,1
borders float 1e-40,3.4028235e+38,-0.1
fields f16 1,2,0.5
fields bf16 1,1e+38,0.5
fields f32 1,3.4028235e+38,0.1
fields f64 1,1e+300,0.1
fields i8 -128,0,127
fields u8 0,200,255
fields i32 -2147483648,0,2147483647
fields i64 5000000000,-9007199254740991,7
fields int -2147483648,0,2147483647
fields float 1e-40,3.4028235e+38,-0.1
for type in f16 bf16 f32 f64 float; do
    borders $type 0,-0,1
done
# half precision: rounded to nearest, ties to even; the least subnormal; the largest
gives "$(printf '0.1\n2048\n2052\n6e-08\n65504\n0')" ./types e_f16 0.1,2049,2051,5.9e-8,65519,1e-9
# bf16: the same of eight bits, with the exponents of single precision
gives "$(printf '0.1\n256\n260\n9e-41\n3.39e+38\n0')" ./types e_bf16 0.1,257,259,9.3e-41,3.39e+38,1e-42

beyond() { # TYPE NUMBER TEXT: refused at each border
    fails 1 "--x: $2 is $3" ./types e_$1 "1,2,$2"
    printf '1,2,%s\n' "$2" >$1.csv
    fails 1 "--x: $2 is $3" ./types e_$1 $1.csv
    fails 1 "$1.csv:" ./types e_$1 table_$1.x
    fails 1 "--x: $2 is $3" ./types s_$1 "$2"
    gives '' ./types e_f64 "1,2,$2" --out wide.npy
    fails 1 "--x: $2 is $3" ./types e_$1 wide.npy
    if [ $1 != f64 ]; then
        sed 's/(3,), }  /(1, 3), }/' wide.npy >$1.npy
        fails 1 "$1.npy: example 0, number 2: $2 is $3" ./types e_$1 file_$1.x
    fi
    printf '1,2,3\n' >$1.csv
}
for type in f16 bf16 f32 f64 i8 u8 i32 i64 int float; do
    printf '1,2,3\n' >$type.csv
    ./types e_$type 1,2,3 --out $type.one.npy && sed 's/(3,), }  /(1, 3), }/' $type.one.npy >$type.npy
done
beyond bf16 3.4e+38 "too large for bf16"
beyond f16 65520 "too large for half precision"
beyond f32 1e+39 "too large for single precision"
beyond float 1e+39 "too large for single precision"
beyond i8 128 "no integer of i8 in -128..127"
beyond i8 -129 "no integer of i8 in -128..127"
beyond u8 300 "no integer of u8 in 0..255"
beyond u8 -1 "no integer of u8 in 0..255"
beyond u8 0.5 "no integer of u8 in 0..255"
beyond i32 2147483648 "no integer of i32 in -2147483648..2147483647"
beyond int 2147483648 "no integer of i32 in -2147483648..2147483647"
beyond i64 9007199254740992 "too large: integers are read below 2^53, where they are exact"
beyond i64 0.5 "no integer of i64"

# What no double holds is too large for the type, wherever it stands.
endless() { # TYPE TEXT
    for n in 1e400 -1e400; do
        fails 1 "--x: $n is $2" ./types e_$1 "1,$n,2"
        fails 1 "--x: $n is $2" ./types s_$1 $n
        printf '1,2,%s\n' $n >$1.csv
        fails 1 "$1.csv:1:5: column 2: \"$n\" is $2" ./types e_$1 table_$1.x
    done
}
endless f16 "too large for half precision"
endless bf16 "too large for bf16"
endless float "too large for single precision"
endless f64 "too large for double precision"
endless u8 "no integer of u8 in 0..255"
fails 2 '--x needs finite numbers, not "-inf"' ./types e_f32 "1, -inf"

# In data as it is, too, where nothing is computed with it: 2^53 + 1 of 64 bits.
program ids <<'TEXT'
data d { x: i64 = raw("ids.raw", dtype="i64") }
eval total[B](ex in d.all) { report sum=sum(float(ex.x)) }
TEXT
printf '\001\0\0\0\0\0\040\0' >ids.raw
fails 1 "ids.raw: example 0: 9007199254740992 is too large: integers are read below 2^53" ./ids total
printf '\377\377\377\377\377\377\037\0' >ids.raw
shows "values 9.0072e+15" ./ids check-data

# Halves in files without text: 1, 2, -0.5 of bf16.
program halves <<'TEXT'
data r { x: float[3] = raw("r.raw", dtype="bf16") }
data t { x: bf16[1] = safetensors("t.safetensors", array="x") }
export fn show(x: bf16[3]) -> bf16[3] { return x }
TEXT
printf '\200\077\000\100\000\277' >r.raw
header='{"x":{"dtype":"BF16","shape":[3,1],"data_offsets":[0,6]}}'
{ printf "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header" && cat r.raw; } >t.safetensors
gives "$(printf '%s\n' 1 2 -0.5)" ./halves show r.x:0
shows "x: bf16[1] from t.safetensors, values -0.5 .. 2, mean 0.83" ./halves check-data

# The same in C: the bits of a half by value, behind a pointer, and what the description says of it.
cat >half.nn <<'TEXT'
export fn one(x: f16, b: i8) -> float { return float(x) + float(b) }
export fn row[N](x: f16[N]) -> f16[N] { return f16(float(x) + 1) }
export fn wide[N](x: bf16[N], b: bf16) -> bf16[N] { return bf16(float(x) + float(b)) }
TEXT
cat >main.c <<'TEXT'
#define HALF_CORE_ONLY
#include "half.h"
static _Alignas(NNRT_ALIGN) unsigned char model[HALF_MODEL_BYTES], work[65536];
int main(void)
{
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    nnrt_float y = 0;
    uint16_t x[2] = { 0x3C00, 0x3800 }, z[2]; /* 1, 0.5 */
    if (half_core_init(model, 1) || half_core_one(model, &call, 0x3E00, -3, &y) || y != -1.5f) return 1;
    if (half_core_row(model, &call, 2, x, z) || z[0] != 0x4000 || z[1] != 0x3E00) return 2;
    uint16_t v[2] = { 0x3F80, 0x4380 }, w[2]; /* 1, 256 */
    if (half_core_wide(model, &call, 2, v, 0x3F80, w) || w[0] != 0x4000 || w[1] != 0x4380) return 4; /* 257 is no bf16 */
    return half_desc.entry[0].arg[0].dtype == 6 && half_desc.entry[0].arg[1].dtype == 5 ? 0 : 3;
}
TEXT
gives '' "$NNC" -c half.nn
gives '' cc -O1 -o half main.c half.o
gives '' ./half

# Numbers of f16 where the machine has no instruction for them (x86-64-v2): every one of them, and each that lies between two, at their
# middle and beside it, have the bits of F16C. A module has no library for them either.
if [ "$(uname -m)" = x86_64 ]; then
    cat >f16.nn <<'TEXT'
export fn widen[N](x: f16[N]) -> float[N] { return float(x) }
export fn narrow[N](x: float[N]) -> f16[N] { return f16(x) }
TEXT
    cat >every.c <<'TEXT'
#define F16_CORE_ONLY
#include "f16.h"
#include <stdio.h>
static _Alignas(NNRT_ALIGN) unsigned char model[F16_MODEL_BYTES ? F16_MODEL_BYTES : 1], work[65536];
static uint16_t half[65536], back[65536];
static union { float f; uint32_t u; } wide[65536], near[65536];
static uint32_t hash = 2166136261u;
static void note(uint32_t v) { hash = (hash ^ v) * 16777619u; }
int main(void)
{
    nnrt_call call = { .size = sizeof call, .work = work, .work_bytes = sizeof work };
    if (f16_core_init(model, 1)) return 1;
    for (int i = 0; i < 65536; i++) half[i] = (uint16_t)i;
    if (f16_core_widen(model, &call, 65536, half, &wide[0].f)) return 2;
    for (int i = 0; i < 65536; i++) note(wide[i].u);
    for (int by = -2; by <= 1; by++) {
        for (int i = 0; i < 65536; i++) { /* -2: the number itself; else the middle of two, and beside it */
            near[i].f = by == -2 ? wide[i].f : (wide[i].f + wide[(i + 1) & 65535].f) / 2;
            if (by != -2) near[i].u += (uint32_t)by;
        }
        if (f16_core_narrow(model, &call, 65536, &near[0].f, back)) return 3;
        for (int i = 0; i < 65536; i++) {
            if (by == -2 && back[i] != half[i] && (i & 0x7c00) != 0x7c00) return 4;
            note(back[i]);
        }
    }
    for (uint32_t at = 0; at < 65536u; at++) near[at].u = at * 65521u; /* all sizes */
    if (f16_core_narrow(model, &call, 65536, &near[0].f, back)) return 5;
    for (int i = 0; i < 65536; i++) note(back[i]);
    printf("%08x\n", hash);
    return 0;
}
TEXT
    for cpu in native x86-64-v2; do
        gives '' "$NNC" -c -march=$cpu f16.nn
        gives '' cc -O1 -o every.$cpu every.c f16.o
    done
    gives "$(./every.native)" ./every.x86-64-v2
    nm f16.o | grep -q hf && broken "a library's function for halves"
fi
gives '' "$NNC" --target=wasm32 half.nn

# Integers of the widths that compute: divided, compared, chosen.
program whole <<'TEXT'
export fn down(a: i32[3], b: i64[3]) -> (i32[3], i64[3]) { return a // 2, b % 3 }
export fn larger(a: i32[3], b: i32[3]) -> i32[3] { return where(a > b, a, b) + maximum(a, b) }
TEXT
gives "$(printf '%s\n' -3 0 3 '' 2 0 1)" ./whole down --a -5,1,7 --b -1,0,7
gives "$(printf '%s\n' 4 10 -2)" ./whole larger --a 2,5,-7 --b 1,-5,-1

# Casts to bytes: of a float the nearest that there is, without its fraction, of an integer the lowest eight bits.
program bytes <<'TEXT'
export fn of_floats[N](x: float[N]) -> (i8[N], u8[N]) { return i8(x), u8(x) }
export fn of_doubles[N](x: f64[N]) -> (i8[N], u8[N]) { return i8(x), u8(x) }
export fn of_nan[N](x: float[N]) -> (i8[N], u8[N]) { return i8(log(x)), u8(log(x)) }
export fn of_ints[N](x: int[N]) -> (i8[N], u8[N]) { return i8(x), u8(x) }
export fn of_bools[N](x: bool[N]) -> (i8[N], u8[N]) { return i8(x), u8(x) }
export fn of_bytes[N](x: u8[N], y: i8[N]) -> (i8[N], u8[N], int[N]) { return i8(x), u8(y), int(x) + int(y) }
TEXT
floats=-300,-128.9,-128,-1.5,-0.5,0.99,127.5,128,254.9,255,256,1e30
for entry in of_floats of_doubles; do
    gives "$(printf '%s\n' -128 -128 -128 -1 0 0 127 127 127 127 127 127 '' 0 0 0 0 0 0 127 128 254 255 255 255)" ./bytes $entry --x=$floats
done
gives "$(printf '%s\n' 0 0 5 '' 0 0 5)" ./bytes of_nan --x=-1,-2,150
gives "$(printf '%s\n' 0 127 -128 -1 0 127 -128 -1 0 -1 -1 '' 0 127 128 255 0 127 128 255 0 255 255)" \
    ./bytes of_ints --x=-2147483648,-129,-128,-1,0,127,128,255,256,511,2147483647
gives "$(printf '%s\n' 0 1 '' 0 1)" ./bytes of_bools --x 0,1
gives "$(printf '%s\n' 0 127 -128 -1 '' 1 255 128 127 '' 1 126 0 382)" ./bytes of_bytes 0,127,128,255 1,-1,-128,127
