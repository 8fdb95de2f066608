// SPDX-License-Identifier: MIT
// main.js PROGRAM A B C D: asks a compiled model. Its answers are JSON; many rows are asked for at once.
const { execFileSync } = require("child_process");

// rows: lists of four numbers; gives the probabilities of the three kinds for each.
function predict(program, rows) {
    const text = rows.map((row) => row.join(",")).join("\n") + "\n";
    const answer = execFileSync(program, ["predict", "--json", "-"], { input: text, encoding: "utf8" });
    return JSON.parse(answer).results[0];
}

const [program, ...measures] = process.argv.slice(2);
const [p] = predict(program, [measures.map(Number)]);
console.log(p.join(","));
