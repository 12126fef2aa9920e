#!/usr/bin/env bash
# The browser tests drive a Chromium of the system. Installs one where apt can, says what is missing elsewhere.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
fi

if command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }; then
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update
    # The fonts are for the screenshots: without them Chinese is a row of boxes.
    "${as_root[@]}" apt-get install -y --no-install-recommends chromium fonts-noto-cjk
else
    echo "The browser tests need Chromium or Google Chrome on the PATH." >&2
    echo "Install one of them by hand (and a Chinese font, such as Noto Sans CJK), then try again." >&2
    exit 1
fi
