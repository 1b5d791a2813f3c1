"""Our encoder beside ONNX Runtime and LiteRT: same network, same weights, one thread, in turn. See README.md."""

import argparse
import json
import os
import platform
import subprocess
import sys
import sysconfig
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

import held_to_avx2
import sites
from models import Candidate, Models, Size, build
from network import relative_error
from rounds import Spread, Worker, in_turn, python_worker
from signals import CHANNELS, STEPS

KINDS = [("onnx", "int8"), ("onnx", "float"), ("litert", "int8"), ("litert", "float")]
# A form may be this much slower than the fastest to be preferred for its accuracy, and have this much more error than
# the most accurate to be taken at all.
SLOWER, LESS_EXACT = 1.03, 1.5


def say(*words) -> None:
    print(*words, flush=True)


@dataclass
class Mode:
    """Instruction sets that all sides keep to."""

    name: str
    kernel: str  # ours
    environment: dict[str, str] = field(default_factory=dict)  # of the peers


class Comparison:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.size = Size.tiny() if options.self_test else Size()
        self.models: Models = build(self.size, options.work, say)
        self.bundle = options.work / "ours.safetensors"
        self.figures: dict = {}
        shape = self.size.shape
        subprocess.run(
            [options.ours, "quantize", *map(str, (CHANNELS, shape.channels, shape.blocks, shape.taps, shape.embedding)),
             self.models.file("weights"), self.models.file("calibration"), str(STEPS), self.bundle], check=True)
        listed = subprocess.run([options.ours, "kernels"], check=True, capture_output=True, text=True).stdout
        self.kernels = listed.split()

    def ours(self, kernel: str) -> Worker:
        return Worker(
            [self.options.ours, "serve", self.bundle, kernel, STEPS, self.models.file("window")], self.options.core)

    def peer(self, candidate: Candidate, mode: Mode, cost: float = 0) -> Worker:
        window = {"last float": "field", "last int8": "field", "empty": "step"}.get(candidate.kind, "window")
        return Worker(
            python_worker(candidate.runtime, candidate.path, candidate.layout, self.models.file(window)),
            self.options.core, mode.environment, cost)

    def error(self, worker: Worker, kind: str = "") -> tuple[float, np.ndarray]:
        """Relative error over all test windows, and the embeddings."""
        reference = self.models.reference[:, -1:] if kind.startswith("last") else self.models.reference
        windows = self.models.file("fields" if kind.startswith("last") else "test")
        values = worker.embed(windows, self.options.work / "embeddings.f32", reference.shape)
        return relative_error(values, reference), values

    # What runs

    def modes(self) -> list[Mode]:
        """All sides with the best that they have; before that, where this CPU has more, all with AVX2."""
        best = Mode("best of each", self.kernels[0])
        if "avx2" not in self.kernels:
            return [best]
        flags = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
        if not any(flag.startswith("avx512") or flag == "avx_vnni" for flag in flags.split()):
            return [Mode("AVX2, all that this CPU has", "avx2")]
        say("making copies of the peers that keep to AVX2 …")
        folder, preload = held_to_avx2.prepare(Path(sysconfig.get_path("purelib")), self.options.work / "avx2")
        held = Mode("all held to AVX2", "avx2", {"PYTHONPATH": str(folder), "LD_PRELOAD": str(preload)})
        return [held, best]

    def choose(self, runtime: str, kind: str, mode: Mode, cost: float) -> tuple[Candidate, float]:
        """The form that serves a runtime best, by a few short rounds; prints what was tried. With its error."""
        tried = [entry for entry in self.models.candidates if (entry.runtime, entry.kind) == (runtime, kind)]
        workers = [self.peer(entry, mode, cost) for entry in tried]
        try:
            calls = [worker.calls("window", 10) for worker in workers]
            rounds = [[worker.time("window", count) for worker, count in zip(workers, calls)] for _ in range(7)]
            times = [Spread(list(column)).median for column in zip(*rounds)]
            errors = [self.error(worker, kind)[0] for worker in workers]
        finally:
            for worker in workers:
                worker.close()
        exact = [index for index in range(len(tried)) if errors[index] <= LESS_EXACT * min(errors) + 1e-6]
        fastest = min(times[index] for index in exact)
        chosen = min(
            (index for index in exact if times[index] <= SLOWER * fastest), key=lambda index: errors[index])
        for index, entry in enumerate(tried):
            mark = "*" if index == chosen else " "
            say(f"  {mark} {entry.label:19} {entry.form:32} {times[index] / 1e3:8.1f} µs   error {errors[index]:.5f}")
        return tried[chosen], errors[chosen]

    def call_costs(self, mode: Mode) -> dict[str, float]:
        """Nanoseconds of a call from Python to a model that does nothing; taken off every peer's time."""
        costs = {}
        for entry in self.models.candidates:
            if entry.kind == "empty":
                with closing(self.peer(entry, mode)) as worker:
                    costs[entry.runtime] = Spread([worker.time("window", 500) for _ in range(9)]).median
        return costs

    # What is measured

    def run(self) -> None:
        self.describe()
        chosen = {}
        for mode in self.modes():
            say(f"\n## Window of {STEPS} steps: {mode.name} (ours: {mode.kernel})\n")
            costs = self.call_costs(mode)
            say("a call from Python, taken off:", ", ".join(f"{k} {v / 1e3:.1f} µs" for k, v in costs.items()))
            say("forms tried (* runs below):")
            peers = {key: self.choose(*key, mode, costs[key[0]]) for key in KINDS}
            self.windows(mode, peers, costs)
            chosen[mode.name] = peers
        # `mode` is now the one in which all do their best.
        self.streaming(mode, chosen[mode.name], costs)
        self.accuracy(mode, chosen[mode.name])
        if self.options.sites:
            self.sites(chosen[mode.name])

    def windows(self, mode: Mode, peers: dict, costs: dict[str, float]) -> None:
        say("\n| against | theirs, µs | ours, µs | theirs / ours | error, theirs |\n|---|---|---|---|---|")
        entries = self.figures.setdefault("windows", {}).setdefault(mode.name, {})
        with closing(self.ours(mode.kernel)) as ours:
            for key in KINDS:
                candidate, error = peers[key]
                with closing(self.peer(candidate, mode, costs[key[0]])) as peer:
                    mine, theirs, ratio = self.in_turn(ours, "window", peer, "window")
                say(f"| {candidate.label} | {theirs.text(1e3, 0)} | {mine.text(1e3, 0)} | {ratio.text()} | {error:.4f} |")
                entries[candidate.label] = {
                    "form": candidate.form, "kernel": mode.kernel, "ratio": ratio.values, "error": error,
                    "theirs_ns": theirs.values, "ours_ns": mine.values}

    def in_turn(self, a: Worker, what_a: str, b: Worker, what_b: str) -> tuple[Spread, Spread, Spread]:
        return in_turn(a, what_a, b, what_b, self.options.rounds, self.options.milliseconds)

    def streaming(self, mode: Mode, peers: dict, costs: dict[str, float]) -> None:
        """One step of ours against the whole window again, which is what a runtime without state has to do."""
        windows = self.figures["windows"][mode.name]
        faster = min(peers, key=lambda key: Spread(windows[peers[key][0].label]["theirs_ns"]).median)
        say(f"\n## One stream, hop 1: a step of ours ({mode.kernel}) against the window again, {mode.name}\n")
        say("the network rewritten for its last embedding alone:")
        rewritten = [
            self.choose(runtime, f"last {kind}", mode, costs[runtime])[0] for runtime, kind in KINDS]
        say("\n| against | theirs, µs | ours, µs | theirs / ours |\n|---|---|---|---|")
        with closing(self.ours(mode.kernel)) as ours:
            for candidate in [peers[faster][0], *rewritten]:
                with closing(self.peer(candidate, mode, costs[candidate.runtime])) as peer:
                    mine, theirs, ratio = self.in_turn(ours, "step", peer, "window")
                say(f"| {candidate.label} | {theirs.text(1e3, 1)} | {mine.text(1e3)} | {ratio.text(digits=0)} |")
                self.figures.setdefault("stream", {})[candidate.label] = {
                    "ratio": ratio.values, "theirs_ns": theirs.values, "ours_ns": mine.values}
        self.figures["faster"] = peers[faster][0].label

    def accuracy(self, mode: Mode, peers: dict) -> None:
        """Against the float network on windows that nobody calibrated on."""
        say("\n## Accuracy: RMS of embedding − float embedding over RMS of the float embedding\n")
        groups = np.array_split(np.arange(len(self.models.test)), min(8, len(self.models.test)))
        reference = self.models.reference

        def by_group(values: np.ndarray) -> Spread:
            return Spread([relative_error(values[group], reference[group]) for group in groups])

        with closing(self.ours(mode.kernel)) as ours:
            error, values = self.error(ours)
        mine = by_group(values)
        say(f"| | error | in {len(groups)} groups of windows | theirs / ours |\n|---|---|---|---|")
        say(f"| ours int8 | {error:.4f} | {mine.text(digits=4)} | |")
        ratios = {}
        for candidate in self.models.candidates:
            if candidate.kind != "int8" or candidate.layout == "conv2d_tall" and candidate.runtime == "onnx":
                continue
            with closing(self.peer(candidate, mode)) as peer:
                their_error, values = self.error(peer)
            theirs = by_group(values)
            ratio = Spread([b / a for a, b in zip(mine.values, theirs.values)])
            mark = " (its speed is above)" if candidate == peers[candidate.runtime, "int8"][0] else ""
            say(f"| {candidate.label} {candidate.form}{mark} | {their_error:.4f} | {theirs.text(digits=4)} |"
                f" {their_error / error:.2f} ({min(ratio.values):.2f} to {max(ratio.values):.2f}) |")
            ratios[f"{candidate.label} {candidate.form}"] = their_error / error
        self.figures["error"] = {"ours": error, "theirs_over_ours": ratios}

    def sites(self, peers: dict) -> None:
        say("\n## What each tensor alone costs: its range, and the error when nothing else is int8\n")
        network = self.models.network
        numbers = {"ours": sites.of_bundle(self.bundle, network)}
        for runtime, read in (("onnx", sites.of_onnx), ("litert", sites.of_litert)):
            candidate = peers[runtime, "int8"][0]
            numbers[candidate.label] = read(candidate.path, network)
        say(sites.table(network, numbers, self.models.test[:64]))

    # What is said

    def describe(self) -> None:
        shape = self.size.shape
        cpu = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
               if line.startswith(("model name", "Model"))]
        rows = {
            "network": f"{shape.blocks} blocks, {shape.channels} channels, {shape.inputs} in, {shape.embedding} out, "
                       f"k{shape.taps}; {shape.multiplications():,} multiply-adds a step",
            "weights": f"{self.size.training_steps} steps of training on generated signals, batch normalisation folded",
            "calibration, test": f"{self.size.calibration} and {self.size.test} windows of {STEPS} steps, the same for all",
            "CPU": f"{cpu[0] if cpu else platform.machine()}, core {self.options.core} alone, one thread each",
            "ours": f"kernels {', '.join(self.kernels)}",
            "ONNX Runtime": f"{version('onnxruntime')}, all graph optimisations, 1 intra- and 1 inter-operator thread, "
                            "bound input and output; QDQ, static, per channel",
            "LiteRT": f"ai-edge-litert {version('ai-edge-litert')}, XNNPACK delegate, 1 thread; converted by TensorFlow "
                      f"{version('tensorflow-cpu')}, full integer, per channel",
            "all": "floats in, floats out; processor time of the process, less the call from Python",
            "rounds": f"{self.options.rounds} of about {self.options.milliseconds:.0f} ms a side, A B then B A",
        }
        say("| | |\n|---|---|")
        for name, text in rows.items():
            say(f"| {name} | {text} |")

    def summary(self) -> str:
        """The figures of issue `show:` lines. Speed is AVX2 against AVX2 where that was measured."""
        pairs = next(iter(self.figures["windows"].values()))
        ratio = lambda label: f"{Spread(pairs[label]['ratio']).median:.2f}"
        stream = Spread(self.figures["stream"][self.figures["faster"]]["ratio"]).median
        error = min(self.figures["error"]["theirs_over_ours"].values())
        return (f"ort={ratio('ONNX Runtime int8')} litert={ratio('LiteRT int8')} stream={stream:.0f} "
                f"err_ratio={error:.2f}")

    def check(self) -> None:
        """The self-test: every float model is the same network, and every simulated int8 one is what runs."""
        best = Mode("self-test", self.kernels[0])
        for candidate in self.models.candidates:
            if candidate.kind.endswith("float"):
                with closing(self.peer(candidate, best)) as peer:
                    error, _ = self.error(peer, candidate.kind)
                assert error < 1e-5, f"{candidate.label} {candidate.form}: relative error {error}"
        runs = {"ours": (self.ours(self.kernels[0]), sites.of_bundle(self.bundle, self.models.network))}
        for candidate in self.models.candidates:
            if candidate.kind == "int8" and candidate.layout == "conv1d" and "s8s8" not in candidate.form:
                read = {"onnx": sites.of_onnx, "litert": sites.of_litert}[candidate.runtime]
                runs[f"{candidate.label} {candidate.form}"] = (
                    self.peer(candidate, best), read(candidate.path, self.models.network))
        for name, (worker, numbers) in runs.items():
            with closing(worker):
                error, values = self.error(worker)
            network, at = sites.simulated(self.models.network, numbers)
            simulated = network.forward(self.models.test, at)
            gap = relative_error(values, simulated)
            assert gap < error / 3, f"{name}: error {error}, and {gap} away from its simulation"


def main() -> None:
    parser = argparse.ArgumentParser(prog="peers", description=__doc__)
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("--work", type=Path, default=here / ".build", help="folder for what is built")
    parser.add_argument("--ours", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=31, help="of each pair (31)")
    parser.add_argument("--milliseconds", type=float, default=25, help="of a side in a round (25)")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="that all run on (the last)")
    parser.add_argument("--sites", action="store_true", help="also say tensor by tensor where int8 loses")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    parser.add_argument("--self-test", action="store_true", help="a tiny network, checks, and no figures to quote")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.self_test:
        options.rounds, options.milliseconds, options.sites = 3, 2, True
    comparison = Comparison(options)
    if options.self_test:
        comparison.check()
    comparison.run()
    if options.json:
        options.json.write_text(json.dumps(comparison.figures, indent=1))
    say(f"\npeers: {comparison.summary()}")


if __name__ == "__main__":
    sys.exit(main())
