"""Pictures on disk: decoded, checked, re-encoded, and kept under random names.

Nothing of an uploaded file survives but its pixels, so neither where a photo was taken nor foreign
bytes ever reach another person.
"""

import io
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

pillow_heif.register_heif_opener()

MAX_PHOTO_BYTES = 10_000_000
# Phones reach 48 million; a picture takes four bytes a pixel while it is worked on.
MAX_PIXELS = 50_000_000
MAX_RATIO = 25
# Longest sides in pixels of the two sizes that are kept.
MAX_SIDE = 1600
THUMB_SIDE = 480
AVATAR_SIDE = 256

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_THUMB_SUFFIX = "_t.webp"
_NAME = re.compile(r"([0-9a-f]{32})(_t)?\.webp")
_VIDEO_NAME = re.compile(r"[0-9a-f]{32}\.mp4")
# Pillow itself refuses twice this number while it opens a file, before WebP's canvas is allocated.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class PhotoError(Exception):
    """A file cannot become a picture of this site."""


class NotAPhoto(PhotoError):
    """The file is none of the accepted kinds of picture."""


class BrokenPhoto(PhotoError):
    """The file begins like a picture, but cannot be decoded to its end."""


class PhotoTooLarge(PhotoError):
    """The file has more than ``MAX_PHOTO_BYTES`` bytes."""


class AbsurdDimensions(PhotoError):
    """The picture has more than ``MAX_PIXELS`` pixels, or is a mere line."""


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A picture on disk: its name and the size in pixels of the larger of its two files."""

    name: str
    width: int
    height: int


def store_photo(data: bytes, directory: Path, name: str = "") -> StoredPhoto:
    """Check and re-encode one uploaded file and write both sizes of it. Slow: run it in a worker thread.

    Args:
        data: A JPEG, PNG, WebP or HEIC file, known by its content.
        directory: The media folder.
        name: What to call it, where it belongs to something that has a name; random otherwise.

    Raises:
        PhotoTooLarge: for too many bytes.
        NotAPhoto: for anything that is not such a file.
        AbsurdDimensions: for a decompression bomb.
        BrokenPhoto: for a truncated or damaged file.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge
    picture = _decode(data)
    thumb = picture.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    name = name or f"{secrets.token_hex(16)}.webp"
    try:
        _write(locate(directory, thumb_name(name)), _encode(thumb, quality=78))
        _write(locate(directory, name), _encode(picture, quality=82))
    except OSError:
        delete_photo(directory, name)
        raise
    return StoredPhoto(name, *picture.size)


def store_avatar(data: bytes, directory: Path) -> str:
    """Cut the middle square out of an uploaded file and write it, ``AVATAR_SIDE`` wide and high. Slow, as above.

    Returns:
        Its name in the media folder.

    Raises:
        PhotoError: as ``store_photo`` does.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoTooLarge
    square = ImageOps.fit(_decode(data), (AVATAR_SIDE, AVATAR_SIDE), Image.Resampling.LANCZOS)
    name = f"{secrets.token_hex(16)}.webp"
    _write(locate(directory, name), _encode(square, quality=82))
    return name


def _decode(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise AbsurdDimensions from error
    except UnidentifiedImageError as error:
        raise NotAPhoto from error
    except Exception as error:
        # Decoders fail in many ways on foreign bytes; each means the same.
        raise BrokenPhoto from error
    with image:
        _check_dimensions(*image.size)
        try:
            return _normalise(image)
        except Exception as error:
            raise BrokenPhoto from error


def _check_dimensions(width: int, height: int) -> None:
    shorter, longer = sorted((width, height))
    if shorter < 1 or width * height > MAX_PIXELS or longer > MAX_RATIO * shorter:
        raise AbsurdDimensions


def _normalise(image: Image.Image) -> Image.Image:
    orientation = image.getexif().get(ExifTags.Base.Orientation)
    profile = image.info.get("icc_profile")
    # JPEG decodes straight to a half, a quarter or an eighth, in a fraction of the time.
    scale = min(1.0, MAX_SIDE / max(image.size))
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, (round(image.width * scale), round(image.height * scale)))
    image.load()
    small = _plain_mode(image)
    small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    small = _to_srgb(_on_white(small), profile)
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return small if turn is None else small.transpose(turn)


# What to do to the stored rows and columns to see them upright (EXIF 2.3, tag 0x0112).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _plain_mode(image: Image.Image) -> Image.Image:
    """The first frame with 8 bits a channel, as RGB, or as RGBA if parts are transparent."""
    if image.mode.startswith("I"):
        # Sixteen bits of gray, which a plain conversion would cut off at 255.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as browsers take them to be: phones write wider colour spaces, named by a profile."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        # A damaged profile, or one for CMYK: the picture is still worth showing.
        return image
    return converted or image


def _encode(image: Image.Image, quality: int) -> bytes:
    # Only what is passed here is written: no EXIF, XMP or colour profile of the source.
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=3)
    return buffer.getvalue()


def _write(path: Path, data: bytes) -> None:
    """Write a file that is either whole or absent, whatever happens meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def thumb_name(name: str) -> str:
    """The name of a picture's thumbnail."""
    return name.removesuffix(".webp") + _THUMB_SUFFIX


def locate(directory: Path, name: str) -> Path:
    """Where a file of this name goes: two letters of the name as a folder keep folders short."""
    return directory / name[:2] / name


def photo_path(directory: Path, name: str) -> Path | None:
    """Where the file of a picture or thumbnail is, or nothing if there is no such name or file."""
    if not _NAME.fullmatch(name):
        return None
    path = locate(directory, name)
    return path if path.is_file() else None


def video_path(directory: Path, name: str) -> Path | None:
    """Where the file of a video is, or nothing if there is no such name or file."""
    if not _VIDEO_NAME.fullmatch(name):
        return None
    path = locate(directory, name)
    return path if path.is_file() else None


def file_path(directory: Path, name: str) -> Path | None:
    """Where any stored file is, or nothing if there is no such name or file."""
    return photo_path(directory, name) or video_path(directory, name)


def is_stored_name(name: str) -> bool:
    """Whether a file of this name could be a picture, a thumbnail or a video of this site."""
    return _NAME.fullmatch(name) is not None or _VIDEO_NAME.fullmatch(name) is not None


def stored_files(directory: Path) -> Iterator[Path]:
    """The files of all pictures, thumbnails and videos that are whole."""
    return (path for path in directory.glob("[0-9a-f][0-9a-f]/*") if is_stored_name(path.name))


def delete_photo(directory: Path, name: str) -> None:
    """Remove both files of a picture. What is gone already is no error."""
    if not _NAME.fullmatch(name):
        return
    for file in (name, thumb_name(name)):
        path = locate(directory, file)
        path.unlink(missing_ok=True)
        path.with_suffix(".tmp").unlink(missing_ok=True)


def files_before(directory: Path, moment: datetime) -> Iterator[tuple[str, Path]]:
    """Every file last written before ``moment``, with the name of the picture or video that it belongs to.

    A half-written file belongs to none: its name is empty.
    """
    for path in directory.glob("[0-9a-f][0-9a-f]/*"):
        try:
            old = path.stat().st_mtime < moment.timestamp()
        except FileNotFoundError:
            continue
        if not old:
            continue
        if match := _NAME.fullmatch(path.name):
            yield f"{match[1]}.webp", path
        elif _VIDEO_NAME.fullmatch(path.name):
            yield path.name, path
        elif path.suffix == ".tmp":
            yield "", path
