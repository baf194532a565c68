"""Keeping torch's compiler out of memory: torchvision and timm load it, and nothing is compiled here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_PACKAGE = "torch._dynamo"
_NAMES = (_PACKAGE, f"{_PACKAGE}.utils")


@contextmanager
def deferred_compiler() -> Iterator[None]:
    """Inside the block, ``torch._dynamo`` and its ``utils`` stand there by name and are loaded only if
    something of them is used, other than the mark that a function is not to be compiled.

    torchvision asks them for one function that it never calls here, and timm for that mark; loading them for
    it took 1.3 s of the 4.3 s to a loaded model, and 45 to 90 MB. Afterwards whoever imports them gets them.
    """
    import torch

    if _PACKAGE in sys.modules:
        yield
        return
    for name in _NAMES:
        sys.modules[name] = _Deferred(name)
    try:
        yield
    finally:
        _step_aside()
        if isinstance(vars(torch).get("_dynamo"), _Deferred):
            del torch._dynamo


class _Deferred(ModuleType):
    """A module that is loaded when it is first asked for something."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "disable" and self.__name__ == _PACKAGE:
            return _left_as_it_is
        if name == "is_compile_supported":
            return self._supports
        return getattr(_loaded(self.__name__), name)

    def _supports(self, device: str) -> bool:
        return bool(_loaded(self.__name__).is_compile_supported(device))


def _left_as_it_is(function: Any = None, *_: object, **__: object) -> Any:
    """The mark, with or without arguments: what is never compiled needs none."""
    return _left_as_it_is if function is None else function


def _loaded(name: str) -> ModuleType:
    _step_aside()
    return importlib.import_module(name)


def _step_aside() -> None:
    for name in _NAMES:
        if isinstance(sys.modules.get(name), _Deferred):
            del sys.modules[name]
