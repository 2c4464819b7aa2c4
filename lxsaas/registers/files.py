"""Makes an uploaded file safe to keep: told by its content, cut to size, without what a camera adds.

A photo is decoded and encoded anew: place, time, camera and anything hidden behind the picture are gone. Of a
PDF only the pages are kept, without author, scripts or files within.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError
from pypdf import PdfReader, PdfWriter

from lxsaas.core.errors import RuleError

LIMIT = 10 * 1024 * 1024
"""Bytes of the largest file taken; what is kept of a photo is a few hundred kB."""
FILES = 6
"""Files that belong to one entry."""
WIDTH = 1600
"""Pixels of the longer side of a photo as it is kept: enough for an A5 print."""
SMALL = 320
"""Pixels of the longer side of its small copy in lists."""
PIXELS = 60_000_000
"""A picture that claims more would fill the memory when it is decoded."""
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class CleanFile:
    """What is kept of an upload."""

    media_type: str
    whole: bytes
    small: bytes | None


def clean(content: bytes, *, field: str = "files") -> CleanFile:
    """The file as it may be kept; raises RuleError where it is of another kind, too large or broken."""
    if len(content) > LIMIT:
        raise RuleError("file_large", field=field, megabytes=LIMIT // 1024 // 1024)
    if content.startswith(b"%PDF-"):
        return CleanFile("application/pdf", _clean_pdf(content, field), None)
    return _clean_photo(content, field)


def _clean_photo(content: bytes, field: str) -> CleanFile:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError:
        raise RuleError("file_kind", field=field) from None
    except Exception:
        raise RuleError("file_broken", field=field) from None
    if picture.width * picture.height > PIXELS:
        raise RuleError("file_large", field=field, megabytes=LIMIT // 1024 // 1024)
    try:
        # The camera's note which side is up goes with the rest of its notes: turn the picture itself.
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Exception:
        raise RuleError("file_broken", field=field) from None
    return CleanFile("image/jpeg", _jpeg(upright, WIDTH, 80), _jpeg(upright, SMALL, 70))


def _jpeg(picture: Image.Image, side: int, quality: int) -> bytes:
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    # A new picture of the same dots: nothing but dots is carried over.
    bare = Image.new("RGB", smaller.size)
    bare.paste(smaller)
    buffer = io.BytesIO()
    bare.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()


def _clean_pdf(content: bytes, field: str) -> bytes:
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted or reader.attachments:
            raise RuleError("file_active", field=field)
        writer = PdfWriter()
        for page in reader.pages:
            for key in ("/AA", "/Annots"):
                page.pop(key, None)
            writer.add_page(page)
        writer.metadata = None
        buffer = io.BytesIO()
        writer.write(buffer)
    except RuleError:
        raise
    except Exception:  # pypdf raises whatever a damaged or crooked file leads it to.
        raise RuleError("file_broken", field=field) from None
    return buffer.getvalue()
