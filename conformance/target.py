"""What the user says of the server under test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["CAPABILITIES", "Target", "TargetError"]

CAPABILITIES = ("states", "accounts", "failures", "get", "list", "cancel", "recording", "logs", "create", "remove")
"""What a target may be able to do beyond the operation its contract is about."""


class TargetError(ValueError):
    """The target's description can't be used."""


@dataclass(frozen=True)
class Target:
    """A server under test and how to treat it.

    Times are in seconds, `rate` in requests a second, sizes in bytes. `capabilities` holds what the
    user declared present (True) or absent (False); the rest is detected. `preloaded` holds ids that
    the user gives away, by what they are (a status, `zero_retention`, or `deleted`). `deadline` bounds
    the run, `max_calls` how many calls it may set up. `embedded` is true only
    for the reference server that the suite itself started.
    """

    url: str
    api_key: str = field(default="", repr=False)
    state_url: str | None = None
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    state_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    interpretations: tuple[str, ...] = ()
    settle_seconds: float = 0.0
    clock_skew_seconds: float = 5.0
    timeout: float = 10.0
    max_answer_bytes: int = 16 * 1024 * 1024
    rate: float | None = None
    public_origin: str | None = None
    preloaded: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    deadline: float | None = None
    max_calls: int | None = None
    allow_production: bool = False
    embedded: bool = False

    def __post_init__(self) -> None:
        for url in (self.url, self.state_url):
            if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
                raise TargetError(f"{url!r} is no http or https URL")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the target."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def known_as(self) -> str:
        """What the target is called from run to run: its name in the config, else its URL."""
        return (self.name or self.url).rstrip("/")

    def refuse_production(self, servers: list[str]) -> None:
        """Hold the target against the servers that the contract's document names.

        Raises:
            TargetError: it is one of them, and production was not allowed.
        """
        hosts = {urlsplit(server).hostname for server in servers}
        if urlsplit(self.url).hostname in hosts and not self.allow_production:
            raise TargetError(
                f"{urlsplit(self.url).hostname} is the vendor's production: deletion there can't be undone. "
                "Set allow_production = true in the config file to go on."
            )
