"""Taught concepts: what a user shows by examples, such as "Bruno" or "our hut", and the operations on them.

:mod:`safelight.core.operations` re-exports the operations.
"""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.errors import UsageError
from safelight.core.message import Template
from safelight.core.operation import Operation, Outcome

MAX_CONCEPT_LENGTH = 100
"""Characters in the name of a concept, and in its description."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept with its examples."""

    id: int
    name: str
    description: str
    """Words that describe it to the model, such as "a brown dog"; if empty, the name counts."""
    shown: tuple[bytes, ...]
    """Content hashes of photos that show it, sorted. They need not be in the library now."""
    not_shown: tuple[bytes, ...]
    """Content hashes of photos that do not show it, sorted."""

    @property
    def words(self) -> str:
        """The text that the model compares photos with."""
        return self.description or self.name


@dataclass(frozen=True, slots=True)
class Proposal:
    """A photo to ask the user about."""

    photo_id: int
    probability: float
    """How likely it shows the concept, 0 to 1."""


def clean_concept_name(text: str) -> str:
    """The name of a concept as it is stored. Raises UsageError for an empty or long one."""
    name = " ".join(text.split())
    if not name:
        raise UsageError("A concept needs a name.")
    if len(name) > MAX_CONCEPT_LENGTH:
        raise UsageError("The name of a concept has at most {limit} characters.", limit=MAX_CONCEPT_LENGTH)
    return name


@dataclass(frozen=True, slots=True)
class TeachConcept(Operation[Outcome]):
    """Give a concept examples. A concept of a new name is created, and ``Outcome.created`` is its id."""

    name: str
    shown: tuple[int, ...] = ()
    """Photos that show it."""
    not_shown: tuple[int, ...] = ()
    """Photos that do not show it."""
    forgotten: tuple[int, ...] = ()
    """Photos that are no example any more."""
    description: str | None = None
    """Words that describe it to the model; None leaves them as they are."""

    code = "teach_concept"
    summary = Template("taught the concept “{name}” with {photos}")
    for_commands = True


@dataclass(frozen=True, slots=True)
class RenameConcept(Operation[Outcome]):
    concept: str
    name: str

    code = "rename_concept"
    summary = Template("renamed the concept “{before}” to “{name}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class MergeConcepts(Operation[Outcome]):
    """Give all examples of a concept to another one, which keeps its own, and delete the first."""

    concept: str
    into: str

    code = "merge_concepts"
    summary = Template("merged the concept “{before}” into “{name}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class DeleteConcept(Operation[Outcome]):
    concept: str

    code = "delete_concept"
    summary = Template("deleted the concept “{name}”")
    for_commands = True
