"""Forms about one's own reports."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, TimeField
from wtforms.validators import DataRequired


class SubscriptionForm(FlaskForm):
    is_active = BooleanField(lazy_gettext("Send me the nightly digest"))
    send_at = TimeField(
        lazy_gettext("Not before"), validators=[DataRequired(lazy_gettext("A time like 06:30 is needed."))]
    )
