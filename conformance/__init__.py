"""A conformance suite for interfaces that delete voice-agent call data and list what was deleted."""

__all__ = ["__version__"]

__version__ = "0.1.0"
