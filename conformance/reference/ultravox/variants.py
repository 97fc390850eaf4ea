"""Legal differences between correct servers."""

from conformance.reference.switches import Variant
from conformance.reference.wire import WIRE_VARIANTS

__all__ = ["VARIANTS"]

_STORIES = {
    "creation-up": "The order is not documented: oldest call first.",
    "creation-down": "The order is not documented: newest call first.",
    "deletion-up": "The order is not documented: oldest deletion first.",
    "largest-page-10": "No largest page size is documented; a small cap is legal.",
    "default-page-5": "No default page size is documented.",
    "short-pages": "A page may hold less than was asked for, though more follow.",
    "no-total": "`total` is not required.",
    "null-links-absent": "`next` and `previous` are not required, so null may be left out.",
    "empty-trailing-page": "A full page may be followed by an empty one: every item is still seen once.",
    "page-before-the-first": "`previous` of the first page may lead to an empty page.",
    "links-in-their-own-order": "The order of a link's parameters means nothing.",
    "filters-in-cursor": "The link may carry the cursor alone, which then keeps filters and page size.",
    "unsigned-cursors": "Cursors are opaque; bad ones may be a 404, as in Django REST Framework.",
    "refused-403": "401 and 403 are both in use for a bad key.",
    "problem-json": "The form of errors is not documented: RFC 9457 problem details.",
    "plain-text-errors": "The form of errors is not documented: plain text.",
    "lenient-sizes": "Bad page sizes may fall back to the default, as in Django REST Framework.",
    "bad-value-matches-nothing": "A filter value that cannot be understood may match nothing.",
    "null-fields-absent": "`joined` and `ended` are optional: absent is null.",
    "default-fields-absent": "`maxDuration` has a default, so it may be left out.",
    "extra-fields": "The schemas are open to more fields.",
    "times-plus-zero": "+00:00 is Z.",
    "times-plus-two": "An instant may be written with any offset: +02:00.",
    "times-minus-five": "An instant may be written with any offset: -05:00, often another day.",
    "times-in-milliseconds": "No precision is promised: milliseconds.",
    "times-in-seconds": "No precision is promised: seconds.",
    "times-trimmed": "A fraction may lose its trailing zeros.",
    "search-call-id-only": "What search looks at is not documented: the call's id.",
    "search-finds-erased-text": "What search looks at is not documented: no answer shows the text, so it is observed.",
    "agents-repeated-only": "The document has repeated parameters; a comma form is not promised.",
    "inverted-ranges-refused": "A range whose end lies before its start is no lawful question: it may be refused.",
    "associations-shown": "Filters go on to know a deleted call's agent, voice and metadata: showing them is legal.",
    "search-by-likeness": "What search finds is not documented: something may be near to any text.",
    "cursors-are-places": "Cursors are opaque: one that was altered may lawfully name another place.",
    "numbered-cursors": "Cursors are opaque: a number of a place that the server keeps.",
    "lenient-base64": "A decoder may pass over padding, and over letters that mean nothing.",
    "scheme-in-capitals": "The scheme of a URI has no case (RFC 3986, 3.1).",
    "previous-on-plain-lists": "`previous` is not required, and so may be missing where filters are used.",
    "keys-in-changing-order": "The members of a JSON object have no order.",
    "instants-kept-in-seconds": "No precision is promised: an instant may be stored in whole seconds, and told so.",
    "midnight-span-refused": "A start later than the end is not documented: it may be refused.",
}

VARIANTS: dict[str, Variant] = {name: Variant(name, story) for name, story in _STORIES.items()} | WIRE_VARIANTS
