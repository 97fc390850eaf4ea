"""Embedded reference of the Ultravox contract: a cursor-paginated, filterable list of deleted calls."""

from conformance.reference.ultravox.app import create_app
from conformance.reference.ultravox.faults import FAULTS
from conformance.reference.ultravox.variants import VARIANTS

__all__ = ["API_KEY_PREFIX", "FAULTS", "VARIANTS", "create_app"]

API_KEY_PREFIX = ""
