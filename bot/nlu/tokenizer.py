"""Chinese tokens for Rasa, cut by a jieba of our own with the bank's dictionary."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.lexicon import read_lexicon

jieba.setLogLevel(logging.WARNING)

WORD_FREQUENCY = 20_000
"""Weight of a dictionary word: high enough that jieba keeps it whole."""


def new_jieba(words: list[str]) -> jieba.Tokenizer:
    """Return a jieba tokenizer that knows ``words``, apart from jieba's process-wide one."""
    cutter = jieba.Tokenizer()
    cutter.initialize()
    for word in words:
        cutter.add_word(word, freq=WORD_FREQUENCY)
    return cutter


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class BankTokenizer(Tokenizer):
    """Cut a message into words with offsets into the customer's own text.

    jieba's dictionary is shared by a whole process and unknown to Rasa's fingerprint; this
    component owns its cutter, and the model stores the dictionary it was trained with, so a
    changed word means a new model and a running model never changes its cut.

    Config:
        lexicon: path of the dictionary, one word a line.
    """

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, words: list[str]
    ) -> None:
        super().__init__(config)
        self._storage = model_storage
        self._resource = resource
        self._words = words
        self._jieba = new_jieba(words)

    @staticmethod
    def supported_languages() -> list[str]:
        """Chinese only."""
        return ["zh"]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be there for this component."""
        return ["jieba"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's tokenizer options and the place of the bank's dictionary."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
            "lexicon": "data/lexicon/banking.txt",
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Return the digest of the dictionary, so that a changed word trains anew."""
        path = Path(config.get("lexicon", cls.get_default_config()["lexicon"]))
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BankTokenizer:
        """Create the component for training, reading the dictionary from its file."""
        return cls(config, model_storage, resource, read_lexicon(Path(config["lexicon"])))

    def train(self, training_data: TrainingData) -> Resource:
        """Store the dictionary with the model."""
        with self._storage.write_to(self._resource) as directory:
            (directory / "lexicon.txt").write_text("\n".join(self._words), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> BankTokenizer:
        """Load the component with the dictionary of its training."""
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, read_lexicon(directory / "lexicon.txt"))

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the words of ``attribute`` with their offsets; white space is no word."""
        text = message.get(attribute)
        tokens = [Token(word, start) for word, start, _ in self._jieba.tokenize(text) if word.strip()]
        kept: list[Token] = self._apply_token_pattern(tokens)
        return kept
