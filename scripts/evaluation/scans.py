"""Pages as a scanner or a camera gives them: turned a little, blurred, noisy, lit from one side."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

Degrade = Callable[[Image.Image, random.Random], Image.Image]


def scan(pdf: bytes, look: str, suffix: str, rng: random.Random) -> bytes:
    """Render a PDF's pages and return them as images with the look of a device, in a file of this kind."""
    document = pypdfium2.PdfDocument(pdf)
    dpi = _DPI[look]
    pages = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    document.close()
    made = [LOOKS[look](page, rng) for page in pages]
    file = io.BytesIO()
    if suffix in {"pdf", "tiff"}:
        made[0].save(file, suffix.upper(), save_all=True, append_images=made[1:], resolution=dpi, **_OPTIONS[suffix])
    else:
        made[0].save(file, "JPEG" if suffix == "jpg" else suffix.upper(), dpi=(dpi, dpi), **_OPTIONS[suffix])
    return file.getvalue()


def clean(page: Image.Image, rng: random.Random) -> Image.Image:
    """A good scanner: a little skew, black on white."""
    return _turned(page.convert("L"), rng.uniform(-0.6, 0.6), 255)


def office(page: Image.Image, rng: random.Random) -> Image.Image:
    """A copier: skew, paper grey, speckles."""
    turned = _turned(page.convert("L"), rng.uniform(-2, 2), 250)
    return _noisy(turned.filter(ImageFilter.GaussianBlur(0.6)), rng, 9)


def coarse(page: Image.Image, rng: random.Random) -> Image.Image:
    """Low resolution and strong compression."""
    return _noisy(_turned(page.convert("L"), rng.uniform(-0.8, 0.8), 255), rng, 4)


def fax(page: Image.Image, rng: random.Random) -> Image.Image:
    """Two levels only."""
    grey = _turned(page.convert("L"), rng.uniform(-0.8, 0.8), 255).filter(ImageFilter.GaussianBlur(0.4))
    return grey.point(lambda level: 255 if level > 150 else 0).convert("1")


def lit(page: Image.Image, rng: random.Random) -> Image.Image:
    """Uneven light: one corner in shadow."""
    grey = np.asarray(_turned(page.convert("L"), rng.uniform(-1.2, 1.2), 245), dtype=np.float32)
    down, across = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    light = 1 - 0.45 * (down / grey.shape[0] * rng.uniform(0.3, 1) + across / grey.shape[1] * rng.uniform(0.2, 1)) / 2
    return _noisy(Image.fromarray((grey * light).astype(np.uint8)), rng, 5)


def photo(page: Image.Image, rng: random.Random) -> Image.Image:
    """A telephone's picture: on a table, in perspective, warm light, soft."""
    width, height = page.size
    pad = width // 12
    table = Image.new("RGB", (width + 2 * pad, height + 2 * pad), (96, 78, 64))
    table.paste(page, (pad, pad))

    def moved(x: float, y: float) -> tuple[float, float]:
        return x + rng.uniform(-0.3, 0.3) * pad, y + rng.uniform(-0.3, 0.3) * pad

    right, bottom = table.size
    near = pad / 3
    places = [(near, near), (near, bottom - near), (right - near, bottom - near), (right - near, near)]
    corners = tuple(length for x, y in places for length in moved(x, y))
    seen = table.transform(table.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    warm = np.asarray(seen, dtype=np.float32) * np.array([1.0, 0.96, 0.88], dtype=np.float32)
    slope = np.linspace(1.0, rng.uniform(0.7, 0.9), warm.shape[1], dtype=np.float32)[None, :, None]
    lit_page = Image.fromarray((warm * slope).clip(0, 255).astype(np.uint8))
    return _noisy(lit_page.filter(ImageFilter.GaussianBlur(0.8)), rng, 6)


def sideways(page: Image.Image, rng: random.Random) -> Image.Image:
    """Put into the scanner sideways or upside down."""
    return office(page, rng).rotate(rng.choice([90, 180, 270]), expand=True)


LOOKS: dict[str, Degrade] = {
    "clean": clean,
    "office": office,
    "coarse": coarse,
    "fax": fax,
    "lit": lit,
    "photo": photo,
    "sideways": sideways,
}
_DPI = {"clean": 300, "office": 200, "coarse": 150, "fax": 200, "lit": 200, "photo": 200, "sideways": 200}
_WRITTEN = time.gmtime(0)
_OPTIONS: dict[str, dict[str, object]] = {
    "pdf": {"creationDate": _WRITTEN, "modDate": _WRITTEN},
    "tiff": {"compression": "tiff_lzw"},
    "png": {},
    "jpg": {"quality": 72},
}


def _turned(page: Image.Image, degrees: float, paper: int) -> Image.Image:
    return page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=paper)


def _noisy(page: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    noise = np.random.default_rng(rng.randrange(2**31))
    grains = np.asarray(page, dtype=np.float32)
    grains = grains + noise.normal(0, strength, grains.shape).astype(np.float32)
    return Image.fromarray(grains.clip(0, 255).astype(np.uint8))
