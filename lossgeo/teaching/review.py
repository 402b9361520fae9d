"""What a record of answers says: the score, how far confidence can be trusted, and what to ask next.

The order of asking follows two findings: a confident mistake is mended well by feedback but comes
back when the feedback is forgotten (Butler, Fazio and Marsh 2011), so it returns first; and dropping
from practice what was right costs retention (Karpicke and Roediger 2007), so that is asked again too.
Neither returns at once: answering from the feedback just read proves nothing. An idea is a question
and its twin; what returns is the other form of the one answered last. Everything here is a function
of the record, without chance or clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from lossgeo.teaching.progress import Answer, Progress
from lossgeo.teaching.questions import CONFIDENCE, Question, load_bank

# Other answers to be given before an idea returns: after a miss made with that confidence, and after a right one
# (see `wait`). Rules of thumb.
AFTER_MISS = {"certain": 2, "fairly sure": 4, "guess": 4}
AFTER_RIGHT = 8
FEW = 5  # answers at one level of confidence, below which nothing is said about it


@dataclass(frozen=True)
class Score:
    """Questions answered, and those right at the latest try, of `total`."""

    answered: int
    right: int
    total: int


def score(progress: Progress, page: str | None = None, lesson: int | None = None) -> Score:
    """How many questions of a page or a lesson are answered, and how many are right at the latest try."""
    questions, latest = scope(page, lesson), progress.latest()
    marks = [latest[question.id].right for question in questions if question.id in latest]
    return Score(len(marks), sum(marks), len(questions))


def scope(page: str | None = None, lesson: int | None = None) -> list[Question]:
    """The questions of a page, of a lesson, of a lesson's part on a page, or all."""
    return [q for q in load_bank() if page in (None, q.page) and lesson in (None, q.lesson)]


# --- confidence ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Level:
    """First answers given with one confidence: how many, how many of them right, and what that suggests, if anything.

    `verdict` is "over" for certain answers that are wrong too often, "under" for guesses that are right too often.
    """

    confidence: str
    count: int
    right: int

    @property
    def share(self) -> float:
        """Share of right answers; nan without answers."""
        return self.right / self.count if self.count else float("nan")

    @property
    def verdict(self) -> str:
        """Said only where the counts carry it: one chance in twenty at most that it is said by accident.

        By accident: to somebody whose certain answers are right nine times in ten, or whose guesses are right half
        of the time, if answers are independent.
        """
        if self.count < FEW:
            return ""
        if self.confidence == "certain" and at_most(self.right, self.count, 0.9) < 0.05:
            return "over"
        if self.confidence == "guess" and at_most(self.count - self.right, self.count, 0.5) < 0.05:
            return "under"
        return ""


def at_most(successes: int, tries: int, chance: float) -> float:
    """Probability of so many successes or fewer: the binomial distribution function."""
    return sum(comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(successes + 1))


def calibration(progress: Progress) -> tuple[Level, ...]:
    """One Level for each confidence, over the first answer to each question: later ones come after its feedback."""
    first: dict[str, Answer] = {}
    for answer in progress.answers:
        first.setdefault(answer.question, answer)
    given = {name: [a.right for a in first.values() if a.confidence == name] for name in CONFIDENCE}
    return tuple(Level(name, len(marks), sum(marks)) for name, marks in given.items())


# --- what to look at again ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Missed:
    """A misconception behind a wrong answer that no right one of the same idea has followed."""

    misconception: str
    lesson: int
    page: str
    certain: bool


def to_look_at_again(progress: Progress) -> tuple[Missed, ...]:
    """Those believed at the latest answer to their idea: certain ones first, then by lesson; each named once."""
    bank = {question.id: question for question in load_bank()}
    missed: dict[str, Missed] = {}
    for run in ideas(progress).values():
        last = run[-1].answer
        question = bank[last.question]
        name = question.options[last.chosen].misconception
        if name is not None and (name not in missed or not missed[name].certain):
            missed[name] = Missed(name, question.lesson, question.page, last.confidence == "certain")
    return tuple(sorted(missed.values(), key=lambda it: (not it.certain, it.lesson, int(it.misconception[1:]))))


# --- what to ask next ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A question to ask now. `after`: the answer that brings its idea back; None where it is new.

    `ready`: whether enough other answers lie between. Where nothing is ready and nothing new, what has waited
    longest for its turn is asked all the same.
    """

    question: Question
    after: Answer | None
    ready: bool = True


@dataclass(frozen=True)
class _Turn:
    place: int  # in the record
    answer: Answer


def ideas(progress: Progress) -> dict[str, list[_Turn]]:
    """The answers to each idea in their order; an idea is named by the first of its two questions in the bank.

    An answer straight after another one to the same question repeats the feedback just read: the first one counts.
    """
    bank = {question.id: question for question in load_bank()}
    place = {id: number for number, id in enumerate(bank)}
    turns: dict[str, list[_Turn]] = {}
    for at, answer in enumerate(progress.answers):
        twin = bank[answer.question].twin or answer.question
        run = turns.setdefault(min(answer.question, twin, key=lambda id: place[id]), [])
        if run and run[-1].place == at - 1 and run[-1].answer.question == answer.question:
            run[-1] = _Turn(at, run[-1].answer)
        else:
            run.append(_Turn(at, answer))
    return turns


def wait(turns: Sequence[_Turn]) -> int:
    """Other answers to be given before this idea returns: doubled for each further one of the same kind in a row.

    After a miss too: who misses an idea again and again meets new ones in between.
    """
    last = turns[-1].answer
    in_a_row = next((n for n, turn in enumerate(reversed(turns)) if turn.answer.right != last.right), len(turns))
    return (AFTER_RIGHT if last.right else AFTER_MISS[last.confidence]) << min(in_a_row - 1, 10)


def due(progress: Progress, page: str | None = None, lesson: int | None = None) -> Due | None:
    """What to ask next: confident misses, other misses, right answers whose time has come, new ideas, the rest.

    None where there is no question at all, or only the one just answered.
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
