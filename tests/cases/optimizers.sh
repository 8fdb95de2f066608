# SPDX-License-Identifier: MIT
# Every optimizer gives what its formula gives (tests/optimizers/formulas.h), in both precisions, with any number of threads, with
# averaged gradients of a group, and after a resume: weights and slots.
cc -std=c11 -O1 -Wall -Wextra -Werror "$SOURCE/tests/optimizers/reference.c" -lm -o reference >out 2>&1 || broken "reference.c does not compile"
./reference program >single.nn
cp single.nn double.nn
"$NNC" single.nn -o single >out 2>&1 || broken "single.nn does not compile"
"$NNC" --float=f64 double.nn -o double >out 2>&1 || broken "double.nn does not compile"

# same_numbers PROGRAM CALL TOLERANCE: the weights that it has learned.
same_numbers() {
    for tensor in p q r; do
        near "$3" "$(./reference "$2" $tensor)" "./$1" $tensor --load "$2.safetensors"
    done
}
[ "$(./reference names | wc -l)" -ge 16 ] || broken "the calls are missing"
for call in $(./reference names); do
    ./double "$call" --save "$call.safetensors" >out 2>&1 || broken "$call in double precision"
    same_numbers double "$call" 1e-12
    ./single "$call" --save "$call.safetensors" >out 2>&1 || broken "$call"
    same_numbers single "$call" 1e-4
    ./single "$call" --threads 3 --save threads.safetensors >out 2>&1 || broken "$call with threads"
    cmp -s "$call.safetensors" threads.safetensors || broken "$call: three threads give something else"
    ./single "$call" --steps 7 --save part.safetensors >out 2>&1 || broken "$call, the first steps"
    ./single "$call" --steps 20 --resume part.safetensors >out 2>&1 || broken "$call does not go on"
    cmp -s "$call.safetensors" part.safetensors || broken "$call: a resumed run gives something else"
    ./single "$call" --accumulate 2 --save "$call.safetensors" >out 2>&1 || broken "$call with groups"
    same_numbers single "$call" 1e-4
done

# Two statements over parts of the weights do what one over all of them does.
sed 's/minimize loss over net using \(.*\)/minimize loss over net.p, net.r using \1\n    minimize loss over net.q using \1/' single.nn >parts.nn
"$NNC" parts.nn -o parts >out 2>&1 || broken "parts.nn does not compile"
for call in adam nadam lamb rmsprop_mu; do
    ./single "$call" --save "$call.safetensors" >out 2>&1 || broken "$call"
    ./parts "$call" --save parts.safetensors >out 2>&1 || broken "$call in parts"
    for tensor in p q r; do
        gives "$(./single $tensor --load "$call.safetensors")" ./parts $tensor --load parts.safetensors
    done
done
