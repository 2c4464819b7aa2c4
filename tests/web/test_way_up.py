"""From a page that “All work” leads to, one tap leads back; the bar shows under what one is."""

from flask.testing import FlaskClient

from tests.factories import Factory


def test_a_page_of_all_work_leads_back_to_it(client: FlaskClient, factory: Factory) -> None:
    school = factory.school()
    teacher = factory.staff(school)
    factory.school_class(school, teacher)
    teacher.sign_in(client)
    back = f'<a class="lx-back" href="{school.path}work">'
    page = client.get(f"{school.path}must-visits").text
    assert page.count(back) == 1
    assert f'<a href="{school.path}work" aria-current="true">' in page
    for place in ("week", "work", "pupils"):
        assert back not in client.get(f"{school.path}{place}").text, place
