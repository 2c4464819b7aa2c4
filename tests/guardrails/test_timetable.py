"""Every entry of the timetable names a real task, and no task does more than the timetable may ask for."""

from flask import Flask

from lxsaas.schedule import timetable


def test_each_entry_names_a_registered_task(app: Flask) -> None:
    tasks = app.extensions["celery"].tasks
    assert {entry["task"] for entry in timetable(15).values()} <= set(tasks)


def test_the_broker_gives_a_message_again_only_after_its_task_must_have_ended(app: Flask) -> None:
    settings = app.extensions["celery"].conf
    visible_again = settings.broker_transport_options["visibility_timeout"]
    assert settings.task_soft_time_limit < settings.task_time_limit < visible_again
    assert settings.accept_content == ["json"]
    assert settings.task_acks_late
    assert settings.task_reject_on_worker_lost
