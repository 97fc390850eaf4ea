"""Check the files that a run reads, without a target."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.contracts.contract import Contract, ContractError
from conformance.contracts.loading import load
from conformance.engine.plan import check_contracts, requirements_known
from conformance.engine.rule import rules
from conformance.results import waivers
from conformance.targets.config import CONFIG_FILES, UsageError, config_files, read_config, toml

__all__ = ["problems"]


def problems(files: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each file and what is wrong with it; nothing where it is good.

    A TOML file that has waivers is a waiver file, any other a config. A YAML file stands for the contract
    whose folder it lies in; its requirements may be waived by waiver files that are checked with it.
    """
    chosen = list(files) or _read_here()
    contracts: list[Contract] = []
    # Waivers come last: they are held against the contracts.
    for file in sorted(chosen, key=_is_waivers):
        try:
            _check(file, contracts)
        except (UsageError, ContractError) as problem:
            yield file, str(problem)
        else:
            yield file, ""


def _read_here() -> list[Path]:
    config = config_files()[:1]
    named = read_config(None).waivers
    file = Path(named) if named else waivers.DEFAULT_FILE
    return config + ([file] if named or file.is_file() else [])


def _is_waivers(file: Path) -> bool:
    if file.suffix != ".toml" or Path(file.name) in CONFIG_FILES:
        return False
    try:
        return "waiver" in file.name or "waiver" in toml(file)
    except UsageError:
        return False


def _check(file: Path, contracts: list[Contract]) -> None:
    if _is_waivers(file):
        waivers.load(file, requirements_known(contracts))
    elif file.suffix == ".toml":
        read_config(str(file))
    elif (file.parent / "contract.yaml").is_file():
        contract = load(str(file.parent))
        check_contracts([contract], rules())
        contracts.append(contract)
    else:
        raise UsageError(f"{file}: neither a config, nor a waiver file, nor part of a contract")
