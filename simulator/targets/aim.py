"""Aim: which target the command line or a scenario asks for, with secrets and trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from simulator.delivery import Delivery
from simulator.mapping.mapping import KLAVIYO
from simulator.server import Control
from simulator.targets.choosing import TargetSpec, target, target_spec
from simulator.targets.surroundings import PATIENCE, Surroundings, TargetError
from simulator.targets.target import Target
from simulator.vendor import Vendor

BUILTIN = target_spec("builtin")


@dataclass(frozen=True)
class Aim:
    """A target that is asked for; `spec` None leaves it to the scenario, and else to our own mapping."""

    spec: TargetSpec | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    is_python_allowed: bool = False
    patience: timedelta = PATIENCE

    @property
    def is_own(self) -> bool:
        """Whether it is our own mapping, unless a scenario says otherwise."""
        return self.spec is None or self.spec.kind == BUILTIN.kind

    def at(self, spec: TargetSpec) -> Aim:
        """The same for another target."""
        return replace(self, spec=spec)

    @classmethod
    def asked(cls, told: str | None, secrets: Sequence[str] = (), *, is_python_allowed: bool = False) -> Aim:
        """What the options of a command say; a secret may be one vendor's, `smile=…`."""
        spec = None if told is None else target_spec(told)
        return cls(spec, dict(map(secret, secrets)), is_python_allowed)

    def target(
        self,
        vendors: Mapping[str, Vendor],
        wire: tuple[Delivery, Control] | None = None,
        *,
        otherwise: TargetSpec | None = None,
        folders: Sequence[Path] = (),
        destinations: Sequence[str] = (KLAVIYO,),
    ) -> Target:
        """The target, which may call the Klaviyo at the end of a wire; code is taken from here and from `folders`."""
        delivery, control = wire or (None, None)
        surroundings = Surroundings(
            vendors,
            control=control,
            klaviyo=delivery.destination if delivery else None,
            secrets=self.secrets,
            folders=(*folders, Path.cwd()),
            is_python_allowed=self.is_python_allowed,
            patience=self.patience,
            destinations=destinations,
        )
        return target(self.spec or otherwise or BUILTIN, surroundings)


OWN = Aim()
"""Our own mapping, unless a scenario says otherwise."""


def secret(text: str) -> tuple[str, str]:
    """A secret and the vendor that it is of, "" for all.

    >>> secret("smile=abc"), secret("abc"), secret("whsec_YWJj=")
    (('smile', 'abc'), ('', 'abc'), ('', 'whsec_YWJj='))
    """
    from simulator.vendors import vendors

    vendor, equals, value = text.partition("=")
    if equals and vendor in vendors():
        if not value:
            raise TargetError(f"--webhook-secret {text}: say {vendor}=SECRET")
        return vendor, value
    return "", text
