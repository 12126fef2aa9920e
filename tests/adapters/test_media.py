"""What is accepted as a picture, what is left of it, and where it is kept."""

import io
import os
import resource
import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin

from xianyu.adapters import media

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
SECRET = "GPS-31.2304N-121.4737E"


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(size: tuple[int, int] = (320, 160)) -> Image.Image:
    """Four colours, so that every turn and mirror shows."""
    image = Image.new("RGB", size)
    width, height = size[0] // 2, size[1] // 2
    for number, colour in enumerate(["red", "lime", "blue", "white"]):
        image.paste(colour, (number % 2 * width, number // 2 * height, size[0], size[1]))
    return image


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing: whoever decodes it finds it broken."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = b"IDAT" + zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def stored_image(directory: Path, stored: media.StoredPhoto) -> Image.Image:
    path = media.photo_path(directory, stored.name)
    assert path is not None
    with Image.open(path) as image:
        image.load()
        return image


def is_close(image: Image.Image, spot: tuple[int, int], colour: tuple[int, ...], tolerance: int = 40) -> bool:
    pixel = image.getpixel(spot)
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_each_kind_becomes_two_webp_files(tmp_path: Path, kind: str) -> None:
    stored = media.store_photo(encoded(quarters((2400, 1200)), kind), tmp_path)

    image = stored_image(tmp_path, stored)
    assert (image.format, image.mode, image.size) == ("WEBP", "RGB", (1600, 800))
    assert (stored.width, stored.height) == (1600, 800)
    assert is_close(image, (100, 100), (255, 0, 0))
    assert is_close(image, (1500, 700), (255, 255, 255))
    thumb = media.photo_path(tmp_path, media.thumb_name(stored.name))
    assert thumb is not None
    with Image.open(thumb) as small:
        assert (small.format, small.size) == ("WEBP", (480, 240))
    assert thumb.parent == tmp_path / stored.name[:2]
    assert sorted(path.suffix for path in tmp_path.rglob("*.*")) == [".webp", ".webp"]


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    stored = media.store_photo(encoded(quarters((100, 60))), tmp_path)
    assert stored_image(tmp_path, stored).size == (100, 60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = encoded(quarters(), kind, exif=exif)

    image = stored_image(tmp_path, media.store_photo(data, tmp_path))

    with Image.open(io.BytesIO(data)) as source:
        expected = ImageOps.exif_transpose(source).convert("RGB")
    assert image.size == expected.size
    width, height = image.size
    for spot in ((10, 10), (width - 10, 10), (10, height - 10), (width - 10, height - 10)):
        colour = expected.getpixel(spot)
        assert isinstance(colour, tuple)
        assert is_close(image, spot, colour)


def test_a_turned_heic_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    # Given as bytes, the encoder also writes HEIF's own property, as phones do; it must not turn twice.
    stored = media.store_photo(encoded(quarters(), "HEIF", exif=exif.tobytes()), tmp_path)
    image = stored_image(tmp_path, stored)
    assert image.size == (160, 320)
    assert is_close(image, (150, 10), (255, 0, 0))


@pytest.mark.parametrize("kind", FORMATS)
def test_no_metadata_survives(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = SECRET
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, object] = {"exif": exif, "icc_profile": profile}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        options["pnginfo"] = text
    if kind in {"JPEG", "WEBP"}:
        options["xmp"] = f"<x>{SECRET}</x>".encode()
    data = encoded(quarters(), kind, **options)
    assert SECRET.encode() in data

    stored = media.store_photo(data, tmp_path)

    for name in (stored.name, media.thumb_name(stored.name)):
        path = media.photo_path(tmp_path, name)
        assert path is not None
        content = path.read_bytes()
        assert not any(mark in content for mark in (SECRET.encode(), b"EXIF", b"XMP ", b"ICCP"))


def test_bytes_after_the_picture_do_not_survive(tmp_path: Path) -> None:
    stored = media.store_photo(encoded(quarters(), "JPEG") + b"<script>alert(1)</script>", tmp_path)
    assert all(b"script" not in path.read_bytes() for path in tmp_path.rglob("*.webp"))
    assert media.photo_path(tmp_path, stored.name)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    image = image.convert(mode)
    data = encoded(image, transparency=0) if mode == "P" else encoded(image)
    assert is_close(stored_image(tmp_path, media.store_photo(data, tmp_path)), (40, 40), (255, 255, 255), 3)


def test_sixteen_bits_of_gray_keep_their_shades(tmp_path: Path) -> None:
    data = encoded(Image.new("I;16", (80, 80), 0x8000))
    assert is_close(stored_image(tmp_path, media.store_photo(data, tmp_path)), (40, 40), (128, 128, 128), 4)


def test_cmyk_is_accepted(tmp_path: Path) -> None:
    data = encoded(quarters().convert("CMYK"), "JPEG")
    assert is_close(stored_image(tmp_path, media.store_photo(data, tmp_path)), (10, 10), (255, 0, 0))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "options", [{"icc_profile": b"no profile at all"}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"}]
)
def test_damaged_metadata_is_no_reason_to_refuse(tmp_path: Path, options: dict[str, object]) -> None:
    stored = media.store_photo(encoded(quarters(), "JPEG", **options), tmp_path)
    assert is_close(stored_image(tmp_path, stored), (10, 10), (255, 0, 0))


def test_of_an_animation_the_first_frame_is_kept(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (60, 60), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100)
    image = stored_image(tmp_path, media.store_photo(data, tmp_path))
    assert is_close(image, (30, 30), (255, 0, 0))
    assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        "一段文字".encode(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"\0" * 5000,
        encoded(quarters(), "GIF"),
        encoded(quarters(), "BMP"),
        encoded(quarters(), "TIFF"),
        encoded(quarters(), "ICO"),
        encoded(quarters(), "AVIF"),
    ],
    ids=["empty", "word", "text", "svg", "html", "pdf", "zeros", "gif", "bmp", "tiff", "ico", "avif"],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(media.NotAPhoto):
        media.store_photo(data, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(tmp_path: Path, kind: str, share: float) -> None:
    data = encoded(noise((200, 150)), kind)
    with pytest.raises((media.BrokenPhoto, media.NotAPhoto)):
        media.store_photo(data[: int(len(data) * share)], tmp_path)
    assert not list(tmp_path.iterdir())


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    data = encoded(quarters(), "JPEG").ljust(media.MAX_PHOTO_BYTES, b"\0")
    assert media.store_photo(data, tmp_path)
    with pytest.raises(media.PhotoTooLarge):
        media.store_photo(data + b"\0", tmp_path)


@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1), (30, 800), (8000, 7000), (12_000, 9000), (65_000, 65_000)])
def test_absurd_dimensions_are_refused_before_anything_is_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(media.AbsurdDimensions):
        media.store_photo(png_header(*size), tmp_path)


def test_a_real_bomb_is_refused(tmp_path: Path) -> None:
    data = encoded(Image.new("1", (9000, 9000)))
    assert len(data) < 100_000
    with pytest.raises(media.AbsurdDimensions):
        media.store_photo(data, tmp_path)


def test_names_are_random(tmp_path: Path) -> None:
    data = encoded(quarters())
    assert media.store_photo(data, tmp_path).name != media.store_photo(data, tmp_path).name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../secret.webp", "a/b.webp", "%2e%2e", "x" * 32 + ".webp", "a" * 31 + ".webp", "a" * 32 + ".png",
     "A" * 32 + ".webp", "a" * 32 + ".webp\n", "a" * 32 + ".tmp", "a" * 32 + "\0.webp", "/etc/passwd"],
)  # fmt: skip
def test_other_names_lead_nowhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.webp").write_bytes(b"secret")
    directory = tmp_path / "media"
    directory.mkdir()
    assert media.photo_path(directory, name) is None
    media.delete_photo(directory, name)
    assert (tmp_path / "secret.webp").exists()


def test_deleting_removes_both_files_and_may_be_repeated(tmp_path: Path) -> None:
    stored = media.store_photo(encoded(quarters()), tmp_path)
    media.delete_photo(tmp_path, stored.name)
    assert not list(tmp_path.rglob("*.webp"))
    assert media.photo_path(tmp_path, stored.name) is None
    media.delete_photo(tmp_path, stored.name)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    data = encoded(noise((1200, 1200)), "JPEG")
    present = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The thumbnail fits, the picture does not: what a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, present[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            media.store_photo(data, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, present)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_old_files_are_found_with_their_pictures_name(tmp_path: Path) -> None:
    stored = media.store_photo(encoded(quarters()), tmp_path)
    folder = tmp_path / stored.name[:2]
    (folder / "half.tmp").write_bytes(b"half")
    (folder / "README").write_bytes(b"not ours")
    now = datetime.now(UTC)
    assert list(media.files_before(tmp_path, now - timedelta(hours=1))) == []
    found = set(media.files_before(tmp_path, now + timedelta(hours=1)))
    assert found == {
        ("", folder / "half.tmp"),
        (stored.name, folder / stored.name),
        (stored.name, folder / media.thumb_name(stored.name)),
    }
