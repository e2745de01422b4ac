"""The words around a stated secret: what announces it, what leads to it, what rules it out.

All patterns run on folded text (lower case, simplified, ASCII signs) and are linear: no alternative inside
a repetition can match what another one matches in more than a fixed number of ways.
"""

from __future__ import annotations

import re

from bot.privacy.normalise import BARRIER

_CVV = (
    r"(?<![a-z])cv[vcn](?:\s?2(?!\s?[0-9]{2}(?![0-9])))?(?![a-z])"
    r"|安\s?全\s?码|security ?code|an ?quan ?ma"
    r"|(?:[背反][面后]|签名[栏条区])[^0-9,。;!?\n]{0,6}?[三3]\s?[位个](?:数字|数|码)?"
)
_CODE = (
    r"(?:验\s?证|校\s?验|动\s?态|授\s?权|短\s?信)\s?(?:密\s?码|口\s?令|码)|一次性(?:密码|口令)|手机码"
    r"|(?<![a-z])(?:otp|(?:yan ?zheng|dong ?tai|jiao ?yan) ?(?:mi ?)?ma|code)(?![a-z])"
)
_LOGIN = (
    r"(?:密|(?<![a-z])mi)\s?(?:[码马玛]|ma(?![a-z]))|密\s?匙|口\s?令"
    r"|(?<![a-z])(?:pass ?(?:word|code|wd)|passwd|pwd?|pin(?:\s?code)?|kou ?ling)(?![a-z])码?"
)
_EXPIRES = r"有\s?效\s?期|到\s?期|(?<![a-z])(?:exp(?:iry|ires)?|valid)(?![a-z])"
KEYWORDS = re.compile(f"(?P<cvv>{_CVV})|(?P<code>{_CODE})|(?P<password>{_LOGIN})|(?P<expiry>{_EXPIRES})")
OTHER_CODES = re.compile(r"(?:qr|error|zip|post(?:al)?|swift|area|status|country|http|bank|source|exit) ?$")

STATES = r"(?:是|为|叫|成|作|[:=]|(?<![a-z])(?:is|was|are|shi|wei|to)(?![a-z]))"
SKIP = (
    r"(?:[\s,、…~\-—>→\"'“”‘’「」『』《》()\[\]【】{}〔〕*#|_]"
    r"|[我您你咱他她它的了就都也还先又再已经刚才现在今天昨收到来发过短信输入填写改换设置定用重修变更新旧老初始默认]"
    r"|[分别告诉给报如下这那个应该好像可能大概以前之原本记得码号数字哈啊哦呢嗯吧啦]"
    r"|一下|一直|[0-9一二三四五六七八九两]\s?位(?:数字?|的)?"
    r"|(?<![a-z])(?:my|new|old|the|code|number|changed|set|de|wo)(?![a-z]))"
)
LEAD = re.compile(rf"(?:{SKIP}|{STATES}){{0,30}}")
SAYS = re.compile(STATES)
FUZZY = re.compile(r"[^0-9a-z,。;!?\n" + BARRIER + r"]{0,10}")
DOUBT = re.compile(
    r"忘|锁|错|几|没|不|过期|失效|多少|怎么|如何|吗|什么|次|号|余额|金额|转|存|取|卡|尾|单|页|版|房|邮编"
)
REMEMBERED = re.compile(
    rf"[^0-9a-z{BARRIER}\n]{{0,12}}?(?:好像|应该|可能|记得|以前|原来|大概|之前|当时)就?(?:是|为|用的?)"
)
DIGITS = re.compile("[0-9]+")
#: 六个八, 三个一三个二
REPEATED = re.compile(r"(?:[2-9]\s?个\s?[0-9][\s,和加]?){1,3}")
ONE_WORD = frozenset("直下个起样共些定般")
LETTERS = re.compile(r"[a-z!@#$%^&*?+=~_\-]+")
TOKEN = re.compile(r"[!-~]+")
DIGIT_GROUPS = re.compile(r"[0-9](?:[\s\-._·,/]{0,3}[0-9]){0,29}(?![0-9]*\s?(?:年|小时|分钟|元|万))|[0-9]+")
MEASURE = re.compile(r"\s?(?:位|次|个|小时|分|秒|天|年|月|日|点|元|块|万|遍|条|张|步|种|组|家|级|版|名|份|岁|号楼|%)")
BETWEEN = r"(?:[\s,(这那就我的您你们刚发银行卡]|收到|登录|登陆|交易|支付|取款|取现|查询|网银|手机|短信|账户)*"
BEHIND = re.compile(rf"{BETWEEN}[是为]{BETWEEN}")
BEHIND_ENDS = frozenset(" \n,(这那就我的您你们刚发到录陆易付款现询行卡银机信户为是")
SOMETHING = re.compile("[0-9a-z]")
BEFORE_TOKEN = re.compile(r"[0-9](?:[\s\-.]?[0-9])*$|[!-~]+$")
#: Latin words that follow "password is" without being one.
_PLAIN = """wrong incorrect not invalid locked forgotten lost expired required correct too very error failed
the and app atm wifi sms apple iphone android wechat pin otp ok vip that this what why how same safe weak
strong secret changed password code none null missing unknown blocked still always never also what's here there"""
PLAIN_WORDS = frozenset(_PLAIN.split())
EXPIRY = re.compile(r"(?:0[1-9]|1[0-2])\s?[/\-.年月]\s?(?:20)?[2-4][0-9](?![0-9])|(?:0[1-9]|1[0-2])[2-4][0-9](?![0-9])")
EXPIRY_LEAD = re.compile(rf"(?:[\s(,的]|到|至|{STATES}){{0,6}}")
