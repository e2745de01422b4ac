"""Signing in, one's own account, and the administration of accounts (``/api/staff``)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from bot.desk.staff_schemas import (
    AccountIn,
    AccountOut,
    AccountPatch,
    AuditOut,
    CodeIn,
    LoginIn,
    PasswordIn,
    PasswordOnly,
    SignedInOut,
    TotpOut,
)
from bot.errors import (
    AccountExists,
    AccountNotFound,
    CsrfMissing,
    InvalidRequest,
    LastAdmin,
    LockedOut,
    LoginRefused,
    NotPermitted,
    NotSignedIn,
    PasswordChangeRequired,
    PasswordWeak,
    RateLimited,
    TotpRequired,
)
from bot.http.asgi import client_address, origin_permitted
from bot.http.handlers import documented
from bot.http.staff import (
    IdentityDep,
    SessionDep,
    delete_session_cookie,
    require_roles,
    session_token,
    set_session_cookie,
)
from bot.identity.staff import Changes
from bot.identity.staff_audit import MAX_PAGE
from bot.identity.staff_records import StaffMember

_CALLER = (NotSignedIn, CsrfMissing, NotPermitted, PasswordChangeRequired, InvalidRequest, RateLimited)

Admin = Annotated[StaffMember, Depends(require_roles("admin"))]
Lead = Annotated[StaffMember, Depends(require_roles("admin", "supervisor"))]
Auditor = Annotated[StaffMember, Depends(require_roles("admin", "auditor"))]

router = APIRouter(prefix="/api/staff", tags=["员工账号"])


async def _run(request: Request, function: Any, *args: Any, **kwargs: Any) -> Any:
    return await request.app.state.services.threads.run(function, *args, **kwargs)


async def _hashing(request: Request, function: Any, *args: Any, **kwargs: Any) -> Any:
    return await request.app.state.password_threads.run(function, *args, **kwargs)


@router.post(
    "/login",
    summary="登录",
    response_model=SignedInOut,
    responses=documented(LoginRefused, TotpRequired, LockedOut, NotPermitted, InvalidRequest, RateLimited),
)
async def login(body: LoginIn, request: Request, response: Response, identity: IdentityDep) -> dict[str, Any]:
    """Sign in; the session comes as a cookie, the CSRF token in the body."""
    if not origin_permitted(request.headers, []):
        raise NotPermitted()
    address = client_address(request)
    await request.app.state.services.chat.limits.check_request(address)
    token, session = await _hashing(
        request, identity.login.sign_in, body.account, body.password, body.totp, address, session_token(request)
    )
    set_session_cookie(request, response, token, int(identity.sessions.absolute.total_seconds()))
    return {"staff": session.member, "csrf_token": session.csrf_token}


@router.post("/logout", status_code=204, summary="退出", responses=documented(*_CALLER))
async def logout(_session: SessionDep, request: Request, identity: IdentityDep) -> Response:
    """End the session."""
    await _run(request, identity.login.sign_out, session_token(request), client_address(request))
    response = Response(status_code=204)
    delete_session_cookie(request, response)
    return response


@router.get("/me", summary="我的账号", response_model=SignedInOut, responses=documented(NotSignedIn, RateLimited))
async def me(session: SessionDep) -> dict[str, Any]:
    """Who is signed in, and the CSRF token of this session."""
    return {"staff": session.member, "csrf_token": session.csrf_token}


@router.post(
    "/password",
    status_code=204,
    summary="修改自己的密码",
    responses=documented(LoginRefused, LockedOut, PasswordWeak, *_CALLER),
)
async def password(body: PasswordIn, session: SessionDep, request: Request, identity: IdentityDep) -> Response:
    """Change one's own password; other sessions end."""
    await _hashing(request, identity.login.change_password, session, body.present, body.new, client_address(request))
    return Response(status_code=204)


@router.post(
    "/totp", summary="开通动态口令", response_model=TotpOut, responses=documented(LoginRefused, LockedOut, *_CALLER)
)
async def totp(body: PasswordOnly, session: SessionDep, request: Request, identity: IdentityDep) -> dict[str, str]:
    """A new secret for an authenticator; in force once a code from it is confirmed."""
    await _hashing(request, identity.login.confirm_password, session.member.id, body.password, client_address(request))
    secret, uri = await _run(request, identity.totp.begin, session.member.id)
    return {"secret": secret, "uri": uri}


@router.post("/totp/confirm", status_code=204, summary="确认动态口令", responses=documented(LoginRefused, *_CALLER))
async def totp_confirm(body: CodeIn, session: SessionDep, request: Request, identity: IdentityDep) -> Response:
    """Put the second factor in force."""
    await _run(request, identity.totp.confirm, session.member.id, body.code)
    return Response(status_code=204)


@router.post(
    "/totp/remove", status_code=204, summary="停用动态口令", responses=documented(LoginRefused, LockedOut, *_CALLER)
)
async def totp_remove(body: PasswordOnly, session: SessionDep, request: Request, identity: IdentityDep) -> Response:
    """Take the second factor off one's own account."""
    await _hashing(request, identity.login.confirm_password, session.member.id, body.password, client_address(request))
    await _run(request, identity.totp.remove, session.member.id)
    return Response(status_code=204)


@router.get("/accounts", summary="全部账号", response_model=list[AccountOut], responses=documented(*_CALLER))
async def accounts(_caller: Lead, request: Request, identity: IdentityDep) -> Any:
    """All accounts."""
    return await _run(request, identity.accounts.all)


@router.post(
    "/accounts",
    status_code=201,
    summary="新建账号",
    response_model=AccountOut,
    responses=documented(AccountExists, PasswordWeak, *_CALLER),
)
async def add_account(body: AccountIn, caller: Admin, request: Request, identity: IdentityDep) -> Any:
    """Create an account whose password must be changed at the first sign-in."""
    return await _hashing(
        request,
        identity.accounts.add,
        body.id,
        body.name,
        body.password,
        body.roles,
        body.skills,
        body.max_chats,
        by=caller.id,
        address=client_address(request),
    )


@router.get(
    "/accounts/{account}",
    summary="一个账号",
    response_model=AccountOut,
    responses=documented(AccountNotFound, *_CALLER),
)
async def account(account: str, _caller: Lead, request: Request, identity: IdentityDep) -> Any:
    """One account."""
    return await _run(request, identity.accounts.get, account)


@router.patch(
    "/accounts/{account}",
    summary="修改账号",
    response_model=AccountOut,
    responses=documented(AccountNotFound, LastAdmin, PasswordWeak, *_CALLER),
)
async def change_account(
    account: str, body: AccountPatch, caller: Lead, request: Request, identity: IdentityDep
) -> Any:
    """Change an account: administrators everything, supervisors skills and capacity of agents."""
    given = body.dict(exclude_unset=True)
    if account == caller.id and not {"password", "totp_off"}.isdisjoint(given):
        raise NotPermitted()  # one's own go through the routes that ask for the present password
    if not caller.has("admin"):
        subject = await _run(request, identity.accounts.get, account)
        if set(given) - {"skills", "max_chats"} or subject.roles != ("agent",):
            raise NotPermitted()
    address = client_address(request)
    return await _hashing(request, identity.accounts.change, account, Changes(**given), by=caller.id, address=address)


@router.get("/audit", summary="审计记录", response_model=list[AuditOut], responses=documented(*_CALLER))
async def audit(
    _caller: Auditor,
    request: Request,
    identity: IdentityDep,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    actor: Annotated[str | None, Query(regex=r"^[A-Za-z0-9_.\-]{1,32}$")] = None,
) -> Any:
    """The newest entries first; ``before`` is the number of the last entry already seen."""
    return await _run(request, identity.audit.read, before, limit, actor)
