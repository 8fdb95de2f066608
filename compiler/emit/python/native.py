# SPDX-License-Identifier: MIT
"""Calls of a compiled model: its arrays, memory and errors. Written by nnc; the same in every package."""
from __future__ import annotations

import ctypes
import operator
import os
import queue
import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence, Tuple, Type, Union

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Float16 = NDArray[np.float16]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Int8 = NDArray[np.int8]
UInt8 = NDArray[np.uint8]
UInt16 = NDArray[np.uint16]
Bool = NDArray[np.bool_]
Float32Like = Union[NDArray[np.float32], Sequence[Any]]
Float64Like = Union[NDArray[np.float64], Sequence[Any]]
Float16Like = Union[NDArray[np.float16], Sequence[Any]]
Int32Like = Union[NDArray[np.int32], Sequence[Any]]
Int64Like = Union[NDArray[np.int64], Sequence[Any]]
Int8Like = Union[NDArray[np.int8], Sequence[Any]]
UInt8Like = Union[NDArray[np.uint8], Sequence[Any]]
UInt16Like = Union[NDArray[np.uint16], Sequence[Any]]
BoolLike = Union[NDArray[np.bool_], Sequence[Any]]
Path = Union[str, "os.PathLike[str]"]


class Error(RuntimeError):
    """What the model refuses, other than an argument, a file or memory."""


class Kind:
    """An element of arrays: its type in numpy, and the C type of one that is passed alone."""

    def __init__(self, dtype: Any, alone: Any, from_kinds: str) -> None:
        self.dtype = np.dtype(dtype)
        self.alone = alone
        self.from_kinds = from_kinds  # of what numpy makes of a list

    def of_list(self, array: NDArray[Any]) -> NDArray[Any]:
        """Numbers of a list in this type, if they are such numbers."""
        if array.size and array.dtype.kind not in self.from_kinds:
            raise TypeError("is a list of %s, not of %s" % (array.dtype, self.dtype))
        with np.errstate(over="ignore"):
            made = array.astype(self.dtype)
        if self.dtype.kind in "iu" and array.size and not np.array_equal(made, array):
            raise ValueError("has a number that is none of %s" % self.dtype)
        if self.dtype.kind == "f" and not np.array_equal(np.isfinite(made), np.isfinite(array)):
            raise ValueError("has a number that is too large for %s" % self.dtype)
        return made


float32 = Kind(np.float32, ctypes.c_float, "fiu")
float64 = Kind(np.float64, ctypes.c_double, "fiu")
float16 = Kind(np.float16, lambda number: ctypes.c_uint16(int(np.float16(number).view(np.uint16))), "fiu")
int32 = Kind(np.int32, ctypes.c_int32, "iu")
int64 = Kind(np.int64, ctypes.c_int64, "iu")
int8 = Kind(np.int8, ctypes.c_int8, "iu")
uint8 = Kind(np.uint8, ctypes.c_uint8, "iu")
uint16 = Kind(np.uint16, ctypes.c_uint16, "iu")  # the bits of a bf16
bool8 = Kind(np.bool_, ctypes.c_bool, "b")


class Library:
    """The shared object beside this file, with the convenience layer of the model's header."""

    def __init__(self, init_file: str, prefix: str) -> None:
        self.prefix = prefix
        self.dll = ctypes.CDLL(os.path.join(os.path.dirname(os.path.abspath(init_file)), "lib%s.so" % prefix))

    def function(self, name: str, result: Any = ctypes.c_int) -> Any:
        function = getattr(self.dll, "%s_%s" % (self.prefix, name))
        function.restype = result
        return function

    def check(self, code: int) -> None:
        """Raises what a code means; NNRT_E_... of the header."""
        if code == 0:
            return
        text = (self.function("error", ctypes.c_char_p)() or b"").decode("utf-8", "replace")
        kinds: Dict[int, Type[Exception]] = {1: ValueError, 2: ValueError, 3: ValueError, 4: ValueError, 6: FloatingPointError}
        kinds.update({8: OSError, 9: MemoryError, 10: AssertionError, 11: OSError})
        raise kinds.get(code, Error)(text)


class RunStruct(ctypes.Structure):
    """nnrt_run"""

    LINE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
    _fields_ = [(name, ctypes.c_int64) for name in ("epochs", "steps", "batch", "log_every")]
    _fields_ += [("seed", ctypes.c_uint64), ("threads", ctypes.c_int), ("shuffle", ctypes.c_int)]
    _fields_ += [(name, ctypes.c_char_p) for name in ("load", "save", "resume", "log")]
    _fields_ += [("line", LINE), ("user", ctypes.c_void_p)]


class TensorStruct(ctypes.Structure):
    """nnrt_tensor"""

    _fields_ = [("rank", ctypes.c_int32), ("dtype", ctypes.c_int32)]
    _fields_ += [("dim", ctypes.c_int64 * 8), ("stride", ctypes.c_int64 * 8), ("data", ctypes.c_void_p)]
    DTYPES = (np.float32, np.float64, np.int32, np.int64, np.bool_)


@dataclass(frozen=True)
class Run:
    """A run on the data of the program; 0 and None: as the program says. `line` is called with each line of progress."""

    epochs: int = 0
    steps: int = 0
    batch: int = 0
    log_every: int = 0
    seed: int = 0
    threads: int = 0
    shuffle: Optional[bool] = None
    load: Optional[Path] = None
    save: Optional[Path] = None
    resume: Optional[Path] = None
    log: Optional[Path] = None
    line: Optional[Callable[[str], None]] = None

    def struct(self, told: Callable[[str], None]) -> RunStruct:
        def line(_user: Any, text: bytes) -> None:
            told(text.decode("utf-8", "replace"))

        shuffle = 0 if self.shuffle is None else 1 if self.shuffle else 2
        numbers = (self.epochs, self.steps, self.batch, self.log_every, self.seed, self.threads, shuffle)
        files = [None if path is None else c_path(path) for path in (self.load, self.save, self.resume, self.log)]
        return RunStruct(*numbers, *files, RunStruct.LINE(line), None)


class Values:
    """The numbers of a report: doubles, then the number of examples."""

    def __init__(self, count: int, wanted: bool = True) -> None:
        self.numbers = np.zeros(count + 1, np.float64)
        self.wanted = wanted

    def pointer(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self.numbers.ctypes.data if self.wanted else None)

    def number(self, at: int) -> float:
        return float(self.numbers[at])

    def array(self, at: int, shape: Tuple[int, ...]) -> Float64:
        return self.numbers[at : at + int(np.prod(shape))].reshape(shape)

    def examples(self) -> int:
        return int(self.numbers[-1:].view(np.int64)[0])


class Options:
    """The options of the program, as they lie in the memory of the model."""

    _native_fields: Tuple[Tuple[str, Any], ...] = ()

    def __init__(self, model: Model) -> None:
        fields: Any = list(self._native_fields)
        struct = type("OptionsStruct", (ctypes.Structure,), {"_fields_": fields})
        address = model._library.function("opts", ctypes.c_void_p)(model._handle)
        set_here = super().__setattr__
        set_here("_native_model", model)
        set_here("_native_struct", struct.from_address(address))  # type: ignore[attr-defined]
        set_here("_native_texts", {})

    def __getattr__(self, name: str) -> Any:
        if name not in dict(self._native_fields):
            raise AttributeError("there is no option %s" % name)
        value = getattr(self._native_struct, name)
        kind = dict(self._native_fields)[name]
        return value.decode("utf-8", "replace") if kind is ctypes.c_char_p else bool(value) if kind is ctypes.c_bool else value

    def __setattr__(self, name: str, value: Any) -> None:
        kinds = dict(self._native_fields)
        if name not in kinds:
            raise AttributeError("there is no option %s, only %s" % (name, ", ".join(kinds) or "none"))
        if kinds[name] is ctypes.c_char_p:
            if not isinstance(value, str):
                raise TypeError("option %s is a text" % name)
            value = self._native_texts[name] = c_text("option " + name, value.encode("utf-8"))
        elif kinds[name] is ctypes.c_bool:
            if not isinstance(value, (bool, np.bool_)):
                raise TypeError("option %s is True or False" % name)
        elif kinds[name] is ctypes.c_int32:
            value = whole("option " + name, value, -(2**31), 2**31 - 1)
        else:
            value = float(value)
        setattr(self._native_struct, name, value)


def whole(name: str, value: Any, least: int, most: int) -> int:
    """A number without a fraction, within bounds."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError("%s is %s, not a whole number" % (name, value))
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError("%s is %r, not a whole number" % (name, value)) from None
    if not least <= number <= most:
        raise ValueError("%s is %d, not in %d..%d" % (name, number, least, most))
    return number


def c_text(what: str, text: bytes) -> bytes:
    """A text as C has it, which ends at a zero byte."""
    if b"\0" in text:
        raise ValueError("%s: there is a zero byte in it" % what)
    return text


def c_path(path: Path) -> bytes:
    return c_text("a file's name", os.fsencode(path))


class View:
    """Memory of a model as an array; as long as there is such an array, there is the model."""

    def __init__(self, model: Model, interface: Dict[str, Any]) -> None:
        self.model = model
        self.__array_interface__ = interface


class Model:
    """A model with its weights, options and memory. Threads may call its exported functions at once; what changes it (steps, runs,
    load) waits for one another, and should not run while others call exports: those would see weights that change."""

    _handle: Optional[ctypes.c_void_p] = None

    def __init__(self, library: Library, checkpoint: Optional[Path], seed: int) -> None:
        self._library = library
        self._alone = threading.RLock()
        new = library.function("new", ctypes.c_void_p)
        self._handle = ctypes.c_void_p(new(seed_of(seed)))
        if not self._handle:
            library.check(-1)
        self._pid = os.getpid()
        if checkpoint is not None:
            self.load(checkpoint)

    def __del__(self) -> None:
        if self._handle and self._pid == os.getpid():  # in a forked process the threads of the model are not there
            self._library.function("free", None)(self._handle)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a model cannot be copied or pickled: save it, and load it there")

    def load(self, checkpoint: Path) -> None:
        """The weights of a checkpoint; its names and shapes must be those of the program."""
        self._file("load", checkpoint)

    def save(self, checkpoint: Path) -> None:
        """Writes a checkpoint, whole or not at all."""
        self._file("save", checkpoint)

    def _file(self, name: str, path: Path) -> None:
        with self._alone:
            code = self._library.function(name)(self._handle, c_path(path))
            self._library.check(code)

    def tensor(self, name: str) -> NDArray[Any]:
        """A tensor by its name, such as "net.fc1.w", where it lies: what is written into the array is written into the model."""
        view = TensorStruct()
        code = self._library.function("tensor")(self._handle, c_text("tensor", name.encode("utf-8")), ctypes.byref(view))
        self._library.check(code)
        dtype = np.dtype(TensorStruct.DTYPES[view.dtype])
        shape = tuple(view.dim[: view.rank])
        strides = tuple(stride * dtype.itemsize for stride in view.stride[: view.rank])
        interface = {"version": 3, "shape": shape, "typestr": dtype.str, "data": (view.data, False), "strides": strides}
        return np.asarray(View(self, interface))

    def text_codes(self, field: str, text: str) -> Int32:
        """A text as the codes of a data field, "block.field"."""
        codes = self._library.function("text_codes", ctypes.c_int64)
        field_name, content = c_text("field", field.encode("utf-8")), c_text("text", text.encode("utf-8"))
        room = len(content) + 1
        while True:
            made = np.zeros(room, np.int32)
            count = codes(self._handle, field_name, content, ctypes.c_void_p(made.ctypes.data), ctypes.c_int64(room))
            if count < 0:
                self._library.check(1)
            if count <= room:
                return made[:count]
            room = count

    def code_name(self, field: str, code: int) -> str:
        """The class, word or character that a code of a data field stands for, "block.field"."""
        name = self._library.function("code_name", ctypes.c_char_p)
        text = name(self._handle, c_text("field", field.encode("utf-8")), ctypes.c_int32(whole("code", code, -(2**31), 2**31 - 1)))
        if text is None:
            self._library.check(1)
        return str(text, "utf-8", "surrogateescape")

    def _native_plan(self, name: str, epoch: int, steps: int) -> None:
        most = 2**63 - 1
        with self._alone:
            numbers = (ctypes.c_int64(whole("epoch", epoch, 0, most)), ctypes.c_int64(whole("steps", steps, 1, most)))
            self._library.check(self._library.function(name)(self._handle, *numbers))

    def _native_run(self, name: str, run: Optional[Run], values: Values) -> None:
        """A whole run, in a thread of its own: so this one can be interrupted. It stands still while `line` is called."""
        told: queue.SimpleQueue[Optional[str]] = queue.SimpleQueue()
        heard = threading.Semaphore(0)
        wrong: List[BaseException] = []
        settings = run or Run()

        def tell(text: str) -> None:
            told.put(text)
            heard.acquire()

        struct = settings.struct(tell)

        def work() -> None:
            try:
                self._library.check(self._library.function(name)(self._handle, ctypes.byref(struct), values.pointer()))
            except BaseException as raised:
                wrong.append(raised)
            told.put(None)

        with self._alone:
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            try:
                while True:
                    text = told.get()
                    if text is None:
                        break
                    if settings.line:
                        settings.line(text)
                    heard.release()
            finally:
                self._end_run(thread, heard)
        if wrong:
            raise wrong[0]

    def _end_run(self, thread: threading.Thread, heard: threading.Semaphore) -> None:
        """A thread that is still at work is told to end, and waited for, whatever comes meanwhile."""
        while thread.is_alive():
            try:
                thread.join(0.01)
                if thread.is_alive():
                    self._library.function("stop", None)(self._handle)
                    heard.release()
            except KeyboardInterrupt:
                pass


class Call:
    """One call of an entry point: its arguments are looked at, then the function of the header is called."""

    def __init__(self, model: Model, name: str, is_export: bool) -> None:
        self.model = model
        self.name = name
        self.is_export = is_export
        self.types: Dict[str, str] = {}
        self.inputs: Dict[str, NDArray[Any]] = {}

    def take(self, name: str, value: Any, type_text: str, kind: Kind, rank: int) -> NDArray[Any]:
        """An argument as an array of C. One of numpy with the type is taken where it lies, if it is contiguous; lists are converted."""
        label = "%s: %s" % (self.name, name)
        try:
            array = np.asarray(value)
            if isinstance(value, (list, tuple, int, float)):
                array = kind.of_list(array)
        except (TypeError, ValueError) as wrong:
            raise type(wrong)("%s %s" % (label, wrong)) from None
        if array.dtype != kind.dtype:
            raise TypeError("%s is an array of %s, not of %s; .astype(numpy.%s) converts it" % (label, array.dtype, kind.dtype, kind.dtype))
        if array.ndim != rank:
            raise ValueError("%s is %s with %d axes, but the array has the shape %s" % (label, type_text, rank, array.shape))
        self.types[name] = type_text
        self.inputs[name] = np.require(array, requirements=["C", "A"])
        return self.inputs[name]

    def check(self, name: str, array: NDArray[Any], shape: Tuple[int, ...]) -> None:
        if array.shape != shape:
            raise ValueError("%s: %s is %s, here %s, but the array has the shape %s" % (self.name, name, self.types[name], shape, array.shape))
        if 0 in shape:
            raise ValueError("%s: %s has the shape %s: every size must be at least 1" % (self.name, name, shape))

    def dim(self, name: str, value: Any) -> int:
        return whole("%s: %s" % (self.name, name), value, 1, 2**63 - 1)

    def number(self, name: str, value: Any, kind: Kind) -> Any:
        """An argument without axes."""
        label = "%s: %s" % (self.name, name)
        if kind.dtype.kind == "f":
            if isinstance(value, (str, bytes)) or np.ndim(value):
                raise TypeError("%s is %r, not a number" % (label, value))
            number = float(value)
        elif kind.dtype.kind == "b":
            if not isinstance(value, (bool, np.bool_)):
                raise TypeError("%s is %r, not True or False" % (label, value))
            number = int(value)
        else:
            limits = np.iinfo(kind.dtype)
            number = whole(label, value, int(limits.min), int(limits.max))
        return kind.alone(number)

    def give(self, name: str, out: Optional[NDArray[Any]], type_text: str, kind: Kind, shape: Tuple[int, ...]) -> NDArray[Any]:
        """The array for a result: a new one, or that of the caller, which must be just so."""
        label = "%s: %s" % (self.name, name)
        if min(shape, default=1) < 1:
            raise ValueError("%s would be %s with the shape %s" % (label, type_text, shape))
        if out is None:
            return np.empty(shape, kind.dtype)
        if not isinstance(out, np.ndarray) or out.dtype != kind.dtype:
            found = "an array of %s" % out.dtype if isinstance(out, np.ndarray) else type(out).__name__
            raise TypeError("%s is %s, not an array of %s" % (label, found, kind.dtype))
        if out.shape != shape:
            raise ValueError("%s is %s, here %s, but the array has the shape %s" % (label, type_text, shape, out.shape))
        if not (out.flags.c_contiguous and out.flags.aligned and out.flags.writeable):
            raise ValueError("%s must be contiguous and writeable" % label)
        for other, array in self.inputs.items():
            if np.may_share_memory(out, array):
                raise ValueError("%s lies in the memory of %s" % (label, other))
        self.inputs[name] = out
        return out

    def run(self, *arguments: Any) -> None:
        """Integers are sizes, arrays pointers, the rest is as it should be."""
        passed: List[Any] = [self.model._handle]
        for a in arguments:
            if isinstance(a, np.ndarray):
                passed.append(ctypes.c_void_p(a.ctypes.data))
            elif isinstance(a, Values):
                passed.append(a.pointer())
            else:
                passed.append(ctypes.c_int64(a) if isinstance(a, int) else a)
        function = self.model._library.function(self.name)
        if self.is_export:
            self.model._library.check(function(*passed))
            return
        with self.model._alone:
            self.model._library.check(function(*passed))


def seed_of(seed: int) -> ctypes.c_uint64:
    return ctypes.c_uint64(whole("seed", seed, 0, 2**64 - 1))
