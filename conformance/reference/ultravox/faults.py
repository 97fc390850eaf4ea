"""All faults of the Ultravox reference by name."""

from conformance.reference.switches import Fault
from conformance.reference.ultravox.faults_filters import FILTER_FAULTS
from conformance.reference.ultravox.faults_links import LINK_FAULTS
from conformance.reference.ultravox.faults_protocol import PROTOCOL_FAULTS
from conformance.reference.ultravox.faults_tombstones import TOMBSTONE_FAULTS
from conformance.reference.ultravox.faults_walks import WALK_FAULTS
from conformance.reference.ultravox.situation import Situation

__all__ = ["ALL_FAULTS", "FAULTS"]

ALL_FAULTS = (*WALK_FAULTS, *LINK_FAULTS, *TOMBSTONE_FAULTS, *FILTER_FAULTS, *PROTOCOL_FAULTS)

FAULTS: dict[str, Fault[Situation]] = {fault.name: fault for fault in ALL_FAULTS}
