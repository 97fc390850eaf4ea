"""The pytest plugin: light until one of its options is given."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__: list[str] = []

_PREFIX = "--conformance-"


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Add the options of `conformance run`, each with the prefix `--conformance-`."""
    group = parser.getgroup("conformance", "conformance suite for call deletion")
    add = group.addoption
    add(_PREFIX + "contract", action="append", default=[], metavar="NAME|PATH", help="contract to check (repeatable)")
    add(_PREFIX + "target", metavar="URL|NAME", help="server under test; default: the embedded reference")
    add(_PREFIX + "state-url", metavar="URL", help="the target's provider-state URL")
    add(_PREFIX + "config", metavar="FILE", help="config file; default: conformance.toml")
    add(_PREFIX + "profile", metavar="NAME", help="full, read-only or stateless")
    add(_PREFIX + "report", metavar="DIR", help="folder of the results; default: reports/runs")
    add(_PREFIX + "seed", type=int, metavar="N", help="seed of every choice")
    add(_PREFIX + "nonce", metavar="TEXT", help="what makes the run's names its own; default: a new one each run")
    add(_PREFIX + "examples", type=int, metavar="N", help="examples a requirement; default: 30")
    add(
        _PREFIX + "select",
        action="append",
        default=[],
        metavar="RULE|REQUIREMENT",
        help="check only these (repeatable)",
    )
    add(_PREFIX + "waivers", metavar="FILE", help="known findings that don't fail the run; see `conformance waive`")
    add(_PREFIX + "strict", action="store_true", help="broken SHOULDs fail the run")


def _asked(config: "pytest.Config") -> bool:
    return bool(config.getoption("conformance_contract") or config.getoption("conformance_target"))


def pytest_configure(config: "pytest.Config") -> None:
    """Register the plugin proper, if a contract or a target was named."""
    if _asked(config):
        from conformance.suite.session import Suite

        config.pluginmanager.register(Suite(config), "conformance-suite")


def pytest_ignore_collect(collection_path: "Path", config: "pytest.Config") -> bool | None:
    """Collect the rules only when asked; leave every other path to pytest."""
    from pathlib import Path

    package = Path(__file__).parent
    inside = package in collection_path.parents or collection_path == package
    return True if inside and not _asked(config) else None
