# The same binary as a release, on a small base. Build: docker build -t pricore .
#
# The bases are tags, which get security updates. For a build that can be repeated, give what a tag points to today
# (`docker buildx imagetools inspect debian:bookworm-slim --format '{{.Manifest.Digest}}'`):
#   docker build --build-arg BUILD_BASE=node:22-bookworm-slim@sha256:… --build-arg BASE=debian:bookworm-slim@sha256:… .
ARG BUILD_BASE=node:22-bookworm-slim
ARG BASE=debian:bookworm-slim

FROM ${BUILD_BASE} AS build
WORKDIR /pricore
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin pricore \
 && install -d -o pricore -g pricore -m 0700 /data
COPY --from=build /pricore/dist/pricore /usr/local/bin/pricore
USER pricore
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["pricore", "health"]
ENTRYPOINT ["pricore"]
CMD ["serve"]
