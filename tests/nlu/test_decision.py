"""Scores in, decision out: the three-way rule as a table that a trainer can read."""

from __future__ import annotations

import pytest

from bot.nlu.decision import ASK, HANDOFF_ACTS, OUT_OF_SCOPE, URGENT_ACTS, Context, Decision, Scores, Thresholds, decide

Ranked = tuple[tuple[str, float], ...]


def ranked(text: str) -> Ranked:
    """``"ask .9, greet .1"`` as ranked labels."""
    pairs = (part.split() for part in text.split(",") if part.strip())
    return tuple((name, float(chance)) for name, chance in pairs)


def scores(act: str, topic: str = "card.replace .9", aspect: str = "how .9") -> Scores:
    return Scores(ranked(act), ranked(topic), ranked(aspect))


# act | topic | aspect | topic under discussion | kind act topic aspect
TABLE = """
ask .99                     | card.replace .95, card.loss .02  | how .9    |              | answer ask card.replace how
ask .99                     | std.6.2 .9, deposit.rate .05     | time .8   |              | answer ask std.6.2 -
ask .6, out_of_scope .3     | card.replace .9                  | how .9    |              | answer ask card.replace how
ask .99                     | card.replace .45, card.loss .3   | how .9    |              | clarify ask card.replace how
ask .6, out_of_scope .4     | card.replace .6, card.loss .2    | fee .9    |              | clarify ask card.replace fee
ask .9                      | card.replace .05, card.loss .04  | how .9    |              | reject out_of_scope - -
ask .3, out_of_scope .45    | card.replace .15, card.loss .1   | how .9    |              | reject out_of_scope - -
out_of_scope .9, ask .1     | wealth.buy .9                    | how .9    |              | reject out_of_scope - -
out_of_scope .9, ask .1     | wealth.buy .9                    | how .9    | card.replace | reject out_of_scope - -
greet .3, thanks .3, ask .1 | card.replace .9                  | how .9    |              | reject out_of_scope - -
greet .3, ask .29           | card.replace .9                  | how .9    |              | answer ask card.replace how
greet .8, ask .1            | card.replace .9                  | how .9    |              | answer greet - -
complain .5, ask .4         | card.loss .9             | how .9    |              | answer complain - -
complain .35, ask .34       | card.loss .9             | how .9    |              | answer ask card.loss how
report_loss .35, ask .3     | card.loss .9                     | how .9    |              | answer report_loss - -
request_human .35, ask .3   | hotline.contact .9               | how .9    |              | handoff request_human - -
report_fraud .31, ask .3    | fraud.scam .9                    | how .9    |              | handoff report_fraud - -
crisis .9                   | card.loss .1                     | how .9    | card.loss    | handoff crisis - -
compensation .3, ask .4     | fees.general .9                  | fee .9    |              | answer ask fees.general fee
compensation .6             | fees.general .9                  | rights .9 |              | handoff compensation - -
share_secret .9             | card.loss .1                     | how .9    |              | handoff share_secret - -
ask .99                     | context .9, card.loss .02        | fee .9    | card.replace | answer ask card.replace fee
ask .99                     | context .9, deposit.rate .02     | time .9   | std.6.2      | answer ask std.6.2 time
ask .99                     | context .9, card.loss .02        | fee .9    |              | clarify ask - fee
ask .99                     | deposit.rate .9, context .05     | how .9    | card.replace | answer ask deposit.rate how
                            |                                  |           | card.replace | reject out_of_scope - -
ask .99                     |                                  |           |              | reject out_of_scope - -
ask .99                     | card.replace .9                  |           |              | answer ask card.replace -
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.splitlines() if "|" in line]


@pytest.mark.parametrize(("act", "topic", "aspect", "about", "expected"), ROWS)
def test_that_scores_lead_to_the_decision_of_the_table(
    act: str, topic: str, aspect: str, about: str, expected: str
) -> None:
    found = decide(scores(act, topic, aspect), Context(about or None))
    assert f"{found.kind} {found.act} {found.topic or '-'} {found.aspect or '-'}" == expected


def test_that_an_unclear_message_is_read_in_the_light_of_the_conversation() -> None:
    unclear = scores("ask .99", "deposit.rate .3, card.pin .29, card.loss .2")
    assert decide(unclear).topic == "deposit.rate"
    assert decide(unclear, Context("card.pin")).topic == "card.pin"


def test_that_a_follow_up_says_that_its_topic_is_from_the_context() -> None:
    asked = scores("ask .99", "context .9", "time .8")
    assert decide(asked, Context("card.replace")).from_context
    assert not decide(scores("ask .99", "card.replace .9", "time .8"), Context("card.loss")).from_context


def test_that_choices_are_at_most_three_likely_and_best_first() -> None:
    found = decide(scores("ask .99", "a.x .3, b.x .2, std.1.1 .13, d.x .125, e.x .01", "fee .9"))
    assert found.kind == "clarify"
    assert [(guess.topic, guess.aspect) for guess in found.alternatives] == [
        ("a.x", "fee"), ("b.x", "fee"), ("std.1.1", None),
    ]  # fmt: skip
    assert decide(scores("ask .99", "a.x .3, b.x .2, c.x .04")).alternatives[-1].topic == "b.x"


def test_that_asking_back_never_offers_a_single_choice() -> None:
    found = decide(scores("ask .99", "a.x .3, b.x .05, c.x .04", "fee .9"))
    assert [guess.topic for guess in found.alternatives] == ["a.x", "b.x"]


def test_that_context_is_never_offered_as_a_choice() -> None:
    found = decide(scores("ask .99", "context .38, card.loss .3, card.replace .2"), None)
    assert [guess.topic for guess in found.alternatives] == ["card.loss", "card.replace"]


def test_that_an_answer_names_the_other_readings_but_not_itself() -> None:
    found = decide(scores("ask .99", "card.replace .8, card.loss .1, card.pin .05"))
    assert [guess.topic for guess in found.alternatives] == ["card.loss", "card.pin"]


def test_that_every_handoff_act_hands_over_and_needs_no_certainty_when_urgent() -> None:
    for act in HANDOFF_ACTS:
        assert decide(scores(f"{act} .95")).kind == "handoff"
    for act in URGENT_ACTS:
        assert decide(scores(f"{act} .31, ask .3")).act == act
        assert decide(scores(f"ask .6, {act} .3", "card.loss .9")).act == act


def test_that_thresholds_are_kept_on_the_safe_side() -> None:
    """A miss of an urgent act costs more than a needless question; a guess is never an answer."""
    cut = Thresholds()
    assert cut.urgent < cut.act
    assert cut.clarify < cut.answer >= 0.5


def test_that_a_bank_can_move_the_cuts() -> None:
    asked = scores("ask .99", "card.replace .6, card.loss .2")
    assert decide(asked).kind == "answer"
    assert decide(asked, thresholds=Thresholds(answer=0.7)).kind == "clarify"
    assert decide(asked, thresholds=Thresholds(answer=0.9, clarify=0.8)).kind == "reject"


def test_that_scores_survive_the_parse_data() -> None:
    given = scores("ask .9, greet .1", "card.replace .8123456", "how .5")
    again = Scores.from_json(given.to_json())
    assert again.act == given.act
    assert again.p("topic", "card.replace") == pytest.approx(0.8123)
    assert again.p("topic", "elsewhere") == 0.0
    assert Scores.from_json({}) == Scores((), (), ())


def test_that_the_routing_of_a_decision_is_plain_data() -> None:
    found = decide(scores("ask .99", "card.replace .45, card.loss .3")).routing()
    assert found["decision"] == "clarify"
    assert found["alternatives"][0] == {"act": ASK, "topic": "card.replace", "aspect": "how", "confidence": 0.45}
    assert Decision("reject", OUT_OF_SCOPE).routing()["alternatives"] == []
