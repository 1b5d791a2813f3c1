#!/usr/bin/env python3
"""usage: agents.py MESSAGES NODE OTHER

Compares what two agents said about the same samples. MESSAGES has a line "topic payload" for each message.

States: of the same stream and time both have the same phase, anomaly, state and drift. Where two steps become due at
once an agent publishes the later alone, and which do depends on how messages arrive: so a few times may be one agent's
alone, LONELY of all at most. Insights: the same kinds, phases and times in the same order, with the same samples at the
times that both contexts hold. Numbers in either may differ by TOLERANCE of the larger, since the learners compute in
floating point, where processors and their libraries may round the last bit differently; the encoder's bytes may not
differ at all, and are compared elsewhere.
"""

import json
import math
import sys

TOLERANCE = 1e-4
LONELY = 0.01
# What names a process or a message, and not what was found.
NAMES = {"boot_id", "id", "node", "clock", "config", "delay_ms"}


def read(path, node):
    states, insights = {}, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            topic, _, payload = line.rstrip("\n").partition(" ")
            parts = topic.split("/")
            if len(parts) < 4 or parts[1] != node or not payload.startswith("{"):
                continue
            message = {key: value for key, value in json.loads(payload).items() if key not in NAMES}
            if parts[2] == "state":
                states[parts[3], message["ts"]] = message
            elif parts[2] in ("insight", "backfill"):
                insights.append(message)
    # Live and late ones may overtake each other; seq is the order in which they came to be.
    return states, sorted(insights, key=lambda insight: insight["seq"])


class Difference:
    """The largest relative difference of numbers, and all that differs otherwise."""

    def __init__(self):
        self.largest, self.where, self.others = 0.0, "", []

    def compare(self, one, other, place):
        numbers = (int, float)
        if isinstance(one, bool) or isinstance(other, bool) or not (
                isinstance(one, numbers) and isinstance(other, numbers)):
            if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
                for key in one:
                    self.compare(one[key], other[key], f"{place}.{key}")
            elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
                for index, pair in enumerate(zip(one, other)):
                    self.compare(*pair, f"{place}[{index}]")
            elif one != other:
                self.others.append(f"{place}: {json.dumps(one)[:80]} and {json.dumps(other)[:80]}")
        elif isinstance(one, int) and isinstance(other, int):
            if one != other:
                self.others.append(f"{place}: {one} and {other}")
        elif not (math.isfinite(one) and math.isfinite(other)):
            # No comparison with NaN is ever true, so it would pass for a small difference. JSON knows neither, anyway.
            self.others.append(f"{place}: {one} and {other}")
        else:
            size = max(abs(one), abs(other), 1e-12)
            if abs(one - other) / size > self.largest:
                self.largest, self.where = abs(one - other) / size, f"{place}: {one} and {other}"


def samples(insight):
    """An insight without its context, and the context's samples by channel and time."""
    context = insight.get("context") or {"ts": [], "samples": {}}
    rest = {key: value for key, value in insight.items() if key != "context"}
    return rest, {(name, ts): value for name, values in context["samples"].items()
                  for ts, value in zip(context["ts"], values)}


def compare_insights(difference, insights, other_insights, names):
    if len(insights) != len(other_insights):
        difference.others.append(f"insights: {len(insights)} of {names[0]}, {len(other_insights)} of {names[1]}")
    for number, pair in enumerate(zip(insights, other_insights)):
        (one, context), (two, other_context) = map(samples, pair)
        difference.compare(one, two, f"insight {number + 1}")
        common = context.keys() & other_context.keys()
        if context and not common:
            difference.others.append(f"insight {number + 1}: the contexts have no sample in common")
        for name, ts in sorted(common):
            difference.compare(
                context[name, ts], other_context[name, ts], f"insight {number + 1}, {name} at {ts}")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.splitlines()[0])
    path, node, other = sys.argv[1:]
    (states, insights), (other_states, other_insights) = read(path, node), read(path, other)
    difference = Difference()
    lonely = states.keys() ^ other_states.keys()
    for key in sorted(states.keys() & other_states.keys()):
        difference.compare(states[key], other_states[key], f"state of {key[0]} at {key[1]}")
    compare_insights(difference, insights, other_insights, (node, other))
    starts = sum(insight["kind"] == "anomaly" and insight["phase"] == "start" for insight in insights)
    print(f"{len(states)} states and {len(insights)} insights of {node}, {starts} of them the start of an anomaly")
    print(f"{len(lonely)} states of one agent alone, accepted {LONELY:.0%} of all")
    print(f"largest relative difference {difference.largest:.2g}, accepted {TOLERANCE:g}  {difference.where}")
    for text in difference.others[:20]:
        print(f"differs: {text}")
    if not states or not starts:
        sys.exit("there is nothing to compare: expected states and an anomaly")
    if len(lonely) > LONELY * len(states):
        sys.exit("the agents published states of other steps")
    if difference.others or difference.largest > TOLERANCE:
        sys.exit(f"the agents differ in {len(difference.others)} places besides numbers")


if __name__ == "__main__":
    main()
