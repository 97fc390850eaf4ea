"""All faults of this server by name."""

from conformance.reference.cartesia.fault_rows import Row
from conformance.reference.cartesia.faults_delete import DELETE_FAULTS
from conformance.reference.cartesia.faults_marker import MARKER_FAULTS
from conformance.reference.cartesia.faults_order import ORDER_FAULTS
from conformance.reference.cartesia.faults_protocol import PROTOCOL_FAULTS
from conformance.reference.cartesia.faults_redact import REDACT_FAULTS
from conformance.reference.cartesia.faults_trace import TRACE_FAULTS

__all__ = ["FAULTS", "ROWS"]

ROWS: list[Row] = [
    *DELETE_FAULTS,
    *ORDER_FAULTS,
    *REDACT_FAULTS,
    *MARKER_FAULTS,
    *TRACE_FAULTS,
    *PROTOCOL_FAULTS,
]

FAULTS: dict[str, Row] = {row.name: row for row in ROWS}
