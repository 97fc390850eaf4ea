"""Does a page of the reference list cost the same at the start and at the end of a long list?

`python -m benchmarks.page_cost [ITEMS]` (default 1,000,000) fills one account of the embedded reference and walks it
whole at page size 100. It prints the median time of a page in the first and in the last tenth of the walk and their
ratio, all taken in one walk on one machine.
"""

import json
import statistics
import sys
import time
from urllib.parse import urlsplit

import urllib3

from conformance.reference.server import Reference

PAGE, BATCH = 100, 100
_HTTP = urllib3.PoolManager()


def fill(reference: Reference, items: int) -> None:
    """Set deleted calls up, a batch at a time, and say how far it is."""
    body = json.dumps({"action": "setup", "state": "deleted calls exist", "params": {"calls": [{}] * BATCH}})
    for done in range(0, items, BATCH):
        _HTTP.request("POST", reference.state_url, body=body, headers={"content-type": "application/json"})
        if done % 100_000 == 0:
            print(f"{done:,} of {items:,} calls", file=sys.stderr)


def walk(reference: Reference) -> list[float]:
    """Follow the list to its end; the seconds that each page took."""
    origin, path = reference.url, f"/api/deleted_calls?pageSize={PAGE}"
    seconds: list[float] = []
    while path:
        began = time.perf_counter()
        answer = _HTTP.request("GET", origin + path, headers={"X-API-Key": reference.api_key})
        seconds.append(time.perf_counter() - began)
        following = json.loads(answer.data)["next"]
        path = "" if following is None else "{0.path}?{0.query}".format(urlsplit(following))
    return seconds


def main() -> None:
    """Measure and print."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with Reference("ultravox") as reference:
        fill(reference, items)
        # The first page also counts the list, once after the writes.
        seconds = walk(reference)[1:]
    tenth = max(1, len(seconds) // 10)
    first, last = statistics.median(seconds[:tenth]), statistics.median(seconds[-tenth:])
    print(f"{items:,} items, {len(seconds) + 1:,} pages of {PAGE}")
    print(f"median page, first tenth {first * 1000:.2f} ms, last tenth {last * 1000:.2f} ms, ratio {last / first:.2f}")


if __name__ == "__main__":
    main()
