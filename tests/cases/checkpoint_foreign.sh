# SPDX-License-Identifier: MIT
# Safetensors files that nnc did not write: what is not needed may be anything, what does not fit is told, numbers have ranges.
cat >rows.csv <<'ROWS'
0,1,a
1,0,b
1,1,c
0,0,a
ROWS
program small <<'END'
data d {
    x: float[2] = csv("rows.csv", columns=0..2)
    y: int<3>   = csv("rows.csv", column=2, labels=true)
}
model net = Dense(2, 3)
train fit[B](ex in d.all, batch=2, epochs=2, log="none") {
    loss = cross_entropy(net(ex.x), ex.y)
    minimize loss over net using sgd(lr=0.1)
    report loss
}
export fn raw[B](x: float[B, 2]) -> float[B, 3] { return net(x) }
END

# container FILE HEADER BYTES: the length of the header, the header, that many bytes 0.
container() {
    n=${#2}
    {
        # shellcheck disable=SC2059
        printf "\\$(printf %o $((n % 256)))\\$(printf %o $((n / 256 % 256)))\\$(printf %o $((n / 65536)))\\0\\0\\0\\0\\0"
        printf %s "$2"
        head -c "$3" /dev/zero
    } >"$1"
}
fitting='"net.w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"net.b":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}'

container plain.st "{$fitting}" 36
gives "0,0,0" ./small raw --load plain.st 1,1
fails 1 "plain.st is a checkpoint of no run, so fit cannot go on from it; --load takes its weights" ./small fit --resume plain.st
container torch.st "{\"__metadata__\":{\"format\":\"pt\"},$fitting}   " 36
gives "0,0,0" ./small raw --load torch.st 1,1

# What is not needed: types and ranks that nnc does not know, keys beside the known ones.
container more.st "{$fitting,\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1,1,1,1,1,1,1,1,1,5],\"data_offsets\":[36,41],\"x\":[{}]},\"b\":{\"dtype\":\"C64\",\"shape\":[],\"data_offsets\":[41,49]}}" 49
gives "0,0,0" ./small raw --load more.st 1,1
container half.st '{"net.w":{"dtype":"F8_E5M2","shape":[2,3],"data_offsets":[0,6]},"net.b":{"dtype":"F32","shape":[3],"data_offsets":[6,18]}}' 18
fails 1 "net.w is F8_E5M2 but this program has F32" ./small raw --load half.st 1,1

# Numbers of double precision are rounded; one that single precision does not hold changes nothing.
wide='{"net.w":{"dtype":"F64","shape":[2,3],"data_offsets":[0,48]},"net.b":{"dtype":"F32","shape":[3],"data_offsets":[48,60]}}'
container wide.st "$wide" 60
gives "0,0,0" ./small raw --load wide.st 1,1
container huge.st "$wide" 40
printf '\234\165\0\210\074\344\067\176' >>huge.st
head -c 12 /dev/zero >>huge.st
fails 1 "huge.st: a number of net.w is 1e+300, which is too large for single precision" ./small raw --load huge.st 1,1

# Nothing fits: an error that lists what there is, for --init too. What fits is taken, the rest named.
container other.st '{"fc.weight":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},"fc.bias":{"dtype":"F32","shape":[3],"data_offsets":[24,36]}}' 36
fails 1 "fc.bias [3], fc.weight [3, 2]" ./small fit --init other.st --save none
fails 1 "net.w [2, 3] is missing" ./small fit --init other.st --save none
fails 1 "Not taken from the file: fc.bias [3], fc.weight [3, 2]" ./small raw --load other.st 1,1
container part.st '{"net.b":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}' 12
shows "part.st: not taken: net.w [2, 3] is missing" ./small fit --init part.st --save none

# The form of nnc without its checksums, or of a version to come.
container nine.st "{\"__metadata__\":{\"format\":\"nnc 9\"},$fitting}" 36
fails 1 'the format "nnc 9", which this program does not know' ./small raw --load nine.st 1,1
container bare.st "{\"__metadata__\":{\"format\":\"nnc 1\"},$fitting}" 36
fails 1 "not the checksum of its header" ./small raw --load bare.st 1,1
container renamed.st "{\"__metadata__\":{\"fxrmat\":\"nnc 1\",\"crc32c\":\"00000000\"},$fitting}" 36
fails 1 "not the checksum of its header" ./small raw --load renamed.st 1,1

# Numbers of a run. The counts of the optimizer are there, so that only the number is wrong.
run() { # FILE NOTES
    container "$1" "{\"__metadata__\":{\"entry\":\"fit\",$2},$fitting,\"optimizer.fit.0.count\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[36,44]}}" 44
}
run good.st '"step":"2","epoch":"1","batch":"0","seed":"0"'
shows "step 4/4" ./small fit --resume good.st --save none
for notes in '"step":"-9223372036854775808"' '"step":"9223372036854775807"' '"step":"1e3"' '"step":""' '"step":"99999999999999999999"' \
    '"step":"2","epoch":"3"' '"step":"2","epoch":"9223372036854775807"' '"step":"2","epoch":"-1"' '"step":"2","batch":"-1"' \
    '"step":"2","batch":"-1000000"' '"step":"2","batch":"9000000000000000000"' '"step":"2","stale":"7"' '"step":"2","seed":"-1"'; do
    run bad.st "$notes"
    fails 1 'but must be a number from 0 to' ./small fit --resume bad.st --save none
    grep -q 'bad.st: "[a-z]*" is "' out || broken "the key is not named for $notes"
done
run bad.st '"step":"2","best":"nan"'
fails 1 '"best" is "nan", but must be a finite number' ./small fit --resume bad.st --save none
run bad.st '"step":"2","batch":"3"'
fails 1 '"batch" is 3, but an epoch has 2 batches' ./small fit --resume bad.st --save none

# What a run was started with is an object with few values; what is known of it has its type, the rest is not looked at.
run other.st '"step":"2","run":"{\"unknown\":[{},7],\"options\":{\"unknown\":7}}"'
shows "step 4/4" ./small fit --resume other.st --save none
for text in '' '[]' '7' 'null' '{' '{}x' '{\"options\":[]}' '{\"decides\":7}' '{\"batch\":\"2\"}' '{\"epochs\":\"2\"}'; do
    run bad.st "\"step\":\"2\",\"run\":\"$text\""
    fails 1 'run cannot be read' ./small fit --resume bad.st --save none
done
run bad.st '"step":"2","run":"[[],[]]"'
fails 1 'bad.st: its run cannot be read: an object expected' ./small fit --resume bad.st --save none

# Labels: of a field that the program has, no more than it can take; of another field, not looked at.
run labels.st '"step":"2","vocabularies":"[{\"block\":\"d\",\"name\":\"y\",\"words\":[\"p\",\"q\",\"r\",\"s\"]}]"'
fails 1 "d.y has 4 texts there, but is int<3> in this program" ./small raw --load labels.st 1,1
run labels.st '"step":"2","vocabularies":"[{\"block\":\"d\",\"name\":\"z\",\"words\":[\"p\",\"q\",\"r\",\"s\"]}]"'
gives "0,0,0" ./small raw --load labels.st 1,1
run labels.st '"step":"2","vocabularies":"[{\"data\":99,\"field\":-4}]"'
fails 1 "damaged vocabularies" ./small raw --load labels.st 1,1

# A large header takes time and memory in proportion to it. (A sanitizer takes all addresses that there are.)
keys=$(awk 'BEGIN { for (i = 0; i < 32000; i++) printf ",\"a key of a tensor that nobody asked for, number %05d\":\"\"", i }')
container keys.st "{\"__metadata__\":{\"k\":\"\"$keys},$fitting}" 36
within 3 ./small raw --load keys.st 1,1
gives "0,0,0" ./small raw --load keys.st 1,1
head -c 3000000 /dev/zero | tr '\0' '[' >brackets
container deep.st "{\"net.w\":{\"x\":$(cat brackets)" 0
fails 1 "damaged header: nested too deep" ./small raw --load deep.st 1,1
lists=$(awk 'BEGIN { for (i = 0; i < 3000000; i++) printf "[],"; print "[]" }')
container lists.st "{\"x\":{\"y\":[$lists],\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[36,36]},$fitting}" 36
gives "0,0,0" ./small raw --load lists.st 1,1
run many.st "\"step\":\"2\",\"run\":\"{\\\"x\\\":[$lists]}\""
fails 1 'many.st: its run cannot be read: too many values' ./small fit --resume many.st --save none
run twice.st '"step":"2","vocabularies":"[{\"block\":\"d\",\"name\":\"y\"},{\"block\":\"d\",\"name\":\"y\"}]"'
fails 1 'damaged vocabularies: a field stands twice' ./small raw --load twice.st 1,1
objects=$(printf %s "$lists" | tr '[]' '{}')
run fields.st "\"step\":\"2\",\"vocabularies\":\"[$objects]\""
gives "0,0,0" ./small raw --load fields.st 1,1
if (ulimit -v 150000 && ./small raw --load plain.st 1,1) >/dev/null 2>&1; then
    (ulimit -v 150000 && ./small raw --load lists.st 1,1) >out 2>&1 || broken "a list of lists takes more than 150 MB"
    (ulimit -v 150000 && ./small raw --load fields.st 1,1) >out 2>&1 || broken "a list of unknown fields takes more than 150 MB"
    (ulimit -v 150000 && ./small fit --resume many.st --save none) >out 2>&1
    grep -q 'too many values' out || broken "a run of many lists takes more than 150 MB"
fi

# Another program with the same tensors: which one saved the file is told.
sed 's/return net(x)/return tanh(net(x))/' small.nn >bent.nn
"$NNC" bent.nn -o bent || broken "bent.nn does not compile"
./small fit --quiet --save own.st || broken "no run"
lacks "was saved by" ./small raw --load own.st 1,1
shows "own.st was saved by small, which has the same tensors" ./bent raw --load own.st 1,1
shows "own.st was saved by small, which has the same tensors" ./bent fit --resume own.st --epochs 3 --save none
# One that does not train has its weights from one that does.
program only <<'END'
model net = Dense(2, 3)
export fn raw[B](x: float[B, 2]) -> float[B, 3] { return net(x) }
END
lacks "was saved by" ./only raw --load own.st 1,1
