# One image for the web, the worker, the beat and the migrations; compose says which it is.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    BIND=0.0.0.0 \
    PORT=8000
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin clinic \
    && install -d -o clinic -g clinic -m 0700 /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY config config
COPY crm crm
COPY notifications notifications
COPY leads leads
# Collecting static files needs settings but no secret: the keys of this one command are thrown away.
RUN key() { python -c "import base64, os; print(base64.b64encode(os.urandom($1)).decode())"; } \
    && SECRET_KEY="$(key 60)" FIELD_KEYS="build:$(key 32)" HASH_KEY="$(key 32)" ALLOWED_HOSTS=build \
       PUBLIC_URL=https://build DATA_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/build
USER clinic
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "-c", "python:config.server"]
