# One image for web, worker, beat and migrations. Built assets and translations come with the wheel.
FROM python:3.12-slim AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv /venv \
    && python -m venv /build \
    && /build/bin/pip install --require-hashes -r requirements.lock
COPY . .
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /venv/bin/pip install --constraint <(grep -E '^[a-zA-Z0-9_.-]+==' requirements.lock | sed 's/ *[;\\].*//') /dist/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home lxsaas
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 LXSAAS_DATA_DIR=/home/lxsaas/var LXSAAS_BIND=0.0.0.0:8000
USER lxsaas
WORKDIR /home/lxsaas
RUN mkdir var
EXPOSE 8000
CMD ["gunicorn", "--config", "python:lxsaas.core.gunicorn", "lxsaas.app:create_app()"]
