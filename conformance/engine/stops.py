"""What ends a case, or a run, before it is judged."""

__all__ = ["Broken", "NotReached"]


class NotReached(Exception):
    """The case never reached the situation that the rule is about; the words say why."""


class Broken(Exception):
    """A requirement can't be judged: the suite, the state URL or the connection failed.

    `final` says that no other requirement of the run can be judged either.
    """

    def __init__(self, why: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(why)
