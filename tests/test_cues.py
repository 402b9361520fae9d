"""Whoever knows nothing of the subject must not find the right option by its place, its length or its words.

The null hypothesis: given which options of a question have a feature, each of them is equally likely to be the right
one. Then the number of right options with the feature is a sum of independent draws, one a question, and its
distribution is computed exactly. A feature that has this few or this many right options with probability below LEVEL
gives answers away. Predictions of the lessons count as questions.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from lossgeo.teaching import lessons
from lossgeo.teaching.lessons import load_lessons
from lossgeo.teaching.questions import load_bank, order

LEVEL = 0.05
# (texts of the options, index of the right one)
ITEMS = [([option.text for option in question.options], question.answer) for question in load_bank()]
ITEMS += [(list(lesson.outcomes), lesson.happens) for lesson in load_lessons()]
# (the place of the right option with a seed, the number of options)
PLACES = [(lambda seed, q=q: order(q, seed).index(q.answer), len(q.options)) for q in load_bank()]
PLACES += [(lambda seed, x=x: lessons.order(x, seed).index(x.happens), len(x.outcomes)) for x in load_lessons()]


def probability(hits, chances):
    """That so many independent draws, with these chances, succeed as lie at least as far from the mean as `hits`."""
    distribution = [1.0]
    for chance in chances:
        distribution = [
            fail * (1 - chance) + success * chance
            for fail, success in zip([*distribution, 0.0], [0.0, *distribution], strict=True)
        ]
    mean = sum(chances)
    return sum(p for k, p in enumerate(distribution) if abs(k - mean) >= abs(hits - mean) - 1e-9)


def measured(has, items):
    """Of how many items the right option has the feature, how many are expected, and how probable that is.

    `has(texts)` says of each option of an item whether it has the feature.
    """
    flags = [(has(texts), right) for texts, right in items]
    chances = [sum(flag) / len(flag) for flag, _ in flags]
    hits = sum(flag[right] for flag, right in flags)
    return hits, sum(chances), probability(hits, chances)


def words_of(text):
    """The words of an option, without its formulas."""
    return set(re.findall(r"[a-z]+", re.sub(r"\$[^$]*\$", " ", text.lower())))


def any_of(*words):
    return lambda texts: [bool(words_of(text) & set(words)) for text in texts]


def each(pattern):
    return lambda texts: [bool(re.search(pattern, re.sub(r"\$[^$]*\$", "$", text))) for text in texts]


CUES = {
    "being the longest": lambda texts: [len(text) == max(map(len, texts)) for text in texts],
    "being the shortest": lambda texts: [len(text) == min(map(len, texts)) for text in texts],
    "a reason": any_of("as", "since", "because", "so", "hence", "therefore"),
    "an absolute word": any_of("always", "never", "only", "every", "all", "any", "exactly", "none", "nowhere", "each"),
    "a negation": any_of("not", "no", "none", "neither", "nor", "nothing", "nowhere", "never", "without"),
    "a cautious word": any_of("about", "nearly", "near", "almost", "some", "may", "can", "although", "but", "yet"),
    "a number": lambda texts: [bool(re.search(r"\d", text)) for text in texts],
    "a formula": each(r"\$"),
    "a colon": each(":"),
    "a semicolon": each(";"),
    "a comma": each(","),
}


@pytest.mark.parametrize("cue", CUES)
def test_no_cue_beats_chance(cue):
    hits, expected, p = measured(CUES[cue], ITEMS)
    assert p >= LEVEL, (
        f"{cue} gives answers away: {hits} of {len(ITEMS)} right options have it, {expected:.1f} are expected, and by "
        f"chance a difference like that has the probability {p:.3f}. Reword some options"
    )


def test_no_single_word_beats_chance():
    """All words that divide the options of six items or more, by the method of Holm for many tests at once."""
    vocabulary = sorted(set().union(*(words_of(text) for texts, _ in ITEMS for text in texts)))
    found = []
    for word in vocabulary:
        dividing = [item for item in ITEMS if 0 < sum(flags := any_of(word)(item[0])) < len(flags)]
        if len(dividing) >= 6:
            found.append((measured(any_of(word), dividing)[2], word))
    found.sort()
    telling = [word for rank, (p, word) in enumerate(found) if p < LEVEL / (len(found) - rank)]
    assert not telling, f"these words stand too often, or too seldom, in right options: {telling}"


@pytest.mark.parametrize("seed", [1, 2, 3, 7, 42])
def test_no_place_beats_chance(seed):
    """With the seed of a class the right option stands first, second and third about equally often."""
    for place in range(3):
        at = [place_of(seed) == place for place_of, _ in PLACES]
        p = probability(sum(at), [1 / count for _, count in PLACES])
        assert p >= LEVEL / 15, f"seed {seed}: {sum(at)} of {len(at)} right options stand at place {place + 1}: {p:.4f}"


def test_the_method_finds_a_cue_and_lets_chance_pass():
    assert probability(5, [0.5] * 10) == pytest.approx(1.0)
    assert probability(10, [0.5] * 10) == pytest.approx(2 / 1024)
    telling = [(["as is", "is not", "is"], i % 2 + 1) for i in range(30)]
    assert measured(CUES["a reason"], telling)[2] < 1e-3
    fair = [(["as is", "is not", "is"], i % 3) for i in range(30)]
    assert measured(CUES["a reason"], fair)[2] == pytest.approx(1.0)
    assert Counter(any_of("so")(["so", "also", "$so$"])) == {True: 1, False: 2}
