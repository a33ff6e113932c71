"""From members' own words: which category, whether it is a trouble to report, a faithful short form.

Nothing is invented: a proposal is a guess that the member confirms, a summary is their own words cut down.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dialogs.rules import Rules
from dialogs.rules.everyday import OWNERS, Everyday, Fillers
from dialogs.text import fold

MOST = 3
LONGEST = 60
_HEARD = 400
_GAPS = re.compile(r"\s+")
# A point within a number and a space beside one part nothing: 「12.5 元」, 「3 号楼」.
_PARTS = re.compile(r"[，,。.！!？?；;、]+(?!\d)\s*|(?<![0-9a-zA-Z])\s+(?![0-9a-zA-Z])")
_MARKS = "，,。.！!？?；;、~～… \u3000\n\r\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A category that the words may be about; the score compares proposals of one text only."""

    key: str
    top_title: str
    title: str
    score: float

    @property
    def shown(self) -> str:
        """「道路交通 · 路灯」."""
        return f"{self.top_title} · {self.title}"


def propose(text: str, rules: Rules) -> list[Proposal]:
    """At most three categories for these words, best first; none where nothing speaks for any."""
    scores = _scores(text, rules)
    if not scores:
        return []
    best = max(scores.values())
    floor = max(rules.lexicon.least, best * 0.4)
    owners = sorted(
        (owner for owner, score in scores.items() if score >= floor), key=lambda owner: (-scores[owner], owner)
    )
    return [_proposal(owner, scores[owner], rules) for owner in owners[:MOST]]


def _proposal(owner: int, score: float, rules: Rules) -> Proposal:
    category = rules.categories.by_key[rules.lexicon.keys[owner]]
    return Proposal(key=category.key, top_title=category.top_title, title=category.title, score=round(score, 2))


@lru_cache(maxsize=1024)  # pure, and a matter is looked at several times
def _scores(text: str, rules: Rules) -> dict[int, float]:
    """Weights of the phrases of each category; longer words say more, and a second hint less than the first."""
    lexicon = rules.lexicon
    scores: dict[int, float] = {}
    for phrase in lexicon.phrases.find(lexicon.dialect.common(text[:_HEARD])):
        if phrase.owner >= 0:
            more = phrase.weight + 0.5 * (len(phrase.word) - 2) + 0.25 * len(phrase.others)
            least, most = sorted((scores.get(phrase.owner, 0.0), more))
            scores[phrase.owner] = most + least / 2
    return scores


# -- trouble -------------------------------------------------------------------------------
@lru_cache(maxsize=1024)
def is_trouble(text: str, rules: Rules) -> bool:
    """Tell whether free words describe a trouble to report, rather than a question or chat."""
    everyday = rules.everyday
    said = everyday.dialect.common(text[:_HEARD])
    counts = _counts(said, everyday)
    bare = len(said) < everyday.short and not counts["trouble"]  # a noun by itself: 「公积金」, 「工伤认定」
    score = 4 * counts["trouble"] + min(counts["sign"], 4) + _about(text, rules)
    score -= 4 * counts["asks"] + min(2 * counts["question"], 4) + 4 * counts["never"] + 3 * bool(counts["elsewhere"])
    return score >= everyday.least and not bare


def _counts(said: str, everyday: Everyday) -> dict[str, int]:
    counts = dict.fromkeys(OWNERS, 0)
    for phrase in everyday.phrases.find(said):
        counts[OWNERS[phrase.owner]] += 1
    return {kind: min(count, 3) if kind != "sign" else count for kind, count in counts.items()}


def _about(text: str, rules: Rules) -> int:
    """Say what the category says: trouble by nature speaks for a report, other matters less, the Party's against it."""
    proposals = propose(text, rules)
    if not proposals:
        return 0
    top = rules.categories.top_of(proposals[0].key)
    sure = proposals[0].score >= rules.lexicon.sure
    if top is None or top.key == "party":
        return -3 * sure
    return 4 if top.trouble else 2 * sure


# -- summary -------------------------------------------------------------------------------
def summary(text: str, rules: Rules, longest: int = LONGEST) -> str:
    """Give the matter in the member's own words: courtesies left out, gaps as commas, at most `longest` characters.

    No full stop at the end, so that it can stand within a sentence. Empty where only courtesies were said.
    """
    fillers = rules.everyday.fillers
    pieces = [_piece(piece, fillers) for piece in _PARTS.split(text.strip())]
    words = "，".join(piece for piece in pieces if piece)
    return words if len(words) <= longest else _shortened(words, longest)


def _piece(piece: str, fillers: Fillers) -> str:
    piece = _GAPS.sub("", piece.strip(_MARKS))
    folded = fold(piece)
    if any(folded in words for words in (fillers.lead, fillers.anywhere, fillers.tail)):
        return ""
    for word in fillers.anywhere:
        if word in folded:
            piece = _without(piece, word)
            folded = fold(piece)
    before = ""
    while before != piece:
        before = piece
        piece = _trim(piece, fillers)
    return piece


def _trim(piece: str, fillers: Fillers) -> str:
    """One courtesy off the front and one off the end; what is left must still say something."""
    folded = fold(piece)
    if len(folded) != len(piece):  # folding changed lengths (ligatures, `…`): the places would not match
        return piece
    if not folded.startswith(fillers.lead) and not folded.endswith(fillers.tail):
        return piece.strip(_MARKS)
    lead = next((word for word in fillers.lead if folded.startswith(word)), "")
    tail = next((word for word in fillers.tail if folded.endswith(word) and len(folded) > len(word)), "")
    if len(lead) + len(tail) >= len(piece):
        return piece[len(lead) :]
    return piece[len(lead) : len(piece) - len(tail)].strip(_MARKS)


def _without(piece: str, word: str) -> str:
    folded = fold(piece)
    at = folded.find(word) if len(folded) == len(piece) else -1
    return piece if at < 0 else piece[:at] + piece[at + len(word) :]


def _shortened(words: str, longest: int) -> str:
    """Cut at a comma where one is near the end, else at a character, with an ellipsis that shows it."""
    head = words[: longest - 1]
    comma = head.rfind("，")
    return (head[:comma] if comma >= longest // 2 else head) + "…"
