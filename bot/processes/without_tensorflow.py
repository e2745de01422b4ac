"""Keep TensorFlow out of a process that never computes with it.

Rasa imports TensorFlow for its neural components even when a model uses none of them: seconds at
every start and hundreds of megabytes a process. Our pipeline has no such component, so the serving
process gets empty stand-ins for those modules. A model that does need TensorFlow fails at loading
with a clear error. The `rasa` command of trainers and the stock comparison are untouched.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import MutableSequence, Sequence
from typing import Any

ABSENT = frozenset({"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"})


class TensorFlowNeeded(RuntimeError):
    """A component of the model computes with TensorFlow, which this process left out."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} needs TensorFlow; serve this model with `rasa run` instead")


class _Placeholder:
    """What stands for a TensorFlow object: may be named, decorated with and subclassed, never computed with."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._arguments = arguments

    def __init_subclass__(cls, **options: Any) -> None:
        """Accept the class keywords of Keras."""

    def __class_getitem__(cls, item: Any) -> type:
        return cls

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Placeholder()

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if arguments and callable(arguments[0]) else _Placeholder()

    def __getitem__(self, item: Any) -> Any:
        return _Placeholder()

    def __or__(self, other: Any) -> Any:
        return object

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (_Placeholder,)

    def _refuse(self, *arguments: Any) -> Any:
        raise TensorFlowNeeded("this component")

    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __float__ = __int__ = __len__ = __iter__ = _refuse


class _AbsentModule(types.ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012 - what marks a package
    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name[0].isupper():
            placeholder = type(name, (_Placeholder,), {})
            setattr(self, name, placeholder)
            return placeholder
        return _Placeholder()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in ABSENT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """An absent module has nothing to run."""


def leave_out_tensorflow() -> None:
    """Give every later import of TensorFlow in this process an empty stand-in.

    Raises:
        RuntimeError: TensorFlow is already loaded.
    """
    if any(name in sys.modules and not isinstance(sys.modules[name], _AbsentModule) for name in ABSENT):
        raise RuntimeError("TensorFlow is already loaded")
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    _settle_optional_users()
    sys.meta_path.insert(0, _Finder())


def _settle_optional_users() -> None:
    """Let libraries that can do without TensorFlow find it missing, before Rasa finds a stand-in."""
    sys.modules.update(dict.fromkeys(ABSENT))  # type: ignore[arg-type]  # None means: not importable
    try:
        importlib.import_module("thinc.compat")
    finally:
        for name in ABSENT:
            sys.modules.pop(name, None)
