"""Flask: our own routes below /__mock; every module of this folder adds its own to the blueprint."""

from importlib import import_module
from pkgutil import iter_modules

from mock_klaviyo.control.answering import blueprint

__all__ = ["blueprint"]

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
