"""How alike two titles are. Pure, so that whoever asks "was this seen before?" means the same by it."""

from collections.abc import Mapping

from rapidfuzz import fuzz, process, utils

SHORTEST_TITLE = 4  # letters; fewer match everything
ALIKE = 70.0  # of 100; two titles that share most of their words
MOST = 20


def most_alike(title: str, titles: Mapping[int, str], *, limit: int = MOST) -> list[tuple[int, float]]:
    """Return the ids of the titles that share most words with one, each with its score up to 100, most alike first."""
    if len(title.strip()) < SHORTEST_TITLE:
        return []
    found = process.extract(
        title,
        titles,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=ALIKE,
        limit=limit,
    )
    return [(each, score) for _, score, each in found]
