"""Writes metrics.json: what other people's code says of random cases, for MetricReferenceTests.

    pip install numpy scipy scikit-learn pandas statsmodels tqdm matplotlib
    pip install --no-deps TSB-AD==1.5 claspy==0.2.8
    python generate.py
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import accuracy_score, f1_score
from TSB_AD.evaluation.basic_metrics import basic_metricor, generate_curve


def claspy_covering():
    """The module alone: the package imports its plots."""
    package = pathlib.Path(importlib.util.find_spec("claspy").submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location("evaluation", package / "tests" / "evaluation.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["evaluation"] = module
    spec.loader.exec_module(module)
    return module.covering


def labels(random, rows, anomalies, longest):
    marks = np.zeros(rows, int)
    for _ in range(anomalies):
        start = random.integers(0, rows)
        marks[start : start + random.integers(1, longest + 1)] = 1
    return marks


def runs(marks):
    """First row and length of each run: the short form of labels in the file."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marks, [0]])))
    return [[int(a), int(b - a)] for a, b in zip(edges[::2], edges[1::2])]


def detection(random):
    cases = []
    shapes = [(60, 1, 5, 8), (97, 3, 9, 20), (150, 2, 1, 10), (240, 6, 30, 40), (300, 12, 4, 100), (301, 2, 80, 7),
              (333, 20, 3, 30), (80, 2, 40, 100)]
    for index, (rows, anomalies, longest, window) in enumerate(shapes):
        marks = labels(random, rows, anomalies, longest)
        if index == 5:
            marks[0] = marks[-1] = 1
        scores = random.random(rows) + random.random() * marks
        # Some with many ties, one with large steps, as detectors give them.
        scores = np.round(scores, [3, 1, 3, 2, 1, 3, 0, 3][index])
        predictions = labels(random, rows, anomalies + 1, longest)
        grader = basic_metricor()
        *_, vus_roc, vus_pr = generate_curve(marks, scores, window)
        cases.append({
            "rows": rows, "anomalies": runs(marks), "scores": scores.tolist(), "window": window,
            "predictions": runs(predictions),
            "roc": grader.metric_ROC(marks, scores), "precisionRecall": grader.metric_PR(marks, scores),
            "vusROC": vus_roc, "vusPR": vus_pr,
            "rangeF1": grader.metric_RF1(marks, scores, preds=predictions),
            "bestRangeF1": grader.metric_RF1(marks, scores),
            "f1": f1_score(marks, predictions),
        })
    return cases


def covering(random):
    score = claspy_covering()
    cases = []
    for _ in range(6):
        rows = int(random.integers(20, 500))
        actual = sorted(set(random.integers(1, rows, random.integers(0, 6)).tolist()))
        found = sorted(set(random.integers(1, rows, random.integers(0, 9)).tolist()))
        cases.append({"rows": rows, "actual": actual, "found": found,
                      "covering": score({0: np.array(actual, int)}, np.array(found, int), rows)})
    return cases


def classification(random):
    cases = []
    for classes in (2, 3, 5):
        actual = random.integers(0, classes, 40)
        predicted = np.where(random.random(40) < 0.6, actual, random.integers(0, max(2, classes - 1), 40))
        cases.append({"classes": classes, "actual": actual.tolist(), "predicted": predicted.tolist(),
                      "accuracy": accuracy_score(actual, predicted),
                      "macroF1": f1_score(actual, predicted, average="macro")})
    return cases


def ridge(random):
    """Ridge regression with an intercept, more and fewer rows than columns."""
    cases = []
    for rows, columns, outputs, strength in ((12, 4, 2, 0.5), (5, 9, 3, 2.0)):
        x = np.round(random.normal(size=(rows, columns)), 3)
        y = np.round(random.normal(size=(rows, outputs)), 3)
        model = Ridge(alpha=strength).fit(x, y)
        query = np.round(random.normal(size=columns), 3)
        cases.append({"x": x.tolist(), "y": y.tolist(), "strength": strength, "query": query.tolist(),
                      "prediction": model.predict(query[None])[0].tolist()})
    return cases


def main():
    random = np.random.default_rng(20260101)
    reference = {"detection": detection(random), "covering": covering(random),
                 "classification": classification(random), "ridge": ridge(random)}
    path = pathlib.Path(__file__).with_name("metrics.json")
    text = json.dumps(reference, separators=(",", ":"), default=float)
    path.write_text(text.replace('},{"', '},\n{"') + "\n")


main()
