"""The one error tree.

::

    NuoyanError
    ├── CustomerError                   the caller can put it right (4xx)
    │   ├── InvalidRequest              422  a field is missing, unknown or of the wrong type
    │   ├── TextError
    │   │   ├── MessageEmpty            422
    │   │   ├── MessageTooLong          422
    │   │   └── InvalidCharacters       422
    │   ├── UnknownButton               422
    │   ├── NotFound
    │   │   ├── ConversationNotFound    404  unknown conversation and wrong token alike
    │   │   ├── MessageNotFound         404
    │   │   ├── AccountNotFound         404
    │   │   ├── TopicNotFound           404
    │   │   ├── PageNotFound            404
    │   │   ├── ChatNotFound            404
    │   │   ├── EntryNotFound           404
    │   │   ├── NoRating                404
    │   │   ├── CaseNotFound            404  unknown case and somebody else's alike
    │   │   └── FileNotFound            404  unknown file and somebody else's alike
    │   ├── CaseError
    │   │   ├── CaseActionRefused       422  not possible as the case stands; says why
    │   │   ├── CaseUrgedToday          409
    │   │   ├── FileRefused             422  not a picture or PDF, or too many
    │   │   ├── FileTooLarge            413
    │   │   └── CaseConflict            409  somebody else was faster
    │   ├── MethodNotAllowed            405
    │   ├── NotPermitted                403
    │   │   ├── CsrfMissing             403
    │   │   └── PasswordChangeRequired  403
    │   ├── SignInError
    │   │   ├── NotSignedIn             401
    │   │   ├── LoginRefused            401  unknown account and wrong password alike
    │   │   └── TotpRequired            401
    │   ├── IdentityError                    a token of the bank's page
    │   │   ├── IdentityRefused         401
    │   │   └── IdentityExpired         401
    │   ├── PasswordWeak                422
    │   ├── Conflict
    │   │   ├── IdentityConflict        409
    │   │   ├── AccountExists           409
    │   │   └── LastAdmin               409
    │   ├── BodyTooLarge                413
    │   ├── BodyTooSlow                 408
    │   ├── DeskError
    │   │   ├── ChatTaken               409  another agent was faster
    │   │   ├── ChatsOpen               409
    │   │   ├── NotYourChat             409
    │   │   ├── DeskFull                409
    │   │   ├── NobodyWaits             409
    │   │   ├── PhraseWarned            422  sent only when acknowledged
    │   │   ├── PhraseBlocked           422  words that must not be sent to customers
    │   │   └── EntryExists             409
    │   ├── TrainingError
    │   │   ├── TrainingFileBroken  409  a file of the training data can't be read; says the line
    │   │   ├── TrainingFileChanged 409  changed by hand meanwhile; nothing was overwritten
    │   │   ├── UnknownExample      404
    │   │   ├── UnknownLabel        422
    │   │   ├── PersonalDataFound   422  an example must not hold personal data
    │   │   ├── TrainingBusy        409  one training at a time
    │   │   ├── GatesFailed         409  a candidate model that does not pass may not be published
    │   │   ├── ModelNotFound       404
    │   │   ├── ModelTampered       409  a model file is not the one that was trained
    │   │   ├── SamePerson          403  who proposes may not approve
    │   │   └── CandidateSettled    409  somebody else was faster
    │   └── TooMuch
    │       ├── RateLimited             429
    │       │   └── UploadsBusy         429
    │       ├── LockedOut               429
    │       ├── TooManyPending          429
    │       └── TooManyConnections      429
    └── ServiceError                    our side is at fault (5xx)
        ├── InternalError               500
        ├── StoreUnavailable            503
        ├── SmsFailed                   503
        ├── PagesNotBuilt               503
        ├── ConfigurationError          500
        ├── CaseSystemUnavailable       503  the bank's own case system doesn't answer
        └── AssistantUnavailable        503
            ├── AssistantTimeout        503
            ├── AssistantRefused        503
            └── AssistantGarbled        503

Every class has a stable ``code``, an HTTP ``status`` and a customer-facing Chinese ``template``.
``data`` holds figures and field names only, never anything a customer wrote, so that an error
may be logged as it is.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class ErrorCode(str, Enum):
    """Stable codes: clients, metrics and tests rely on them; never rename one."""

    INVALID_REQUEST = "invalid_request"
    MESSAGE_EMPTY = "message_empty"
    MESSAGE_TOO_LONG = "message_too_long"
    INVALID_CHARACTERS = "invalid_characters"
    UNKNOWN_BUTTON = "unknown_button"
    CONVERSATION_NOT_FOUND = "conversation_not_found"
    MESSAGE_NOT_FOUND = "message_not_found"
    TOPIC_NOT_FOUND = "topic_not_found"
    PAGE_NOT_FOUND = "page_not_found"
    CASE_NOT_FOUND = "case_not_found"
    CASE_ACTION_REFUSED = "case_action_refused"
    CASE_URGED_TODAY = "case_urged_today"
    CASE_CONFLICT = "case_conflict"
    FILE_NOT_FOUND = "file_not_found"
    FILE_REFUSED = "file_refused"
    FILE_TOO_LARGE = "file_too_large"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_PERMITTED = "not_permitted"
    CSRF_MISSING = "csrf_missing"
    PASSWORD_CHANGE_REQUIRED = "password_change_required"  # noqa: S105 - a code, no password
    NOT_SIGNED_IN = "not_signed_in"
    LOGIN_REFUSED = "login_refused"
    TOTP_REQUIRED = "totp_required"
    IDENTITY_REFUSED = "identity_refused"
    IDENTITY_EXPIRED = "identity_expired"
    IDENTITY_CONFLICT = "identity_conflict"
    PASSWORD_WEAK = "password_weak"  # noqa: S105 - a code, no password
    ACCOUNT_NOT_FOUND = "account_not_found"
    ACCOUNT_EXISTS = "account_exists"
    LAST_ADMIN = "last_admin"
    LOCKED_OUT = "locked_out"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    CHAT_TAKEN = "chat_taken"
    CHAT_NOT_FOUND = "chat_not_found"
    CHATS_OPEN = "chats_open"
    ENTRY_EXISTS = "entry_exists"
    ENTRY_NOT_FOUND = "entry_not_found"
    NO_RATING = "no_rating"
    PHRASE_WARNED = "phrase_warned"
    NOT_YOUR_CHAT = "not_your_chat"
    DESK_FULL = "desk_full"
    NOBODY_WAITS = "nobody_waits"
    PHRASE_BLOCKED = "phrase_blocked"
    RATE_LIMITED = "rate_limited"
    TOO_MANY_PENDING = "too_many_pending"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    TRAINING_FILE_BROKEN = "training_file_broken"
    TRAINING_FILE_CHANGED = "training_file_changed"
    UNKNOWN_EXAMPLE = "unknown_example"
    UNKNOWN_LABEL = "unknown_label"
    PERSONAL_DATA_FOUND = "personal_data_found"
    SAME_PERSON = "same_person"
    CANDIDATE_SETTLED = "candidate_settled"
    TRAINING_BUSY = "training_busy"
    GATES_FAILED = "gates_failed"
    MODEL_NOT_FOUND = "model_not_found"
    MODEL_TAMPERED = "model_tampered"
    INTERNAL_ERROR = "internal_error"
    STORE_UNAVAILABLE = "store_unavailable"
    SMS_FAILED = "sms_failed"
    PAGES_NOT_BUILT = "pages_not_built"
    CONFIGURATION = "configuration"
    CASE_SYSTEM_UNAVAILABLE = "case_system_unavailable"
    ASSISTANT_UNAVAILABLE = "assistant_unavailable"
    ASSISTANT_TIMEOUT = "assistant_timeout"
    ASSISTANT_REFUSED = "assistant_refused"
    ASSISTANT_GARBLED = "assistant_garbled"


class NuoyanError(Exception):
    """Base of everything this program raises on purpose.

    Args:
        data: values for the placeholders of ``template``; figures and names, no customer text.
    """

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_ERROR
    status: ClassVar[int] = 500
    template: ClassVar[str] = "抱歉，系统暂时出了点问题，请稍后再试。"

    def __init__(self, **data: object) -> None:
        self.data: dict[str, object] = data
        super().__init__(self.code.value, data)

    @property
    def text(self) -> str:
        """The sentence shown to a person."""
        return self.template.format(**self.data)

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that belong to this error."""
        return {}

    def body(self) -> dict[str, dict[str, str]]:
        """The JSON body: ``{"error": {"code", "text"}}``."""
        return {"error": {"code": self.code.value, "text": self.text}}

    def __str__(self) -> str:
        details = " ".join(f"{key}={value}" for key, value in self.data.items())
        return f"{self.code.value} {details}".strip()


class CustomerError(NuoyanError):
    """The caller can put it right."""

    code = ErrorCode.INVALID_REQUEST
    status = 422
    template = "请求的内容不正确，请检查后再试。"


class InvalidRequest(CustomerError):
    """A field is missing, unknown, or of the wrong type; ``field`` names it."""

    template = "请求的格式不正确（{field}），请检查后再试。"

    def __init__(self, *, field: str) -> None:
        super().__init__(field=field)


class TextError(CustomerError):
    """A customer's text can't be taken as it is; the client keeps it."""


class MessageEmpty(TextError):
    """Nothing is left to send."""

    code = ErrorCode.MESSAGE_EMPTY
    template = "消息内容是空的，请输入文字后再发送。"


class MessageTooLong(TextError):
    """More than ``limit`` characters."""

    code = ErrorCode.MESSAGE_TOO_LONG
    template = "您的消息有 {length} 个字，超过了 {limit} 个字的上限，请分成几条发送。内容仍为您保留在输入框中。"

    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(length=length, limit=limit)


class InvalidCharacters(TextError):
    """Characters which are no text at all (half a surrogate pair)."""

    code = ErrorCode.INVALID_CHARACTERS
    template = "消息中有无法识别的字符，请删去后重新发送。"


class UnknownButton(CustomerError):
    """A button id that this conversation never offered."""

    code = ErrorCode.UNKNOWN_BUTTON
    template = "这个选项已经失效，请直接输入您的问题，或刷新页面后再选。"


class NotFound(CustomerError):
    """There is no such thing, or it isn't the caller's."""

    code = ErrorCode.PAGE_NOT_FOUND
    status = 404
    template = "没有找到您要的内容。"


class ConversationNotFound(NotFound):
    """Unknown conversation, no token or a wrong one: one answer, so nothing can be probed."""

    code = ErrorCode.CONVERSATION_NOT_FOUND
    template = "没有找到这个会话，请刷新页面，重新开始咨询。"


class MessageNotFound(NotFound):
    """No such message, or not one that can be rated."""

    code = ErrorCode.MESSAGE_NOT_FOUND
    template = "没有找到这条消息，无法评价。"


class AccountNotFound(NotFound):
    """No such account of staff."""

    code = ErrorCode.ACCOUNT_NOT_FOUND
    template = "没有找到这个工号。"


class TopicNotFound(NotFound):
    """The knowledge base has no such topic."""

    code = ErrorCode.TOPIC_NOT_FOUND
    template = "没有找到这个问题，请换个说法再搜一次，或者直接问机器人。"


class ChatNotFound(NotFound):
    """No chat of the desk, or not one for this person: one answer."""

    code = ErrorCode.CHAT_NOT_FOUND
    template = "没有找到这个会话，或您无权查看。"


class EntryNotFound(NotFound):
    """No such canned reply, rule, note, alarm or webhook."""

    code = ErrorCode.ENTRY_NOT_FOUND
    template = "没有找到这一条，可能已被删除。"


class NoRating(NotFound):
    """No rating is invited, or it was given already."""

    code = ErrorCode.NO_RATING
    template = "现在没有需要评价的服务，感谢您的支持。"


class PageNotFound(NotFound):
    """No such address."""

    template = "没有找到这个页面或接口。"


class CaseNotFound(NotFound):
    """No such case, or one of somebody else: one answer, so nothing can be probed."""

    code = ErrorCode.CASE_NOT_FOUND
    template = "没有找到这张工单，请核对后再试。"


class FileNotFound(NotFound):
    """No such file, or one of a case of somebody else: one answer."""

    code = ErrorCode.FILE_NOT_FOUND
    template = "没有找到这个文件。"


class CaseError(CustomerError):
    """Something can't be done to a case."""


class CaseActionRefused(CaseError):
    """Not possible as the case stands; ``reason`` is one of the sentences of ``bot.cases.wording``."""

    code = ErrorCode.CASE_ACTION_REFUSED
    template = "{reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class CaseUrgedToday(CaseError):
    """A case can be urged once a day."""

    code = ErrorCode.CASE_URGED_TODAY
    status = 409
    template = "今天已经为您催办过一次，经办人员会尽快处理；如仍未收到答复，明天可以再次催办。"


class FileRefused(CaseError):
    """A file that isn't taken; ``reason`` is one of the sentences of ``bot.cases.wording``."""

    code = ErrorCode.FILE_REFUSED
    template = "{reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)


class FileTooLarge(CaseError):
    """A file of more than ``limit_mb`` megabytes."""

    code = ErrorCode.FILE_TOO_LARGE
    status = 413
    template = "文件超过了 {limit_mb} MB 的上限，请压缩后再上传。"

    def __init__(self, *, limit_mb: int) -> None:
        super().__init__(limit_mb=limit_mb)


class CaseConflict(CaseError):
    """Somebody else changed the case since it was read; nothing was changed now."""

    code = ErrorCode.CASE_CONFLICT
    status = 409
    template = "这张工单刚刚被其他人更新过，您的操作没有生效。请刷新后核对最新情况，再决定是否继续。"


class MethodNotAllowed(CustomerError):
    """The address exists, the HTTP method doesn't."""

    code = ErrorCode.METHOD_NOT_ALLOWED
    status = 405
    template = "这个接口不支持该请求方式。"


class NotPermitted(CustomerError):
    """The address isn't for this caller."""

    code = ErrorCode.NOT_PERMITTED
    status = 403
    template = "您没有访问此内容的权限。"


class CsrfMissing(NotPermitted):
    """A change was asked for without the token that only our own pages have."""

    code = ErrorCode.CSRF_MISSING
    template = "页面已过期，请刷新后重试。"


class PasswordChangeRequired(NotPermitted):
    """The password was chosen by somebody else and must be changed first."""

    code = ErrorCode.PASSWORD_CHANGE_REQUIRED
    template = "首次登录请先修改密码。"


class SignInError(CustomerError):
    """A member of staff isn't signed in, or can't be."""

    code = ErrorCode.NOT_SIGNED_IN
    status = 401
    template = "登录已失效，请重新登录。"


class NotSignedIn(SignInError):
    """No session, or one that has ended."""


class LoginRefused(SignInError):
    """Unknown or deactivated account, wrong password or wrong code: one answer, so nothing can be probed."""

    code = ErrorCode.LOGIN_REFUSED
    template = "工号、密码或动态口令不正确。"


class TotpRequired(SignInError):
    """The password was right; the account also wants the code of its authenticator."""

    code = ErrorCode.TOTP_REQUIRED
    template = "请输入身份验证器上的六位动态口令。"


class IdentityError(CustomerError):
    """The bank's page vouches for a customer, but not in a way that counts; ``cause`` is for the log."""

    code = ErrorCode.IDENTITY_REFUSED
    status = 401
    template = "暂时无法确认您的登录身份，请在银行页面重新登录后再试；您也可以不登录，继续咨询。"

    def __init__(self, *, cause: str) -> None:
        super().__init__(cause=cause)


class IdentityRefused(IdentityError):
    """Forged, incomplete, for somebody else, used before, or not yet valid."""


class IdentityExpired(IdentityError):
    """It was good and has run out."""

    code = ErrorCode.IDENTITY_EXPIRED
    template = "您的登录信息已过期，请刷新页面或重新登录后再试；您也可以不登录，继续咨询。"


class PasswordWeak(CustomerError):
    """A new password that would be guessed."""

    code = ErrorCode.PASSWORD_WEAK
    template = "密码须为 10 至 128 个字符，不能包含工号，也不能只有少数几个字符反复出现。"


class Conflict(CustomerError):
    """It can't be done as things stand now."""

    status = 409
    template = "当前状态下不能这样操作，请刷新后再试。"


class IdentityConflict(Conflict):
    """The conversation belongs to another customer."""

    code = ErrorCode.IDENTITY_CONFLICT
    template = "这个会话属于另一位客户，请重新开始一个会话。"


class AccountExists(Conflict):
    """There is an account ``account`` already."""

    code = ErrorCode.ACCOUNT_EXISTS
    template = "工号 {account} 已存在。"

    def __init__(self, *, account: str) -> None:
        super().__init__(account=account)


class LastAdmin(Conflict):
    """Nobody would be left who can administer accounts."""

    code = ErrorCode.LAST_ADMIN
    template = "至少要保留一名在用的管理员。"


class BodyTooLarge(CustomerError):
    """The request body is larger than ``limit`` bytes; it was not parsed."""

    code = ErrorCode.BODY_TOO_LARGE
    status = 413
    template = "发送的内容太大，请缩短后分几次发送。"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)


class BodyTooSlow(CustomerError):
    """The request body did not arrive in time."""

    code = ErrorCode.BODY_TOO_SLOW
    status = 408
    template = "网络太慢，内容没有完整收到，请重新发送。"


class DeskError(CustomerError):
    """Something an agent can't do, or can't do any more."""

    code = ErrorCode.CHAT_TAKEN
    status = 409
    template = "这个会话的状态已经变化，请刷新后再试。"


class ChatTaken(DeskError):
    """Another agent was faster, or the customer no longer waits."""

    template = "这个会话已由其他坐席接待，或客户已经离开。"


class NotYourChat(DeskError):
    """Only the agent who has the chat may do this."""

    code = ErrorCode.NOT_YOUR_CHAT
    template = "这个会话现在不由您接待，不能执行此操作。"


class DeskFull(DeskError):
    """``capacity`` chats are under way already."""

    code = ErrorCode.DESK_FULL
    template = "您同时接待的会话已达上限（{capacity} 个），请先结束一个再接入。"

    def __init__(self, *, capacity: int) -> None:
        super().__init__(capacity=capacity)


class NobodyWaits(DeskError):
    """The queue is empty for this agent."""

    code = ErrorCode.NOBODY_WAITS
    template = "现在没有您可以接入的等候客户。"


class ChatsOpen(DeskError):
    """An agent can't leave with ``open`` chats under way."""

    code = ErrorCode.CHATS_OPEN
    template = "您还有 {open} 个会话没有结束，请先结束或转接后再离线。"

    def __init__(self, *, open: int) -> None:
        super().__init__(open=open)


class EntryExists(DeskError):
    """There is an entry with this key already."""

    code = ErrorCode.ENTRY_EXISTS
    template = "这个编号已经存在，请换一个。"


class PhraseWarned(DeskError):
    """Words to think about; ``hint`` is the rules' own advice. May be sent when acknowledged."""

    code = ErrorCode.PHRASE_WARNED
    status = 422
    template = "发送前请确认：{hint}"

    def __init__(self, *, hint: str) -> None:
        super().__init__(hint=hint)


class PhraseBlocked(DeskError):
    """Words that an agent must not send; ``hint`` is the rule's own advice."""

    code = ErrorCode.PHRASE_BLOCKED
    status = 422
    template = "这句话不能发送：{hint}"

    def __init__(self, *, hint: str) -> None:
        super().__init__(hint=hint)


class TrainingError(CustomerError):
    """Something about examples, labels or the files they stand in."""


class TrainingFileBroken(TrainingError):
    """A training file can't be read; ``line`` counts from 1, 0 when unknown."""

    code = ErrorCode.TRAINING_FILE_BROKEN
    status = 409
    template = "训练文件 {file} 第 {line} 行附近有错：{reason}。请改好文件后再试，没有改动任何内容。"

    def __init__(self, *, file: str, line: int, reason: str) -> None:
        super().__init__(file=file, line=line, reason=reason)


class TrainingFileChanged(TrainingError):
    """``file`` was changed by hand since it was read."""

    code = ErrorCode.TRAINING_FILE_CHANGED
    status = 409
    template = "训练文件 {file} 刚被其他人修改过，为避免覆盖，本次没有写入。请重新读取后再试。"

    def __init__(self, *, file: str) -> None:
        super().__init__(file=file)


class UnknownExample(TrainingError):
    """There is no such example or message."""

    code = ErrorCode.UNKNOWN_EXAMPLE
    status = 404
    template = "没有找到这句话，可能已被处理，请刷新后再试。"


class UnknownLabel(TrainingError):
    """Not an act, topic or aspect of the taxonomy, or one that does not go with the others."""

    code = ErrorCode.UNKNOWN_LABEL
    template = "标签“{label}”不在分类表里，或与其他标签不相配，请重新选择。"

    def __init__(self, *, label: str) -> None:
        super().__init__(label=label)


class PersonalDataFound(TrainingError):
    """An example holds personal data of the ``kinds`` named."""

    code = ErrorCode.PERSONAL_DATA_FOUND
    template = "这句话里有个人信息（{kinds}），不能作为训练例句，请先改写。"

    def __init__(self, *, kinds: str) -> None:
        super().__init__(kinds=kinds)


class SamePerson(TrainingError):
    """Who proposes an example may not approve it (four eyes)."""

    code = ErrorCode.SAME_PERSON
    status = 403
    template = "自己提交的例句要由另一位同事审核。"


class CandidateSettled(TrainingError):
    """The candidate is no longer in a state in which this can be done."""

    code = ErrorCode.CANDIDATE_SETTLED
    status = 409
    template = "这条例句刚被别人处理过了，请刷新后再看。"


class TrainingBusy(TrainingError):
    """Another training is under way."""

    code = ErrorCode.TRAINING_BUSY
    status = 409
    template = "已有一次训练正在进行，请等它结束后再开始。"


class GatesFailed(TrainingError):
    """The candidate model does not pass all gates; ``gates`` names them."""

    code = ErrorCode.GATES_FAILED
    status = 409
    template = "候选模型没有通过：{gates}。只有管理员写明理由后才能放行。"

    def __init__(self, *, gates: str) -> None:
        super().__init__(gates=gates)


class ModelNotFound(TrainingError):
    """There is no such model, or not in a state in which this can be done."""

    code = ErrorCode.MODEL_NOT_FOUND
    status = 404
    template = "没有找到这个模型版本，请刷新后再看。"


class ModelTampered(TrainingError):
    """A model's file is missing or not the one that was trained."""

    code = ErrorCode.MODEL_TAMPERED
    status = 409
    template = "模型文件与训练时的不一致或已丢失，为安全起见不予加载。请重新训练。"


class TooMuch(CustomerError):
    """More than a conversation or an address may use."""

    code = ErrorCode.RATE_LIMITED
    status = 429
    template = "操作太频繁，请稍候再试。"


class RateLimited(TooMuch):
    """A rate limit was reached; free again in ``retry_after_s`` seconds."""

    template = "您发得有点快，请在 {retry_after_s} 秒后再试。内容仍为您保留在输入框中。"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(retry_after_s=retry_after_s)
        self.retry_after_s = retry_after_s

    @property
    def headers(self) -> dict[str, str]:
        """When to try again."""
        return {"Retry-After": str(self.retry_after_s)}


class LockedOut(TooMuch):
    """Too many wrong tries; free again in ``retry_after_s`` seconds."""

    code = ErrorCode.LOCKED_OUT
    template = "连续多次不正确，为保障安全已暂时锁定，请在 {minutes} 分钟后再试。"

    def __init__(self, *, retry_after_s: int) -> None:
        self.retry_after_s, self.minutes = retry_after_s, -(-retry_after_s // 60)
        super().__init__(retry_after_s=retry_after_s, minutes=self.minutes)

    @property
    def headers(self) -> dict[str, str]:
        """When to try again."""
        return {"Retry-After": str(self.retry_after_s)}


class UploadsBusy(RateLimited):
    """As many files as this server takes at once are on their way."""

    template = "现在上传文件的人较多，请在 {retry_after_s} 秒后再试。"


class TooManyPending(TooMuch):
    """``limit`` messages of this conversation still wait for an answer."""

    code = ErrorCode.TOO_MANY_PENDING
    template = "您前面的 {limit} 条消息正在处理，请等答复后再发送。内容仍为您保留在输入框中。"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)


class TooManyConnections(TooMuch):
    """This conversation is open in ``limit`` windows already."""

    code = ErrorCode.TOO_MANY_CONNECTIONS
    template = "这个会话已在 {limit} 个窗口中打开，请先关闭其他窗口。"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)


class ServiceError(NuoyanError):
    """Our side is at fault."""


class InternalError(ServiceError):
    """Anything nobody foresaw."""


class StoreUnavailable(ServiceError):
    """The database doesn't answer."""

    code = ErrorCode.STORE_UNAVAILABLE
    status = 503
    template = "抱歉，系统繁忙，您的内容暂时没有保存成功，请稍后重新发送。"


class SmsFailed(ServiceError):
    """The message service did not take a code for delivery (``status_code`` 0: no answer)."""

    code = ErrorCode.SMS_FAILED
    status = 503
    template = "抱歉，短信暂时发送不出去，请稍后再试，或转人工服务。"

    def __init__(self, *, status_code: int) -> None:
        super().__init__(status_code=status_code)


class PagesNotBuilt(ServiceError):
    """The web pages have not been built yet."""

    code = ErrorCode.PAGES_NOT_BUILT
    status = 503
    template = "网页尚未构建：请先运行 make run（它会构建 web 目录），然后刷新本页。"


class ConfigurationError(ServiceError):
    """A setting can't be used; ``setting`` names it, ``reason`` says why (for operators)."""

    code = ErrorCode.CONFIGURATION
    template = "配置项 {setting} 不正确：{reason}"

    def __init__(self, *, setting: str, reason: str) -> None:
        super().__init__(setting=setting, reason=reason)


class CaseSystemUnavailable(ServiceError):
    """The bank's own case system doesn't answer, or not in a way we understand."""

    code = ErrorCode.CASE_SYSTEM_UNAVAILABLE
    status = 503
    template = "抱歉，工单系统暂时无法访问，现在查不到最新进度。请稍后再试，或转人工为您查询。"


class AssistantUnavailable(ServiceError):
    """The assistant behind the server gave no usable answer."""

    code = ErrorCode.ASSISTANT_UNAVAILABLE
    status = 503
    template = "抱歉，智能客服暂时没有回应，请稍后再试，或转人工服务。"


class AssistantTimeout(AssistantUnavailable):
    """Silent past the deadline of ``deadline_s`` seconds."""

    code = ErrorCode.ASSISTANT_TIMEOUT

    def __init__(self, *, deadline_s: float) -> None:
        super().__init__(deadline_s=deadline_s)


class AssistantRefused(AssistantUnavailable):
    """No connection (``status_code`` 0) or an HTTP status other than 200."""

    code = ErrorCode.ASSISTANT_REFUSED

    def __init__(self, *, status_code: int) -> None:
        super().__init__(status_code=status_code)


class AssistantGarbled(AssistantUnavailable):
    """An answer that is no valid reply; ``reason`` is a short technical word."""

    code = ErrorCode.ASSISTANT_GARBLED

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=reason)
