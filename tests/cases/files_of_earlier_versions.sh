# SPDX-License-Identifier: MIT
# Programs and checkpoints as an earlier version left them (tests/compat/VERSION): they compile, give what they gave, and go on.
for version in 0.1; do
    cp "$SOURCE/tests/compat/$version"/* .
    for name in iris words; do
        "$NNC" $name.nn -o $name >out 2>&1 || broken "$name.nn of $version does not compile"
    done
    near 1e-5 "0.9539256 0.040237922 0.0058365264" ./iris predict --x 5.1,3.5,1.4,0.2
    gives Iris-setosa ./iris classify --x 5.1,3.5,1.4,0.2
    printf 'a good day' >day
    near 1e-5 "0.057703115 0.9422969" ./words classify --words day
    shows "epoch 5/5" ./iris fit --resume iris.safetensors --epochs 5 --progress plain
done
