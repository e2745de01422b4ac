"""The bank's words stay whole, offsets point into the customer's own text, and nobody else's jieba changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jieba
import pytest
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.examples import Example
from bot.nlu.tokenizer import BankTokenizer, new_jieba, read_lexicon
from tests.nlu.conftest import ROOT

LEXICON = ROOT / "data" / "lexicon" / "banking.txt"
INVENTED = "诺言通惠宝"


def config_with(lexicon: Path, **changes: Any) -> dict[str, Any]:
    return {**BankTokenizer.get_default_config(), "lexicon": str(lexicon), **changes}


@pytest.fixture
def own_words(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text(f"# 产品名\n{INVENTED}  # 新产品\n\n非柜面业务\n", encoding="utf-8")
    return path


@pytest.fixture
def tokenizer(storage: LocalModelStorage, execution: ExecutionContext) -> BankTokenizer:
    return BankTokenizer.create(config_with(LEXICON), storage, Resource("tokenizer"), execution)


def cut(tokenizer: BankTokenizer, text: str) -> list[str]:
    return [token.text for token in tokenizer.tokenize(Message({TEXT: text}), TEXT)]


def test_that_comments_and_empty_lines_are_no_words(own_words: Path) -> None:
    assert read_lexicon(own_words) == [INVENTED, "非柜面业务"]


def test_that_a_missing_dictionary_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_lexicon(tmp_path / "nowhere.txt")


def test_that_our_words_do_not_reach_the_process_wide_jieba() -> None:
    ours = new_jieba([INVENTED])
    assert ours.lcut(f"我买了{INVENTED}") == ["我", "买", "了", INVENTED]
    jieba.initialize()
    assert INVENTED not in jieba.dt.FREQ
    assert INVENTED not in jieba.lcut(f"我买了{INVENTED}")


def test_that_two_tokenizers_do_not_share_words() -> None:
    new_jieba([INVENTED])
    assert INVENTED not in new_jieba([]).lcut(f"我买了{INVENTED}")


def test_that_every_dictionary_word_is_kept_whole() -> None:
    words = read_lexicon(LEXICON)
    cutter = new_jieba(words)
    assert [word for word in words if cutter.lcut(word) != [word]] == []


def test_that_the_dictionary_has_no_doubles() -> None:
    words = read_lexicon(LEXICON)
    assert len(words) == len(set(words)) > 200


def test_that_offsets_point_into_the_text_of_every_example(tokenizer: BankTokenizer, examples: list[Example]) -> None:
    for example in examples[::7]:
        for token in tokenizer.tokenize(Message({TEXT: example.text}), TEXT):
            assert example.text[token.start : token.end] == token.text


def test_that_white_space_is_no_token_and_shifts_no_offset(tokenizer: BankTokenizer) -> None:
    text = "  信用卡 \n 年费"
    tokens = tokenizer.tokenize(Message({TEXT: text}), TEXT)
    assert [(token.text, token.start) for token in tokens] == [("信用卡", 2), ("年费", 8)]


def test_that_emoji_and_rare_characters_keep_their_offsets(tokenizer: BankTokenizer) -> None:
    text = "😀𠮷卡丢了👍"
    tokens = tokenizer.tokenize(Message({TEXT: text}), TEXT)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert "".join(token.text for token in tokens) == text


def test_that_the_fingerprint_changes_with_the_dictionary(own_words: Path) -> None:
    before = BankTokenizer.fingerprint_addon(config_with(own_words))
    same = BankTokenizer.fingerprint_addon(config_with(own_words))
    own_words.write_text(own_words.read_text(encoding="utf-8") + "一网通办\n", encoding="utf-8")
    after = BankTokenizer.fingerprint_addon(config_with(own_words))
    assert before == same
    assert before != after


def test_that_a_trained_tokenizer_keeps_the_dictionary_of_its_training(
    own_words: Path, storage: LocalModelStorage, execution: ExecutionContext
) -> None:
    config, resource = config_with(own_words), Resource("tokenizer")
    BankTokenizer.create(config, storage, resource, execution).train(TrainingData([]))
    own_words.write_text("别的词\n", encoding="utf-8")
    loaded = BankTokenizer.load(config, storage, resource, execution)
    assert INVENTED in cut(loaded, f"我买了{INVENTED}")


def test_that_a_token_pattern_is_applied(storage: LocalModelStorage, execution: ExecutionContext) -> None:
    config = config_with(LEXICON, token_pattern=r"(?u)\w")
    tokenizer = BankTokenizer.create(config, storage, Resource("tokenizer"), execution)
    assert cut(tokenizer, "信用卡年费") == list("信用卡年费")
