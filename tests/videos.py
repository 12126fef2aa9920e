"""Videos to test with, made by the same program that converts them."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-untyped]  # carries no types

# What phones write beside the picture.
PLACE = "+31.2304+121.4737+010.000/"
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "64k")


def ffmpeg(*arguments: str | Path) -> None:
    """Run the program. Raises ``CalledProcessError``."""
    command = [get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", "-v", "error", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def picture(size: str = "320x240", rate: int = 25, source: str = "testsrc") -> tuple[str, ...]:
    """A moving picture, as an input of the program."""
    return ("-f", "lavfi", "-i", f"{source}=size={size}:rate={rate}")


@cache
def made(ending: str, *arguments: str, seconds: float = 2) -> bytes:
    """A file that the program makes of these inputs and options. Each is made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"video.{ending}"
        ffmpeg(*arguments, "-t", str(seconds), path)
        return path.read_bytes()


def mp4(seconds: float = 2, size: str = "320x240") -> bytes:
    """What a phone records and every browser plays, with its index at the end."""
    return made("mp4", *picture(size), *SOUND, *H264, *AAC, seconds=seconds)


def webm(seconds: float = 2, size: str = "320x240") -> bytes:
    """What a browser records."""
    vp8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
    return made("webm", *picture(size), *SOUND, *vp8, "-c:a", "libopus", seconds=seconds)


def phone_mov() -> bytes:
    """Held upright, with a place, names and a track's own notes; HEVC as phones have it."""
    notes = {
        "com.apple.quicktime.location.ISO6709": PLACE,
        "com.apple.quicktime.model": "SECRET-PHONE",
        "title": "SECRET-TITLE",
    }
    tags = tuple(part for name, value in notes.items() for part in ("-metadata", f"{name}={value}"))
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p")
    return made(
        "mov", *picture("640x360"), *SOUND, *hevc, "-tag:v", "hvc1", *AAC, *tags,
        "-metadata:s:v", "handler_name=SECRET-HANDLER", "-movflags", "use_metadata_tags",
    )  # fmt: skip


def turned(data: bytes, degrees: int, ending: str = "mov") -> bytes:
    """The same recording with the phone held otherwise: the picture's own rows stay as they are."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / f"source.{ending}", Path(folder) / f"turned.{ending}"
        source.write_bytes(data)
        turn = ("-display_rotation:v:0", str(degrees))
        ffmpeg(*turn, "-i", source, "-c", "copy", "-map_metadata", "0", "-movflags", "use_metadata_tags", target)
        return target.read_bytes()


def sound() -> bytes:
    """A recording without a picture, in a video's container."""
    return made("mp4", *SOUND, *AAC)
