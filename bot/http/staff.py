"""Who is signed in: dependencies for every route of staff.

``StaffDep`` is the member behind the session cookie; ``Depends(require_roles("agent", "supervisor"))`` also
demands one of these roles. Both demand the CSRF header for everything but reading.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.requests import HTTPConnection

from bot.errors import CsrfMissing, NotPermitted, PasswordChangeRequired
from bot.http.asgi import client_address, origin_permitted
from bot.identity.build import Identity
from bot.identity.staff_records import Role, StaffMember
from bot.identity.staff_sessions import StaffSession

CSRF_HEADER = "X-CSRF-Token"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def the_identity(connection: HTTPConnection) -> Identity:
    """The application's :class:`Identity`."""
    identity: Identity = connection.app.state.services.identity
    return identity


IdentityDep = Annotated[Identity, Depends(the_identity)]


def cookie_name(production: bool) -> str:
    """``__Host-`` binds the cookie to https and to this host (RFC 6265bis 4.1.3.2)."""
    return "__Host-nuoyan_staff" if production else "nuoyan_staff"


def _production(connection: HTTPConnection) -> bool:
    return bool(connection.app.state.services.settings.env == "production")


def session_token(connection: HTTPConnection) -> str | None:
    """The token in the caller's cookie."""
    return connection.cookies.get(cookie_name(_production(connection)))


def set_session_cookie(request: Request, response: Response, token: str, max_age_s: int) -> None:
    """Hand a session to the browser: out of reach for scripts and for other sites."""
    production = _production(request)
    response.set_cookie(
        cookie_name(production), token, max_age=max_age_s, path="/", secure=production, httponly=True, samesite="strict"
    )


def delete_session_cookie(request: Request, response: Response) -> None:
    """Take the session out of the browser."""
    production = _production(request)
    response.delete_cookie(cookie_name(production), path="/", secure=production, httponly=True, samesite="strict")


async def staff_session(request: Request, identity: IdentityDep) -> StaffSession:
    """The caller's session, also while a password still has to be changed.

    Raises:
        NotSignedIn: there is none.
        CsrfMissing: a change without the header that goes with the session.
    """
    services = request.app.state.services
    await services.chat.limits.check_request(client_address(request))
    session: StaffSession = await services.threads.run(identity.sessions.find, session_token(request))
    if request.method not in _READING:
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf_token.encode()):
            raise CsrfMissing()
    return session


SessionDep = Annotated[StaffSession, Depends(staff_session)]


async def signed_in(session: SessionDep) -> StaffMember:
    """The member of staff who is calling; raises ``PasswordChangeRequired``."""
    if session.member.must_change_password:
        raise PasswordChangeRequired()
    return session.member


StaffDep = Annotated[StaffMember, Depends(signed_in)]


def require_roles(*roles: Role) -> Callable[[StaffMember], Awaitable[StaffMember]]:
    """A dependency: the member of staff who is calling, if one of ``roles`` is held; else ``NotPermitted``."""

    async def permitted(member: StaffDep) -> StaffMember:
        if not member.has(*roles):
            raise NotPermitted()
        return member

    return permitted


async def staff_of_socket(connection: HTTPConnection, origins: list[str]) -> StaffMember:
    """The member of staff behind a WebSocket, before it is accepted.

    The cookie is the only credential a browser sends here, so the page's origin must be ours.

    Raises:
        NotPermitted: opened by another site's page.
        NotSignedIn, PasswordChangeRequired
    """
    if not origin_permitted(connection.headers, origins):
        raise NotPermitted()
    services = connection.app.state.services
    session = await services.threads.run(services.identity.sessions.find, session_token(connection))
    return await signed_in(session)
