"""The reference side of encoder-equality.ts: onnxruntime and Hugging Face tokenizers, one text at a time.

usage: encode.py <model folder> <texts.json> <vectors.f32>   vectors of the texts, [texts, dimensions] float32
       encode.py --tokens <model folder> <texts.json> <ids.json>
"""

import json
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def open_tokenizer(folder, card):
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.enable_truncation(card["maxTokens"])
    return tokenizer


def encode(session, output, ids):
    known = {
        "input_ids": np.array([ids], dtype=np.int64),
        "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
        "token_type_ids": np.zeros((1, len(ids)), dtype=np.int64),
    }
    feeds = {given.name: known[given.name] for given in session.get_inputs()}
    (tokens,) = session.run([output["name"]], feeds)
    vector = tokens[0].astype(np.float64).mean(axis=0)
    return (vector / max(np.linalg.norm(vector), 1e-12)).astype(np.float32)


def main(arguments):
    only_tokens = arguments[0] == "--tokens"
    folder, source, target = arguments[1:] if only_tokens else arguments
    with open(f"{folder}/card.json", encoding="utf-8") as file:
        card = json.load(file)
    with open(source, encoding="utf-8") as file:
        texts = json.load(file)
    tokenizer = open_tokenizer(folder, card)
    rows = [tokenizer.encode(text).ids for text in texts]
    if only_tokens:
        with open(target, "w", encoding="utf-8") as file:
            json.dump(rows, file)
        return
    output = card["output"]
    assert output["pooling"] == "mean" and output["normalize"]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Weights stored as int8 become fp32, as the graph says. Newer runtimes otherwise fuse them into a product that
    # rounds the activations to int8 too, which moves the starter's vectors by 2e-3.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(f"{folder}/encoder.onnx", options, providers=["CPUExecutionProvider"])
    np.stack([encode(session, output, ids) for ids in rows]).tofile(target)


main(sys.argv[1:])
