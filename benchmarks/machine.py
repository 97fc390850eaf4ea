"""What the figures were taken on."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import conformance

__all__ = ["described"]

_LIBRARIES = ("schemathesis", "hypothesis", "urllib3", "pytest", "jsonschema-rs", "uvicorn", "starlette")


def described() -> dict[str, str]:
    """CPU, cores, memory, kernel, versions and the date, by name."""
    return {
        "CPU": _cpu(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "suite": conformance.__version__,
        **{name: version(name) for name in _LIBRARIES},
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
