"""The pages in a real browser: headings, filters, links, contrast, and that nothing is fetched."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.report import compat, html
from conformance.report.view import View
from conformance.results.files import RunResults
from tests.conftest import FinishedRun
from tests.report.browser import MISSING, Browser, browser
from tests.report.reports import NASTY, accepted, exchange, finding, result, run, telling

# Who changes no page need not install a browser; .ci/run does.
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"no browser test: {MISSING}")

HOSTILE = f"{NASTY}<script>document.title='taken'</script><img src=http://198.51.100.1/x onerror=alert(1)>"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, faulty_run: FinishedRun) -> dict[str, Path]:
    """Every kind of page that there is."""
    folder = tmp_path_factory.mktemp("pages")
    broken, good = telling(), run("conformant", result("a.pass", "pass"), result("b.seen", "observed", "MAY"))
    matrix = compat.matrices([compat.Column("staging", View(broken)), compat.Column("reference", View(good))])
    texts = {
        "failing": html.render([broken]),
        "passing": html.render([good]),
        "waived": html.render([accepted()]),
        "real": html.render([faulty_run.results]),
        "several": html.render([broken, good]),
        "hostile": html.render([hostile()]),
        "matrix": compat.html(matrix),
        "hostile matrix": compat.html(compat.matrices([compat.Column(HOSTILE, View(hostile()))])),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def hostile() -> RunResults:
    """A run in which every text is an attack."""
    seen = finding(message=HOSTILE, expected=HOSTILE, observed=HOSTILE, curl=[HOSTILE], exchanges=[exchange(HOSTILE)])
    return run(
        "non-conformant",
        result(HOSTILE, "fail", says=HOSTILE, at=HOSTILE, operation=HOSTILE, findings=[seen]),
        result("o", "observed", "MAY", observed={HOSTILE: HOSTILE}),
        result("u", "untestable", reason=HOSTILE),
        result("p", "pass", witness=exchange(HOSTILE)),
        target={"url": f"http://h/{HOSTILE}", "name": HOSTILE, "capabilities": {HOSTILE: "absent"}},
    )


EVERY = ("failing", "passing", "waived", "real", "several", "hostile", "matrix", "hostile matrix")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", EVERY)
def test_axe_finds_nothing_and_nothing_is_fetched(
    chromium: Browser, pages: dict[str, Path], name: str, scheme: str
) -> None:
    chromium.dress(scheme)
    chromium.open(pages[name])
    asked = [url for url in chromium.requested() if url != "about:blank"]
    assert asked == [pages[name].as_uri()]
    assert [entry["message"] for entry in chromium.logged("browser")] == []
    chromium.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert chromium.violations() == []


@pytest.mark.parametrize("name", EVERY)
def test_headings_go_down_one_by_one_and_every_link_leads_somewhere(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    chromium.dress()
    chromium.open(pages[name])
    levels = chromium.run("return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => +h.tagName[1])")
    assert levels[0] == 1
    assert [(a, b) for a, b in pairwise(levels) if b > a + 1] == []
    nowhere = chromium.run(
        "return [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))"
        ".filter((h) => !h.startsWith('#') || !document.getElementById(decodeURIComponent(h.slice(1))))"
    )
    assert nowhere == []
    twice = chromium.run(
        "const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
        "return ids.filter((id, n) => ids.indexOf(id) !== n)"
    )
    assert twice == []


def test_the_first_screen_says_what_is_broken_and_leads_to_the_script(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    chromium.dress()
    chromium.open(pages["failing"])
    seen = chromium.run(
        "const box = document.querySelector('.verdict'); return [box.getBoundingClientRect().bottom, box.innerText]"
    )
    assert seen[0] < 900
    assert "Not conformant to Vendor Delete: 1 MUST failed" in seen[1]
    assert "the transcript is still there" in seen[1]
    chromium.run("document.querySelector('.glance a').click()")
    shown = chromium.run(
        "const card = document.querySelector(':target');"
        "return [card.querySelector('h3').innerText, card.querySelector('.script code').innerText,"
        " card.querySelector('.script').checkVisibility()]"
    )
    assert shown == ["the transcript is still there", "curl -sS one", True]


@pytest.mark.parametrize(("name", "rows"), [("failing", "#rows"), ("matrix", "#m1-rows")])
def test_search_and_filters_leave_the_rows_that_fit(
    chromium: Browser, pages: dict[str, Path], name: str, rows: str
) -> None:
    chromium.dress()
    chromium.open(pages[name])
    shown = f"return [...document.querySelectorAll('{rows} [data-row]')].filter((r) => r.checkVisibility()).length"
    every = chromium.run(shown)
    type_in = (
        "const tools = document.querySelector('.tools'); const s = tools.querySelector('input[type=search]');"
        "s.value = arguments[0]; s.dispatchEvent(new Event('input', {bubbles: true}));"
        "return tools.querySelector('[role=status]').textContent"
    )
    assert chromium.run(type_in, "b.FAIL") == f"1 of {every} shown"
    assert chromium.run(shown) == 1
    assert chromium.run(type_in, "no such words") == f"0 of {every} shown"
    chromium.run(type_in, "")
    chromium.run("document.querySelector('.tools input[value=warn]').click()")
    assert chromium.run(shown) == 1
    chromium.run("document.querySelector('.tools input[value=warn]').click()")
    assert chromium.run(shown) == every


def test_without_scripts_everything_can_be_read_and_no_dead_control_is_shown(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    for name in ("failing", "matrix"):
        chromium.dress(scripts=False)
        chromium.open(pages[name])
        chromium.dress()
        state = chromium.run(
            "const controls = [...document.querySelectorAll('.tools, .script button')];"
            "return [controls.filter((e) => e.checkVisibility()).length,"
            " [...document.querySelectorAll('[data-row]')].every((e) => e.checkVisibility())]"
        )
        assert state == [0, True]


def test_hostile_texts_are_shown_and_never_run(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.dress()
    for name in ("hostile", "hostile matrix"):
        chromium.open(pages[name])
        assert chromium.run("return [document.images.length, document.scripts.length]") == [0, 1]
        assert chromium.run("return document.title") != "taken"
        assert "<script>document.title='taken'</script>" in chromium.run("return document.body.innerText")


@pytest.mark.parametrize("name", ["failing", "matrix", "hostile"])
def test_a_narrow_window_never_scrolls_sideways(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    chromium.dress(width=360)
    chromium.open(pages[name])
    assert chromium.run("return document.documentElement.scrollWidth") <= 360


def test_on_paper_the_evidence_is_open_and_controls_are_gone(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.dress(media="print")
    chromium.open(pages["failing"])
    hidden = chromium.run(
        "return [...document.querySelectorAll('details > :not(summary)')].filter((e) => !e.checkVisibility("
        "{contentVisibilityAuto: true})).length"
    )
    controls = chromium.run(
        "return [...document.querySelectorAll('.tools, button')].filter((e) => e.checkVisibility()).length"
    )
    assert (hidden, controls) == (0, 0)


def test_the_keyboard_reaches_the_verdict_first(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.dress()
    chromium.open(pages["failing"])
    chromium.command("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    chromium.command("Input.dispatchKeyEvent", type="keyUp", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    first = "const a = document.activeElement; return [a.textContent, a.getBoundingClientRect().left >= 0]"
    assert chromium.run(first) == ["Skip to the verdict", True]
