"""How a violation names the request that shows it, and which exchanges it is seen by."""

from urllib.parse import quote, urlsplit

from conformance.deletion.call import Call
from conformance.http.exchange import Exchange

__all__ = ["operation", "returns", "seen"]


def operation(answer: Exchange, call_id: str) -> str:
    """Method and path of the request, the call's id written `{id}`."""
    path = urlsplit(answer.request.url).path
    return f"{answer.request.method} {path.replace(quote(call_id, safe=''), '{id}')}"


def returns(call: Call, answer: Exchange, what: str) -> str:
    """That an answer shows something which the deletion should have taken away."""
    asked = operation(answer, call.id)
    return f"{asked} returns {what}" if answer in call.deletes else f"{asked} still returns {what} after DELETE"


def seen(call: Call, answer: Exchange) -> tuple[Exchange, ...]:
    """The call as it was, its deletion, and the answer that should have been another: each once."""
    return (*(one for one in (call.shown, call.deleted) if one and one is not answer), answer)
