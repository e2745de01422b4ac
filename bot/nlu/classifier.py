"""The Rasa component that scores every message: act, topic and aspect from shared features."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.decision import Scores, Thresholds, decide
from bot.nlu.fingerprint import understanding_digest
from bot.nlu.heads import KernelOptions
from bot.nlu.router import Router, Sample

ROUTING = "routing"
"""Key of the scores in a message's parse data."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class RoutingClassifier(GraphComponent, IntentClassifier):
    """Score act, topic and aspect; choose the intent by the three-way decision.

    In: messages with the vector of `SentenceEncoderFeaturizer` and the tokens of `BankTokenizer`.
    Out: ``intent`` (an act, or ``nlu_fallback`` when the message is neither clear nor clearly
    out of scope), ``intent_ranking`` and ``routing`` (ranked labels of all three heads).

    Config:
        gamma, ngrams, sounds, ridge, support, enough: see `bot.nlu.heads.KernelOptions`.
        thresholds: overrides of `bot.nlu.decision.Thresholds`.
    """

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, router: Router | None = None
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._router = router
        self._thresholds = Thresholds(**config["thresholds"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options and their defaults."""
        return {**asdict(KernelOptions()), "thresholds": {}}

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be there for this component."""
        return ["sklearn", "opencc"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Return the digest of the code and word lists behind this component."""
        return understanding_digest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RoutingClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train and store the three heads."""
        samples = [_sample(message) for message in training_data.intent_examples]
        options = KernelOptions(**{name: self._config[name] for name in asdict(KernelOptions())})
        self._router = Router.fit(samples, options)
        with self._storage.write_to(self._resource) as directory:
            (directory / "router.pkl").write_bytes(pickle.dumps(self._router, protocol=5))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RoutingClassifier:
        """Load the trained heads (a file of the project's own model archive)."""
        with model_storage.read_from(resource) as directory:
            router: Router = pickle.loads((directory / "router.pkl").read_bytes())  # noqa: S301
        return cls(config, model_storage, resource, router)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data unchanged; later components do not need our scores."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add intent, ranking and routing to every message that has no intent yet."""
        if self._router is None:
            return messages
        waiting = [message for message in messages if not (message.get(INTENT) or {}).get("name")]
        scored = self._router.score([_sample(message) for message in waiting])
        for message, scores in zip(waiting, scored, strict=True):
            self._annotate(message, scores)
        return messages

    def _annotate(self, message: Message, scores: Scores) -> None:
        decision = decide(scores, thresholds=self._thresholds)
        unsure = decision.kind == "reject" and (not scores.act or scores.act[0][0] != decision.act)
        name = "nlu_fallback" if unsure else decision.act
        message.set(INTENT, {"name": name, "confidence": float(scores.p("act", decision.act))}, add_to_output=True)
        ranking = [{"name": label, "confidence": p} for label, p in scores.act]
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        own_cuts = self._config["thresholds"]
        routing = {**scores.to_json(), **({"thresholds": own_cuts} if own_cuts else {})}
        message.set(ROUTING, routing, add_to_output=True)


def _sample(message: Message) -> Sample:
    _, sentence = message.get_dense_features(TEXT)
    vector = np.asarray(sentence.features[0], dtype=np.float32) if sentence is not None else None
    intent = message.get("intent_response_key") or message.get(INTENT)
    return Sample(
        text=message.get(TEXT) or "",
        vector=vector,
        intent=intent if isinstance(intent, str) else None,
    )
