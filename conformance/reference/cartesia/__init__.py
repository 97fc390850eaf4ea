"""A correct server of Cartesia's call API, with faults and variants to choose from."""

from conformance.reference.cartesia.app import create_app
from conformance.reference.cartesia.faults import FAULTS
from conformance.reference.cartesia.states import API_KEY_PREFIX
from conformance.reference.cartesia.variants import VARIANTS

__all__ = ["API_KEY_PREFIX", "FAULTS", "VARIANTS", "create_app"]
