"""Writes on accounts: create, edit, passwords, languages, classes taught."""

import unicodedata
from collections.abc import Collection, Sequence
from datetime import date

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lxsaas.accounts import queries
from lxsaas.accounts.models import ClassTeacher
from lxsaas.accounts.passwords import check_password, hash_password, is_outdated, verifies
from lxsaas.accounts.realms import Realm
from lxsaas.accounts.sessions import end_sessions, void_invitations
from lxsaas.accounts.tables import Account, owned_by, tables_of
from lxsaas.core.audit import audit
from lxsaas.core.clock import now
from lxsaas.core.errors import NotFoundError, RuleError
from lxsaas.schools.models import SchoolClass


def username_of(text: str) -> str:
    """A user name as it is stored: NFKC, case folded, without spaces around."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def create_account(
    session: Session,
    realm: Realm,
    *,
    username: str,
    name: str,
    roles: Sequence[str],
    email: str | None = None,
    password: str | None = None,
    by: int | None,
) -> Account:
    """An account; without a password it waits for an invitation to be taken up.

    Raises RuleError for a taken user name, roles of another place, a bad address or a weak password.
    """
    username = username_of(username)
    if not username:
        raise RuleError("username_required", field="username")
    if session.scalars(queries.account_named(realm, username)).one_or_none() is not None:
        raise RuleError("username_taken", field="username", username=username)
    account = tables_of(realm).staff(**owned_by(realm), username=username)
    _fill(realm, account, name=name, roles=roles, email=email)
    if password is not None:
        _set_password(account, password)
    session.add(account)
    session.flush()
    _audit(session, realm, "create_account", account.id, by, roles=sorted(account.roles))
    return account


def edit_account(
    session: Session,
    realm: Realm,
    account: Account,
    *,
    name: str,
    roles: Sequence[str],
    email: str | None,
    is_active: bool,
    by: int | None,
) -> None:
    """Changes an account; one that is made inactive is signed out everywhere.

    Raises RuleError where nobody would be left who can manage the staff, and for taking that from oneself.
    """
    lead = tables_of(realm).lead
    if lead in account.roles and not (is_active and lead in roles):
        _check_leaving(session, realm, account, by=by)
    _fill(realm, account, name=name, roles=roles, email=email)
    account.is_active = is_active
    session.flush()
    if not is_active:
        end_sessions(session, realm, account.id, by=by)
        void_invitations(session, realm, account.id)
    _audit(session, realm, "edit_account", account.id, by, roles=sorted(account.roles), is_active=is_active)


def _fill(realm: Realm, account: Account, *, name: str, roles: Sequence[str], email: str | None) -> None:
    if not name.strip():
        raise RuleError("person_name_required", field="name")
    if not roles:
        raise RuleError("roles_required", field="roles")
    for role in roles:
        if role not in tables_of(realm).roles:
            raise RuleError("role_unknown", field="roles", role=role)
    if email:
        try:
            email = validate_email(email, check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            raise RuleError("email_invalid", field="email") from None
    account.name, account.roles, account.email = name.strip(), list(dict.fromkeys(roles)), email or None


def limit_to_townships(
    session: Session, realm: Realm, account: Account, township_ids: Collection[int], *, by: int | None
) -> None:
    """Limits a person of a district to some townships, to none in particular with no ids.

    Raises RuleError where nobody would be left who manages the staff, and for taking that from oneself.
    """
    wanted = sorted(set(township_ids)) or None
    if wanted == account.township_ids:
        return
    if wanted and account.township_ids is None and tables_of(realm).lead in account.roles:
        _check_leaving(session, realm, account, by=by)
    known = {row[0] for row in session.execute(queries.townships())}
    if not known.issuperset(wanted or ()):
        raise RuleError("township_unknown", field="townships")
    account.township_ids = wanted
    session.flush()
    _audit(session, realm, "edit_townships", account.id, by, townships=wanted)


def choose_start_view(session: Session, account: Account, view: str | None) -> None:
    """Keeps the page with which a person of a district wants to begin; None: the usual one."""
    account.start_view = view
    session.flush()


def _check_leaving(session: Session, realm: Realm, account: Account, *, by: int | None) -> None:
    # Locked: of two who take the role from each other at the same time only one succeeds.
    leads = session.scalars(queries.leads(realm).with_for_update()).all()
    if all(one.id == account.id for one in leads):
        raise RuleError("last_lead", field="roles")
    if account.id == by:
        raise RuleError("own_access", field="roles")


def authenticate(session: Session, realm: Realm, *, username: str, password: str) -> Account | None:
    """The account whose name and password fit; None without saying which was wrong, and not sooner either."""
    account = session.scalars(queries.account_named(realm, username_of(username))).one_or_none()
    fits = verifies(account.password_hash if account else None, password)
    if account is None or not fits or not account.is_active:
        return None
    if is_outdated(account.password_hash):
        account.password_hash = hash_password(password)
        session.flush()
    return account


def change_password(
    session: Session, realm: Realm, account: Account, *, current: str, new: str, keep: int | None
) -> None:
    """Replaces one's own password; every other session of the account ends, the one named by `keep` stays.

    Links to set another one are void. Raises RuleError for a wrong `current` one, and a weak `new` one.
    """
    if not verifies(account.password_hash, current):
        raise RuleError("password_wrong", field="current")
    _set_password(account, new)
    session.flush()
    end_sessions(session, realm, account.id, by=account.id, keep=keep)
    void_invitations(session, realm, account.id)
    _audit(session, realm, "change_password", account.id, account.id)


def set_first_password(session: Session, realm: Realm, account: Account, password: str) -> None:
    """Sets the password of an account whose invitation is taken up; signs it out everywhere."""
    _set_password(account, password)
    session.flush()
    end_sessions(session, realm, account.id, by=account.id)
    _audit(session, realm, "take_up_invitation", account.id, account.id)


def _set_password(account: Account, password: str) -> None:
    check_password(password, username=account.username)
    account.password_hash, account.password_changed_at = hash_password(password), now()


def choose_language(session: Session, account: Account, language: str) -> None:
    account.language = language
    session.flush()


def assign_classes(
    session: Session, realm: Realm, account: Account, class_ids: Collection[int], *, on: date, by: int | None
) -> None:
    """Makes somebody homeroom teacher of just these classes from a day on, in place of who had them."""
    current = set(session.scalars(queries.classes_taught_by(account.id, on)))
    gone, new = current - set(class_ids), set(class_ids) - current
    changed = gone | new
    if not changed:
        return
    open_on = ClassTeacher.class_id.in_(changed) & ClassTeacher.ends_on.is_(None)
    # What began today leaves no day behind: it is taken back rather than ended.
    session.execute(delete(ClassTeacher).where(open_on, ClassTeacher.starts_on >= on))
    session.execute(update(ClassTeacher).where(open_on).values(ends_on=on))
    for class_id in sorted(new):
        session.add(ClassTeacher(school_id=realm.id, class_id=class_id, staff_id=account.id, starts_on=on))
    session.flush()
    _audit(session, realm, "assign_classes", account.id, by, classes=sorted(class_ids))


def class_ids_of(session: Session, codes: Sequence[str]) -> list[int]:
    """Ids of the classes with these codes (班号). Raises NotFoundError for one that there is not."""
    known = {one.code: one.id for one in session.scalars(select(SchoolClass))}
    for code in codes:
        if code not in known:
            raise NotFoundError("class_unknown", code=code)
    return [known[code] for code in codes]


def find_account(session: Session, realm: Realm, username: str) -> Account:
    """Raises NotFoundError."""
    account = session.scalars(queries.account_named(realm, username_of(username))).one_or_none()
    if account is None:
        raise NotFoundError("user_unknown", username=username)
    return account


def _audit(
    session: Session, realm: Realm, action: str, account_id: int, by: int | None, **detail: object
) -> None:
    subject = tables_of(realm).staff.__tablename__
    audit(session, action, subject, account_id, by=by, **(owned_by(realm) | detail))  # type: ignore[arg-type]
