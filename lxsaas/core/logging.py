"""Structured logs: one JSON line an event, nothing personal in it."""

import logging
import logging.config
from typing import Any

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def drop_values(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Cuts a database error to its first line: what follows quotes rows (DETAIL, parameters)."""
    trace = event.get("exception")
    if isinstance(trace, str):
        event["exception"] = "\n".join(
            line
            for line in trace.splitlines()
            if not line.startswith(("DETAIL:", "CONTEXT:", "[parameters:"))
        )
    return event


def configure_logging(level: str = "INFO") -> None:
    """Sends the logs of the application and of its libraries to standard error in one form."""
    structlog.configure(
        processors=[*_SHARED, drop_values, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        drop_values,
                        structlog.processors.JSONRenderer(ensure_ascii=False),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {"alembic": {"level": "WARNING"}},
        }
    )
