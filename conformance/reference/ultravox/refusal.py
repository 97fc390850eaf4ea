"""How a handler says no."""

__all__ = ["Refusal"]


class Refusal(Exception):
    """A status and a sentence instead of an answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
