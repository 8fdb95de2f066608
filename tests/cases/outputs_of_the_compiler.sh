# SPDX-License-Identifier: MIT
# What the compiler writes: never over what it reads, whole or not at all, and an error says what is wrong.
write() { printf 'export fn f(x: float[2]) -> float[2] {\n    return x * 2\n}\n' >"$1"; }
unchanged() { cmp "$1" kept >/dev/null || broken "$1 was changed by: $2"; }
refused() { # STATUS TEXT FILE ARGUMENTS...: FILE stays as it is
    status=$1 text=$2 file=$3
    shift 3
    fails "$status" "$text" "$NNC" "$@"
    unchanged "$file" "nnc $*"
}
write kept
for name in a.nn a.h model b.nn; do write $name; done
refused 2 "a program's source" a.nn a.nn -o a.nn
refused 2 "a program's source" b.nn a.nn -o b.nn
refused 2 "would overwrite a.h" a.h -c a.h -o a.o
refused 2 "would overwrite model" model model
refused 2 "the header would have the same name" b.nn -c b.nn -o b.h
[ ! -e b.h ] || broken "b.h was made"
cp a.nn lib.nn
printf 'import "lib.nn" as lib\nexport fn g(x: float[2]) -> float[2] {\n    return lib.twice(x)\n}\n' >user.nn
printf 'fn twice(x: float[2]) -> float[2] {\n    return x * 2\n}\n' >lib.nn
cp lib.nn kept && ln lib.nn linked
refused 2 "would overwrite lib.nn" lib.nn user.nn -o linked
refused 2 "--depfile: lib.nn: this is the name of a program's source" lib.nn -c user.nn -o user.o --depfile=lib.nn
refused 2 "--depfile: linked: this would overwrite lib.nn" lib.nn -c user.nn -o user.o --depfile=linked
fails 2 "--depfile: user.h: this file has another content" "$NNC" -c user.nn -o user.o --depfile=user.h
cp lib.nn "a lib.nn" && sed 's/lib.nn/a lib.nn/' user.nn >other.nn
"$NNC" -c other.nn -o 'o$1.o' --depfile=other.d || broken "other.nn does not compile"
[ "$(cat other.d)" = 'o$$1.o: other.nn a\ lib.nn' ] || broken "the rule: $(cat other.d)"
write kept
mkdir folder
fails 3 "folder: this is a folder" "$NNC" a.nn -o folder
fails 2 "the name is empty" "$NNC" a.nn -o ""
fails 3 "No such file" "$NNC" a.nn -o nowhere/a

# What cannot be replaced as a whole is refused, or written to as it is; what a link leads to is replaced where it lies.
mkfifo fifo
for to in /dev/null /dev/stdout /dev/fd/1 fifo; do
    for flags in "" -c "-c -S" --target=wasm32 --dump=core; do
        # shellcheck disable=SC2086
        fails 3 "-o: $to: this is a device or a pipe; a file is wanted" "$NNC" $flags a.nn -o "$to"
    done
done
[ ! -e fifo.wasm ] || broken "fifo.wasm was made"
gives "o.o: a.nn" "$NNC" -c a.nn -o o.o --depfile=/dev/stdout
{ echo first && "$NNC" fmt a.nn -o /dev/fd/3 3>&1 && echo last; } >written
[ "$(head -1 written)$(tail -1 written)" = firstlast ] || broken "/dev/fd/3 is not written to where it stands: $(cat written)"
if [ -w /dev/shm ]; then # another file system
    far=$(mktemp /dev/shm/nnc-case-XXXXXX)
    ln -s "$far" far
    "$NNC" a.nn -o far >out 2>&1 && [ -L far ] && [ -s "$far" ] || { rm -f "$far"; broken "a link to another file system"; }
    rm -f "$far" far
fi
gives "" "$NNC" a.nn -o -x
shows 4 ./-x f --x 1,2

# Canonical layout: in place, to a device, and through a link.
printf 'export fn f(x: float[2])->float[2] {\n return x * 2\n}\n' >ugly.nn
ln -s ugly.nn link.nn
gives "" "$NNC" fmt link.nn -o link.nn
[ -L link.nn ] || broken "a link was replaced"
gives "$(cat ugly.nn)" "$NNC" fmt a.nn
gives "$(cat ugly.nn)" "$NNC" fmt a.nn -o /dev/stdout

# A full disk.
if [ -w /dev/full ]; then
    fails 3 "standard output: cannot write: No space" sh -c '"$NNC" fmt a.nn >/dev/full'
    fails 3 "standard output: cannot write: No space" sh -c '"$NNC" check --dump=core a.nn >/dev/full'
    fails 3 "cannot write: No space" "$NNC" fmt a.nn -o /dev/full
fi
unchanged a.nn "fmt"

# What is no file is not read, and a pipe that nobody writes to is not waited for.
printf 'import "/dev/zero" as z\n' >zero.nn
within 5 "$NNC" check zero.nn
fails 1 "cannot be imported: it lies outside" "$NNC" check zero.nn
fails 3 "cannot be imported: this is a device or a pipe" "$NNC" check zero.nn --allow-outside
mkfifo pipe
printf 'import "pipe" as p\n' >fifo.nn
within 5 "$NNC" check fifo.nn
fails 3 "cannot be imported: this is a device or a pipe" "$NNC" check fifo.nn
fails 3 "/dev/zero: cannot read: this is a device" "$NNC" check /dev/zero
gives "" sh -c 'cat a.nn | "$NNC" check /dev/stdin'

# Imports stay in the folder of the program, unless the user opens another one.
mkdir inner
cp lib.nn secret.nn && sed 's/lib.nn/..\/secret.nn/' user.nn >inner/user.nn
echo "password: hunter2" >words.txt
printf 'import "../words.txt" as w\n' >inner/words.nn
ln -s ../words.txt inner/hidden.nn
printf 'import "hidden.nn" as w\n' >inner/hides.nn
fails 1 "it lies outside the folder of the program" "$NNC" check inner/user.nn
for f in words hides; do
    fails 1 "it lies outside the folder of the program" "$NNC" check inner/$f.nn
    ! grep -q hunter2 out || broken "the text of another file is shown"
done
gives "" "$NNC" check inner/user.nn --allow-outside
gives "" "$NNC" check inner/user.nn -I .
gives "" sh -c 'cd inner && "$NNC" check ../user.nn'

# What a killed compiler left goes with the next run; what belongs to a live process stays.
sleep 60 &
live=$!
touch done.99999999.0.tmp.o done.99999999.1.tmp done.$live.0.tmp.o other.99999999.0.tmp.o
gives "" "$NNC" a.nn -o done
for f in done.99999999.0.tmp.o done.99999999.1.tmp; do [ ! -e $f ] || broken "$f is still there"; done
for f in done.$live.0.tmp.o other.99999999.0.tmp.o; do [ -e $f ] || broken "$f was removed"; done
kill $live
rm -f done.* other.*
[ -z "$(ls | grep tmp)" ] || broken "left: $(ls | grep tmp)"
# A file that is replaced keeps its permissions.
write again.nn
"$NNC" -c again.nn && chmod 600 again.h && "$NNC" -c again.nn || broken "again.nn does not compile"
gives 600 stat -c %a again.h
chmod 640 again.nn && "$NNC" fmt again.nn
gives 640 stat -c %a again.nn
