"""Python: a user's function as a target, named `package.module:function`."""

from __future__ import annotations

import asyncio
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from inspect import Parameter, isawaitable, signature, unwrap
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from simulator.event import VendorEvent
from simulator.mapping.requests import KlaviyoRequest
from simulator.targets import reading
from simulator.targets.surroundings import Surroundings, TargetError
from simulator.targets.target import Handover, TargetFault
from simulator.webhook import Webhook

FORM = "python: package.module:function"
CONTRACT = ("vendor", "event", "headers", "payload")
"""What a function is called with by position."""

LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))


class PythonFunction:
    """A function that is called for each event and gives requests, or calls Klaviyo itself."""

    def __init__(self, path: str, surroundings: Surroundings) -> None:
        self.name = f"python:{path}"
        self._surroundings = surroundings
        self._function = imported(path, surroundings)
        self.place = place_of(self._function)
        self._names = asked_names(self._function, path, self.place)

    def receive(self, event: VendorEvent, sent: Webhook, handover: Handover) -> Iterator[KlaviyoRequest]:
        """Call the function; what it prints goes to standard error."""
        known = self._known(event, sent)
        try:
            with redirect_stdout(sys.stderr):
                given = list(reading.requests(self._call(known), event.id, self.place))
        except TargetFault:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 a user's function may raise whatever it likes
            if handover.is_genuine:
                raise fault_of(error, self.place) from None
            return  # an exception is how a function refuses what is not signed
        yield from given

    def close(self) -> None:
        """Nothing to end."""

    def _call(self, known: Mapping[str, Any]) -> Any:
        if self._names is None:
            given = self._function(*(known[name] for name in CONTRACT))
        else:
            given = self._function(**{name: known[name] for name in self._names})
        return asyncio.run(awaited(given)) if isawaitable(given) else given

    def _known(self, event: VendorEvent, sent: Webhook) -> Mapping[str, Any]:
        """What a function may ask for, by the name of its argument."""
        return {
            "vendor": event.vendor,
            "event": event.name,
            "headers": dict(sent.headers),
            "payload": event.payload,
            "body": sent.body,
            "customer": event.customer,
            "id": event.id,
            "occurred_at": event.occurred_at,
            "secret": self._surroundings.secret(event.vendor),
            "klaviyo": self._surroundings.klaviyo,
        }


KNOWN = ("vendor", "event", "headers", "payload", "body", "customer", "id", "occurred_at", "secret", "klaviyo")
"""The arguments that a function may have, in any order."""


async def awaited(given: Any) -> Any:
    """What comes of something awaitable."""
    return await given


def imported(path: str, surroundings: Surroundings) -> Callable[..., Any]:
    """The function that a path names; its module must stand in a trusted folder."""
    module, colon, name = path.partition(":")
    if not colon or not module or not name:
        raise TargetError(f"target {path!r} must be {FORM}")
    trust(module.partition(".")[0], surroundings)
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # noqa: BLE001 importing runs the user's code
        fault = fault_of(error, "")
        where = f" at {fault.place}" if fault.place else ""
        raise TargetError(f"target {path} cannot be imported: {fault.got}{where}") from None
    if not callable(found):
        raise TargetError(f"target {path} is no function but {reading.shown(found)}")
    return found  # type: ignore[no-any-return]


def trust(package: str, surroundings: Surroundings) -> None:
    """Make a package importable if it stands in a trusted folder, or if any code is allowed."""
    folders = [str(folder.resolve()) for folder in surroundings.folders]
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    if surroundings.is_python_allowed or in_folders(PathFinder.find_spec(package), folders):
        return
    asked = " or ".join(folders) or "any trusted folder"
    found = PathFinder.find_spec(package)
    where = f"{found.origin or package} is outside of" if found else f"there is no {package} in"
    raise TargetError(f"target: {where} {asked}, the only folders that code is taken from; --allow-python takes any")


def in_folders(found: ModuleSpec | None, folders: Sequence[str]) -> bool:
    """Whether a module or package was found in one of some folders, and not among installed libraries below them."""
    if found is None:
        return False
    places = [found.origin] if found.origin else [*(found.submodule_search_locations or ())]
    return any(
        Path(place).is_relative_to(folder) and not any(Path(place).is_relative_to(library) for library in LIBRARIES)
        for place in places
        for folder in folders
    )


def asked_names(function: Callable[..., Any], path: str, place: str) -> Sequence[str] | None:
    """Which of the known arguments a function asks for; None when it takes vendor, event, headers, payload in order."""
    parameters = signature(function).parameters.values()
    if any(one.kind is Parameter.VAR_KEYWORD for one in parameters):
        return KNOWN
    named = [one.name for one in parameters if one.name in KNOWN and one.kind is not Parameter.POSITIONAL_ONLY]
    if all(one.name in named or one.default is not Parameter.empty for one in parameters):
        return named
    try:
        signature(function).bind(*CONTRACT)
    except TypeError:
        raise TargetError(
            f"target {path} at {place} must take {', '.join(CONTRACT)}, or arguments named {', '.join(KNOWN)}"
        ) from None
    return None


def place_of(function: Callable[..., Any]) -> str:
    """File and line of a function."""
    code = getattr(unwrap(function), "__code__", None) or getattr(type(function).__call__, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else ""


def fault_of(error: BaseException, otherwise: str) -> TargetFault:
    """What a user's code raised, and the last line of its own that led to it."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place = last_place(error.__traceback__)
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
    return TargetFault("no exception", text, place=place or otherwise)


def last_place(traceback: TracebackType | None) -> str:
    """The last place of a traceback that is neither ours nor of a library."""
    ours = str(Path(__file__).parents[1])
    places = [
        f"{frame.filename}:{frame.lineno}"
        for frame in extract_tb(traceback)
        if not frame.filename.startswith(("<", f"{ours}/", *(f"{library}/" for library in LIBRARIES)))
    ]
    return places[-1] if places else ""
