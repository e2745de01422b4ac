"""The trainers' interface (``/api/staff/training``): inbox, candidates, checks, training, versions."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Extra, Field, StrictBool, StrictStr

from bot.chat.conversations import now
from bot.errors import (
    CandidateSettled,
    CsrfMissing,
    GatesFailed,
    InvalidRequest,
    ModelNotFound,
    ModelTampered,
    NotPermitted,
    NotSignedIn,
    PasswordChangeRequired,
    PersonalDataFound,
    RateLimited,
    SamePerson,
    TrainingBusy,
    TrainingFileChanged,
    UnknownExample,
    UnknownLabel,
)
from bot.http.handlers import documented
from bot.http.staff import require_roles
from bot.identity.staff_records import StaffMember
from bot.training.inbox import REASONS, Filter
from bot.training.labels import Label
from bot.training.workbench import Workbench

_CALLER = (NotSignedIn, NotPermitted, PasswordChangeRequired, InvalidRequest, RateLimited)
_READ = documented(*_CALLER)

Trainer = Annotated[StaffMember, Depends(require_roles("trainer", "admin"))]
Reviewer = Annotated[StaffMember, Depends(require_roles("trainer", "supervisor", "admin"))]
Reader = Annotated[StaffMember, Depends(require_roles("trainer", "supervisor", "auditor", "admin"))]
Proposer = Annotated[StaffMember, Depends(require_roles("agent", "trainer", "supervisor", "admin"))]

router = APIRouter(prefix="/api/staff/training", tags=["训练工作台"])


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid


class Place(_Request):
    """One message of the log."""

    conversation_id: StrictStr = Field(..., min_length=1, max_length=32)
    seq: int = Field(..., ge=1)


class Places(_Request):
    """Messages that belong together."""

    places: list[Place] = Field(..., min_items=1, max_items=500)


class Proposal(_Request):
    """A sentence with its label; ``answer``: an agent's good answer, for the knowledge's owner."""

    text: StrictStr = Field(..., min_length=1, max_length=300)
    act: StrictStr = Field(..., max_length=32)
    topic: StrictStr | None = Field(None, max_length=64)
    aspect: StrictStr | None = Field(None, max_length=32)
    note: StrictStr = Field("", max_length=500)
    answer: StrictStr | None = Field(None, max_length=2000)
    places: list[Place] = Field([], max_items=500)


class Verdict(_Request):
    """A review."""

    approve: StrictBool
    comment: StrictStr = Field("", max_length=500)


class Comment(_Request):
    """Why something is undone."""

    comment: StrictStr = Field("", max_length=500)


class Publication(_Request):
    """``overrule_reason`` lets a model pass that misses a gate; administrators only."""

    overrule_reason: StrictStr | None = Field(None, max_length=500)


def the_workbench(request: Request) -> Workbench:
    """The application's :class:`Workbench`."""
    workbench: Workbench = request.app.state.services.workbench
    return workbench


TheWorkbench = Annotated[Workbench, Depends(the_workbench)]


async def _run(request: Request, function: Any, *args: Any, **kwargs: Any) -> Any:
    return await request.app.state.services.threads.run(function, *args, **kwargs)


def _wanted(
    days: Annotated[int, Query(ge=1, le=90)] = 7,
    reason: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    topic: str | None = None,
    channel: str | None = None,
    words: Annotated[str, Query(max_length=60)] = "",
) -> Filter:
    if unknown := set(reason) - set(REASONS):
        raise InvalidRequest(field=f"reason {sorted(unknown)[0]}")
    return Filter(now() - timedelta(days=days), frozenset(reason), topic, channel, words.strip())


Wanted = Annotated[Filter, Depends(_wanted)]


@router.get("/labels", summary="可用的标签", responses=_READ)
async def labels(_caller: Reader, bench: TheWorkbench) -> dict[str, Any]:
    """All acts, topics and aspects with titles and pinyin initials."""
    return {**bench.taxonomy.choices(), "reasons": [{"id": key, "title": title} for key, title in REASONS.items()]}


@router.get("/inbox", summary="没答好的消息", responses=_READ)
async def inbox(_caller: Reader, bench: TheWorkbench, request: Request, wanted: Wanted) -> dict[str, Any]:
    """Messages nobody has dealt with, the most instructive first."""
    items = await _run(request, bench.inbox.items, wanted)
    return {"items": [item.as_json() for item in items]}


@router.get("/inbox/groups", summary="没答好的消息,按意思归组", responses=_READ)
async def groups(_caller: Reader, bench: TheWorkbench, request: Request, wanted: Wanted) -> dict[str, Any]:
    """The same messages, those that mean the same together."""
    return {"groups": await _run(request, bench.grouped, wanted)}


@router.post("/inbox/dismiss", status_code=204, summary="不用处理", responses=documented(CsrfMissing, *_CALLER))
async def dismiss(body: Places, caller: Trainer, bench: TheWorkbench, request: Request) -> None:
    """Take messages out of the inbox without an example."""
    await _run(request, bench.inbox.settle, _places(body.places), caller.id, now(), None)


@router.get("/similar", summary="与一句话相似的例句和消息", responses=_READ)
async def similar(
    _caller: Reader, bench: TheWorkbench, request: Request, text: Annotated[str, Query(min_length=1, max_length=300)]
) -> dict[str, Any]:
    """Examples spelled alike, with their labels."""
    return {"examples": await _run(request, bench.similar_examples, text)}


@router.get("/candidates", summary="候选例句", responses=_READ)
async def candidates(
    _caller: Reader, bench: TheWorkbench, request: Request, state: str | None = None
) -> dict[str, Any]:
    """Candidates, newest first."""
    found = await _run(request, bench.candidates.all, state)
    return {"candidates": [candidate.as_json() for candidate in found]}


@router.post(
    "/candidates",
    status_code=201,
    summary="提交一条候选例句",
    responses=documented(UnknownLabel, PersonalDataFound, CsrfMissing, *_CALLER),
)
async def propose(body: Proposal, caller: Proposer, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """Propose an example; agents may, from their own chats."""
    label = Label(body.act, body.topic, body.aspect)
    try:
        candidate = await _run(
            *(request, bench.candidates.propose, body.text, label, caller.id),
            note=body.note,
            places=_places(body.places),
            answer=body.answer,
        )
    except ValueError as error:
        raise InvalidRequest(field=str(error)) from error
    found: dict[str, Any] = candidate.as_json()
    return found


@router.post(
    "/candidates/{candidate_id}/review",
    summary="审核",
    responses=documented(UnknownExample, SamePerson, CandidateSettled, CsrfMissing, *_CALLER),
)
async def review(
    candidate_id: str, body: Verdict, caller: Reviewer, bench: TheWorkbench, request: Request
) -> dict[str, Any]:
    """Approve or reject what somebody else proposed."""
    candidate = await _run(request, bench.candidates.review, candidate_id, caller.id, body.approve, body.comment)
    found: dict[str, Any] = candidate.as_json()
    return found


@router.post(
    "/candidates/{candidate_id}/undo",
    summary="撤销审核",
    responses=documented(UnknownExample, CandidateSettled, CsrfMissing, *_CALLER),
)
async def undo(
    candidate_id: str, body: Comment, caller: Reviewer, bench: TheWorkbench, request: Request
) -> dict[str, Any]:
    """Take a review back before it is trained."""
    candidate = await _run(request, bench.candidates.undo, candidate_id, caller.id, body.comment)
    found: dict[str, Any] = candidate.as_json()
    return found


@router.get("/candidates/{candidate_id}/history", summary="处理经过", responses=_READ)
async def history(candidate_id: str, _caller: Reader, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """Who did what, when and why."""
    return {"steps": await _run(request, bench.candidates.history, candidate_id)}


@router.get("/agreement", summary="各标签的审核一致率", responses=_READ)
async def agreement(_caller: Reader, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """How often proposals of a label were approved."""
    return {"labels": await _run(request, bench.candidates.agreement)}


@router.get("/checks", summary="训练前检查", responses=_READ)
async def checks(_caller: Reader, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """What is wrong with the training data."""
    return {"problems": [problem.as_json() for problem in await _run(request, bench.check)]}


@router.get("/jobs/latest", summary="训练进度", responses=_READ)
async def latest_job(_caller: Reader, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """The newest training."""
    return {"job": await _run(request, bench.jobs.latest)}


@router.post(
    "/jobs", status_code=202, summary="开始训练并对比", responses=documented(TrainingBusy, CsrfMissing, *_CALLER)
)
async def train(caller: Trainer, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """Train the approved examples in a process of its own."""
    return {"id": await _run(request, bench.train, caller.id)}


@router.get("/versions", summary="模型版本", responses=_READ)
async def versions(_caller: Reader, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """Model versions, newest first."""
    return {"versions": [version.as_json() for version in await _run(request, bench.versions.all)]}


_PUBLISH = documented(ModelNotFound, ModelTampered, GatesFailed, TrainingFileChanged, CsrfMissing, *_CALLER)


@router.post("/versions/{digest}/publish", summary="发布", responses=_PUBLISH)
async def publish(
    digest: str, body: Publication, caller: Trainer, bench: TheWorkbench, request: Request
) -> dict[str, Any]:
    """Make a version live; only administrators may overrule a gate, with a reason."""
    if body.overrule_reason and not caller.has("admin"):
        raise NotPermitted()
    version = await _run(request, bench.publish, digest, caller.id, body.overrule_reason)
    found: dict[str, Any] = version.as_json()
    return found


@router.post("/versions/rollback", summary="退回上一版", responses=_PUBLISH)
async def rollback(caller: Trainer, bench: TheWorkbench, request: Request) -> dict[str, Any]:
    """Make the version before the live one live again."""
    version = await _run(request, bench.rollback, caller.id)
    found: dict[str, Any] = version.as_json()
    return found


def _places(places: list[Place]) -> list[tuple[str, int]]:
    return [(place.conversation_id, place.seq) for place in places]
