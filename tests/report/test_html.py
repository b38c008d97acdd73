import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from scanner.model import Code, Outcome, Thumbnail
from scanner.report import Scanned
from scanner.report import html as html_module
from scanner.report.html import html
from scanner.report.plain import shown

from . import samples

STYLE = (Path(html_module.__file__).parent / "templates" / "report.css.j2").read_text()


class Page(HTMLParser):
    """What a browser would see of a page: tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html(samples.every_outcome(), shortest_shot=12))


@pytest.fixture(scope="module")
def hostile() -> Page:
    return Page(html([samples.hostile()], shortest_shot=12))


def test_hostile_text_makes_no_element(page: Page, hostile: Page) -> None:
    assert {tag for tag, _ in hostile.tags} <= {tag for tag, _ in page.tags} | {"strong"}
    assert not hostile.of("script")


def test_hostile_text_is_shown_escaped(hostile: Page) -> None:
    assert shown(samples.HOSTILE) in hostile.text


def test_hostile_text_never_reaches_the_page_raw() -> None:
    text = html([samples.hostile()])

    assert text.encode()
    assert all(mark.isprintable() or mark == "\n" for mark in text)


def test_hostile_text_adds_no_attribute(hostile: Page) -> None:
    assert not [name for _, attributes in hostile.tags for name in attributes if name.startswith("on")]


def test_the_page_asks_nobody_for_anything(page: Page) -> None:
    addresses = [value for _, attributes in page.tags for name, value in attributes.items() if name in {"src", "href"}]

    assert all(str(address).startswith(("data:image/jpeg;base64,", "#")) for address in addresses)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def looking(**given: Any) -> Scanned:
    """A delivery with one look-alike."""
    base = samples.quarantined()
    evidence = replace(samples.look_alike(samples.place(754.5, 758.75, "01:12:34:12", "01:12:38:18")), **given)
    found = replace(samples.MATTE_FOUND, evidence=evidence)
    return replace(base, verdict=samples.verdict(Outcome.QUARANTINE, found), pictures=base.pictures[:1])


def test_every_picture_has_words(page: Page) -> None:
    assert page.of("img")
    assert all(picture["alt"] for picture in page.of("img"))
    assert all(drawing["aria-label"] for drawing in page.of("svg"))


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_shown_in_words(page: Page, outcome: Outcome) -> None:
    badges = [span["class"] for span in page.of("span") if str(span.get("class")).startswith("badge")]

    assert f"badge {outcome.label}" in badges
    assert outcome.label in page.text


@pytest.mark.parametrize("code", Code)
def test_every_code_is_shown(code: Code) -> None:
    assert code in html([samples.with_code(code)])


@pytest.mark.parametrize(
    "said",
    [
        "5 deliveries: 1 quarantined, 1 held, 1 flagged, 2 passed",
        "4b, Netflix P4 (temporary use)",
        "ESC-2041 is extended to this shot",
        "flopped, darker grade",
        "Evidence: strong (grade E3)",
        "every 6th: no shot of 12 frames or longer can escape",
        "edl/NH_101_v03.edl: no examiner for this kind of file",
        "latest: a symbolic link, never followed",
        "As of register version 214",
        "approvals used: ESC-2044",
        "does not verify: changed after signing",
    ],
)
def test_the_page_says(page: Page, said: str) -> None:
    assert said in " ".join(page.text.split())


def test_found_and_registered_frames_stand_side_by_side() -> None:
    page = Page(html([samples.quarantined()]))

    assert [str(picture["alt"])[:16] for picture in page.of("img")] == ["Frame of NH_101_", "Registered asset"] * 2


def test_what_matched_is_outlined_in_the_frame() -> None:
    drawn = Page(html([samples.quarantined()])).of("polygon")

    assert {outline["points"] for outline in drawn} == {"20.0,20.0 60.0,21.0 59.0,60.0 21.0,58.0"}


def test_where_only_the_region_is_known_that_is_outlined() -> None:
    drawn = Page(html([looking(region=(0.1, 0.0, 0.8, 1.0))])).of("polygon")

    assert {outline["points"] for outline in drawn} == {"10.0,0.0 90.0,0.0 90.0,100.0 10.0,100.0"}


@pytest.mark.parametrize("region", [(0.0, 0.0, 1.0, 1.0), (0.004, 0.01, 0.99, 0.985)])
def test_what_fills_the_frame_is_not_outlined(region: tuple[float, float, float, float]) -> None:
    assert not Page(html([looking(region=region)])).of("polygon")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"blocks_agreeing": 31, "blocks_compared": 44}, "31 of 44 parts of the asset"),
        ({"blocks_agreeing": 31, "blocks_compared": 44, "inliers": 63}, "63 pairs of features on one place"),
        ({"blocks_agreeing": 31, "blocks_compared": 44, "covered": 0.25}, "about 25 % of it covered"),
        ({"distance": None}, "part of the frame, 17 frames agree"),
        ({"speed": -2.0}, "200 % of its own, in reverse"),
        ({"passes": 3}, "100 % of its own, 3 times in a row"),
        ({"floods": True}, "that the likeness may say nothing"),
    ],
)
def test_what_a_look_alike_rests_on_is_told(given: dict[str, Any], said: str) -> None:
    assert said in " ".join(Page(html([looking(**given)])).text.split())


def test_a_speed_that_is_not_known_is_not_told() -> None:
    assert "of its own" in Page(html([looking(speed=2.0)])).text
    assert "of its own" not in Page(html([looking(speed=None)])).text


@pytest.mark.parametrize(("frames", "said"), [(0, "to the frame"), (1, "within 1 frame"), (5, "within 5 frames")])
def test_how_exactly_the_ends_are_known_is_told(frames: int, said: str) -> None:
    at = replace(samples.place(754, 758, "01:12:34:00", "01:12:38:00"), accuracy_frames=frames)

    text = Page(html([looking(place=at)])).text

    assert said in text
    assert "within 0 frames" not in text


def test_two_finds_of_one_asset_each_get_their_own_picture() -> None:
    later = replace(
        samples.MATTE_FOUND, evidence=samples.look_alike(samples.place(900, 904, "01:15:00:00", "01:15:04:00"))
    )
    base = samples.quarantined()
    second = replace(base.pictures[0], found=Thumbnail(seconds=Fraction(901), jpeg=samples.frame()))
    scanned = replace(
        base,
        verdict=samples.verdict(Outcome.QUARANTINE, samples.MATTE_FOUND, later),
        pictures=(second, base.pictures[0]),
    )

    captions = re.findall(r"In the delivery, at ([\d.]+) s", html([scanned]))

    assert captions == ["755.500", "901.000"]


def test_a_picture_that_no_finding_claims_is_shown_all_the_same() -> None:
    scanned = replace(samples.passed(), pictures=(samples.picture_of(samples.MATTE, "other.mov"),))

    assert len(Page(html([scanned])).of("img")) == 2


def test_a_picture_that_was_not_kept_is_said() -> None:
    base = samples.quarantined()
    scanned = replace(base, pictures=(replace(base.pictures[0], registered=None),))

    assert "No picture of the registered asset was kept" in html([scanned])


def test_rulings_are_shown() -> None:
    assert "Maria Lind" in html([replace(samples.quarantined(), rulings=(samples.RELEASED,))])


def test_a_report_of_nothing_is_a_page_too() -> None:
    assert "nothing was scanned" in html([])


@pytest.mark.parametrize("palette", STYLE.split(":root {")[1:], ids=["light", "dark", "print"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "ground"),
        ("ink", "card"),
        ("ink", "well"),
        ("soft", "ground"),
        ("soft", "card"),
        ("soft", "well"),
        ("link", "card"),
        *((outcome.label, f"{outcome.label}-bg") for outcome in Outcome),
    ],
)
def test_every_text_has_contrast_enough_to_read(palette: str, ink: str, ground: str) -> None:
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", palette.partition("}")[0]))
    light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rgb or #rrggbb."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
