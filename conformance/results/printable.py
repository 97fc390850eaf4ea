"""A text as a terminal, a page or a line of a report may have it: a target's words stand in it."""

__all__ = ["one_line", "printable"]


def printable(text: str) -> str:
    """The text without what would steer a terminal or a page, or can't be encoded: a target's words stand in it."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _spelled(c) for c in text)


def _spelled(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """The text printable and without line breaks."""
    return printable(" ".join(text.split()))
