// SPDX-License-Identifier: MIT
// train.mjs MODULE INPUTS CLASSES: what native.c does, by a module.
import { pathToFileURL } from "node:url";

const [, , path, inputs, classes] = process.argv;
const { open } = await import(pathToFileURL(path));
const model = await open({ seed: 1 });
const ROWS = 8;
let state = 1;
const draw = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
};
const x = Float32Array.from({ length: ROWS * inputs }, () => draw() / 0x800000 - 1);
const y = Int32Array.from({ length: ROWS }, () => draw() % classes);
let report;
for (let step = 0; step < 50; step++) report = model.fit_step(x, y);
process.stdout.write(new Uint8Array(Float64Array.of(report.loss).buffer));

const file = model.save(), view = new DataView(file.buffer), start = 8 + Number(view.getBigUint64(0, true));
const { __metadata__, ...tensors } = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
for (const [from, to] of Object.values(tensors).map((t) => t.data_offsets)) process.stdout.write(file.subarray(start + from, start + to));
