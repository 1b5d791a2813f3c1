#!/usr/bin/env python3
"""usage: check_agents.py

Plants differences between two agents' messages and requires that agents.py tells each of them, and no more than it
should. The last line is the number of cases.
"""

import contextlib
import copy
import io
import json
import math
import sys
import tempfile

sys.dont_write_bytecode = True
import agents

STEPS = 200


def messages(node):
    """What an agent says of a recording with one anomaly: topics and payloads."""
    said = [[f"sedge/{node}/state/pump", {
        "boot_id": f"boot of {node}", "ts": 1000 * step, "phase": "active", "anomaly": 0.25 + step / 1000,
        "state": "normal", "drift": False}] for step in range(STEPS)]
    for number, phase in enumerate(("start", "end")):
        said.append([f"sedge/{node}/insight/pump", {
            "id": f"{node}-{number}", "node": node, "seq": number + 1, "ts": 150_000 + 1000 * number, "kind": "anomaly",
            "phase": phase, "score": 0.75, "channels": ["current"],
            "context": {"ts": [149_000, 150_000], "samples": {"current": [1.5, 2.5]}}}])
    return said


def compare(change):
    """Whether agents.py succeeds after `change` of what the other agent said, and what it prints."""
    one, other = messages("amd64"), messages("arm64")
    change(other)
    with tempfile.NamedTemporaryFile("w", suffix=".messages", encoding="utf-8") as file:
        # In turn, as a broker passes them on.
        for pair in range(max(len(one), len(other))):
            for said in (one, other):
                if pair < len(said):
                    file.write(f"{said[pair][0]} {json.dumps(said[pair][1])}\n")
        file.flush()
        sys.argv = ["agents.py", file.name, "amd64", "arm64"]
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                agents.main()
        except SystemExit as end:
            return False, f"{output.getvalue()}{end}"
    return True, output.getvalue()


def setting(index, name, value):
    """A change of one field. A function as value is given what was there."""
    def change(said):
        message = said[index][1]
        message[name] = value(message[name]) if callable(value) else value
    return change


def both(*changes):
    return lambda said: [change(said) for change in changes]


def sample(value):
    return lambda said: said[STEPS][1]["context"]["samples"]["current"].__setitem__(1, value)


def another_insight(said):
    extra = copy.deepcopy(said[STEPS + 1])
    extra[1]["seq"] += 1
    said.append(extra)


def moved(count):
    """States of other times."""
    return both(*(setting(index, "ts", lambda ts: ts + 1) for index in range(count)))


EQUAL, TOLD = True, False
CASES = [
    ("nothing", lambda said: None, EQUAL, "200 states and 2 insights of amd64, 1 of them the start"),
    ("a score within the tolerance", setting(7, "anomaly", lambda score: score * (1 + 5e-5)), EQUAL,
     "relative difference 5e-05"),
    ("two states of other times", moved(1), EQUAL, "2 states of one agent alone"),
    ("insights that overtook each other", lambda said: said.insert(STEPS, said.pop()), EQUAL, ""),
    ("a score beyond the tolerance", setting(7, "anomaly", lambda score: score * (1 + 2e-4)), TOLD,
     "relative difference 0.0002"),
    ("an insight's score beyond the tolerance", setting(STEPS, "score", 0.7501), TOLD,
     "insight 1.score: 0.75 and 0.7501"),
    ("a score of NaN", setting(7, "anomaly", math.nan), TOLD, "state of pump at 7000.anomaly"),
    ("an infinite score", setting(7, "anomaly", math.inf), TOLD, "state of pump at 7000.anomaly"),
    ("an insight's score of NaN", setting(STEPS, "score", math.nan), TOLD, "insight 1.score"),
    ("NaN among the samples", sample(math.nan), TOLD, "insight 1, current at 150000"),
    ("no score", setting(7, "anomaly", None), TOLD, "state of pump at 7000.anomaly"),
    ("another state", setting(7, "state", "other"), TOLD, 'state of pump at 7000.state: "normal" and "other"'),
    ("another phase", setting(7, "phase", "warmup"), TOLD, "state of pump at 7000.phase"),
    ("drift", setting(7, "drift", True), TOLD, "state of pump at 7000.drift"),
    ("a field that is missing", lambda said: said[7][1].pop("drift"), TOLD, "state of pump at 7000"),
    ("a missing insight", lambda said: said.pop(), TOLD, "insights: 2 of amd64, 1 of arm64"),
    ("no insight at all", lambda said: (said.pop(), said.pop()), TOLD, "insights: 2 of amd64, 0 of arm64"),
    ("an extra insight", another_insight, TOLD, "insights: 2 of amd64, 3 of arm64"),
    ("another kind of insight", setting(STEPS, "kind", "drift"), TOLD, "insight 1.kind"),
    ("an insight of another time", setting(STEPS, "ts", 150_001), TOLD, "insight 1.ts: 150000 and 150001"),
    ("other channels", setting(STEPS, "channels", ["current", "vibration"]), TOLD, "insight 1.channels"),
    ("another sample", sample(2.6), TOLD, "insight 1, current at 150000"),
    ("a context of other times", lambda said: said[STEPS][1]["context"].update(ts=[1, 2]), TOLD, "no sample in common"),
    ("states of other times", moved(STEPS // 50), TOLD, "states of other steps"),
    ("another agent's silence", lambda said: said.clear(), TOLD, "states of other steps"),
]


def main():
    for name, change, expected, text in CASES:
        equal, output = compare(change)
        if equal != expected or text not in output:
            sys.exit(f"agents.py with {name}: equal is {equal}, expected {expected} and \"{text}\":\n{output}")
    print(f"agents.py: {len(CASES)} cases")


main()
