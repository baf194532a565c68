"""What the engine answers to programs, as JSON and back."""

from __future__ import annotations

import json

from safelight.core.explanation import Explanation
from safelight.core.message import Message
from safelight.core.name_evidence import match_message
from safelight.core.search import Band, SearchHit
from safelight.engine.program_answers import explanation_json, found_json, read_explanation, read_found
from safelight.services.searching.results import FoundPhotos

NAMED = match_message("name", "beach")


def test_messages_are_english_sentences_there() -> None:
    hits = (SearchHit(1, 0.5, Band.STRONG, NAMED), SearchHit(2, 0.4, Band.MAYBE))
    sent = json.loads(json.dumps(found_json(FoundPhotos(hits, (Message("No strong matches."),)))))
    assert [hit["reason"] for hit in sent["hits"]] == ["file name: beach", ""]
    read = read_found(sent)
    assert str(read.hits[0].reason) == "file name: beach"
    assert read.hits[1] == hits[1]
    assert read.notice == "No strong matches."


def test_so_is_the_evidence_of_names_in_an_explanation() -> None:
    sent = json.loads(json.dumps(explanation_json(Explanation(1, names=NAMED))))
    assert sent["names"] == "file name: beach"
    assert str(read_explanation(sent).names) == "file name: beach"
    assert read_explanation(json.loads(json.dumps(explanation_json(Explanation(1))))) == Explanation(1)
