# One image, both ends: `target` serves, `run …` generates load.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Install scripts are left out: the only one we allow brings a Node of its own, and the image has one.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY core core
COPY contract contract
COPY target target
COPY harness harness
COPY calibration calibration
COPY labs labs
COPY pages pages
COPY cli cli
COPY scenarios scenarios
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
# One heap of the C library for all threads: each of its own would keep memory that others could use.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
# The packages of NATS are optional for users of the npm package, but workers on several machines need them.
COPY --from=build /app/node_modules/@nats-io node_modules/@nats-io
COPY --from=build /app/node_modules/tweetnacl node_modules/tweetnacl
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
# A named volume mounted here takes this owner, so that the harness can write its report.
RUN mkdir /results && chown node /results
USER node
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["target", "--host", "0.0.0.0"]
