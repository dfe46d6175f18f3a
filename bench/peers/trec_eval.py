"""The reference side of metrics-equality.ts: trec_eval itself, through pytrec-eval-terrier.

usage: trec_eval.py <cases.json> <values.json>
cases: [{qrels: {query: {item: grade}}, run: {query: {item: score}}, measures: [name], relevantFrom, judgedOnly}]
values: per case {query: {measure: value}}
"""

import json
import sys

import pytrec_eval


def evaluate(case):
    evaluator = pytrec_eval.RelevanceEvaluator(
        case["qrels"], set(case["measures"]), case["relevantFrom"], case["judgedOnly"]
    )
    return evaluator.evaluate(case["run"])


with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump([evaluate(case) for case in cases], file)
