"""The ffmpeg program, which reads files that strangers made: how it is called, and what it says of a file.

It runs as a separate program with nothing of this one's environment, opens one file in a format that
was named to it, knows no protocol but that of files, and has a time limit.
"""

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-untyped]  # carries no types

# What phones, cameras and browsers record; any other decoder stays shut.
_DECODERS = (
    "h264,hevc,vp8,libvpx,vp9,libvpx-vp9,av1,libdav1d,mpeg4,mjpeg,prores,h263,"
    "aac,mp3,mp3float,opus,libopus,vorbis,libvorbis,alac,ac3,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_f32le,pcm_alaw,pcm_mulaw"
)
# More pixels than any camera's video has; and no single allocation beyond this many bytes.
MAX_PIXELS = 36_000_000
_MAX_ALLOCATION = 512 * 1024 * 1024
_THREADS = "2"
# How often a running conversion is looked after, in seconds, and how far it steps back behind the site.
_POLL = 0.1
_NICENESS = 10

_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d)\.(\d\d)", re.MULTILINE)
# A stream, with the lines about it that follow; "#0:0[0x1](und): Video: h264 (High) …, yuv420p, 640x360 …".
_STREAM = re.compile(r"^  Stream #0:\d+[^\n]*?: (Video|Audio): (\w+)([^\n]*)((?:\n    [^\n]*)*)", re.MULTILINE)
_SIZE = re.compile(r", (\d{1,7})x(\d{1,7})\b")
_PIXELS = re.compile(r", ([a-z][a-z0-9]+)")
_SHAPE = re.compile(r"SAR (\d+):(\d+)")
# Each frame holds two halves of different moments.
_INTERLACED = re.compile(r"(top|bottom) (coded )?first")
_TURN = re.compile(r"rotation of (-?\d+\.\d+) degrees")

Container = Literal["mov", "matroska"]


class TimeIsUp(Exception):
    """The program did not end in time, and was ended."""


class Abandoned(Exception):
    """Nobody waits for the result any more."""


class Failed(Exception):
    """The program could not do it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to give up: at a moment of ``time.monotonic()``, or as soon as nobody wants the result."""

    deadline: float
    is_unwanted: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds. The first moving picture and the first sound count; nothing is an empty name.

    ``width`` and ``height`` are in pixels as stored, ``turn`` the degrees by which a player turns them.
    ``duration_ms`` is nothing where the file does not say it, as browsers' recordings do not.
    """

    duration_ms: int | None = None
    video: str = ""
    pixels: str = ""
    width: int = 0
    height: int = 0
    turn: int = 0
    is_plain: bool = True
    """Square pixels and whole frames."""
    is_hdr: bool = False
    audio: str = ""

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as a player shows them."""
        return (self.height, self.width) if self.turn % 180 else (self.width, self.height)


def probe(path: Path, container: Container, limits: Limits) -> Facts:
    """Look at a file without decoding it.

    Raises:
        Failed: if it is nothing of that kind.
        TimeIsUp, Abandoned: see ``Limits``.
    """
    # Without anything to write the program tells what it has read and ends with an error.
    said = _run([*_reading(path, container)], limits)[1]
    if not re.search(r"^Input #0, ", said, re.MULTILINE):
        raise Failed
    return parse(said)


def convert(path: Path, container: Container, output: Sequence[str], limits: Limits) -> bytes:
    """Read a file and write what ``output`` asks for. Returns what went to ``pipe:1``.

    Raises:
        Failed: if the file cannot be read, or much of it is damaged.
        TimeIsUp, Abandoned: see ``Limits``.
    """
    options = ["-v", "fatal", "-max_error_rate", "0.05"]
    status, _, data = _run([*options, *_reading(path, container), *output], limits)
    if status != 0:
        raise Failed
    return data


def _reading(path: Path, container: Container) -> list[str]:
    # Named formats and a single protocol: a play list in a file's place cannot lead anywhere else.
    return [
        *("-protocol_whitelist", "file", "-codec_whitelist", _DECODERS, "-max_pixels", str(MAX_PIXELS)),
        *("-threads", _THREADS, "-f", container, "-i", f"file:{path}"),
    ]


def _run(arguments: Sequence[str], limits: Limits) -> tuple[int, str, bytes]:
    """Run the program. Returns its exit status, what it said, and what it wrote to its output."""
    always = ["-hide_banner", "-nostdin", "-nostats", "-y", "-max_alloc", str(_MAX_ALLOCATION)]
    process = subprocess.Popen(  # noqa: S603 - no shell, and a fixed list of arguments
        [get_ffmpeg_exe(), *always, "-filter_threads", _THREADS, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Secrets of the site are none of its business.
        env={},
    )
    with process, contextlib.ExitStack() as stack:
        stack.callback(process.kill)
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        while True:
            try:
                data, said = process.communicate(timeout=_POLL)
            except subprocess.TimeoutExpired:
                if limits.is_unwanted():
                    raise Abandoned from None
                if time.monotonic() > limits.deadline:
                    raise TimeIsUp from None
            else:
                return process.returncode, said.decode(errors="replace"), data


def parse(said: str) -> Facts:
    """What the program's description of a file says.

    Texts inside of the file cannot pass for lines of the program's own: it sets them in from the margin.
    """
    video, audio = "", ""
    details, more = "", ""
    for kind, codec, rest, below in _STREAM.findall(said):
        # A cover is a picture, but no moving one.
        if kind == "Video" and not video and "(attached pic)" not in rest:
            video, details, more = codec, rest, below
        elif kind == "Audio" and not audio:
            audio = codec
    size, pixels, shape = _SIZE.search(details), _PIXELS.search(details), _SHAPE.search(details)
    turn = _TURN.search(more)
    return Facts(
        duration_ms=_milliseconds(said),
        video=video,
        pixels=pixels[1] if pixels else "",
        width=int(size[1]) if size else 0,
        height=int(size[2]) if size else 0,
        turn=round(float(turn[1])) if turn else 0,
        is_plain=(shape is None or shape[1] == shape[2] or shape[1] == "0") and not _INTERLACED.search(details),
        is_hdr="arib-std-b67" in details or "smpte2084" in details,
        audio=audio,
    )


def _milliseconds(said: str) -> int | None:
    found = _DURATION.search(said)
    if found is None:
        return None
    hours, minutes, seconds, hundredths = map(int, found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10
