"""One self-contained HTML file: every text escaped, nothing fetched, readable without JavaScript."""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report import charts, text, view
from conformance.report.evidence import Limits
from conformance.report.page import page
from conformance.results.files import RunResults
from conformance.results.printable import printable
from conformance.results.verdicts import VERDICTS

__all__ = ["LARGEST", "render", "template"]

LARGEST = 2_000_000
"""Bytes that a page may have."""

_BUDGETS = (
    Limits(body=4000, exchanges=60, examples=5, findings=60),
    Limits(body=2000, exchanges=24, examples=3, findings=40),
    Limits(body=800, exchanges=14, examples=2, findings=25),
    Limits(body=300, exchanges=8, examples=1, findings=10),
    Limits(body=120, exchanges=3, examples=1, findings=3, witnesses=False),
    Limits(body=0, exchanges=0, examples=1, findings=1, witnesses=False),
)
"""How much evidence a page shows: the first budget that fits is taken."""


def render(runs: Sequence[RunResults]) -> str:
    """The runs as one HTML file of fewer than `LARGEST` bytes wherever any budget allows it."""
    whole = ""
    for limits in _BUDGETS:
        whole = _render(runs, limits)
        if len(whole.encode()) < LARGEST:
            break
    return whole


def _render(runs: Sequence[RunResults], limits: Limits) -> str:
    pages = [page(run, limits, f"run{n}-" if len(runs) > 1 else "") for n, run in enumerate(runs, 1)]
    title = pages[0].sentence if len(pages) == 1 else f"Conformance: {text.plural(len(pages), 'run')}"
    return template("runs.html", title=title, pages=pages, kinds=_kinds(runs))


def _kinds(runs: Sequence[RunResults]) -> list[tuple[str, str]]:
    """The verdicts and levels that are there, to be filtered by."""
    verdicts = {line.verdict for run in runs for line in run.results}
    levels = {line.level for run in runs for line in run.results}
    return [(verdict, view.WORDS[verdict]) for verdict in VERDICTS if verdict in verdicts] + [
        (level, level) for level in view.LEVELS if level in levels
    ]


def template(name: str, **values: Any) -> str:
    """A template of this package, filled in; what is given is escaped wherever it is shown."""
    style, script = _file("style.css"), _file("filter.js")
    return (
        _environment()
        .get_template(name)
        .render(
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            style_hash=_hash(style),
            script_hash=_hash(script),
            **values,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "clock": text.clock,
        "cut": text.cut,
        "data": _data,
        "number": text.number,
        "place": text.place,
        "plural": text.plural,
    }
    environment.globals |= {
        "limits_of_any_check": text.LIMITS_OF_ANY_CHECK,
        "marks": view.MARKS,
        "width": charts.WIDTH,
        "words": view.WORDS,
    }
    return environment


def _shown(value: Any) -> Any:
    """What a template writes: markup of our own as it is, everything else without control characters."""
    return value if isinstance(value, Markup) else printable(str(value))


def _data(value: Any) -> str:
    """An observed value: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@cache
def _file(name: str) -> str:
    return resources.files("conformance.report").joinpath("templates", name).read_text("utf-8")


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"sha256-{digest}"
