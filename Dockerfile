# syntax=docker/dockerfile:1
# The image of crisp-mcp, for linux/amd64 and linux/arm64. The same layout as `npm run image` makes without a container
# engine; a test compares the two. Layers from the bottom: distroless Node, dependencies, program.
#
#   docker buildx build --platform linux/amd64,linux/arm64 --tag REGISTRY/crisp-mcp:VERSION \
#     --build-arg VERSION=… --build-arg REVISION=$(git rev-parse HEAD) --push .

# Nothing that is built here depends on the platform it will run on, so it is built once, on the builder's own.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
# No package of ours needs its install script to compile or to run.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/stage-image.ts /stage

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /stage/dependencies/ /
COPY --from=build /stage/application/ /

ENV PATH=/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    NODE_ENV=production
# By number: Kubernetes can only prove runAsNonRoot of a number.
USER 65532:65532
WORKDIR /home/nonroot
# The bound of src/process/young-generation.ts, in MB.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=16", "/app/dist/main.js"]
CMD ["--help"]

# Last, for they change with each commit.
ARG VERSION
ARG REVISION
ARG SOURCE=https://github.com/crisp-mcp/crisp-mcp-operator
LABEL org.opencontainers.image.title="crisp-mcp" \
      org.opencontainers.image.description="Kubernetes operator that turns CrispMcpServer resources into expiring, filtered MCP servers for the Crisp REST API" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}"
