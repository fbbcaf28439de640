"""Make the README's pictures of the page on the shipped sample: python -m tests.browser.pictures (make screenshots).

They are reduced to a palette of few colours, which text on a plain ground does not show.
"""

import io
import sys
from pathlib import Path

from PIL import Image

from tests.browser.chromium import browser, served

FOLDER = Path(__file__).parent / "pictures"
_COLOURS = 48
_SIZE = {"width": 1280, "height": 880}
# Each picture with the link that shows it and what is on the page when it is there.
PICTURES = {
    "answer": ("/?q=What+is+being+done+about+cyber+crime+gangs%3F", "figure.quote"),
    "results": ("/?q=prisons&tab=results", ".timeline"),
}


def main() -> None:
    """Make every picture."""
    FOLDER.mkdir(exist_ok=True)
    with (
        served([sys.executable, "-m", "ui.cli", "serve", "--port", "0", "--no-feedback"]) as address,
        browser() as seen,
    ):
        for name, (link, wanted) in PICTURES.items():
            page = seen.new_page(viewport=_SIZE)
            page.set_default_timeout(120_000)
            page.goto(address + link)
            page.locator(wanted).first.wait_for()
            page.get_by_role("heading", level=1).click()  # no focus ring in a picture
            page.evaluate("document.fonts.ready")
            small(page.screenshot()).save(FOLDER / f"{name}.png", optimize=True)


def small(png: bytes) -> Image.Image:
    """Return a picture with few colours."""
    return Image.open(io.BytesIO(png)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
