# SPDX-License-Identifier: Apache-2.0
"""libaxgen by ctypes: include/axgen.h in Python's words, errors as exceptions, a caller that watches."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import re
import signal
import threading
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_int16, c_int32, c_int64, c_size_t, c_uint8, c_uint64, c_void_p
from pathlib import Path
from typing import Any, Callable, Optional

from ._version import __version__

#: Told what is being done, how much of it is done and how much there is (0: not known). Returning False stops it.
Progress = Callable[[str, int, int], Optional[bool]]


class Error(Exception):
    """Something axgen refused, in the words of the program."""


class InputError(Error, ValueError):
    """What was given is at fault."""


class UsageError(Error, TypeError):
    """There is no such verb or option."""


class ToolError(Error, RuntimeError):
    """Yosys, Verilator or another tool is missing or failed."""


class CheckError(Error, AssertionError):
    """What was checked does not hold: the hardware differs from the emulator."""


class Stopped(Error):
    """The progress function said so."""


_ERRORS = {1: InputError, 2: UsageError, 3: ToolError, 4: CheckError, 130: Stopped}


class Signature(ctypes.Structure):
    _fields_ = [("a_bits", c_int), ("b_bits", c_int), ("p_bits", c_int), ("a_signed", c_bool), ("b_signed", c_bool),
                ("p_signed", c_bool), ("exact", c_bool)]


class Errors(ctypes.Structure):
    _fields_ = [("mae", c_double), ("wce", c_double), ("mse", c_double), ("variance", c_double), ("bias", c_double),
                ("error_probability", c_double), ("mre", c_double), ("exhaustive", c_bool)]


class LayerInfo(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("op", c_char_p), ("channels", c_int), ("height", c_int), ("width", c_int),
                ("weights", c_int64), ("filters", c_int64), ("kernels", c_int64), ("multiplications", c_int64)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("type", c_int), ("channels_last", c_bool)]


class ResultInfo(ctypes.Structure):
    _fields_ = [("images", c_size_t), ("correct", c_size_t), ("loss", c_double)]


_GO_ON = ctypes.CFUNCTYPE(c_bool, c_void_p, c_char_p, c_uint64, c_uint64)


class _Watch(ctypes.Structure):
    _fields_ = [("go_on", _GO_ON), ("user", c_void_p)]


SONAME = "libaxgen.so.0.1"  # before 1.0 the ABI may change from one minor version to the next


def _candidates() -> list[str]:
    named = os.environ.get("AXGEN_LIBRARY")
    if named:
        return [named]
    here = Path(__file__).resolve()
    near = [here.parents[2] / "build" / "libaxgen.so"]  # the source tree
    near += [folder / SONAME for up in list(here.parents)[1:5] for folder in (up, up / "lib")]
    found = [str(path) for path in near if path.exists()]
    return found + [SONAME]


def _load() -> ctypes.CDLL:
    tried = []
    for name in _candidates():
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            tried.append(str(error))
    raise ImportError(f"axgen: {SONAME} was not found (`make lib` or `make install` of axgen; "
                      "$AXGEN_LIBRARY names it): " + "; ".join(tried))


lib = _load()
_Errors = POINTER(c_void_p)
_SIGNATURES = {
    "axgen_version": (c_char_p, []),
    "axgen_error_code": (c_int, [c_void_p]),
    "axgen_error_text": (c_char_p, [c_void_p]),
    "axgen_error_free": (None, [c_void_p]),
    "axgen_free": (None, [c_void_p]),
    "axgen_mul_new": (c_void_p, [c_char_p, _Errors]),
    "axgen_mul_from_table": (c_void_p, [c_char_p, POINTER(Signature), c_void_p, _Errors]),
    "axgen_mul_free": (None, [c_void_p]),
    "axgen_mul_name": (c_char_p, [c_void_p]),
    "axgen_mul_signature": (Signature, [c_void_p]),
    "axgen_mul_table": (POINTER(c_int32), [c_void_p]),
    "axgen_mul_product": (c_int64, [c_void_p, c_int32, c_int32]),
    "axgen_mul_errors": (Errors, [c_void_p]),
    "axgen_mul_verilog": (c_void_p, [c_void_p, _Errors]),
    "axgen_mul_write": (c_bool, [c_void_p, c_char_p, c_char_p, _Errors]),
    "axgen_net_read": (c_void_p, [c_char_p, _Errors]),
    "axgen_net_quantize_watched": (c_void_p, [c_void_p, c_void_p, c_size_t, POINTER(c_char_p), POINTER(_Watch), _Errors]),
    "axgen_net_export": (c_bool, [c_void_p, c_char_p, c_bool, _Errors]),
    "axgen_net_write": (c_bool, [c_void_p, c_char_p, _Errors]),
    "axgen_net_free": (None, [c_void_p]),
    "axgen_net_name": (c_char_p, [c_void_p]),
    "axgen_net_is_quantised": (c_bool, [c_void_p]),
    "axgen_net_layers": (c_size_t, [c_void_p]),
    "axgen_net_layer": (LayerInfo, [c_void_p, c_size_t]),
    "axgen_net_find": (c_int, [c_void_p, c_char_p]),
    "axgen_net_describe": (c_void_p, [c_void_p, c_size_t, _Errors]),
    "axgen_net_weights": (POINTER(c_int16), [c_void_p, c_size_t]),
    "axgen_net_with": (c_void_p, [c_void_p, POINTER(c_void_p), POINTER(c_void_p), _Errors]),
    "axgen_config_read": (c_void_p, [c_char_p, _Errors]),
    "axgen_config_free": (None, [c_void_p]),
    "axgen_config_net": (c_void_p, [c_void_p]),
    "axgen_config_muls": (c_size_t, [c_void_p]),
    "axgen_config_mul": (c_void_p, [c_void_p, c_size_t]),
    "axgen_config_assignment": (c_int, [c_void_p, c_size_t, POINTER(POINTER(c_uint8)), POINTER(c_size_t)]),
    "axgen_operator_new": (c_void_p, [c_void_p, c_int, POINTER(c_void_p), c_size_t, _Errors]),
    "axgen_operator_free": (None, [c_void_p]),
    "axgen_operator_set": (c_bool, [c_void_p, c_int, POINTER(c_uint8), c_size_t, _Errors]),
    "axgen_operator_weights": (c_bool, [c_void_p, c_void_p, c_void_p, _Errors]),
    "axgen_operator_run": (c_bool, [c_void_p, POINTER(Tensor), c_size_t, POINTER(Tensor), _Errors]),
    "axgen_evaluator_new": (c_void_p, [c_void_p, POINTER(c_void_p), c_size_t, c_void_p, c_void_p, c_size_t, _Errors]),
    "axgen_evaluator_free": (None, [c_void_p]),
    "axgen_evaluator_set": (c_bool, [c_void_p, c_int, c_int, POINTER(c_uint8), c_size_t, _Errors]),
    "axgen_evaluator_run": (c_bool, [c_void_p, c_size_t, c_size_t, c_void_p, POINTER(ResultInfo), POINTER(_Watch), _Errors]),
    "axgen_evaluator_scale": (c_bool, [c_void_p, POINTER(c_double), POINTER(c_int32)]),
    "axgen_evaluator_corrected": (c_void_p, [c_void_p, c_size_t, POINTER(_Watch), _Errors]),
    "axgen_run": (c_void_p, [c_char_p, POINTER(c_char_p), POINTER(_Watch), _Errors]),
}
for _name, (_result, _arguments) in _SIGNATURES.items():
    getattr(lib, _name).restype = _result
    getattr(lib, _name).argtypes = _arguments
if lib.axgen_version().decode().split(".")[:2] != __version__.split(".")[:2]:
    raise ImportError(f"axgen: the library is of version {lib.axgen_version().decode()}, the package of {__version__}")


#: By which what a function made is given back.
_FREE = {"axgen_mul_new": "axgen_mul_free", "axgen_mul_from_table": "axgen_mul_free", "axgen_net_read": "axgen_net_free",
         "axgen_net_quantize_watched": "axgen_net_free", "axgen_evaluator_new": "axgen_evaluator_free", "axgen_mul_verilog": "axgen_free",
         "axgen_net_describe": "axgen_free", "axgen_net_with": "axgen_net_free", "axgen_operator_new": "axgen_operator_free",
         "axgen_config_read": "axgen_config_free", "axgen_evaluator_corrected": "axgen_net_free",
         "axgen_run": "axgen_free"}


#: Of folders for networks that come from memory: places in their files, gone when something is said of them, tell nobody anything.
PASSING = "axgen-passing-"
_PASSED = re.compile(r"\S*/" + PASSING + r"\w+/net\.yaml:\d+:\d+: ")
_EXCERPT = re.compile(r"^ *\d* \| .*\n?", re.MULTILINE)


def call(function: str, *arguments: object) -> object:
    """Calls with a place for an error at the end, and raises what is put there. Warnings become Python's."""
    error = c_void_p()
    result = getattr(lib, function)(*arguments, byref(error))
    code = lib.axgen_error_code(error)
    said = lib.axgen_error_text(error).decode(errors="replace").rstrip("\n")
    lib.axgen_error_free(error)
    if _PASSED.search(said):
        said = _EXCERPT.sub("", _PASSED.sub("axgen: ", said)).rstrip("\n")
    if result is None or result is False:
        raise _ERRORS.get(code, Error)(said)
    if said:
        import warnings

        try:
            warnings.warn(said, stacklevel=3)
        except Warning:  # the user makes errors of them
            if function in _FREE:
                getattr(lib, _FREE[function])(result)
            raise
    return result


def text(value: Any, what: str) -> bytes:
    """A name or path as C has it. Raises TypeError for what is neither, ValueError for one that C would cut short."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise TypeError(f"{what}: expected a string or a path, found {value!r}")
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError(f"{what}: a NUL character in {value!r}")
    return encoded


def take_text(pointer: object) -> str:
    """A string that the library hands over."""
    text = ctypes.cast(pointer, c_char_p).value.decode(errors="replace")  # type: ignore[union-attr]
    lib.axgen_free(pointer)
    return text


class Watched:
    """Lets Ctrl-C and `progress` stop a call: `with Watched(progress) as watch: call(..., watch.argument)`.

    Python's handlers of signals run only in Python; here that is when the library asks how to go on.
    """

    def __init__(self, progress: Progress | None):
        self._raised: BaseException | None = None
        self._signal: int | None = None
        self._before: Any = None

        def go_on(_user: object, label: bytes, done: int, total: int) -> bool:
            try:
                going = progress is None or progress(label.decode(errors="replace"), done, total) is not False
                return going and self._signal is None
            except BaseException as error:  # noqa: BLE001: it goes on behind the call
                self._raised = error
                return False

        self._watch = _Watch(_GO_ON(go_on), None)
        self.argument = byref(self._watch)

    def __enter__(self) -> "Watched":
        def note(number: int, _frame: object) -> None:
            self._signal = number

        if threading.current_thread() is threading.main_thread():
            self._before = signal.getsignal(signal.SIGINT)
            if callable(self._before):
                signal.signal(signal.SIGINT, note)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if callable(self._before):
            signal.signal(signal.SIGINT, self._before)
            if self._signal is not None:
                self._before(self._signal, None)  # as a rule it raises KeyboardInterrupt
        if self._raised is not None:
            raise self._raised from (None if isinstance(error, Stopped) else error)


def strings(words: list[str]) -> object:
    """An array of C strings that ends with NULL."""
    return (c_char_p * (len(words) + 1))(*[text(word, "argument") for word in words], None)
