# SPDX-License-Identifier: MIT
# Texts of files do nothing to a terminal, and are JSON in JSON.
printf '0,1,a\033[31m\n1,0,"b\nb"\n1,1,c\377\n0,0,a\033[31m\n' >rows.csv
printf '0,1,a\033[31m\n1,0,\033[2Jd\n' >bad.csv
program small <<'END'
option file: string = "rows.csv"
data d {
    x: float[2] = csv(file, columns=0..2)
    y: int<3>   = csv(file, column=2, labels=true)
}
model net = Dense(2, 3)
train fit[B](ex in d.all, batch=2, epochs=1, log="none") {
    logits = net(ex.x)
    loss = cross_entropy(logits, ex.y)
    minimize loss over net using sgd(lr=0)
    report loss
}
eval test[B](ex in d.all) {
    logits = net(ex.x)
    report confusion(logits, ex.y)
}
export fn name[B](c: int<3>[B]) -> int<3>[B] as d.y { return c }
END
escape=$(printf '\033')
clean() {
    lacks "$escape" "$@"
    ! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" out || broken "\`$*\` shows control characters"
}
clean ./small fit
clean ./small check-data
shows 'a\x1b[31m 2 b\nb 1 c\xff 1' ./small check-data
clean ./small test
shows 'b\nb' ./small test
fails 1 '\x1b[2Jd' ./small test --file bad.csv
! grep -q "$escape" out || broken "an error shows an escape"
fails 3 '\x1b[1mx.st' ./small test --load "$(printf '\033[1mx.st')"

# Into a file as they are; in JSON escaped, the byte that is no UTF-8 too.
./small name --load small.safetensors 0,1,2 >lines
printf 'a\033[31m\nb\nb\nc\377\n' | cmp -s - lines || broken "the texts are not as they are"
gives '{"entry":"name","results":[["a\u001b[31m","b\u000ab","c\udcff"]]}' ./small name --load small.safetensors 0,1,2 --json

# The compiler: sources, names of files.
printf 'model net = Dense(2, "\033[31m")\n' >esc.nn
"$NNC" esc.nn -o esc >out 2>&1 && broken "esc.nn compiles"
! grep -q "$escape" out || broken "the compiler shows an escape of the source"
mkdir -p "$(printf 'd\033[31m')" && printf 'model net = Dense(2, q)\n' >"$(printf 'd\033[31m/e.nn')"
"$NNC" "$(printf 'd\033[31m/e.nn')" -o esc >out 2>&1 && broken "e.nn compiles"
! grep -q "$escape" out || broken "the compiler shows an escape of a file's name"
printf 'import "\033[31m.nn"\n' >imports.nn
"$NNC" imports.nn -o esc >out 2>&1 && broken "imports.nn compiles"
! grep -q "$escape" out || broken "the compiler shows an escape of an import"
"$NNC" "$(printf '\033[31m.nn')" -o esc >out 2>&1 && broken "a missing file compiles"
! grep -q "$escape" out || broken "the compiler shows an escape of a missing file"

# Its JSON is JSON, with names that are no UTF-8 and control characters of the source.
cp imports.nn "$(printf 'u\377\302\233.nn')"
"$NNC" check --json "$(printf 'u\377\302\233.nn')" >out 2>&1 && broken "u.nn is right"
grep -qF '/u%FF%C2%9B.nn"' out && ! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177-\377]')" out || broken "the name of a file is no JSON"
printf 'option mark: string = "a\302\233b"\nexport fn f(x: float) -> float { return x }\n' >marks.nn
"$NNC" marks.nn -o marks || broken "marks.nn does not compile"
shows '"a\u009bb"' ./marks info --json

# A folder's name that a command shows.
mkdir "$(printf 'n\033')" && cp rows.csv "$(printf 'n\033')"
clean ./small check-data --file "$(printf 'n\033/rows.csv')"
