"""Processes that are timed in turn."""

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class Worker:
    """A long-lived process on one core that answers requests, see worker.py. `cost` nanoseconds are taken off every
    call: what the call itself takes, where the runtime is called from Python."""

    def __init__(self, command: list, core: int, extra: dict[str, str] | None = None, cost: float = 0):
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", **(extra or {})}
        self.cost = cost
        self.process = subprocess.Popen(
            ["taskset", "-c", str(core), *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if not os.environ.get("PEERS_VERBOSE") else None, text=True, bufsize=1,
            env=environment)

    def ask(self, request: str) -> str:
        try:
            self.process.stdin.write(request + "\n")
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise RuntimeError(f"{' '.join(map(str, self.process.args))} ended; PEERS_VERBOSE=1 shows why")
        return answer.strip()

    def time(self, what: str, count: int) -> float:
        """Nanoseconds a call."""
        return int(self.ask(f"{what} {count}")) / count - self.cost

    def calls(self, what: str, milliseconds: float) -> int:
        """How many calls take about so long."""
        count = 1
        while (taken := int(self.ask(f"{what} {count}"))) < 2e6:
            count *= 4
        return max(1, round(milliseconds * 1e6 * count / taken))

    def embed(self, windows: Path, result: Path, shape: tuple[int, ...]) -> np.ndarray:
        self.ask(f"embed {windows} {result}")
        return np.fromfile(result, "<f4").reshape(shape)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)


@dataclass(frozen=True)
class Spread:
    """Of the rounds: median and range."""

    values: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def text(self, unit: float = 1, digits: int = 2) -> str:
        low, high = min(self.values) / unit, max(self.values) / unit
        return f"{self.median / unit:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def in_turn(
    a: Worker, what_a: str, b: Worker, what_b: str, rounds: int, milliseconds: float
) -> tuple[Spread, Spread, Spread]:
    """Times A and B a moment after each other, in alternating order. Nanoseconds of A, of B, and B over A by round."""
    calls = a.calls(what_a, milliseconds), b.calls(what_b, milliseconds)
    times_a, times_b = [], []
    for index in range(rounds):
        if index % 2:
            times_b.append(b.time(what_b, calls[1]))
            times_a.append(a.time(what_a, calls[0]))
        else:
            times_a.append(a.time(what_a, calls[0]))
            times_b.append(b.time(what_b, calls[1]))
    return Spread(times_a), Spread(times_b), Spread([y / x for x, y in zip(times_a, times_b)])


def python_worker(runtime: str, model: Path, layout: str, window: Path) -> list:
    return [sys.executable, Path(__file__).with_name("worker.py"), runtime, model, layout, window]
