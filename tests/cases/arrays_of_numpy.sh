# SPDX-License-Identifier: MIT
# Arrays of NumPy: every element type and byte order, Fortran order, and NPZ, stored and packed (made by numpy.savez and
# numpy.savez_compressed, and by Python's zipfile where sizes and places are of 64 bits).
unpack() { base64 -d >"$1"; }
unpack two.npz <<'END'
UEsDBBQAAAAAAAAAIQCk4bmAmAAAAJgAAAAFABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpMicsICdmb3J0cmFuX29yZGVyJz
ogVHJ1ZSwgJ3NoYXBlJzogKDMsIDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAACQASADyABYAugD
ZAD0AYQDLAG8AkwEUEsDBBQAAAAAAAAAIQANRT/+jAAAAIwAAAAFABQAeS5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJz51NCcsICdmb3
J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAK
AAAAAQAAAAIAAAADUEsBAhQDFAAAAAAAAAAhAKThuYCYAAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAhQDFAAAAAAAAAAhAA1FP/6MAAAAjAAAAAUAAAAAAA
AAAAAAAIABzwAAAHkubnB5UEsFBgAAAAACAAIAZgAAAJIBAAAAAA==
END
unpack packed.npz <<'END'
UEsDBBQAAAAIAAAAIQClBnV3nwIAADAFAAAFABQAeC5ucHkBABAAMAUAAAAAAACfAgAAAAAAAJ3RjWtVdRwG8KOpqZnNmqX50jW1O+uaU1eazTnXrOXr1Flqmi5359R080
7Nt+mqVcuyVmqIRIiISIgMERkhMkREJEIkREJCIkJCRERCIqLP1z+hCw/PZw8799zzO3tmL5hVuahLsinZlq7JNq7IpSel0sW1RelMKl1bn9uQq163rD5Xk429Krcxa26s
q27I+rNgfCY1trBwVCbVlPq/n97J/c+FqUlSUZYkzSVJcpFf52RKkvzI07mUf+IZ8T98iWfyQb7Ms7iTf+bZfJ2v8Jz4ntIkucqVnMe/8FxO8TWex4X8K8+Pe/F1ruJK/o
0X8HL+nd/gBv6D34zfwzd4Ibfyn7yI2/gmL+b9fIvfit/Mt3kJH+U7vJTb+S6/zR38Fy+L5+J7vJwv8N9czZf4H36Hr/K/vCKenRNdIze4i87Kbe6qa+UeP6BXxvm4rpuu
k27cXa+SntxDr5Y+/KBeE2fIPfW7ks+99FoZwL31OhnMD+n6OGfuE2cmI/hhvV4KuK/OSYYf0Y3xLjhPb5Ai7qc3ykR+VG+SYn5Mvxfvi/P1Zinn/nqLVPDjeqvM5Cf0tn
inPEBvlyoeqJtkIT+pd8gSHqR3xnvnwfGe40x5SFnSHK7jofr9OAt+yh5u4JT+IJ6Bh9nDm/lp/WHcm4fbw808QrfENTzSHm7hZ/RH8jGn7eFWLohNdvEoe/hzflZ/Il/w
c/ZwG2fiOvmaR9vDe/l5/al8w2Ps4f1cGN8tB3isPfwtj9OfyXc83h4+yEVxfznEL9jDh/lFvVuO8AR7+ChPjN8o3/NL9vAxnqS/lOP8sj3czsXxHHKCJ9vDJ7lEfyWneI
o93MGl8azyA0+1h09zmd4jZ/gVe7iTy+M85CxPs4fP8at6n5zn1+z7yv4DUEsBAhQDFAAAAAgAAAAhAKUGdXefAgAAMAUAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsF
BgAAAAABAAEAMwAAANYCAAAAAA==
END
npy() { # FILE TYPE FORTRAN SHAPE NUMBERS: the numbers as printf writes them
    header="{'descr': '$2', 'fortran_order': $3, 'shape': $4, }"
    {
        # shellcheck disable=SC2059
        printf "\223NUMPY\1\0\\$(printf %o ${#header})\0%s" "$header"
        # shellcheck disable=SC2059
        printf "$5"
    } >"$1"
}
program arrays <<'END'
option file: string = "two.npz"
data two {
    x: float[2, 2] = npz("two.npz", array="x")
    y: int<5>      = npz("two.npz", array="y")
}
data packed { x: float[100] = npz("packed.npz") }
data rows { x: float[2, 2, 2] = npz("two.npz", array="x", window=2, stride=1) }
data any { x: float[2] = npz(file) }
data other { x: float[2] = npz(file, array="z") }
export fn pair(x: float[2, 2]) -> float[2, 2] { return x }
export fn all(x: float[3, 2, 2]) -> float[12] { return reshape(x, 12) }
export fn windows[B](x: float[B, 2, 2, 2]) -> float[B, 8] { return reshape(x, B, 8) }
export fn sums[B](x: float[B, 100]) -> float[B] { return sum(x, axis=1) }
export fn classes[B](y: int<5>[B]) -> int<5>[B] { return y }
export fn row(x: float[2]) -> float[2] { return x }
export fn second(y: float[2, 2]) -> float[2, 2] { return y }
END
in_order=$(seq 0 100 1100)
gives "$in_order" ./arrays all two.x
gives "$in_order" ./arrays all two.npz
gives "$(printf '0,100,200,300,400,500,600,700\n400,500,600,700,800,900,1000,1100')" ./arrays windows rows.x
gives "$(printf '1\n2\n3')" ./arrays classes two.y
gives "$(printf '1237.5\n3737.5\n6237.5')" ./arrays sums packed.x
gives "$(printf '1237.5\n3737.5\n6237.5')" ./arrays sums packed.npz

# Every integer type and both byte orders; 1, 2 in the first row.
little='\1%s\2%s\3%s\4%s' big='%s\1%s\2%s\3%s\4'
for type in i1 i2 i4 i8 u1 u2 u4 u8; do
    case $type in ?1) zeros= ;; ?2) zeros='\0' ;; ?4) zeros='\0\0\0' ;; ?8) zeros='\0\0\0\0\0\0\0' ;; esac
    npy a.npy "<$type" False '(2, 2)' "$(printf "$(printf %s "$little" | sed 's/\\/\\\\/g')" "$zeros" "$zeros" "$zeros" "$zeros")"
    gives "$(printf '1,2\n3,4')" ./arrays pair a.npy
    npy a.npy ">$type" True '(2, 2)' "$(printf "$(printf %s "$big" | sed 's/\\/\\\\/g')" "$zeros" "$zeros" "$zeros" "$zeros")"
    gives "$(printf '1,3\n2,4')" ./arrays pair a.npy
done
npy a.npy '|b1' True '(2, 2)' '\1\0\0\1'
gives "$(printf '1,0\n0,1')" ./arrays pair a.npy
npy a.npy '|u1' True '(4,)' '\1\2\3\4'
gives "$(printf '1,2\n3,4')" ./arrays pair a.npy
npy a.npy '<c8' False '(2,)' '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
fails 1 "a.npy: the element type '<c8' is not read; integers, floats of 16, 32 or 64 bits and bool are" ./arrays row a.npy
npy a.npy '|u1' True '(2, 3)' '\1\2\3\4'
fails 1 "but x is float[2, 2]" ./arrays pair a.npy
npy a.npy '|u1' True '(2, 2)' '\1\2\3'
fails 1 "a.npy: the header promises 4 numbers, the file ends before" ./arrays pair a.npy
npy a.npy '|u1' Maybe '(2, 2)' '\1\2\3\4'
fails 1 "a.npy: damaged order of axes" ./arrays pair a.npy

# As archives of more than 4 GB say where things are: what does not fit in front stands in records of 64 bits.
unpack large <<'END'
UEsDBC0AAAAAAAAAIQBAi8d3//////////8FABQAeC5ucHkBABAASQAAAAAAAABJAAAAAAAAAJNOVU1QWQEAOwB7J2Rlc2NyJzogJ3x1MScsICdmb3J0cmFuX29yZGVyJzogRm
Fsc2UsICdzaGFwZSc6ICgyLCAyKSwgfQECAwRQSwMELQAAAAAAAAAhAOQ9dpL//////////wUAFAB5Lm5weQEAEABJAAAAAAAAAEkAAAAAAAAAk05VTVBZAQA7AHsnZGVzY3In
OiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9BQYHCFBLAQItAy0AAAAAAAAAIQBAi8d3//////////8FABQAAAAAAAAAAACAAQAAAA
B4Lm5weQEAEABJAAAAAAAAAEkAAAAAAAAAUEsBAi0DLQAAAAAAAAAhAOQ9dpL//////////wUAHAAAAAAAAAAAAIAB/////3kubnB5AQAYAEkAAAAAAAAASQAAAAAAAACAAAAA
AAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAIAAAAAAAAAAgAAAAAAAACWAAAAAAAAAAABAAAAAAAAUEsGBwAAAACWAQAAAAAAAAEAAAA=
END
for end in '\377\377\377\377\226\0\0\0\0\1\0\0' '\2\0\2\0\377\377\377\377\0\1\0\0' '\2\0\2\0\226\0\0\0\377\377\377\377'; do
    {
        cat large
        # shellcheck disable=SC2059
        printf "PK\5\6\0\0\0\0$end\0\0"
    } >large.npz
    gives "$(printf '1,2\n3,4')" ./arrays pair large.npz
    gives "$(printf '5,6\n7,8')" ./arrays second large.npz
done

# Which array; what is no NPZ file; what is damaged.
fails 1 'two.npz has the arrays x, y: array="..." says which one is wanted' ./arrays row any.x:0
fails 1 'two.npz: there is no array "z"; it has x, y' ./arrays row other.x:0
fails 1 "packed.npz holds [100] per example, but x is [2]" ./arrays row any.x:0 --file packed.npz
fails 1 "a.npy is no NPZ file; one array alone is read with npy" ./arrays row any.x:0 --file a.npy
size=$(wc -c <packed.npz)
for k in 30 100 200 $((size - 40)) $((size - 1)); do
    head -c "$k" packed.npz >cut.npz
    fails 1 "cut.npz is a damaged NPZ file" ./arrays sums cut.npz
done
for k in 60 90 140 200; do
    { head -c "$k" packed.npz && printf '\377' && tail -c +$((k + 2)) packed.npz; } >cut.npz
    ./arrays sums cut.npz >out 2>&1
    case $? in
    0) gives "$(printf '1237.5\n3737.5\n6237.5')" ./arrays sums cut.npz ;; # in a field that nobody reads
    1) grep -q "cut.npz" out || broken "the damaged file is not named" ;;
    *) broken "a damaged file at byte $k" ;;
    esac
done
program named <<'END'
export fn row(w: float[2]) -> float[2] { return w }
END
fails 1 "two.npz has the arrays x, y, and none is called w" ./named row two.npz
fails 1 "packed.npz" ./named row packed.npz
