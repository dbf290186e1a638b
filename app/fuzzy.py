"""Fuzzy search: the letters typed must occur in order; runs and beginnings of words count for more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def score(query: str, text: str) -> float | None:
    """How well ``text`` answers ``query``, larger is better; None where it does not."""
    wanted, offered = query.casefold().replace(" ", ""), text.casefold()
    if not wanted:
        return 0.0
    total, place, previous = 0.0, -1, -2
    for letter in wanted:
        place = _next(offered, letter, place + 1, previous)
        if place < 0:
            return None
        begins_word = place == 0 or not offered[place - 1].isalnum()
        total += 1 + 2 * (place == previous + 1) + 1.5 * begins_word
        previous = place
    # Of two texts that match alike, the shorter one is the likelier.
    return total - 0.01 * len(offered) + (3 if offered.startswith(wanted) else 0)


def _next(text: str, letter: str, start: int, previous: int) -> int:
    """The next occurrence of a letter: right after the last match, else at the beginning of a word, else anywhere."""
    if start < len(text) and text[start] == letter and start == previous + 1:
        return start
    first = text.find(letter, start)
    place = first
    while place >= 0:
        if place == 0 or not text[place - 1].isalnum():
            return place
        place = text.find(letter, place + 1)
    return first


def ranked(query: str, items: Iterable[T], texts: Callable[[T], Iterable[str]]) -> list[T]:
    """The items that answer ``query``, best first. ``texts`` gives what an item is known by, the foremost first;
    ties keep the order of ``items``."""
    found: list[tuple[float, T]] = []
    for item in items:
        # A match in a later text counts less than any match of the same letters in an earlier one.
        scores = [s - 2.0 * i for i, text in enumerate(texts(item)) if (s := score(query, text)) is not None]
        if scores:
            found.append((max(scores), item))
    return [item for _, item in sorted(found, key=lambda pair: -pair[0])]
