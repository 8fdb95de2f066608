# SPDX-License-Identifier: MIT
# Programs, checkpoints and configurations as each version left them (tests/compat/VERSION): they compile, give what they gave, and go on.
files_of() { # VERSION NAME...: its files, its programs compiled
    cp "$SOURCE/tests/compat/$1"/* .
    version=$1
    shift
    for name; do
        "$NNC" "$name.nn" -o "$name" >out 2>&1 || broken "$name.nn of $version does not compile"
    done
}

files_of 0.1 iris words
near 1e-5 "0.9539256 0.040237922 0.0058365264" ./iris predict --x 5.1,3.5,1.4,0.2
gives Iris-setosa ./iris classify --x 5.1,3.5,1.4,0.2
printf 'a good day' >day
near 1e-5 "0.057703115 0.9422969" ./words classify --words day
shows "epoch 5/5" ./iris fit --resume iris.safetensors --epochs 5 --progress plain

files_of 0.2 iris steps
near 1e-5 "0.99856335 0.0014310887 5.601258e-06" ./iris predict --x 5.1,3.5,1.4,0.2
gives "walk	walk	run	rest" ./steps tag --x '1.1,0.2;1.2,0.1;2.2,0.5;0.2,0'
near 1e-5 "0.017495824 0.00225318 0.980251 0.026683861 0.0013169526 0.9719991 5.9630675e-06 0.93149626 0.068497784 0.7883297 0.00039958773 0.2112707" \
    ./steps shares --x '1.1,0.2;1.2,0.1;2.2,0.5;0.2,0'
shows "epoch 21/21, step 189/189, validation: loss 0.0" ./steps fit --resume steps.safetensors --epochs 21 --progress plain
shows "epoch 2/2, step 16/16" ./iris fit --config iris.run.json --epochs 2 --progress plain
grep -qF '"lr": {"value": 0.02, "from": "iris.run.json"}' iris.run.json || broken "the configuration of 0.2 does not count"
