"""From the head's log probabilities to symbols with times: greedy CTC, and how likely a whole run is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.digits.labels import CLASS, OTHER, SYMBOLS

FRAMES_PER_S = 50
"""Of the states of Whisper's encoder."""

LogProbabilities = npt.NDArray[np.float32]
"""Shape (n_frames, len(SYMBOLS)); each row is normalised."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A spoken digit word, or a stretch of other speech (`OTHER`).

    Attributes:
        text: as spoken, 幺 apart from 一 and 两 from 二.
        start_s: where the network is sure of it, from the start of the clip: a spike inside the word, not its edges.
        end_s: end of that spike; of a stretch, of its last one.
        probability: the spike's own; of a stretch, its surest one's.
    """

    text: str
    start_s: float
    end_s: float
    probability: float

    @property
    def is_other(self) -> bool:
        """Whether it is other speech than a digit word."""
        return self.text == OTHER


@dataclass(frozen=True, slots=True)
class Run:
    """Digit words with no other speech between.

    Attributes:
        symbols: at least one, none of them `OTHER`.
        probability: that these words and no others were spoken here (CTC's, all alignments), uncalibrated.
    """

    symbols: tuple[Symbol, ...]
    probability: float

    @property
    def text(self) -> str:
        """The words, as spoken."""
        return "".join(symbol.text for symbol in self.symbols)

    @property
    def start_s(self) -> float:
        """Where the first word's spike starts."""
        return self.symbols[0].start_s

    @property
    def end_s(self) -> float:
        """Where the last word's spike ends."""
        return self.symbols[-1].end_s

    @property
    def weakest(self) -> float:
        """The least probability of its words."""
        return min(symbol.probability for symbol in self.symbols)


def symbols(log_probabilities: LogProbabilities) -> list[Symbol]:
    """Greedy CTC: the best class of every frame, repeats collapsed, blanks dropped, neighbouring `OTHER` joined."""
    return [symbol for symbol, _, _ in _spikes(log_probabilities)]


def runs(log_probabilities: LogProbabilities) -> list[Run]:
    """Runs of digit words, each with its probability."""
    found: list[Run] = []
    spikes = _spikes(log_probabilities)
    first = 0
    while first < len(spikes):
        last = first
        while last < len(spikes) and not spikes[last][0].is_other:
            last += 1
        if last > first:
            begin = spikes[first - 1][2] if first else 0
            end = spikes[last][1] if last < len(spikes) else len(log_probabilities)
            words = tuple(symbol for symbol, _, _ in spikes[first:last])
            classes = [CLASS[symbol.text] for symbol in words]
            found.append(Run(words, _sequence_probability(log_probabilities[begin:end], classes)))
        first = max(last, first + 1)
    return found


def _spikes(log_probabilities: LogProbabilities) -> list[tuple[Symbol, int, int]]:
    """Symbols with the frames of their spikes, half-open."""
    found: list[tuple[Symbol, int, int]] = []
    best = log_probabilities.argmax(axis=1)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)] if len(best) else [0]
    for begin, end in pairwise(edges):
        text = SYMBOLS[best[begin]]
        if not text:
            continue
        probability = math.exp(min(0.0, float(log_probabilities[begin:end, best[begin]].max())))
        if text == OTHER and found and found[-1][0].is_other:
            before, first, _ = found.pop()
            probability = max(probability, before.probability)
        else:
            first = begin
        found.append((Symbol(text, first / FRAMES_PER_S, end / FRAMES_PER_S, probability), first, end))
    return found


def _sequence_probability(log_probabilities: LogProbabilities, classes: Sequence[int]) -> float:
    """CTC's forward probability of a sequence of classes, other speech before and after it not minded.

    Source: A. Graves and others, Connectionist temporal classification, ICML 2006, section 4.1.
    """
    states = np.zeros(2 * len(classes) + 1, np.int64)
    states[1::2] = classes
    skips = np.zeros(len(states), bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    forward = np.full(len(states), -np.inf)
    forward[0] = 0.0
    for frame in log_probabilities.astype(np.float64):
        step = np.concatenate(([-np.inf], forward[:-1]))
        skip = np.where(skips, np.concatenate(([-np.inf, -np.inf], forward[:-2])), -np.inf)
        emitted = frame[states]
        emitted[[0, -1]] = np.logaddexp(frame[0], frame[CLASS[OTHER]])
        forward = np.logaddexp(np.logaddexp(forward, step), skip) + emitted
    return float(math.exp(min(0.0, np.logaddexp(forward[-1], forward[-2]))))
