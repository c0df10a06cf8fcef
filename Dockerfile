# The product for production: hashed packages, static files inside, an account without rights.
# One image serves the web, the worker, beat and the one-shot migration: see docker-compose.yml.
FROM python:3.13-slim-bookworm AS build
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN groupadd --gid 10001 remsportal \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin remsportal \
    && install --directory --owner remsportal --group remsportal /var/lib/remsportal
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Collecting needs no secret, so it runs in the demo environment; the files are the same ones.
RUN REMSPORTAL_ENV=demo python manage.py collectstatic --no-input
USER remsportal
EXPOSE 8000
# Answers on the host name that the product is reached by, as if it came through the TLS proxy.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import http.client, os, sys; \
web = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); \
host = os.environ['ALLOWED_HOSTS'].split(',')[0]; \
web.request('GET', '/livez', headers={'Host': host, 'X-Forwarded-Proto': 'https'}); \
sys.exit(web.getresponse().status >= 400)"]
CMD ["gunicorn", "remsportal.wsgi", "--config", "python:remsportal.gunicorn", \
     "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]
