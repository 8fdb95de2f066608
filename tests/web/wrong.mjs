// SPDX-License-Identifier: MIT
// wrong.mjs MODULES: wrong arguments, settings and checkpoints are exceptions that say what is wrong, and change nothing.
// MODULES is a folder with iris.mjs and shapes.mjs, which tests/web/run makes.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { open, ModelError } = await import(pathToFileURL(`${folder}/iris.mjs`));
const model = await open();
const x = [[5.1, 3.5, 1.4, 0.2], [7, 3.2, 4.7, 1.4], [6.3, 3.3, 6, 2.5]], y = [0, 1, 2];
const weights = () => Buffer.from(model.save()).toString("hex");
for (let i = 0; i < 20; i++) model.fit_step(x, y);
const before = weights(), file = model.save();

function refused(call, kind, text) {
    assert.throws(call, (e) => {
        assert.ok(e instanceof kind, `${e.name}: ${e.message}`);
        assert.match(e.message, text);
        return true;
    });
    assert.equal(weights(), before, `${call} changed the model`);
}

// arguments
refused(() => model.predict([1, 2, 3]), RangeError, /^predict: x has 3 numbers, but float\[B, 4\] has a multiple of 4$/);
refused(() => model.predict([]), RangeError, /^predict: x has 0 numbers/);
refused(() => model.predict(), TypeError, /^predict: x is float\[B, 4\]: a Float32Array or an array of numbers is wanted, not undefined/);
refused(() => model.predict("0123"), TypeError, /not string 0123$/);
refused(() => model.predict(new Float64Array(4)), TypeError, /a Float32Array or an array of numbers is wanted, not Float64Array$/);
refused(() => model.predict([1, 2, 3, "4"]), TypeError, /^predict: x has string 4, which is no number of f32$/);
refused(() => model.predict([1, 2, 3, 1e300]), RangeError, /^predict: x has 1e\+300, which is too large for single precision$/);
refused(() => model.fit_step(x, [0, 1]), RangeError, /^fit: y has 2 numbers, but int<3>\[B\] has 3 with B = 3$/);
refused(() => model.fit_step(x, [0, 1, 7]), RangeError, /^fit: y contains 7, but must be in 0\.\.2$/);
refused(() => model.fit_step(x, [0, 1, -1]), RangeError, /^fit: y contains -1, but must be in 0\.\.2$/);
refused(() => model.fit_step(x, [0, NaN, 1]), RangeError, /^fit: y has NaN, which is no number of i32$/);
refused(() => model.fit_step(x, [0, 1.5, 1]), RangeError, /^fit: y has 1\.5, which is no number of i32$/);
refused(() => model.fit_plan(0, 0), RangeError, /^steps is 0, but must be at least 1$/);
refused(() => [...model.fit(x, y, { batch: 0 })], RangeError, /^fit: batch is 0, but must be at least 1$/);
refused(() => [...model.fit(x, y, { epochs: 1.5 })], RangeError, /^fit: epochs is 1\.5, not a whole number$/);
refused(() => model.reset("a"), TypeError, /^seed is string a, not a whole number$/);
refused(() => model.reset(-1), RangeError, /^seed is -1, but must be at least 0$/);
refused(() => model.tensor("net.q"), RangeError, /^tensor: there is no net\.q, only net\.norm\.seen, /);

// numbers that are none: predictions carry them on, training does not
assert.ok(model.predict([[NaN, 1, 1, 1]]).every(Number.isNaN));
const numeric = /^fit, step \d+: loss is not finite, at the minimize of iris\.nn:\d+; no update was made$/;
const bad = await open(); // states of a normalisation have seen the number
assert.throws(() => bad.fit_step([[NaN, 1, 1, 1]], [0]), (e) => e instanceof ModelError && e.code === "NNRT_E_NUMERIC" && numeric.test(e.message));

// options
assert.throws(() => (model.options.lr = "a"), /^TypeError: option lr has string a, which is no number of f32$/);
assert.throws(() => (model.options.rate = 1), TypeError);
model.options.lr = 0.5;
assert.equal(model.options.lr, 0.5);

// checkpoints
const changed = (at) => Uint8Array.from(file, (v, i) => (i === at ? v ^ 1 : v));
refused(() => model.load("x"), TypeError, /^load: an ArrayBuffer or a Uint8Array is wanted, not string x$/);
refused(() => model.load(new Uint8Array(5)), ModelError, /^the checkpoint is no safetensors file, or is cut off$/);
refused(() => model.load(file.slice(0, 100)), ModelError, /is no safetensors file, or is cut off$/);
refused(() => model.load(file.slice(0, -1)), ModelError, /^the checkpoint is cut off or damaged: net\.fc2\.b lies outside of it$/);
refused(() => model.load(changed(file.length - 1)), ModelError, /^the checkpoint does not fit: net\.fc2\.b is damaged: it has another checksum$/);
refused(() => model.load(changed(150)), ModelError, /^the checkpoint is damaged: its header has another checksum$/);
const { open: openOther } = await import(pathToFileURL(`${folder}/shapes.mjs`));
const other = await openOther();
refused(() => model.load(other.save()), ModelError, /^the checkpoint does not fit: net\.norm\.seen \[\] is missing; .*; \.\.\.$/);

// sizes that follow from no argument, several results, numbers alone, random numbers
const image = Float32Array.from({ length: 24 }, (_, i) => i);
assert.throws(() => other.turn(image), /^TypeError: turn: the size W follows from no argument: give it as \{ W: \.\.\. \}$/);
assert.throws(() => other.turn(image, { W: 5 }), /^RangeError: turn: image has 24 numbers, but float\[H, W, 2\] has a multiple of 10$/);
const [turned, sum] = other.turn(image, { W: 4 });
assert.deepEqual([...turned.subarray(0, 6)], [0, 1, 8, 9, 16, 17]);
assert.equal(sum, 276);
assert.deepEqual([...other.half(image.subarray(0, 4), 3)], [0, 1.5, 3, 4.5]);
assert.deepEqual([...other.half(image.subarray(0, 4))], [0, 0.5, 1, 1.5]);
assert.throws(() => other.half(image, "2"), /^TypeError: half: times has string 2, which is no number of f32$/);
assert.throws(() => other.half([1, 2, 3], 2), /^RangeError: half: n = 3, but must satisfy n % 2 == 0 \(shapes\.nn:\d+\)$/);
assert.deepEqual(other.noise(5, { seed: 3 }), other.noise(5, { seed: 3 }));
assert.notDeepEqual(other.noise(5, { seed: 3 }), other.noise(5, { seed: 4 }));
assert.throws(() => other.noise(0), /^RangeError: noise: k is 0, but must be at least 1$/);
assert.deepEqual([...other.flip([true, false])], [0, 1]);
assert.throws(() => other.flip(Uint8Array.of(2)), /numbers other than 0 and 1$/);
console.log("wrong: all refused");
