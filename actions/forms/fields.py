"""What customers' words hold for a form: numbers, phone tails, yes and no, time, place, demand; pure functions."""

from __future__ import annotations

import re
import unicodedata

from bot.cases.number import parse_number
from bot.nlu.normaliser import surface

_GAP = r"[\s\-‐-―−_.]{0,2}"
_CASE = re.compile(rf"ny{_GAP}[0-9oil]{{6}}{_GAP}[0-9a-z]{{6}}{_GAP}[0-9a-z](?![0-9a-z])", re.IGNORECASE)
_LIKE_NUMBER = re.compile(r"(?<![0-9a-z])(?=[0-9a-z\-]*[0-9])[0-9a-z][0-9a-z\-]{5,}(?![0-9a-z])", re.IGNORECASE)
_MASKED = re.compile(r"〔[^〕]*〕")
_MASKED_PHONE = re.compile(r"〔手机号尾号(\d{4})〕")
_MASKED_CARD = re.compile(r"〔卡号尾号(\d{4})〕")
_HAN_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
_HAN = "零〇一幺二三四五六七八九"
_HAN_RUN = re.compile(rf"(?<![{_HAN}两十百千万])[{_HAN}]{{4}}(?![{_HAN}十百千万个年月日天次])")
_DIGITS = r"(\d)\s?(\d)\s?(\d)\s?(\d)"
_TAIL_NAMED = re.compile(rf"(?:尾号|尾数|[后末][四4]位|后面四位|最后四位)\D{{0,8}}?{_DIGITS}(?!\d)")
_FOUR = re.compile(rf"(?<![0-9a-z\-.]){_DIGITS}(?![0-9a-z年月日元块万])", re.IGNORECASE)

_YES_WORDS = (
    "没有问题|没问题|没错|没毛病|就这样|就这么办|这样就行|可以|确认|确定|同意|提交|无误|属实|正确|准确|愿意|好的|好嘞|好|是的|是|"
    "对的|对|行|中|要|需要|嗯|恩|ok|okay|yes|yep|妥|成|撤回|撤销|撤|登记|挂失|办理|办|录入|发送|继续|授权"
)
_BESIDE_YES = (
    "请|麻烦|帮我|给我|您|你|我|都|就|吧|了|的|呀|啊|哦|呢|啦|哈|马上|立即|尽快|赶紧|谢谢|一下|信息|内容|以上|"
    r"[,，.。!！~、\s]"
)
_YES = re.compile(rf"^(?:(?:{_YES_WORDS})|{_BESIDE_YES})+$", re.IGNORECASE)
_YES_WORD = re.compile(_YES_WORDS, re.IGNORECASE)
_NO = re.compile(
    r"^(?:不|别|先不|暂时不|再想想|再考虑|等等|等一下|等会|算了|取消|no|没必要|还是不|我再)",
    re.IGNORECASE,
)
_WHAT = "投诉|查|挂失|办|催|撤回|撤|弄|说|报|填|登记|提|用"
_QUITS = re.compile(
    rf"^(?:那|我|还是|就|哎|唉|嗨)*(?:算了|不(?:想)?(?:{_WHAT})了?(?![一-鿿])|取消|放弃|退出|结束|停止|不需要了|先不(?:{_WHAT})了?)"
)
_QUITS_ANYWHERE = re.compile(
    r"不(?:想)?(?:再)?投诉了|不(?:用|想)查了|不(?:用|想)?挂失了|(?:卡|存折|存单)(?:又)?找(?:到|着)了|算了.{0,4}不.{0,4}了"
)
_LONGEST_QUIT = 16
_BYE = re.compile(r"再见|拜拜|\bbye|下次再|先这样|没(?:别的|其他|什么)?事了|回头再|改天再")
_PERSON = re.compile(r"人工|真人|活人|工作人员|坐席|客服人员|找个人|换个人|机器人")

_WHEN = re.compile(
    r"昨|今[天早晚日]|前天|上(?:个)?(?:周|星期|礼拜|月)|这(?:周|个月|几天|两天)|本(?:周|月)|去年|今年|\d+\s*(?:月|号|日|点|年)|"
    r"[一二三四五六七八九十]+(?:月|号|日|点)|刚才|刚刚|早上|上午|中午|下午|晚上|凌晨|半夜|(?:周|星期|礼拜)[一二三四五六日天末]|"
    r"\d+\s*(?:天|小时|分钟|个月)(?:前|了)?|[几两三半](?:天|个月|小时)(?:前|了)|最近|国庆|元旦|春节|[月年][初底]|当天"
)
_WHERE = re.compile(
    r"支行|分行|网点|营业[厅部所]|柜台|柜面|柜员|大堂|窗口|atm|自助(?:机|设备)|取款机|存款机|手机银行|网上银行|网银|app|客户端|公众号|小程序|"
    r"客服|热线|电话里|信用卡中心|贷款部|理财经理|客户经理|银行里|你们[这那](?:里|儿|边)|家里|路上|商场|超市|地铁|公交|出租车|车上|单位|小区|街",
    re.IGNORECASE,
)
_DEMAND = re.compile(
    r"要求|希望|请求|诉求|想要|我要(?!投诉|反映|举报)|必须|应该|应当|得给|给我(?!.{0,4}投诉)|退(?:还|款|费|回|给)|退[我钱]|赔|补偿|"
    r"道歉|更正|改正|纠正|解释|说法|交代|处理(?!了|过|时)|处分|处罚|开除|严肃|恢复|解封|解冻|解决|取消|减免|免(?:除|掉)|还我|"
    r"撤销|删除|追回|查清|查明|整改|答复我|尽快"
)
_REPLY_BY = re.compile(
    r"短信|电话|手机|打给我|打我|回电|来电|联系我|邮件|邮箱|微信|在这|这里|这儿|线上|在线|会话|聊天|书面|信函|寄|都行|都可以|随便|怎么都|"
    r"无所谓|不用回|不用联系|〔手机号|app",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:不知道|不清楚|忘了|记不清|说不清|没有了?|没了|就这些|就这样|随便|都行|无所谓|不记得|不好说|你们看着办|看着办|没有别的)"
)
_PLAIN_COMPLAINT = re.compile(
    r"我?(?:现在|今天)?(?:就)?(?:想|要|得|必须|打算|准备|需要|来)?(?:正式)?(?:跟|向|对)?(?:你们?|银行|您)?(?:进行|提起|提出|提|登记|做|来)?"
    r"(?:一?个|一下)?(?:投诉|举报|反映|反应)(?:一下|一?个|你们?|您|银行|情况|问题|一件事|的?人|业务|服务)*|"
    r"你们?|银行|我要|我想|怎么|可以吗|谢谢|请问|吗|呢|吧|啊|了|的|[,，.。!！?？\s]"
)
_PROGRESS = re.compile(r"进度|进展|到哪一?步|到哪了|处理得?怎么样|查.{0,4}(?:工单|投诉)")
_FORGOT = re.compile(
    r"忘|不记得|没有?(?:工单|编号|单号|号码)|找不到|丢了|不知道|没收到|没给|哪里[看找]|在哪[看找儿]|不清楚|没存"
)


def case_number_in(text: str) -> str | None:
    """Return the canonical case number that stands in ``text``, however it is spelled."""
    for match in _CASE.finditer(unicodedata.normalize("NFKC", text)):
        if (number := parse_number(match.group())) is not None:
            return number
    return None


def number_like_in(text: str) -> str | None:
    """Return what may be meant as a number when one was asked for: a number of ours, or something like one."""
    plain = unicodedata.normalize("NFKC", text)
    if (number := case_number_in(plain)) is not None:
        return number
    match = _CASE.search(plain) or _LIKE_NUMBER.search(_MASKED.sub(" ", plain)) or _MASKED.search(plain)
    return match.group() if match is not None and not _MASKED_PHONE.fullmatch(match.group()) else None


def phone_tail_in(text: str, named_only: bool = False) -> str | None:
    """Return the four digits that stand for a phone number; ``named_only``: only when the words say so."""
    plain = _CASE.sub(" ", unicodedata.normalize("NFKC", text))
    if (match := _MASKED_PHONE.search(plain)) is not None:
        return match[1]
    plain = _MASKED.sub(" ", plain)
    plain = _HAN_RUN.sub(lambda found: found.group().translate(_HAN_DIGITS), plain)
    match = _TAIL_NAMED.search(plain) or (None if named_only else _FOUR.search(plain))
    return "".join(match.groups()) if match is not None else None


def card_tail_in(text: str) -> str | None:
    """Return the last four digits of a card that was named or masked."""
    match = _MASKED_CARD.search(text)
    return match[1] if match is not None else phone_tail_in(_MASKED_PHONE.sub(" ", text))


def is_yes(text: str, act: str | None = None) -> bool:
    """Whether ``text`` agrees: nothing but words of agreement, or understood so and short."""
    said = surface(text)
    if is_no(text):
        return False
    return bool(_YES.match(said) and _YES_WORD.search(said)) or (act == "affirm" and len(said) <= 12)


def is_no(text: str, act: str | None = None) -> bool:
    """Whether ``text`` disagrees or puts off."""
    return _NO.match(surface(text)) is not None or (act == "deny" and len(text) <= 12)


def quits(text: str) -> bool:
    """Whether the customer gives the matter up (「算了，不投诉了」)."""
    said = surface(text)
    return len(said) <= _LONGEST_QUIT and (_QUITS.match(said) is not None or _QUITS_ANYWHERE.search(said) is not None)


def says_goodbye(text: str) -> bool:
    """Whether the customer takes leave."""
    return _BYE.search(surface(text)) is not None


def wants_person(text: str) -> bool:
    """Whether a person is named as the one who shall help."""
    return _PERSON.search(surface(text)) is not None


def says_when(text: str) -> bool:
    """Whether a time is named."""
    return _WHEN.search(surface(text)) is not None


def says_where(text: str) -> bool:
    """Whether a place or a channel is named."""
    return _WHERE.search(surface(text)) is not None


def says_demand(text: str) -> bool:
    """Whether something is demanded."""
    return _DEMAND.search(surface(text)) is not None


def says_how_to_answer(text: str) -> bool:
    """Whether a way of answering is named."""
    return _REPLY_BY.search(surface(text)) is not None


def is_vague(text: str) -> bool:
    """Whether the customer does not know or does not mind."""
    return _VAGUE.match(surface(text)) is not None


def forgot(text: str) -> bool:
    """Whether the customer does not have the number at hand."""
    return _FORGOT.search(surface(text)) is not None


def tells(text: str) -> bool:
    """Whether ``text`` says what happened, beyond the mere wish to complain."""
    return len(_PLAIN_COMPLAINT.sub("", surface(text))) >= 4


def adds(text: str) -> bool:
    """Whether ``text`` says anything beyond the wish to complain and plain agreement."""
    return bool(_PLAIN_COMPLAINT.sub("", surface(text))) and not is_vague(text) and not is_yes(text)


def asks_progress(text: str) -> bool:
    """Whether the words ask how far a case has got."""
    return _PROGRESS.search(surface(text)) is not None


def says_little(text: str) -> bool:
    """Whether ``text`` holds next to nothing to go on with."""
    return len(re.findall(r"[\u3400-\u9fffA-Za-z0-9]", text)) < 2
