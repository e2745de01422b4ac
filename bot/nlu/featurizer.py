"""The Rasa component that gives every message its sentence vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoders import CachedEncoder
from bot.nlu.fingerprint import understanding_digest
from bot.nlu.normaliser import normalise

BATCH = 256
WARM_UP = "您好"
"""Read once at creation, so that weights and dictionaries are loaded before the first customer comes."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Add the vector of the normalised sentence as a dense sentence feature.

    Config:
        encoder: name of an encoder in `bot.nlu.encoders.ENCODERS`.
        cache: number of sentences whose vectors are remembered.
    """

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = CachedEncoder(config["encoder"], config["cache"])
        self._encoder.encode([normalise(WARM_UP)])

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer comes before."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options and their defaults."""
        return {**DenseFeaturizer.get_default_config(), "encoder": "usem3", "cache": 2048}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Accept any options; an unknown encoder is refused on creation."""

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
    ) -> SentenceEncoderFeaturizer:
        """Create the component; raises ValueError for an unknown encoder."""
        return cls(config, execution_context.node_name)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add vectors to all examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add vectors to all messages that have a text."""
        spoken = [message for message in messages if message.get(TEXT)]
        for start in range(0, len(spoken), BATCH):
            self._encode(spoken[start : start + BATCH])
        return messages

    def _encode(self, messages: Sequence[Message]) -> None:
        vectors = self._encoder.encode([normalise(message.get(TEXT)) for message in messages])
        for message, vector in zip(messages, vectors, strict=True):
            message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"]))
