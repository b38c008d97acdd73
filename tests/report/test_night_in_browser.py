"""The mail in a real browser: as wide as a phone and as a desk, on light ground and on dark. Left out where none is."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scanner.report.html import data_uri
from scanner.report.night_layout import SHORTER, Layout
from scanner.report.night_mail import night_html
from scanner.report.nightly import Night

from . import samples
from .test_night_message import everything, gathered, of

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
WIDTHS = (320, 375, 390, 600, 1280)
MEASURE = """
<script>
addEventListener("load", () => {
  const told = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, card = page.querySelector(".card");
    return {
      wide: page.documentElement.scrollWidth, room: frame.clientWidth, card: card.getBoundingClientRect().width,
      pictures: [...page.images].map(each => [each.naturalWidth, each.getBoundingClientRect().width]),
      ground: frame.contentWindow.getComputedStyle(card).backgroundColor,
      ink: frame.contentWindow.getComputedStyle(page.querySelector("h1")).color,
    };
  });
  document.body.innerHTML = "<pre id=told>" + JSON.stringify(told) + "</pre>";
});
</script>
"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no browser here")


def seen(night: Night, folder: Path, *, dark: bool) -> list[dict[str, object]]:
    """What a browser makes of the mail at each width; frames have the width of windows that it would not open."""
    page = night_html(Layout(night=night, length=SHORTER[0], sent_to="Sent to you.").with_pictures(9), data_uri)
    frames = [
        f'<iframe srcdoc="{html.escape(page)}" style="width:{width}px;height:800px;border:0">' for width in WIDTHS
    ]
    path = folder / "frames.html"
    path.write_text(f"<!doctype html><body>{'</iframe>'.join(frames)}</iframe>{MEASURE}", encoding="utf-8")
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--dump-dom", path.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    (told,) = re.findall(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    found: list[dict[str, object]] = json.loads(html.unescape(told))
    assert [each["room"] for each in found] == list(WIDTHS)
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_wider_than_the_window_and_all_pictures_are_seen(tmp_path: Path, dark: bool) -> None:  # noqa: FBT001
    found = everything()
    night = of(gathered(*found.records, samples.stored(samples.hostile(), number=40), recalls=found.recalls))

    for each in seen(night, tmp_path, dark=dark):
        assert each["wide"] == each["room"]
        assert isinstance(each["card"], float | int)
        assert each["card"] <= 602
        assert isinstance(each["pictures"], list)
        assert len(each["pictures"]) >= 8
        assert all(natural == 480 and 100 < width <= 246 for natural, width in each["pictures"])
        assert each["ground"] == ("rgb(30, 33, 36)" if dark else "rgb(255, 255, 255)")
        assert each["ink"] == ("rgb(232, 234, 236)" if dark else "rgb(28, 30, 33)")
