# Two stages: one builds the wheel's environment and the index, the other runs it as a user without rights.
# The index of the bundled corpus is built into the image; at run time nothing is fetched from anywhere.
#
#   docker build -t hangzhou-rag --build-arg TORCH_INDEX=https://… .    # an index with PyTorch's CPU build
#   docker run --rm -v rag:/data hangzhou-rag rag key add admin --role admin
#   docker run --rm -p 127.0.0.1:8000:8000 -e RAG_HOST=0.0.0.0 -v rag:/data hangzhou-rag

FROM python:3.11-slim-bookworm AS build
# Left empty where the default index has PyTorch's CPU build.
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY pyproject.toml README.md ./
COPY .ci/constraints.txt .ci/constraints.txt
COPY corpus corpus
COPY index index
COPY rag rag
RUN python -m venv /opt/rag
RUN /opt/rag/bin/python -m pip install --constraint .ci/constraints.txt ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} .
RUN if /opt/rag/bin/python -m pip list | grep -i '^nvidia'; then \
        echo "this is PyTorch with CUDA; build with --build-arg TORCH_INDEX=ADDRESS of an index with its CPU build" >&2; exit 1; fi
RUN RAG_HOME=/data /opt/rag/bin/rag index build

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin rag
COPY --from=build /opt/rag /opt/rag
COPY --from=build --chown=rag:rag /data /data
ENV PATH=/opt/rag/bin:$PATH RAG_HOME=/data HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER rag
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('RAG_PORT', 8000)}/health/ready\", timeout=2)"]
CMD ["rag", "serve"]
