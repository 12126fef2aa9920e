"""Videos on disk: checked by what they hold, made into what every browser plays, kept under random names.

Every stored video is an MP4 with H.264, and AAC if there is sound, that begins with its index, so that it
plays while it loads. What a phone recorded in that way is only packed anew; the rest is converted. Of
whatever else a file held (places, names, chapters, further tracks) nothing is left.
"""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xianyu.adapters import ffmpeg, media

MAX_VIDEO_BYTES = 50_000_000
MAX_SECONDS = 60
# What counts as a minute: cameras stop a few frames late.
MAX_MILLISECONDS = MAX_SECONDS * 1000 + 500
# Longest sides in pixels: of what is kept as it came, and of what is converted.
MAX_SIDE_KEPT = 1920
MAX_SIDE = 1280
MIN_SIDE = 16
MAX_RATIO = 10
# For all that happens to one video, in seconds. A minute from a phone takes about one on two cores.
TIME_LIMIT = 240.0

_HEAD = 64
# How many milliseconds may be missing at the end of a file that is whole.
_SLACK = 1500
# Boxes that MP4 and QuickTime files begin with (ISO/IEC 14496-12 and Apple's QTFF), and pictures that do as well.
_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_PICTURES = {b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif", b"avis", b"jxl ", b"crx "}
_EBML = b"\x1a\x45\xdf\xa3"

_STREAMS = ["-map", "0:V:0", "-map", "0:a:0?"]
_STRIP = ["-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"]
# 6: messages beside the picture, where some encoders and cameras write what they like.
_COPY = ["-c", "copy", "-bsf:v", "filter_units=remove_types=6"]
_H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-maxrate", "4M", "-bufsize", "8M", "-fpsmax", "30"]
_AAC = ["-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]
# Never enlarged; even, square pixels; a turned picture has been turned by then.
_FIT = (
    f"scale=w='min({MAX_SIDE},iw*max(1,sar))':h='min({MAX_SIDE},ih*max(1,1/sar))'"
    ":force_original_aspect_ratio=decrease:force_divisible_by=2:reset_sar=1"
)
# The wide range of light that phones record, brought into what every screen shows.
_TONES = ",zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv"


class VideoError(Exception):
    """A file cannot become a video of this site."""


class NotAVideo(VideoError):
    """The file is none of the accepted kinds of video."""


class NoPicture(VideoError):
    """The file holds no moving picture, such as a recording of sound."""


class BrokenVideo(VideoError):
    """The file begins like a video, but cannot be read to its end."""


class VideoTooLarge(VideoError):
    """The file has more than ``MAX_VIDEO_BYTES`` bytes."""


class VideoTooLong(VideoError):
    """The video lasts longer than ``MAX_SECONDS``."""


class AbsurdDimensions(VideoError):
    """The picture is far too large, far too small, or a mere line."""


class ConversionTimeout(VideoError):
    """The conversion did not end within ``TIME_LIMIT``."""


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A video on disk: its name, the size in pixels at which it is shown, and how long it lasts."""

    name: str
    width: int
    height: int
    duration_ms: int


def new_upload(directory: Path) -> Path:
    """Where an upload may be written. A crash leaves it to the cleaning, which takes ``.tmp`` files of a day ago."""
    path = media.locate(directory, f"{secrets.token_hex(16)}.upload.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def poster_name(name: str) -> str:
    """The name of a video's poster, a picture like any other."""
    return f"{name.removesuffix('.mp4')}.webp"


def delete_video(directory: Path, name: str) -> None:
    """Remove a video and its poster. What is gone already is no error."""
    path = media.video_path(directory, name)
    if path is not None:
        path.unlink(missing_ok=True)
    media.delete_photo(directory, poster_name(name))


def store_video(source: Path, directory: Path, is_unwanted: Callable[[], bool] = lambda: False) -> StoredVideo:
    """Check one uploaded file and write the video and its poster. Takes minutes: run it in a worker thread.

    Args:
        source: An MP4, MOV or WebM file, known by its content. It stays as it is.
        directory: The media folder.
        is_unwanted: Asked again and again; once it says so, the work ends.

    Raises:
        VideoTooLarge, NotAVideo, NoPicture, VideoTooLong, AbsurdDimensions, BrokenVideo: for what they say.
        ConversionTimeout: for a file that keeps the program busy for longer than ``TIME_LIMIT``.
        ffmpeg.Abandoned: if it became unwanted.
    """
    if source.stat().st_size > MAX_VIDEO_BYTES:
        raise VideoTooLarge
    container = _container(source)
    limits = ffmpeg.Limits(time.monotonic() + TIME_LIMIT, is_unwanted)
    name = f"{secrets.token_hex(16)}.mp4"
    path = media.locate(directory, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".out.tmp")
    try:
        facts = _convert(source, container, unfinished, limits)
        _store_poster(unfinished, directory, name, limits)
        unfinished.replace(path)
    except ffmpeg.TimeIsUp as error:
        raise ConversionTimeout from error
    except BaseException:
        delete_video(directory, name)
        raise
    finally:
        unfinished.unlink(missing_ok=True)
    return StoredVideo(name, *facts.shown_size, facts.duration_ms or 0)


def _container(source: Path) -> ffmpeg.Container:
    """The kind of file, by its first bytes."""
    with source.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_EBML) and b"webm" in head:
        return "matroska"
    if head[4:8] in _BOXES and not (head[4:8] == b"ftyp" and head[8:12] in _PICTURES):
        return "mov"
    raise NotAVideo


def _convert(source: Path, container: ffmpeg.Container, target: Path, limits: ffmpeg.Limits) -> ffmpeg.Facts:
    """Write what every browser plays, and return what became of it."""
    try:
        given = ffmpeg.probe(source, container, limits)
    except ffmpeg.Failed as error:
        raise BrokenVideo from error
    _check(given)
    try:
        ffmpeg.convert(source, container, _output(given, target), limits)
        made = ffmpeg.probe(target, "mov", limits)
    except ffmpeg.Failed as error:
        raise BrokenVideo from error
    # What a file says of itself may be wrong; what was made of it is not.
    _check(made)
    is_whole = made.duration_ms and made.duration_ms + _SLACK >= (given.duration_ms or 0)
    if not is_whole or not _is_playable(made):
        raise BrokenVideo
    _sync(target)
    return made


def _check(facts: ffmpeg.Facts) -> None:
    if not facts.video:
        raise NoPicture
    if (facts.duration_ms or 0) > MAX_MILLISECONDS:
        raise VideoTooLong
    shorter, longer = sorted((facts.width, facts.height))
    if shorter < MIN_SIDE or longer > MAX_RATIO * shorter or shorter * longer > ffmpeg.MAX_PIXELS:
        raise AbsurdDimensions


def _is_playable(facts: ffmpeg.Facts) -> bool:
    """Whether every browser plays it as it is."""
    return (
        facts.video == "h264"
        and facts.pixels in {"yuv420p", "yuvj420p"}
        and facts.audio in {"", "aac"}
        and facts.is_plain
        and not facts.is_hdr
        # Half a turn may be a mirror, which browsers do not know.
        and facts.turn in {0, 90, -90}
        and max(facts.width, facts.height) <= MAX_SIDE_KEPT
    )


def _output(facts: ffmpeg.Facts, target: Path) -> list[str]:
    # A little longer than is allowed shows that it is too long, whatever the file says of itself.
    length = ["-t", str(MAX_SECONDS + 2)]
    finish = [*length, *_STRIP, "-movflags", "+faststart", "-f", "mp4", f"file:{target}"]
    if _is_playable(facts):
        # Decoded all the same, to nowhere: what is copied unseen might be damaged.
        return [*_STREAMS, *_COPY, *finish, *_STREAMS, *length, "-f", "null", "-"]
    picture = ["-vf", f"{_FIT}{_TONES if facts.is_hdr else ''},format=yuv420p", *_H264]
    return [*_STREAMS, *picture, *_AAC, "-threads", "2", *finish]


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _store_poster(video: Path, directory: Path, name: str, limits: ffmpeg.Limits) -> None:
    # Of the first seconds the frame that looks most like the others: the very first is often black.
    frame = ["-map", "0:V:0", "-vf", "thumbnail=n=50", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2"]
    try:
        data = ffmpeg.convert(video, "mov", [*frame, "-f", "image2pipe", "pipe:1"], limits)
        media.store_photo(data, directory, poster_name(name))
    except (ffmpeg.Failed, media.PhotoError) as error:
        raise BrokenVideo from error
