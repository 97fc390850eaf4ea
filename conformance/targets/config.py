"""What the user asked for: command-line options and the config file, made one."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from msgspec import Struct, convert

from conformance.contracts.contract import ContractError
from conformance.targets.target import CAPABILITIES, Target, TargetError, shown

__all__ = [
    "CONFIG_FILES",
    "DEFAULT_EXAMPLES",
    "DEFAULT_REPORT",
    "KEY_VARIABLE",
    "PROFILES",
    "Config",
    "Options",
    "UsageError",
    "config_files",
    "fitting",
    "meant",
    "nearest",
    "read_config",
    "same_url",
    "target_of",
    "toml",
]

KEY_VARIABLE = "CONFORMANCE_API_KEY"
"""Environment variable of the credential under test."""

CONFIG_FILES = Path("conformance.toml"), Path("pyproject.toml")
"""The config files that are read where none is named, in this order."""

DEFAULT_EXAMPLES = 30
"""Examples a requirement, where nobody asks for another number."""

DEFAULT_REPORT = "reports/runs"
"""The folder of results, where nobody names another."""

PROFILES = ("full", "read-only", "stateless")
"""What a user can choose to test; what a profile leaves out is not applicable."""


class UsageError(ValueError):
    """What the user asked for can't be done; the words say how to ask for it."""


@dataclass
class Options:
    """The options of a run, as the command line or pytest gives them; None means not given."""

    contracts: list[str] = field(default_factory=list)
    target: str | None = None
    state_url: str | None = None
    config: str | None = None
    profile: str | None = None
    report: str | None = None
    seed: int | None = None
    nonce: str | None = None
    examples: int | None = None
    select: list[str] = field(default_factory=list)
    strict: bool = False
    waivers: str | None = None


class Config(Struct, frozen=True, kw_only=True):
    """What a config file states; a key that is not there has its default, None where the command decides.

    `targets` are tables by name, each with the fields of a `Target` beside the variables that hold its credentials.
    """

    profile: str = "full"
    report: str | None = None
    examples: int | None = None
    seed: int | None = None
    strict: bool = False
    waivers: str | None = None
    targets: dict[str, dict[str, Any]] = {}

    def target_known_as(self, stored: str) -> str | None:
        """The name of the target that is called so in results: by its name, its table's, or its URL."""
        by_name = (name for name, stated in self.targets.items() if stored in {name, stated.get("name")})
        by_url = (name for name, stated in self.targets.items() if same_url(stored, stated["url"]))
        return next(by_name, None) or next(by_url, None)


def read_config(path: str | None) -> Config:
    """Read the config file: the one named, else `conformance.toml`, else `[tool.conformance]`, else nothing.

    Raises:
        UsageError: it can't be read, is no TOML, or has a key or value that does not fit.
    """
    files = [Path(path)] if path is not None else config_files()
    if not files:
        return Config()
    data = toml(files[0])
    return _checked(
        files[0], data.get("tool", {}).get("conformance", {}) if files[0].name == "pyproject.toml" else data
    )


def config_files() -> list[Path]:
    """The config files of this folder, the one that is read first."""
    return [file for file in CONFIG_FILES if file.is_file()]


def toml(file: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        UsageError: it can't be read, or is no TOML.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as problem:
        raise UsageError(f"{file}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise UsageError(f"{file}: not TOML: {problem}") from None


def fitting(file: Path, data: dict[str, Any], schema: str) -> dict[str, Any]:
    """What a file holds, where it fits our published schema of that name (`config`, `waivers`).

    Raises:
        UsageError: it does not fit; the words say where, and what a wrong key may have meant.
    """
    import jsonschema

    text = resources.files("conformance").joinpath(f"schemas/{schema}.schema.json").read_text("utf-8")
    worst = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(json.loads(text)).iter_errors(data))
    if worst is not None:
        raise UsageError(f"{file}: {worst.json_path}: {worst.message}{_meant(worst)}")
    return data


def _checked(file: Path, data: dict[str, Any]) -> Config:
    for name, target in fitting(file, data, "config").get("targets", {}).items():
        for capability in target.get("capabilities", {}):
            if capability not in CAPABILITIES:
                raise UsageError(
                    f"{file}: $.targets.{name}.capabilities: unknown {capability!r}{meant(capability, CAPABILITIES)}"
                )
    return convert(data, Config)


def _meant(error: Any) -> str:
    if error.validator != "additionalProperties":
        return ""
    wrong = re.findall(r"'([^']+)'", error.message)
    return meant(wrong[0], error.schema.get("properties", {})) if wrong else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, if one is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def meant(word: str, known: Iterable[str]) -> str:
    """A hint at the nearest known word, else at all of them."""
    return nearest(word, known) or f"; known are {', '.join(sorted(known))}"


def target_of(options: Options, config: Config) -> Target | None:
    """The target that the options name, by URL or by its name in the config; None for the embedded reference.

    Raises:
        UsageError: the name is unknown, a variable is not set, or a URL is none.
    """
    if options.target is None:
        return None
    stated = dict(config.targets.get(options.target, {}))
    if not stated:
        if "://" not in options.target:
            hint = meant(options.target, config.targets) if config.targets else ""
            raise UsageError(f"--target {shown(options.target)} is no URL and no target of the config file{hint}")
        stated = {"url": options.target}
    variable = stated.pop("api_key_env", KEY_VARIABLE)
    key = stated.pop("api_key", None) or os.environ.get(variable)
    if key is None and variable != KEY_VARIABLE:
        raise UsageError(f"the environment variable {variable}, named as api_key_env, is not set")
    weak = stated.pop("weak_api_key_env", None)
    if weak is not None:
        stated["weak_api_key"] = os.environ.get(weak)
        if stated["weak_api_key"] is None:
            raise UsageError(f"the environment variable {weak}, named as weak_api_key_env, is not set")
    if options.state_url is not None:
        stated["state_url"] = options.state_url
    stated["interpretations"] = tuple(stated.get("interpretations", ()))
    try:
        return Target(**{"name": options.target, **stated}, api_key=key or "")
    except (TargetError, ContractError) as problem:
        raise UsageError(str(problem)) from None


def same_url(one: str, other: str) -> bool:
    """Whether two URLs are one, but for a slash at their end and the case of scheme and host."""

    def parts(url: str) -> tuple[str, str, str]:
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        return scheme.lower(), host.lower(), f"{slash}{path}".rstrip("/")

    return "://" in one and parts(one) == parts(other)
