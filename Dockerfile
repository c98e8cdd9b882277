# mock-klaviyo: a local Klaviyo in an image. docker run --rm -p 4747:4747 mock-klaviyo
FROM python:3.13-slim

LABEL org.opencontainers.image.title="mock-klaviyo" \
      org.opencontainers.image.description="A local Klaviyo that real clients cannot tell from the real one" \
      org.opencontainers.image.licenses="MIT"

WORKDIR /app
COPY pyproject.toml README.md ./
COPY mock_klaviyo ./mock_klaviyo
COPY simulator ./simulator
COPY scenarios ./scenarios
RUN pip install --no-cache-dir . \
    && useradd --create-home --uid 10001 klaviyo \
    && mkdir /data \
    && chown klaviyo /data

USER 10001
VOLUME /data
EXPOSE 4747
ENV MOCK_KLAVIYO_HOST=0.0.0.0

HEALTHCHECK --interval=15s --timeout=5s --start-period=10s CMD ["mock-klaviyo", "healthcheck"]
ENTRYPOINT ["mock-klaviyo"]
CMD ["serve"]
