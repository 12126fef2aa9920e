"""What is accepted as a video, what every browser gets to play, and what is left of a phone's notes."""

import io
import os
import resource
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests import videos
from xianyu.adapters import ffmpeg, media, video

AGES = ffmpeg.Limits(time.monotonic() + 3600, lambda: False)
BLUE_AND_RED = ("-f", "lavfi", "-i", "color=red:size=640x360:rate=25,drawbox=w=320:h=360:color=blue:t=fill")
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"


def store(folder: Path, data: bytes) -> video.StoredVideo:
    """Upload a file. It has to be there afterwards as it was."""
    upload = video.new_upload(folder)
    upload.write_bytes(data)
    try:
        return video.store_video(upload, folder)
    finally:
        assert upload.read_bytes() == data
        upload.unlink()


def facts(folder: Path, stored: video.StoredVideo) -> ffmpeg.Facts:
    path = media.video_path(folder, stored.name)
    assert path is not None
    return ffmpeg.probe(path, "mov", AGES)


def poster(folder: Path, stored: video.StoredVideo) -> Image.Image:
    path = media.photo_path(folder, video.poster_name(stored.name))
    assert path is not None
    with Image.open(path) as image:
        image.load()
        return image


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def boxes(data: bytes) -> list[bytes]:
    """The kinds of an MP4's outermost parts, in order."""
    found, at = [], 0
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return found


def colour(image: Image.Image, x: float, y: float) -> str:
    pixel = image.getpixel((round(x * image.width), round(y * image.height)))
    assert isinstance(pixel, tuple)
    return max(zip(pixel, ("red", "green", "blue"), strict=True))[1]


def test_what_every_browser_plays_is_kept_and_begins_with_its_index(tmp_path: Path) -> None:
    data = videos.mp4()
    assert boxes(data).index(b"moov") > boxes(data).index(b"mdat")

    stored = store(tmp_path, data)

    assert (stored.width, stored.height) == (320, 240)
    assert abs(stored.duration_ms - 2000) < 100
    path = media.video_path(tmp_path, stored.name)
    assert path is not None
    assert path.parent == tmp_path / stored.name[:2]
    kept = path.read_bytes()
    assert boxes(kept).index(b"moov") < boxes(kept).index(b"mdat")
    # The picture is the one that was sent, not one made of it: its frames lie in the file unchanged.
    frame = data[data.index(b"mdat") + 2000 :][:500]
    assert frame in kept
    seen = facts(tmp_path, stored)
    assert (seen.video, seen.pixels, seen.audio) == ("h264", "yuv420p", "aac")
    image = poster(tmp_path, stored)
    assert (image.format, image.size) == ("WEBP", (320, 240))
    name = video.poster_name(stored.name)
    assert sorted(file.name for file in files(tmp_path)) == sorted([stored.name, name, media.thumb_name(name)])


# Made when they are needed: how, and the size at which they are shown in the end.
CONVERTED: dict[str, tuple[Callable[[], bytes], tuple[int, int]]] = {
    "webm": (videos.webm, (320, 240)),
    "hevc": (videos.phone_mov, (640, 360)),
    "wide": (lambda: videos.made("mp4", *videos.picture("2400x1000", 10), *videos.H264, seconds=1), (1280, 534)),
    "tall": (lambda: videos.made("mp4", *videos.picture("1000x2400", 10), *videos.H264, seconds=1), (534, 1280)),
    "odd": (lambda: videos.made("mp4", *videos.picture("321x241"), *videos.H264, "-pix_fmt", "yuv444p"), (320, 240)),
    "mpeg4": (lambda: videos.made("mp4", *videos.picture(), "-c:v", "mpeg4"), (320, 240)),
    "oblong pixels": (lambda: videos.made("mp4", *videos.picture(), *videos.H264, "-vf", "setsar=2"), (640, 240)),
    "plain sound": (
        lambda: videos.made("mov", *videos.picture(), *videos.SOUND, *videos.H264, "-c:a", "pcm_s16le"),
        (320, 240),
    ),
}


@pytest.mark.parametrize("name", CONVERTED)
def test_everything_else_is_converted(tmp_path: Path, name: str) -> None:
    make, size = CONVERTED[name]
    stored = store(tmp_path, make())
    seen = facts(tmp_path, stored)
    assert (seen.video, seen.pixels, seen.is_plain) == ("h264", "yuv420p", True)
    assert seen.audio in {"", "aac"}
    assert (stored.width, stored.height) == (seen.width, seen.height) == size
    assert poster(tmp_path, stored).size == size


@pytest.mark.parametrize("degrees", [90, -90, 180])
@pytest.mark.parametrize("is_converted", [False, True])
def test_a_video_stands_as_the_phone_was_held(tmp_path: Path, degrees: int, is_converted: bool) -> None:
    codec = ("-c:v", "mpeg4") if is_converted else videos.H264
    data = videos.turned(videos.made("mov", *BLUE_AND_RED, *codec, seconds=1), degrees)

    stored = store(tmp_path, data)

    image = poster(tmp_path, stored)
    assert (stored.width, stored.height) == image.size
    ends = [colour(image, 0.5, 0.1), colour(image, 0.5, 0.9), colour(image, 0.1, 0.5), colour(image, 0.9, 0.5)]
    expected = {90: ["red", "blue"], -90: ["blue", "red"]}
    if degrees == 180:
        assert (image.size, ends[2:]) == ((640, 360), ["red", "blue"])
    else:
        assert (image.size, ends[:2]) == ((360, 640), expected[degrees])
    # A turn that the file only speaks of is left for the players; what was converted needs none.
    assert facts(tmp_path, stored).turn == (0 if is_converted or degrees == 180 else degrees)


def test_wide_light_becomes_what_every_screen_shows(tmp_path: Path) -> None:
    hlg = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    options = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", hlg, "-pix_fmt", "yuv420p10le")
    data = videos.made("mov", *videos.picture(rate=10), *options, "-tag:v", "hvc1", seconds=1)
    assert b"hvc1" in data

    stored = store(tmp_path, data)

    path = media.video_path(tmp_path, stored.name)
    assert path is not None
    seen = facts(tmp_path, stored)
    assert (seen.video, seen.pixels, seen.is_hdr) == ("h264", "yuv420p", False)


@pytest.mark.parametrize("is_converted", [False, True])
def test_no_place_no_name_no_chapter_survives(tmp_path: Path, is_converted: bool) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text(
        ";FFMETADATA1\ntitle=SECRET-TITLE\ncom.apple.quicktime.location.ISO6709=" + videos.PLACE +
        "\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=SECRET-CHAPTER\n"
    )  # fmt: skip
    data = (
        videos.phone_mov()
        if is_converted
        else videos.made(
            "mov", *videos.picture(), *videos.SOUND, "-f", "ffmetadata", "-i", str(notes), *videos.H264, *videos.AAC,
            "-x264-params", "log-level=error", "-map", "0", "-map", "1", "-map_metadata", "2", "-map_chapters", "2",
            "-metadata:s:v", "handler_name=SECRET-HANDLER", "-movflags", "use_metadata_tags",
        )
    )  # fmt: skip
    assert videos.PLACE.encode() in data
    assert data.count(b"SECRET") >= 2
    folder = tmp_path / "media"

    store(folder, data)

    for file in files(folder):
        content = file.read_bytes()
        # What the program that made the file noted beside the picture; the site's own does the same.
        beside = () if is_converted else (b"x264",)
        marks = (b"SECRET", b"31.23", b"121.47", b"ISO6709", b"Lavf", b"EXIF", *beside)
        assert [mark for mark in marks if mark in content] == [], file.name


def test_only_one_picture_and_one_sound_are_kept(tmp_path: Path) -> None:
    inputs = (*videos.picture(), *videos.picture("160x120"), *videos.SOUND, *videos.SOUND)
    tracks = [part for number in range(4) for part in ("-map", str(number))]
    data = videos.made("mp4", *inputs, *tracks, *videos.H264, *videos.AAC)
    path = media.video_path(tmp_path, store(tmp_path, data).name)
    assert path is not None
    assert path.read_bytes().count(b"trak") == 2


def test_bytes_after_the_video_do_not_survive(tmp_path: Path) -> None:
    store(tmp_path, videos.mp4() + b"\0\0\0\x40free<script>alert(1)</script>".ljust(64, b" "))
    assert all(b"script" not in file.read_bytes() for file in files(tmp_path))


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("video.mp4", videos.mp4())
    return data.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], type[video.VideoError]]] = {
    "nothing": (lambda: b"", video.NotAVideo),
    "text": (lambda: "一段文字".encode() * 100, video.NotAVideo),
    "zip": (zipped, video.NotAVideo),
    "play list": (lambda: PLAYLIST, video.NotAVideo),
    "list of files": (lambda: CONCAT, video.NotAVideo),
    "play list behind a video's first bytes": (lambda: b"\0\0\0\x18ftypisom" + PLAYLIST, video.BrokenVideo),
    "page": (lambda: b"<!doctype html><script>alert(1)</script>", video.NotAVideo),
    "avi": (lambda: videos.made("avi", *videos.picture(), "-c:v", "mpeg4"), video.NotAVideo),
    "matroska": (lambda: videos.made("mkv", *videos.picture(), *videos.H264), video.NotAVideo),
    "picture": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 400, video.NotAVideo),
    "sound": (videos.sound, video.NoPicture),
    "sound with a cover": (
        lambda: videos.made(
            "m4a", *videos.SOUND, *videos.picture("64x64"), *videos.AAC, "-c:v", "mjpeg", "-frames:v", "1",
            "-disposition:v", "attached_pic", "-pix_fmt", "yuvj420p",
        ),
        video.NoPicture,
    ),
    "too long": (lambda: videos.mp4(61, "32x32"), video.VideoTooLong),
    "line": (lambda: videos.made("mp4", *videos.picture("512x32", 5), *videos.H264, seconds=1), video.AbsurdDimensions),
    "dot": (lambda: videos.made("mp4", *videos.picture("8x8", 5), *videos.H264, seconds=1), video.AbsurdDimensions),
    "no end": (lambda: videos.mp4()[:-2000], video.BrokenVideo),
    "half of a webm": (lambda: videos.webm(10)[: len(videos.webm(10)) // 2], video.BrokenVideo),
    "index and no picture": (lambda: videos.turned(videos.mp4(), 0, "mp4")[:900], video.BrokenVideo),
    "zeros": (lambda: b"\0\0\0\x18ftypisom" + b"\0" * 5000, video.BrokenVideo),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_other_files_are_refused_and_leave_nothing(tmp_path: Path, name: str) -> None:
    make, error = REFUSED[name]
    data = make()
    with pytest.raises(error):
        store(tmp_path, data)
    assert files(tmp_path) == []


def test_a_video_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    """With the index first, half of a file still looks like a video."""
    source, target = tmp_path / "whole.mp4", tmp_path / "indexed.mp4"
    source.write_bytes(videos.mp4(10))
    videos.ffmpeg("-i", source, "-c", "copy", "-movflags", "+faststart", target)
    folder, data = tmp_path / "media", target.read_bytes()
    with pytest.raises(video.BrokenVideo):
        store(folder, data[: len(data) // 2])
    assert files(folder) == []


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    data = bytearray(videos.mp4(4))
    start = data.index(b"mdat") + 100
    end = data.index(b"moov") - 100
    # All but the frames' own lengths could be noise; here the lengths are, too.
    data[start:end] = os.urandom(end - start)
    with pytest.raises(video.BrokenVideo):
        store(tmp_path, bytes(data))
    assert files(tmp_path) == []


def test_what_a_file_says_of_its_length_is_not_believed(tmp_path: Path) -> None:
    """A browser's recording says nothing of its length, and a file may lie."""
    data = videos.made("webm", *videos.picture("32x32", 5), "-c:v", "libvpx", "-live", "1", seconds=70)
    upload = video.new_upload(tmp_path)
    upload.write_bytes(data)
    assert ffmpeg.probe(upload, "matroska", AGES).duration_ms is None
    with pytest.raises(video.VideoTooLong):
        video.store_video(upload, tmp_path)
    assert files(tmp_path) == [upload]


def test_a_recording_that_does_not_tell_its_length_is_fine(tmp_path: Path) -> None:
    data = videos.made("webm", *videos.picture(), "-c:v", "libvpx", "-live", "1", seconds=3)
    assert abs(store(tmp_path, data).duration_ms - 3000) < 200


def test_a_minute_is_not_too_long(tmp_path: Path) -> None:
    assert abs(store(tmp_path, videos.mp4(60, "32x32")).duration_ms - 60_000) < 200


def test_too_many_bytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    upload = video.new_upload(tmp_path)
    upload.write_bytes(videos.mp4())
    os.truncate(upload, video.MAX_VIDEO_BYTES + 1)
    with pytest.raises(video.VideoTooLarge):
        video.store_video(upload, tmp_path)


def test_a_conversion_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = videos.webm(20, "640x480")
    monkeypatch.setattr(video, "TIME_LIMIT", 0.2)
    began = time.monotonic()
    with pytest.raises(video.ConversionTimeout):
        store(tmp_path, data)
    assert time.monotonic() - began < 2
    assert files(tmp_path) == []
    assert not running(tmp_path)


def running(folder: Path) -> list[str]:
    """The programs that still work on files in this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command and "ffmpeg" in command:
            found.append(command)
    return found


def test_what_nobody_waits_for_ends(tmp_path: Path) -> None:
    upload = video.new_upload(tmp_path)
    upload.write_bytes(videos.webm(20, "640x480"))
    is_gone = threading.Event()
    threading.Timer(0.3, is_gone.set).start()
    with pytest.raises(ffmpeg.Abandoned):
        video.store_video(upload, tmp_path, is_gone.is_set)
    assert files(tmp_path) == [upload]
    assert not running(tmp_path)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    upload = video.new_upload(tmp_path)
    upload.write_bytes(videos.mp4(20))
    present = resource.getrlimit(resource.RLIMIT_FSIZE)
    # What a full disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, present[1]))
    try:
        with pytest.raises((video.BrokenVideo, OSError)):
            video.store_video(upload, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, present)
    assert files(tmp_path) == [upload]


def test_deleting_removes_all_files_and_may_be_repeated(tmp_path: Path) -> None:
    stored = store(tmp_path, videos.mp4())
    video.delete_video(tmp_path, stored.name)
    assert files(tmp_path) == []
    video.delete_video(tmp_path, stored.name)


@pytest.mark.parametrize(
    "name", ["", "..", "../secret.mp4", "a" * 32, "a" * 32 + ".mp4\n", "A" * 32 + ".mp4", "/etc/passwd"]
)
def test_other_names_lead_nowhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    folder = tmp_path / "media"
    folder.mkdir()
    assert media.video_path(folder, name) is None
    assert media.file_path(folder, name) is None
    video.delete_video(folder, name)
    assert (tmp_path / "secret.mp4").exists()
