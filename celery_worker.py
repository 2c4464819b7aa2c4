"""Entry point of worker and beat: `celery -A celery_worker worker`, `celery -A celery_worker beat`."""

from lxsaas.app import create_app

celery = create_app().extensions["celery"]
