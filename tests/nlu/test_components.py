"""The pipeline as Rasa runs it: trained on a handful of sentences, stored, loaded, asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import ROUTING, RoutingClassifier
from bot.nlu.decision import Scores
from bot.nlu.featurizer import SentenceEncoderFeaturizer
from bot.nlu.fingerprint import digest_of, understanding_digest
from bot.nlu.tokenizer import BankTokenizer
from tests.nlu.conftest import ROOT
from tests.nlu.test_router import TRAINING

TOKENIZER = {**BankTokenizer.get_default_config(), "lexicon": str(ROOT / "data" / "lexicon" / "banking.txt")}
FEATURIZER = SentenceEncoderFeaturizer.get_default_config()


def example(text: str, intent: str) -> Message:
    """A training message as Rasa's reader makes it: a retrieval intent is split from its key."""
    message = Message.build(text, intent=intent)
    assert message.get(INTENT) == intent.partition("/")[0]
    return message


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def context() -> ExecutionContext:
    from rasa.engine.graph import GraphSchema

    return ExecutionContext(GraphSchema({}), node_name="node")


class Pipeline:
    """Tokenizer, featurizer and classifier in the order of ``config.yml``."""

    def __init__(self, storage: LocalModelStorage, context: ExecutionContext, thresholds: dict[str, float]) -> None:
        self.storage, self.context = storage, context
        self.config: dict[str, Any] = {**RoutingClassifier.get_default_config(), "thresholds": thresholds}
        self.tokenizer = BankTokenizer.create(TOKENIZER, storage, Resource("tokenizer"), context)
        self.featurizer = SentenceEncoderFeaturizer.create(FEATURIZER, storage, Resource("featurizer"), context)

    def trained(self) -> RoutingClassifier:
        """Train, and load what training stored."""
        data = TrainingData([example(text, intent) for intent, texts in TRAINING.items() for text in texts])
        data = self.featurizer.process_training_data(self.tokenizer.process_training_data(data))
        resource = Resource("classifier")
        RoutingClassifier.create(self.config, self.storage, resource, self.context).train(data)
        return RoutingClassifier.load(self.config, self.storage, resource, self.context)

    def parse(self, classifier: RoutingClassifier, text: str) -> Message:
        """Put one customer text through."""
        messages = self.tokenizer.process([Message({TEXT: text})])
        return classifier.process(self.featurizer.process(messages))[0]


@pytest.fixture(scope="module")
def pipeline(folder: LocalModelStorage, context: ExecutionContext) -> Pipeline:
    return Pipeline(folder, context, {})


@pytest.fixture(scope="module")
def classifier(pipeline: Pipeline) -> RoutingClassifier:
    return pipeline.trained()


def test_that_a_question_gets_intent_ranking_and_routing(pipeline: Pipeline, classifier: RoutingClassifier) -> None:
    message = pipeline.parse(classifier, "请问補卡要帶什麼")
    output = message.as_dict(only_output_properties=True)
    assert output["intent"]["name"] == "ask"
    assert 0.5 < output["intent"]["confidence"] <= 1
    assert output["intent_ranking"][0]["name"] == "ask"
    scores = Scores.from_json(output[ROUTING])
    assert scores.topic[0][0] == "card.replace" and scores.aspect[0][0] == "materials"


def test_that_retrieval_intents_teach_topic_and_aspect() -> None:
    message = example("补卡要带什么", "ask/card.replace.materials")
    assert message.get(INTENT_RESPONSE_KEY) == "ask/card.replace.materials"


@pytest.mark.parametrize(("text", "intent"), [("早上好呀", "greet"), ("推荐一部好看的电影", "out_of_scope")])
def test_that_acts_are_intents(pipeline: Pipeline, classifier: RoutingClassifier, text: str, intent: str) -> None:
    assert pipeline.parse(classifier, text).get(INTENT)["name"] == intent


@pytest.mark.parametrize("text", ["", " ", "😀😀", "\u2060"])
def test_that_nothing_said_is_a_fallback_not_a_guess(
    pipeline: Pipeline, classifier: RoutingClassifier, text: str
) -> None:
    message = pipeline.parse(classifier, text)
    assert message.get(INTENT) == {"name": "nlu_fallback", "confidence": 0.0}
    assert message.get(ROUTING) == {"act": [], "topic": [], "aspect": []}


def test_that_an_unclear_message_is_a_fallback(folder: LocalModelStorage, context: ExecutionContext) -> None:
    strict = Pipeline(folder, context, {"answer": 1.1, "clarify": 1.1})
    assert strict.parse(strict.trained(), "补卡要带什么").get(INTENT)["name"] == "nlu_fallback"


def test_that_a_message_that_has_its_intent_keeps_it(classifier: RoutingClassifier) -> None:
    message = Message({TEXT: "", INTENT: {"name": "ask", "confidence": 1.0}})
    assert classifier.process([message])[0].get(ROUTING) is None
    assert message.get(INTENT)["confidence"] == 1.0


def test_that_an_untrained_component_changes_nothing(pipeline: Pipeline) -> None:
    untrained = RoutingClassifier.create(pipeline.config, pipeline.storage, Resource("none"), pipeline.context)
    message = pipeline.parse(untrained, "补卡")
    assert message.get(INTENT) is None and message.get(ROUTING) is None


def test_that_parse_data_is_plain_json(pipeline: Pipeline, classifier: RoutingClassifier) -> None:
    import json

    output = pipeline.parse(classifier, "转账收费吗").as_dict(only_output_properties=True)
    again = json.loads(json.dumps({key: output[key] for key in ("intent", "intent_ranking", ROUTING)}))
    assert again[ROUTING] == output[ROUTING]


def test_that_changed_code_or_words_mean_a_new_model(tmp_path: Path) -> None:
    """Rasa's fingerprint sees a component's class only, not the modules and lists behind it."""
    for component, config in ((RoutingClassifier, {}), (SentenceEncoderFeaturizer, FEATURIZER)):
        assert component.fingerprint_addon(config) == understanding_digest()
    (tmp_path / "heads.py").write_text("ridge = 1\n", encoding="utf-8")
    before = digest_of((tmp_path, "*.py"))
    assert digest_of((tmp_path, "*.py")) == before
    (tmp_path / "heads.py").write_text("ridge = 2\n", encoding="utf-8")
    assert digest_of((tmp_path, "*.py")) != before
    assert digest_of((ROOT / "bot" / "nlu", "*.py")) != digest_of((ROOT / "data" / "lexicon", "*.txt"))


def test_that_an_unknown_threshold_is_refused(pipeline: Pipeline) -> None:
    wrong = {**pipeline.config, "thresholds": {"anwser": 0.5}}
    with pytest.raises(TypeError, match="anwser"):
        RoutingClassifier.create(wrong, pipeline.storage, Resource("x"), pipeline.context)
