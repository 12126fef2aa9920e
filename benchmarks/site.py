"""The marketplace as production runs it: Reflex's own production server with one worker, but no pages.

``python -m benchmarks.site PORT`` serves what is built already, and so needs neither node nor a build.
"""

import sys

from reflex.constants import LogLevel
from reflex.utils.exec import run_backend_prod


def main() -> None:
    """Serve until told to stop."""
    run_backend_prod("127.0.0.1", int(sys.argv[1]), LogLevel.WARNING)


if __name__ == "__main__":
    main()
