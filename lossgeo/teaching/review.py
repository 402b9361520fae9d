"""Evaluation of the recorded answers: the score, the calibration of confidence, and the question to ask next.

The order of questions follows two findings. Feedback corrects confident errors well, but they return when it is
forgotten (Butler, Fazio and Marsh 2011), so they are asked again first. Dropping correct items from practice
harms retention (Karpicke and Roediger 2007), so correct answers are asked again too. Neither is asked at once,
because an answer just after its feedback proves nothing. An idea is a question together with its twin; each time
the other form is asked. All results depend on the record only, not on chance or the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from lossgeo.teaching.progress import Answer, Progress
from lossgeo.teaching.questions import CONFIDENCE, Question, load_bank

# The number of other answers before an idea is asked again: after an error with that confidence, and after a right
# answer (see `wait`). These are rules of thumb.
AFTER_MISS = {"certain": 2, "fairly sure": 4, "guess": 4}
AFTER_RIGHT = 8
FEW = 5  # with fewer answers at one level of confidence there is no verdict


@dataclass(frozen=True)
class Score:
    """The number of answered questions and of those right at the latest try, out of `total`."""

    answered: int
    right: int
    total: int


def score(progress: Progress, page: str | None = None, lesson: int | None = None) -> Score:
    """The score on the questions of a page, of a lesson, or of all."""
    questions, latest = scope(page, lesson), progress.latest()
    marks = [latest[question.id].right for question in questions if question.id in latest]
    return Score(len(marks), sum(marks), len(questions))


def scope(page: str | None = None, lesson: int | None = None) -> list[Question]:
    """The questions of a page, of a lesson, of a lesson on a page, or all, in the order of the bank."""
    return [q for q in load_bank() if page in (None, q.page) and lesson in (None, q.lesson)]


# --- confidence ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    """The first answers given with one confidence: how many, and how many of them were right."""

    confidence: str
    count: int
    right: int

    @property
    def share(self) -> float:
        """The share of right answers, nan if there are none."""
        return self.right / self.count if self.count else float("nan")

    @property
    def verdict(self) -> str:
        """The calibration: "over" if certain answers are wrong too often, "under" if guesses
        are right too often, or "".

        It is a binomial test at the 5 % level. The null hypotheses: certain answers are right with probability
        0.9, guesses with probability 0.5, and answers are independent. With fewer than FEW answers the verdict is "".
        """
        if self.count < FEW:
            return ""
        if self.confidence == "certain" and at_most(self.right, self.count, 0.9) < 0.05:
            return "over"
        if self.confidence == "guess" and at_most(self.count - self.right, self.count, 0.5) < 0.05:
            return "under"
        return ""


def at_most(successes: int, tries: int, chance: float) -> float:
    """The binomial distribution function: the probability of at most `successes` in `tries` independent tries."""
    return sum(comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(successes + 1))


def calibration(progress: Progress) -> tuple[Level, ...]:
    """One Level for each confidence, from the first answer to each question; later answers follow its feedback."""
    first: dict[str, Answer] = {}
    for answer in progress.answers:
        first.setdefault(answer.question, answer)
    given = {name: [a.right for a in first.values() if a.confidence == name] for name in CONFIDENCE}
    return tuple(Level(name, len(marks), sum(marks)) for name, marks in given.items())


# --- what to look at again ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Missed:
    """A misconception behind a wrong answer to an idea that has not been answered correctly since."""

    misconception: str
    lesson: int
    page: str
    certain: bool


def to_look_at_again(progress: Progress) -> tuple[Missed, ...]:
    """The misconceptions in the latest answers, each once: confident ones first, then by lesson."""
    bank = {question.id: question for question in load_bank()}
    missed: dict[str, Missed] = {}
    for run in ideas(progress).values():
        last = run[-1].answer
        question = bank[last.question]
        name = question.options[last.chosen].misconception
        if name is not None and (name not in missed or not missed[name].certain):
            missed[name] = Missed(name, question.lesson, question.page, last.confidence == "certain")
    return tuple(sorted(missed.values(), key=lambda item: (not item.certain, item.lesson, int(item.misconception[1:]))))


# --- what to ask next ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A question to ask now. `after` is the latest answer to its idea, or None for a new idea.

    `ready` says whether enough other answers lie in between. If nothing is ready and nothing is new, the idea
    that becomes ready first is asked anyway.
    """

    question: Question
    after: Answer | None
    ready: bool = True


@dataclass(frozen=True)
class _Turn:
    place: int  # index in the record
    answer: Answer


def ideas(progress: Progress) -> dict[str, list[_Turn]]:
    """The answers to each idea, oldest first. An idea is named by that one of its two questions that
    comes first in the bank.

    If the same question is answered twice in a row, the second answer only repeats the
    feedback; the first one counts.
    """
    bank = {question.id: question for question in load_bank()}
    position = {id: number for number, id in enumerate(bank)}
    turns: dict[str, list[_Turn]] = {}
    for index, answer in enumerate(progress.answers):
        twin = bank[answer.question].twin or answer.question
        run = turns.setdefault(min(answer.question, twin, key=lambda id: position[id]), [])
        if run and run[-1].place == index - 1 and run[-1].answer.question == answer.question:
            run[-1] = _Turn(index, run[-1].answer)
        else:
            run.append(_Turn(index, answer))
    return turns


def wait(turns: Sequence[_Turn]) -> int:
    """How many other answers must be given before this idea is asked again. Doubled for each
    further equal result in a row.
    """
    last = turns[-1].answer
    in_a_row = next((n for n, turn in enumerate(reversed(turns)) if turn.answer.right != last.right), len(turns))
    return (AFTER_RIGHT if last.right else AFTER_MISS[last.confidence]) << min(in_a_row - 1, 10)


def due(progress: Progress, page: str | None = None, lesson: int | None = None) -> Due | None:
    """The question to ask next, or None if there is no question, or only the one just answered.

    The order is: confident errors, other errors, right answers after their waiting time, new ideas, the rest.
    """
    questions = {question.id: question for question in scope(page, lesson)}
    bank = {question.id: question for question in load_bank()}
    turns = ideas(progress)
    waiting: list[tuple[tuple[int, ...], Due]] = []
    begun: set[str] = set()
    for run in turns.values():
        last = run[-1].answer
        twin = bank[last.question].twin or last.question
        begun |= {last.question, twin}
        since = len(progress.answers) - 1 - run[-1].place
        if twin not in questions or since == 0:
            continue
        left = wait(run) - since
        rank = 3 + left if left > 0 else 2 if last.right else 1 if last.confidence != "certain" else 0
        waiting.append(((rank, run[-1].place), Due(questions[twin], last, left <= 0)))
    waiting.sort(key=lambda item: item[0])
    if waiting and waiting[0][1].ready:
        return waiting[0][1]
    if new := next((q for q in questions.values() if q.id not in begun), None):
        return Due(new, None)
    return waiting[0][1] if waiting else None
