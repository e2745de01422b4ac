"""What a message means here and now: its scores in the light of what was just said and offered."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from actions.choices import NONE_OF_THEM, counted, named
from actions.corrections import correction_in, mere_word_in, wordings
from actions.forms.fields import case_number_in
from actions.parts import clauses_in, questions_in, sentences_in, sounds_like_question
from actions.reading import Reader
from actions.turn import Turn
from bot.knowledge.compose import ASPECT_TITLES
from bot.knowledge.model import KnowledgeBase
from bot.nlu.decision import (
    ASK,
    URGENT_ACTS,
    Context,
    Decision,
    Scores,
    Thresholds,
    decide,
    decide_parts,
)

Manner = Literal["plain", "none_of_them", "accepted", "declined", "simpler"]

LIGHT_ACTS = frozenset({"greet", "thanks", "affirm", "deny", "goodbye", "chitchat", "abuse", "dissatisfied", "repeat"})
"""Acts that give way when the same message also asks something."""

LEAST_REWORDED = 0.35
LEAST_ASPECT = 0.2
"""An answer falls back to the nearest aspect that the topic has, so a fair guess of the aspect is worth following."""
SURE = 0.5
"""A correction tells that the last answer was wrong, so a fair guess is better; a mere word tells nothing."""
LEAST_ASKING = 0.4
"""Least probability of being a question for a part that sounds like one."""
SHORT = 10
SURE_PART, LONGEST_MIXED = 0.7, 60
_UPSET = re.compile(
    r"气死|生气|破银行|什么玩意|什么破|什么鬼|烦死|太差|坑人|坑我|忽悠|骗子|垃圾|受够|岂有此理|搞什么|急死|恶心|混蛋|无语|服了|[!！]{2,}"
)
_COMPLAINT = re.compile(
    r"我(?:现在|今天|这次)?(?:就|必须|一定|正式)?(?:要|想|得)(?:正式|实名|跟你们?|向你们?|对你们?)?(?:投诉|反映|举报)|^投诉(?:一?下)?[!！,，。:：你]"
)
_ABOUT_COMPLAINTS = re.compile(r"怎么|如何|哪里|哪儿|电话|渠道|流程|步骤|多久|几天|什么|找谁|吗|可以(?!.*要)")
_CODE_GIVEN_AWAY = re.compile(
    r"(?:验证码|密码|动态码|口令)(?:都|也|已经?)*(?:告诉|发给|报给|念给|说给|给)了?(?:对方|骗子|他|她|那个?人|陌生人)"
)
_NOT_GIVEN_AWAY = re.compile(r"不要|别|千万|能不能|能否|可以|可不可以|应该|没有?(?:把|告诉|给)|如果|要是|会不会|敢")
_NO_PERSON = re.compile(
    r"(?<!要)(?:不用|不要|不必|不需要|无需|别|先不)(?:给我|帮我|再)?(?:转|找|接)(?:接|到)?人工(?!智能)"
)
_SIMPLER = re.compile(
    r"简单|通俗|大白话|看不?懂|没懂|没看懂|没看明白|没听懂|听不懂|不懂|不明白|没明白|太长|太复杂|太专业|绕|短一?点|说重点|讲重点"
)


@dataclass(frozen=True)
class Reading:
    """What to reply to.

    Attributes:
        decisions: one, or one for each question of the message.
        manner: what is special about the first decision.
        upset: the customer is angry beside asking.
        question: the question in words that stand for themselves, when the customer's own do not.
    """

    decisions: tuple[Decision, ...]
    manner: Manner = "plain"
    upset: bool = False
    question: str = ""

    @property
    def first(self) -> Decision:
        """The decision that counts when there can be but one."""
        return self.decisions[0]


async def interpret(turn: Turn, knowledge: KnowledgeBase, reader: Reader) -> Reading:
    """Return what the message of ``turn`` means.

    Args:
        turn: the message and what the conversation remembers.
        knowledge: names of the topics that were offered for choice.
        reader: scores further wordings.
    """
    if turn.choice:
        choice = turn.choice
        return _one(Decision("answer", choice["act"], choice.get("topic"), choice.get("aspect"), 1.0))
    if turn.routing is None:
        return _one(Decision("answer", turn.intent, confidence=1.0))
    cut = Thresholds(**{"aspect": LEAST_ASPECT, **turn.routing.get("thresholds", {})})
    scores = Scores.from_json(turn.routing)
    if _NO_PERSON.search(turn.text):
        scores = replace(scores, act=tuple(found for found in scores.act if found[0] != "request_human"))
    whole = decide(scores, turn.context, cut)
    if tells_of_code_given_away(turn.text) and whole.act not in ("crisis", "report_loss"):
        return _one(Decision("handoff", "report_fraud", confidence=1.0))
    if whole.act in URGENT_ACTS:
        return _one(whole)
    if whole.act in (ASK, "out_of_scope") and wants_to_complain(turn.text):
        return _one(Decision("answer", "complain", confidence=max(whole.confidence, SURE)))
    if whole.act in (ASK, "out_of_scope") and len(turn.text) <= LONGEST_MIXED and case_number_in(turn.text) is not None:
        return _one(Decision("answer", "case_status", confidence=max(whole.confidence, SURE)))
    if (answered := _answer_to_choices(turn, whole, knowledge)) is not None:
        return answered
    if (put_right := await _put_right(turn, whole, reader, cut)) is not None:
        return put_right
    if (parts := await _in_parts(turn, whole, reader, cut)) is not None:
        return Reading(parts, upset=_is_upset(turn, whole) and parts[0].act == ASK)
    if whole.act in ("affirm", "deny") and turn.slots.get("offered"):
        return _one(whole, "accepted" if whole.act == "affirm" else "declined")
    if whole.act == "repeat" and _SIMPLER.search(turn.text):
        return _one(whole, "simpler")
    return Reading((_with_pending_aspect(turn, whole, scores),), upset=_is_upset(turn, whole) and whole.act == ASK)


def _one(decision: Decision, manner: Manner = "plain") -> Reading:
    return Reading((decision,), manner)


def wants_to_complain(text: str) -> bool:
    """Whether the customer says in so many words that this is a complaint (it is never talked away)."""
    match = _COMPLAINT.search(text)
    return match is not None and not _ABOUT_COMPLAINTS.search(text[match.start() : match.end() + 12])


def tells_of_code_given_away(text: str) -> bool:
    """Whether the customer has told somebody a code or a password: money may be leaving (`5.2.2.6 d`)."""
    return _CODE_GIVEN_AWAY.search(text) is not None and not _NOT_GIVEN_AWAY.search(text)


def _is_upset(turn: Turn, whole: Decision) -> bool:
    return whole.act in ("abuse", "dissatisfied") or _UPSET.search(turn.text) is not None


def _answer_to_choices(turn: Turn, whole: Decision, knowledge: KnowledgeBase) -> Reading | None:
    """Return what a typed answer to choices picks; None when the message answers no choices."""
    choices = turn.choices
    if not choices:
        return None
    position = counted(turn.text, len(choices))
    if position is None and not (whole.act == ASK and whole.kind == "answer"):
        position = named(turn.text, [_names(choice, knowledge) for choice in choices])
    if position == NONE_OF_THEM or (position is None and whole.act == "deny" and not turn.slots.get("offered")):
        return _one(Decision("answer", "deny", confidence=max(whole.confidence, 0.5)), "none_of_them")
    if position is None and whole.act == "affirm" and not turn.slots.get("offered"):
        position = 0
    if position is None:
        return None
    choice = choices[position]
    return _one(Decision("answer", choice.get("act") or ASK, choice.get("topic"), choice.get("aspect"), 1.0))


def _names(choice: dict[str, Any], knowledge: KnowledgeBase) -> list[str]:
    topic = knowledge.topics.get(choice.get("topic") or "")
    title = [choice["title"]] if choice.get("title") else []
    if topic is None:
        return title
    return [*title, topic.title, *topic.aliases, ASPECT_TITLES.get(choice.get("aspect") or "", "")]


async def _put_right(turn: Turn, whole: Decision, reader: Reader, cut: Thresholds) -> Reading | None:
    """Return the question that a correction or a mere word stands for; None when it is neither."""
    topic, aspect = turn.slots.get("topic"), turn.slots.get("aspect")
    question = str(turn.slots.get("question") or "")
    if not topic:
        return None
    correction = correction_in(turn.text)
    if correction is not None:
        right, wrong = correction.right, correction.wrong
    elif (word := mere_word_in(turn.text)) is not None and not (whole.from_context and whole.aspect):
        right, wrong = word, None
    else:
        return None
    if whole.act not in (ASK, "out_of_scope", "deny", "dissatisfied", "affirm", "chitchat"):
        return None
    products = [str(name) for name in turn.slots.get("products") or ()]
    texts = wordings(right, wrong, question, products, aspect)
    best, wording, least = None, "", SURE if correction is None else LEAST_REWORDED
    for text, scores in zip(texts, await reader.read(texts), strict=False):
        found = decide(scores, Context(), cut)
        asks = found.act == ASK and found.topic is not None and found.kind in ("answer", "clarify")
        if asks and found.confidence > (best.confidence + 0.1 if best else least):
            best, wording = found, text
    if best is None or (correction is not None and (best.topic, best.aspect) == (topic, aspect)):
        return None
    decision = Decision("answer", ASK, best.topic, best.aspect or aspect, best.confidence, best.alternatives)
    return Reading((decision,), question=wording)


async def _in_parts(turn: Turn, whole: Decision, reader: Reader, cut: Thresholds) -> tuple[Decision, ...] | None:
    """Return the questions of a message that asks several, or asks beside something lighter; None for one matter."""
    questions, sentences = questions_in(turn.text), sentences_in(turn.text)
    asks = any(map(sounds_like_question, sentences))
    light = whole.act in LIGHT_ACTS and asks
    if len(questions) < 2 and len(sentences) < 2:
        return None
    if whole.act not in (ASK, "out_of_scope") and not light:
        return None
    texts = list(dict.fromkeys([*questions, *sentences]))
    scores = dict(zip(texts, await reader.read(texts), strict=False))
    lenient = replace(cut, part=min(cut.part, LEAST_ASKING))
    found = decide_parts([scores[text] for text in questions if text in scores], turn.context, lenient)
    urgent = decide_parts([scores[text] for text in sentences if text in scores], turn.context, cut)
    for parts in (urgent, found):
        if parts and parts[0].act in URGENT_ACTS:
            return parts
    if len(found) >= 2 and len(questions) >= 2:
        return found
    asked = [text for text in sentences if sounds_like_question(text) and text in scores]
    if whole.act == ASK and whole.kind == "answer":
        return None
    return decide_parts([scores[text] for text in asked], turn.context, cut) or None


async def questions_beside(turn: Turn, reader: Reader) -> tuple[Decision, ...]:
    """Return the questions that stand beside a complaint in one short message; none for a story."""
    pieces = clauses_in(turn.text)
    asked = [piece for piece in pieces if sounds_like_question(piece) and _COMPLAINT.search(piece) is None]
    if len(pieces) < 2 or not asked or len(turn.text) > LONGEST_MIXED or turn.choice:
        return ()
    found = decide_parts(await reader.read(asked), Context(), Thresholds(part=SURE_PART))
    return tuple(one for one in found if one.act == ASK and not (one.topic or "").startswith("complaint."))


def _with_pending_aspect(turn: Turn, whole: Decision, scores: Scores) -> Decision:
    """Return ``whole``; a mere name in answer to 「哪项业务」 asks what was asked before."""
    waiting = turn.slots.get("pending_aspect")
    if not waiting or whole.act != ASK or whole.kind != "answer" or whole.from_context:
        return whole
    mere = (len(turn.text) <= SHORT and not sounds_like_question(turn.text)) or correction_in(turn.text) is not None
    if not mere and whole.aspect is not None:
        return whole
    return Decision("answer", ASK, whole.topic, waiting, whole.confidence, whole.alternatives)


def question_of(turn: Turn, reading: Reading) -> dict[str, Any]:
    """Return the slots that remember a question, for a correction or a mere word to come."""
    asks = any(decision.act == ASK for decision in reading.decisions) and turn.text
    if not asks or (turn.choices and not reading.question and len(turn.text) <= SHORT):
        return {}
    products = [turn.text[item["start"] : item["end"]] for item in turn.entities if item.get("entity") == "product"]
    return {"question": (reading.question or turn.text)[:200], "products": products or None}
