"""The plan of a run: what is tested, against what, and what a requirement needs that is not there."""

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.contracts.contract import Contract
from conformance.contracts.loading import bundled, load
from conformance.engine.rule import Rule, rules
from conformance.engine.run import new_nonce
from conformance.results import waivers
from conformance.results.finding_database import FINDINGS_FOLDER
from conformance.results.waivers import Waiver
from conformance.targets.config import (
    DEFAULT_EXAMPLES,
    DEFAULT_REPORT,
    KEY_VARIABLE,
    PROFILES,
    Config,
    Options,
    UsageError,
    meant,
    read_config,
    target_of,
)
from conformance.targets.target import Target

__all__ = [
    "Plan",
    "check_contracts",
    "chosen_seed",
    "make_plan",
    "requirements_known",
]


@dataclass(frozen=True)
class Plan:
    """What the user asked for, checked. `target` is None for the embedded references."""

    contracts: list[Contract]
    target: Target | None
    rules: dict[str, Rule]
    profile: str
    strict: bool
    examples: int
    seed: int
    nonce: str
    selected: list[str]
    folder: Path
    waivers: list[Waiver] | None
    """None where no waiver file was named: then the verdict alone decides."""
    stored_findings: Path | None
    """Where cases that failed are kept for the next run; None in CI, where every run is the same."""

    def selects(self, requirement_id: str, rule_id: str) -> bool:
        """Whether a requirement was asked for, by itself or by its rule."""
        return not self.selected or requirement_id in self.selected or rule_id in self.selected


def make_plan(options: Options, *, seed: int | None = None) -> Plan:
    """Check options and config file and load the contracts; `seed` overrides theirs.

    Raises:
        UsageError: something asked for is unknown, or does not go together.
        ContractError: a contract can't be read.
        TargetError: the target is the vendor's production, which was not allowed.
    """
    file = read_config(options.config)
    profile = options.profile or file.profile
    if profile not in PROFILES:
        raise UsageError(f"unknown profile {profile!r}{meant(profile, PROFILES)}")
    if options.target is None and options.state_url is not None:
        raise UsageError("--state-url needs --target: the embedded references have state URLs of their own")
    if options.target is not None and not options.contracts:
        raise UsageError("--target needs --contract: which contract does the target claim to speak?")
    target = target_of(options, file)
    contracts = [load(name, target.interpretations if target else ()) for name in options.contracts or bundled()]
    known_rules = rules()
    check_contracts(contracts, known_rules)
    _check_selection(contracts, options.select)
    if target is not None:
        target.refuse_production([url for contract in contracts for url in contract.document.servers])
        _check_credential(target, contracts)
    return Plan(
        contracts=contracts,
        target=target,
        rules=known_rules,
        profile=profile,
        strict=options.strict or file.strict,
        examples=options.examples or file.examples or DEFAULT_EXAMPLES,
        seed=chosen_seed(options.seed, file) if seed is None else seed,
        nonce=options.nonce or new_nonce(),
        selected=options.select,
        folder=Path(options.report or file.report or DEFAULT_REPORT),
        waivers=_waivers(options.waivers or file.waivers, contracts),
        stored_findings=None if _in_ci() else FINDINGS_FOLDER,
    )


def _check_credential(target: Target, contracts: Sequence[Contract]) -> None:
    """Without a credential every answer would be a refusal, and every finding about the run."""
    asking = [contract.title for contract in contracts if contract.terms.security_scheme]
    if asking and not target.api_key and not target.credential_command:
        raise UsageError(
            f"{asking[0]} asks for a credential, and none is set: export {KEY_VARIABLE}, or name another variable "
            "(api_key_env) or a command (credential_command) in the config"
        )


def _in_ci() -> bool:
    return bool(os.environ.get("CI"))


def _waivers(file: str | None, contracts: list[Contract]) -> list[Waiver] | None:
    if file is None:
        return None
    return waivers.load(Path(file), requirements_known(contracts))


def requirements_known(contracts: Sequence[Contract]) -> set[str]:
    """The ids of every requirement of these contracts and of those that are bundled."""
    others = [load(name) for name in bundled() if name not in {c.vendor for c in contracts}]
    return {r.id for contract in (*contracts, *others) for r in contract.requirements}


def chosen_seed(asked: int | None, file: Config) -> int:
    """The seed of a run: the one asked for, else that of the config file, else a random one; in CI always 0."""
    if asked is not None:
        return asked
    # In CI a change of verdict must come from a change of the target, never from another draw.
    if file.seed is not None:
        return file.seed
    return 0 if _in_ci() else secrets.randbelow(2**32)


def _check_selection(contracts: list[Contract], selected: list[str]) -> None:
    known = {name for c in contracts for r in c.requirements for name in (r.id, r.rule)}
    for name in selected:
        if name not in known:
            raise UsageError(f"--select {name!r}: no such rule or requirement{meant(name, known)}")


def check_contracts(contracts: Sequence[Contract], known_rules: Mapping[str, Rule]) -> None:
    """Hold contracts against the rules that there are, and against each other.

    Raises:
        UsageError: a requirement binds no known rule, or a contract is named twice.
    """
    for contract in contracts:
        for one in contract.requirements:
            if one.rule not in known_rules:
                # It would never be tested, and nobody would see that.
                where = f"{contract.folder / 'contract.yaml'}: {one.id}"
                raise UsageError(f"{where}: no rule is called {one.rule!r}{meant(one.rule, known_rules)}")
    vendors = [contract.vendor for contract in contracts]
    for repeated in {vendor for vendor in vendors if vendors.count(vendor) > 1}:
        raise UsageError(f"{repeated} is named twice: its results would overwrite each other")
