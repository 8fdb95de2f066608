// ---- what follows is the same in every module that nnc writes: calls, memory, errors, checkpoints -----------------------------

// The elements of arrays, and what a checkpoint calls them. Half precision is its bits.
const kinds = {
    f32: [Float32Array, "F32"],
    f64: [Float64Array, "F64"],
    i32: [Int32Array, "I32"],
    i64: [BigInt64Array, "I64"],
    i8: [Int8Array, "I8"],
    u8: [Uint8Array, "U8"],
    bool: [Uint8Array, "BOOL"],
    f16: [Uint16Array, "F16"],
    bf16: [Uint16Array, "BF16"],
};
const codes = ["OK", "SHAPE", "RANGE", "REQUIRES", "WORK", "ALIGN", "NUMERIC", "ABI", "IO", "MEM", "ASSERT", "CPU"];
const CALL_BYTES = 64; // nnrt_call
const aligned = (bytes) => Math.ceil(bytes / 64) * 64;
const product = (list) => list.reduce((a, b) => a * b, 1);

/** What a model refuses, other than an argument: `code` is that of the C header, as NNRT_E_NUMERIC. */
export class ModelError extends Error {
    constructor(code, text) {
        super(text);
        this.name = "ModelError";
        this.code = `NNRT_E_${codes[code] ?? code}`;
    }
}

function kindOf(value) {
    if (value === null || typeof value !== "object") return `${typeof value} ${String(value)}`;
    return value.constructor?.name ?? "object";
}

function whole(label, value, least = 0) {
    if (typeof value === "bigint" && value >= least && value < 1n << 64n) return value;
    if (typeof value !== "number" && typeof value !== "bigint") throw new TypeError(`${label} is ${kindOf(value)}, not a whole number`);
    if (!Number.isSafeInteger(value)) throw new RangeError(`${label} is ${value}, not a whole number`);
    if (value < least) throw new RangeError(`${label} is ${value}, but must be at least ${least}`);
    return BigInt(value);
}

/** A number of a list, or one that is passed alone, if it is one of that kind. */
function element(label, kind, value) {
    if (kind === "bool" && typeof value === "boolean") return value ? 1 : 0;
    if (kind === "i64" && (typeof value === "bigint" || Number.isSafeInteger(value))) return BigInt(value);
    if (typeof value !== "number") throw new TypeError(`${label} has ${kindOf(value)}, which is no number of ${kind}`);
    if (kind === "f64") return value;
    if (kind === "f32") {
        if (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
            throw new RangeError(`${label} has ${value}, which is too large for single precision`);
        return value;
    }
    const same = kind === "bool" ? value === 0 || value === 1 : new kinds[kind][0]([value])[0] === value;
    if (!same) throw new RangeError(`${label} has ${value}, which is no number of ${kind}`);
    return value;
}

function arrayOf(label, type, kind, value) {
    const Kind = kinds[kind][0];
    if (value instanceof Kind || (Kind === Uint8Array && value instanceof Uint8ClampedArray)) {
        if (kind === "bool" && value.some((v) => v > 1)) throw new RangeError(`${label} is ${type}, but has numbers other than 0 and 1`);
        return value;
    }
    if (!Array.isArray(value)) throw new TypeError(`${label} is ${type}: a ${Kind.name} or an array of numbers is wanted, not ${kindOf(value)}`);
    return Kind.from(value.flat(Infinity), (v) => element(label, kind, v));
}

const sizesText = (sizes) => Object.entries(sizes).map(([name, size]) => `${name} = ${size}`).join(", ");

/** The sizes of a call: each is the caller's (at < 0), or what is left of the length of an argument. */
function findSizes(entry, name, arrays, settings) {
    const sizes = {};
    entry.args.forEach(([arg, , kind], i) => kind === "dim" && (sizes[arg] = Number(arrays[i])));
    for (const [size, at, each] of entry.find) {
        if (at < 0) {
            if (!(size in settings)) throw new TypeError(`${name}: the size ${size} follows from no argument: give it as { ${size}: ... }`);
            sizes[size] = Number(whole(`${name}: ${size}`, settings[size], 1));
            continue;
        }
        const [arg, type] = entry.args[at], one = each(sizes), n = arrays[at].length;
        if (n < 1 || one < 1 || n % one)
            throw new RangeError(`${name}: ${arg} has ${n} numbers, but ${type} has ${one > 1 ? `a multiple of ${one}` : "at least 1"}`);
        sizes[size] = n / one;
    }
    entry.args.forEach(([arg, type, , count], i) => {
        if (count && arrays[i].length !== count(sizes))
            throw new RangeError(`${name}: ${arg} has ${arrays[i].length} numbers, but ${type} has ${count(sizes)} with ${sizesText(sizes)}`);
    });
    return sizes;
}

/** Numbers of a list of rows of `each`, in the order `rows`. */
function chosen(array, each, rows) {
    const out = new array.constructor(rows.length * each);
    rows.forEach((row, i) => out.set(array.subarray(row * each, (row + 1) * each), i * each));
    return out;
}

function shuffled(n, draw) {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
        const k = Math.floor(draw() * (i + 1));
        [order[i], order[k]] = [order[k], order[i]];
    }
    return order;
}

/** Numbers in 0..1 (Vigna's splitmix, 32 bits). */
function drawing(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x9e3779b9) >>> 0;
        let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
        z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
        return ((z ^ (z >>> 15)) >>> 0) / 4294967296;
    };
}

// ---- checkpoints (safetensors)

const HEADER = '{"__metadata__":{"format":"nnc 1","crc32c":"';
const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
    return n;
});

function crc32c(bytes) {
    let sum = 0xffffffff;
    for (let i = 0; i < bytes.length; i++) sum = crcTable[(sum ^ bytes[i]) & 255] ^ (sum >>> 8);
    return ((sum ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}

/** What is in a checkpoint: metadata, and tensors by name with `bytes`. It is known to be whole. */
function opened(file) {
    const bad = (text) => new ModelError(8, `the checkpoint ${text}`);
    if (!(file instanceof ArrayBuffer || file instanceof Uint8Array))
        throw new TypeError(`load: an ArrayBuffer or a Uint8Array is wanted, not ${kindOf(file)}`);
    const bytes = file instanceof ArrayBuffer ? new Uint8Array(file) : new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const length = bytes.length < 8 ? 0 : Number(view.getBigUint64(0, true));
    if (length < 2 || length > bytes.length - 8 || bytes[8] !== 0x7b) throw bad("is no safetensors file, or is cut off");
    const text = bytes.subarray(8, 8 + length);
    let header;
    try {
        header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
    } catch {
        throw bad("is damaged: its header is no JSON");
    }
    const { __metadata__: notes = {}, ...tensors } = header, by = String(notes.format ?? "").startsWith("nnc");
    if (by && notes.format !== "nnc 1") throw bad(`has the format ${notes.format}, which this program does not know`);
    if (by) {
        const zeroed = text.slice();
        zeroed.fill(0x30, HEADER.length, HEADER.length + 8);
        if (crc32c(zeroed) !== notes.crc32c) throw bad("is damaged: its header has another checksum");
    }
    for (const [name, tensor] of Object.entries(tensors)) {
        const [from, to] = tensor?.data_offsets ?? [];
        if (!(from >= 0 && from <= to && 8 + length + to <= bytes.length) || !Array.isArray(tensor.shape))
            throw bad(`is cut off or damaged: ${name} lies outside of it`);
        tensor.bytes = bytes.subarray(8 + length + from, 8 + length + to);
    }
    return { notes, tensors, by };
}

/** The numbers of one tensor as this program has it, or a text that says why not. */
function fitting([name, kind, shape], { tensors, notes, by }) {
    const t = tensors[name], [Kind, dtype] = kinds[kind], Float = { F32: Float32Array, F64: Float64Array };
    if (!t) return `${name} [${shape}] is missing`;
    if (String(t.shape) !== String(shape)) return `${name} is [${t.shape}] but this program has [${shape}]`;
    const From = t.dtype === dtype ? Kind : Float[dtype] && Float[t.dtype];
    if (!From) return `${name} is ${t.dtype} but this program has ${dtype}`;
    if (t.bytes.length !== product(shape) * From.BYTES_PER_ELEMENT) return `${name} is damaged: the number of its bytes is wrong`;
    if (by && crc32c(t.bytes) !== notes[`crc32c.${name}`]) return `${name} is damaged: it has another checksum`;
    return Kind.from(new From(t.bytes.slice().buffer));
}

// ---- a model

class Program {
    #wasm;
    #top; // memory below belongs to the model; above it is that of the call that runs
    #model;
    #options;
    #areas = {};
    #seed;
    #notes = {};

    constructor(instance, seed) {
        this.#wasm = instance.exports;
        this.#top = this.#wasm.memory.buffer.byteLength;
        this.#model = this.#reserve(program.modelBytes);
        this.#options = this.#reserve(Math.max(program.optionsBytes, 8));
        this.#core("defaults")(this.#options);
        this.options = Object.seal(this.#optionFields());
        this.reset(seed);
    }

    /** Weights from the initialisers, and training from its start. */
    reset(seed = 1) {
        this.#seed = BigInt.asUintN(64, whole("seed", seed));
        this.#failed(this.#core("init")(this.#model, this.#seed), "init");
        this.#notes = { vocabularies: program.vocabularies };
        for (const name of Object.keys(this.#areas)) this.#begin(name);
    }

    #core(name) {
        return this.#wasm[`${program.prefix}_core_${name}`];
    }

    #room(end) {
        const memory = this.#wasm.memory, missing = Math.ceil((end - memory.buffer.byteLength) / 65536);
        if (missing <= 0) return;
        try {
            memory.grow(missing);
        } catch {
            throw new ModelError(9, `there is no memory for ${end} bytes`);
        }
    }

    #reserve(bytes) {
        const at = aligned(this.#top);
        this.#room(at + bytes);
        this.#top = aligned(at + bytes);
        return at;
    }

    #optionFields() {
        const out = {};
        for (const [name, kind, offset] of program.options) {
            const view = () => new kinds[kind][0](this.#wasm.memory.buffer, this.#options + offset, 1);
            Object.defineProperty(out, name, {
                enumerable: true,
                get: () => (kind === "bool" ? view()[0] !== 0 : view()[0]),
                set: (value) => void (view()[0] = element(`option ${name}`, kind, value)),
            });
        }
        return out;
    }

    #failed(code, name) {
        if (code) throw new ModelError(code, `${name}: error ${codes[code] ?? code}`);
    }

    // The training area of a `train`, the sums of an `eval`.
    #area(name) {
        const entry = program.entries[name];
        if (entry.kind === "export") return 0;
        if (!(name in this.#areas)) {
            this.#areas[name] = this.#reserve(entry.area);
            this.#begin(name);
        }
        return this.#areas[name];
    }

    #begin(name) {
        const area = this.#areas[name], { kind, of } = program.entries[name];
        this.#failed(kind === "train" ? this.#core(`${name}_init`)(area, this.#seed) : this.#core(`${name}_clear`)(area), name);
        if (of && of in this.#areas) {
            const run = new BigInt64Array(this.#wasm.memory.buffer, this.#areas[of] + 16, 3); // step, epoch, steps of nnrt_train
            this.#core(`${name}_plan`)(area, ...run);
        }
    }

    /** One call: arguments are looked at, laid into memory, and results copied out of it. */
    _call(name, values, settings = {}) {
        const entry = program.entries[name], is_export = entry.kind === "export";
        const arrays = entry.args.map(([arg, type, kind, count], i) => {
            const label = `${name}: ${arg}`;
            if (values[i] === undefined && entry.defaults?.[i] !== undefined) values[i] = entry.defaults[i];
            if (kind === "dim") return whole(label, values[i], 1);
            return count ? arrayOf(label, type, kind, values[i]) : element(label, kind, values[i]);
        });
        const sizes = findSizes(entry, name, arrays, settings);
        const area = this.#area(name), order = entry.sizes.map((size) => BigInt(sizes[size]));
        const work = this.#core(`${name}_work`)(...order, 1) >>> 0;
        if (work === 0xffffffff) throw new RangeError(`${name}: these sizes are too large or too small: ${sizesText(sizes)}`);
        const call = aligned(this.#top), scratch = call + CALL_BYTES;
        let end = scratch + work;
        const lay = (bytes) => (end = aligned(end) + bytes) - bytes;
        const places = arrays.map((a, i) => (entry.args[i][3] ? lay(a.byteLength) : a));
        const counts = entry.outs.map(([, , count]) => count(sizes));
        const results = entry.outs.map(([, kind], i) => lay(counts[i] * kinds[kind][0].BYTES_PER_ELEMENT));
        const report = lay(8 * ((entry.values ?? 0) + 1));
        this.#room(end);
        const { buffer } = this.#wasm.memory;
        arrays.forEach((a, i) => entry.args[i][3] && new a.constructor(buffer, places[i], a.length).set(a));
        const record = new DataView(buffer, call, CALL_BYTES);
        [CALL_BYTES, scratch, work, this.#options].forEach((v, i) => record.setUint32(4 * i, v, true));
        const seed = settings.seed === undefined ? (is_export ? 0n : this.#seed) : whole(`${name}: seed`, settings.seed);
        record.setBigUint64(16, BigInt.asUintN(64, seed), true);
        for (let i = 24; i < CALL_BYTES; i += 4) record.setUint32(i, 0, true);
        const before = is_export ? [this.#model, call] : [this.#model, area, call];
        const binders = order.slice(0, entry.binders);
        const code = this.#core(is_export ? name : `${name}_step`)(...before, ...binders, ...places, ...results);
        if (code) throw this.#explained(name, code, record, sizes, area);
        if (!is_export) return settings.report === false ? undefined : this.#report(name, area, report);
        const out = entry.outs.map(([, kind, , rank], i) => {
            const array = new kinds[kind][0](buffer, results[i], counts[i]);
            return rank ? array.slice() : array[0];
        });
        return out.length === 1 ? out[0] : out;
    }

    #report(name, area, at) {
        const entry = program.entries[name], { buffer } = this.#wasm.memory;
        this.#failed(this.#core(`${name}_report`)(area, at), name);
        const numbers = new Float64Array(buffer, at, entry.values), out = {};
        for (const [measure, from, count] of entry.reports) out[measure] = count < 0 ? numbers[from] : numbers.slice(from, from + count);
        out.examples = Number(new BigInt64Array(buffer, at + 8 * entry.values, 1)[0]);
        if (entry.kind === "eval") this.#begin(name);
        return out;
    }

    #explained(name, code, record, sizes, area) {
        const entry = program.entries[name], i32 = (at) => record.getInt32(at, true), i64 = (at) => Number(record.getBigInt64(at, true));
        const line = i32(36), argument = i32(40), axis = i32(44), wanted = i64(48), given = i64(56);
        const place = `${program.source}:${line}`;
        const step = () => (entry.kind === "train" ? `, step ${new BigInt64Array(this.#wasm.memory.buffer, area + 16, 1)[0]}` : "");
        switch (codes[code]) {
            case "RANGE": {
                const arg = entry.args.filter(([, , kind]) => kind !== "dim")[argument];
                if (wanted > 0) return new RangeError(`${name}: ${arg?.[0] ?? "?"} contains ${given}, but must be in 0..${wanted - 1}`);
                return new RangeError(`${name}: a value is outside its bound (${place})`);
            }
            case "REQUIRES":
                return new RangeError(`${name}: ${sizesText(sizes)}, but must satisfy ${entry.requires[argument]} (${place})`);
            case "SHAPE":
                return new RangeError(`${name}: size ${entry.sizes[argument]} is ${given}, but must be at least 1`);
            case "ASSERT":
                return new ModelError(code, `${name}${step()}: assert does not hold: ${entry.asserts[argument]}, false for ${given} elements`);
            case "NUMERIC": {
                const what =
                    given > 0 ? `${entry.minimizes[argument]?.[given - 1] ?? "a number"} of the optimizer is not finite`
                    : given === 0 ? "loss is not finite"
                    : axis >= 0 ? `the gradient of ${program.tensors[axis][0]} is not finite`
                    : "the gradient is too large for its norm to be a number";
                const made = wanted > 0 ? "it updated nothing, but those before it in this step did" : "no update was made";
                return new ModelError(code, `${name}${step()}: ${what}, at the minimize of ${place}; ${made}`);
            }
            default:
                return new ModelError(code, `${name}: error ${codes[code] ?? code}`);
        }
    }

    _plan(name, epoch, steps) {
        this.#core(`${name}_plan`)(this.#area(name), whole("epoch", epoch), whole("steps", steps, 1));
    }

    /** Batches of rows, in order or drawn. */
    *_batches(name, values, { batch, order }) {
        const entry = program.entries[name];
        const each = values.map((v, i) => (entry.args[i][4] ? v.length / order.length : 0));
        for (let from = 0; from < order.length; from += batch) {
            const rows = order.slice(from, from + batch);
            yield values.map((v, i) => (each[i] ? chosen(v, each[i], rows) : v));
        }
    }

    #rows(name, values, settings) {
        const entry = program.entries[name];
        const arrays = values.map((v, i) => (entry.args[i][3] ? arrayOf(`${name}: ${entry.args[i][0]}`, entry.args[i][1], entry.args[i][2], v) : v));
        return { arrays, n: findSizes(entry, name, arrays, settings)[entry.sizes[0]] };
    }

    *_run(name, values, { epochs, batch, shuffle = true, ...settings } = {}) {
        const entry = program.entries[name], { arrays, n } = this.#rows(name, values, settings);
        const rows = Math.min(n, Number(whole(`${name}: batch`, batch ?? entry.batch, 1)));
        const rounds = Number(whole(`${name}: epochs`, epochs ?? entry.epochs, 1)), steps = rounds * Math.ceil(n / rows);
        const draw = drawing(Number(this.#seed & 0xffffffffn));
        let step = 0;
        for (let epoch = 0; epoch < rounds; epoch++) {
            const order = shuffle ? shuffled(n, draw) : Array.from({ length: n }, (_, i) => i);
            for (const some of this._batches(name, arrays, { batch: rows, order })) {
                this._plan(name, epoch, steps);
                yield { ...this._call(name, some, settings), step: ++step, steps, epoch: epoch + 1 };
            }
        }
    }

    _whole(name, values, { batch, ...settings } = {}) {
        const entry = program.entries[name], { arrays, n } = this.#rows(name, values, settings);
        const rows = Number(whole(`${name}: batch`, batch ?? entry.batch, 1)), order = Array.from({ length: n }, (_, i) => i);
        if (name in this.#areas) this.#begin(name);
        let done = 0;
        for (const some of this._batches(name, arrays, { batch: rows, order })) {
            done += rows;
            const report = this._call(name, some, { ...settings, report: done >= n });
            if (done >= n) return report;
        }
    }

    #view([, kind, shape, stride, offset]) {
        const array = new kinds[kind][0](this.#wasm.memory.buffer, this.#model + offset);
        const row = shape.at(-1) ?? 1, n = product(shape);
        return { array, row, n, at: (i) => shape.reduceRight(([sum, left], size, d) => [sum + (left % size) * stride[d], Math.floor(left / size)], [0, i])[0] };
    }

    #tensor(info) {
        const { array, row, n, at } = this.#view(info), out = new array.constructor(n);
        for (let i = 0; i < n; i += row) out.set(array.subarray(at(i), at(i) + row), i);
        return out;
    }

    /** The numbers of a tensor, such as "net.fc1.w". */
    tensor(name) {
        const info = program.tensors.find(([own]) => own === name);
        if (!info) throw new RangeError(`tensor: there is no ${name}, only ${program.tensors.map(([own]) => own).join(", ")}`);
        return this.#tensor(info);
    }

    /** A checkpoint, as the programs of nnc write and read it (safetensors). */
    save() {
        const parts = program.tensors.map((info) => [info, new Uint8Array(this.#tensor(info).buffer)]);
        const notes = { program: program.name, hash: program.hash, vocabularies: this.#notes.vocabularies ?? "[]" }, tensors = {};
        let at = 0;
        for (const [[name, kind, shape], bytes] of parts) {
            notes[`crc32c.${name}`] = crc32c(bytes);
            tensors[name] = { dtype: kinds[kind][1], shape, data_offsets: [at, (at += bytes.length)] };
        }
        const rest = JSON.stringify(tensors).slice(1);
        const text = `${HEADER}00000000",${JSON.stringify(notes).slice(1)}${rest === "}" ? rest : `,${rest}`}`;
        let header = new TextEncoder().encode(text);
        header = new TextEncoder().encode(text + " ".repeat((120 - (header.length % 64)) % 64));
        header.set(new TextEncoder().encode(crc32c(header)), HEADER.length);
        const file = new Uint8Array(8 + header.length + at);
        new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
        file.set(header, 8);
        at = 8 + header.length;
        for (const [, bytes] of parts) file.set(bytes, at), (at += bytes.length);
        return file;
    }

    /** Weights of a checkpoint. If something does not fit, nothing changes. */
    load(file) {
        const content = opened(file), found = program.tensors.map((info) => fitting(info, content));
        const wrong = found.filter((f) => typeof f === "string");
        if (wrong.length) throw new ModelError(1, `the checkpoint does not fit: ${wrong.slice(0, 5).join("; ")}${wrong.length > 5 ? "; ..." : ""}`);
        program.tensors.forEach((info, k) => {
            const { array, row, n, at } = this.#view(info);
            for (let i = 0; i < n; i += row) array.set(found[k].subarray(i, i + row), at(i));
        });
        this.#notes = content.notes;
    }
}

async function compiled(wasm = new URL(program.file, import.meta.url)) {
    if (wasm instanceof WebAssembly.Module) return wasm;
    if (wasm instanceof ArrayBuffer || ArrayBuffer.isView(wasm)) return WebAssembly.compile(wasm);
    if (String(wasm).startsWith("file:") && globalThis.process?.versions?.node) {
        const { readFile } = await import("node:fs/promises");
        return WebAssembly.compile(await readFile(new URL(wasm)));
    }
    const response = await fetch(wasm);
    if (!response.ok) throw new ModelError(8, `${wasm}: ${response.status} ${response.statusText}`);
    return WebAssembly.compile(await response.arrayBuffer());
}

/** A model of its own: { seed: 1, wasm: where the .wasm is, or its bytes, or a WebAssembly.Module }. */
export async function open({ seed = 1, wasm } = {}) {
    return new Model(await WebAssembly.instantiate(await compiled(wasm)), seed);
}
