"""One pytest item a requirement."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts.terms import Requirement
from conformance.engine.rule import Rule
from conformance.engine.run import Run
from conformance.results.internal import describe, keep
from conformance.suite.judgement import Judgement

__all__ = ["RequirementItem"]


class RequirementItem(pytest.Item):
    """Tests one requirement of one contract when it is run, and tells what came of it.

    `judge` does the work. `-k` knows it by its requirement, rule, level and contract.
    """

    def __init__(
        self,
        *,
        run: Run,
        requirement: Requirement,
        rule: Rule,
        judge: "Callable[[RequirementItem], Judgement]",
        **given: Any,
    ) -> None:
        super().__init__(**given)
        self.target_run = run
        self.requirement = requirement
        self.rule = rule
        self._judge = judge
        self.user_properties.append(("requirement", requirement.id))
        self.extra_keyword_matches |= {requirement.id, rule.id, requirement.level, run.contract.vendor}

    def runtest(self) -> None:
        """Test the requirement; pass, fail, warn or skip as its verdict is."""
        judgement = self._judge(self)
        self.user_properties += judgement.properties
        judgement.tell()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:  # noqa: ARG002 - pytest's signature
        """What failed, in words; an error of our own by its type and place alone."""
        if isinstance(excinfo.value, pytest.fail.Exception):
            return str(excinfo.value.msg)
        keep(excinfo.value)
        return describe(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the rule stands, and the requirement's name."""
        return self.path, self.rule.body.__code__.co_firstlineno - 1, self.name
