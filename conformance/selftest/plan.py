"""Which trials there are, and carrying them out side by side."""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from conformance.reference.server import package
from conformance.selftest.trial import Outcome, Trial, attempt

__all__ = ["COMBINATIONS", "carry_out", "part_of", "trials"]

COMBINATIONS = 6
"""Sets of three variants that are tried together, for each contract and seed."""


def trials(contract: str, seed: int, depth: int) -> list[Trial]:
    """Every trial of a contract's reference: as it is, each variant, some threes of them, and each fault.

    The full runs come first: they take longest, and the short ones then fill the gaps.

    Raises:
        LookupError: the contract has no embedded reference.
    """
    reference = package(contract)
    variants = sorted(reference.VARIANTS)
    chance = random.Random(f"{seed}:{contract}")  # noqa: S311 - no secret
    threes = [tuple(chance.sample(variants, 3)) for _ in range(COMBINATIONS)]
    # Slow answers take longest of all.
    alone = [(name,) for name in sorted(variants, key=lambda name: not name.startswith("slow"))]
    return [
        *(Trial(contract, "variant", names, seed, depth) for names in alone),
        *(Trial(contract, "variant", names, seed + number, depth) for number, names in enumerate(threes)),
        Trial(contract, "correct", (), seed, depth),
        *(Trial(contract, "fault", (name,), seed, depth) for name in reference.FAULTS),
    ]


def part_of(planned: Sequence[Trial], number: int, parts: int) -> list[Trial]:
    """One of several equal parts of the trials, from 1: drawn by a fixed seed, and together they are all."""
    order = list(range(len(planned)))
    random.Random(parts).shuffle(order)  # noqa: S311 - no secret
    return [planned[place] for place in sorted(order[number - 1 :: parts])]


def carry_out(planned: Sequence[Trial], workers: int, say: Callable[[str], None]) -> Iterator[Outcome]:
    """Carry the trials out in processes of their own, and tell each as it ends."""
    began = time.monotonic()
    # Workers start afresh: a copy of a process with threads may stand still for ever.
    afresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=afresh) as pool:
        running = [pool.submit(attempt, trial) for trial in planned]
        try:
            for number, future in enumerate(as_completed(running), 1):
                outcome = future.result()
                say(f"{time.monotonic() - began:7.1f} s  [{number}/{len(planned)}] {_line(outcome)}")
                yield outcome
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _line(outcome: Outcome) -> str:
    what = f"{outcome.contract} {outcome.kind} {outcome.name}"
    if outcome.kind == "fault":
        others = ", ".join([*outcome.rules, *outcome.errors]) or "none"
        return f"caught  {what} by {outcome.rule}" if outcome.caught else f"MISSED  {what} by {outcome.rule}: {others}"
    return f"clean   {what}" if outcome.good else f"FLAGGED {what}: {'; '.join([*outcome.findings, *outcome.errors])}"
