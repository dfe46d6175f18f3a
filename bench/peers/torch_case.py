"""A training case of bench/support/training as a PyTorch model: the same weights, batches and loss.

The encoder is transformers' BertModel with scaled-dot-product attention; a factorised embedding table goes before it.
"""

import json

import numpy as np
import torch
from torch.nn import functional


def read_array(blob, entry):
    kind = {"float32": np.float32, "int64": np.int64}[entry["type"]]
    count = int(np.prod(entry["dims"]))
    return torch.from_numpy(np.frombuffer(blob, kind, count, entry["offset"]).reshape(entry["dims"]).copy())


class Adapter(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.matrix = torch.nn.Parameter(weights["matrix"])

    def vectors(self, batch, side):
        rows = batch[side]
        return functional.normalize(rows + rows @ self.matrix, dim=-1)


class Encoder(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        from transformers import BertConfig, BertModel

        width = weights["embeddings.LayerNorm.weight"].shape[0]
        factorised = "emb.weight" in weights
        config = BertConfig(
            vocab_size=1 if factorised else weights["embeddings.word_embeddings.weight"].shape[0],
            hidden_size=width,
            num_hidden_layers=len([name for name in weights if name.endswith("intermediate.dense.bias")]),
            num_attention_heads=width // 32,
            intermediate_size=weights["encoder.layer.0.intermediate.dense.bias"].shape[0],
            hidden_dropout_prob=0,
            attention_probs_dropout_prob=0,
            attn_implementation="sdpa",
        )
        self.bert = BertModel(config, add_pooling_layer=False)
        bert = {name: value for name, value in weights.items() if not name.startswith(("emb.", "proj."))}
        if factorised:
            bert["embeddings.word_embeddings.weight"] = torch.zeros(1, width)
            self.emb = torch.nn.Embedding.from_pretrained(weights["emb.weight"], freeze=False)
            self.proj = torch.nn.Linear(self.emb.embedding_dim, width)
            self.proj.load_state_dict({"weight": weights["proj.weight"], "bias": weights["proj.bias"]})
        missing, unexpected = self.bert.load_state_dict(bert, strict=False)
        assert not unexpected and all(name.endswith("_ids") for name in missing), (missing, unexpected)
        self.factorised = factorised
        self.train()

    def pooled(self, ids, mask):
        given = {"inputs_embeds": self.proj(self.emb(ids))} if self.factorised else {"input_ids": ids}
        tokens = self.bert(attention_mask=mask, **given).last_hidden_state
        weights = mask.unsqueeze(-1).to(tokens.dtype)
        return functional.normalize((tokens * weights).sum(1) / weights.sum(1), dim=-1)

    def vectors(self, batch, side):
        return self.pooled(batch[f"{side}.input_ids"], batch[f"{side}.attention_mask"])


class Case:
    def __init__(self, folder):
        with open(f"{folder}/case.json") as file:
            described = json.load(file)
        with open(f"{folder}/arrays.bin", "rb") as file:
            blob = file.read()
        weights = {}
        for entry in described["weights"]:
            value = read_array(blob, entry)
            weights[entry["name"]] = value.t().contiguous() if entry["transposed"] else value
        self.names = [entry["name"] for entry in described["weights"]]
        self.batches = [
            {name: read_array(blob, entry) for name, entry in batch.items()} for batch in described["batches"]
        ]
        self.temperature = described["settings"]["temperature"]
        self.model = (Adapter if described["settings"]["model"] == "adapter" else Encoder)(weights)

    def parameters(self):
        """By the names of the case; a table that stands in for a factorised one has no part in it."""
        found = {name.removeprefix("bert."): value for name, value in self.model.named_parameters()}
        return {name: found[name] for name in self.names}

    def loss(self, batch):
        if any(name.startswith("rows.") for name in batch):
            queries = items = self.model.vectors(batch, "rows")
        elif "queries.input_ids" in batch and batch["queries.input_ids"].shape[1] == batch["items.input_ids"].shape[1]:
            # One pass over both sides is faster than two, and gives the same vectors.
            ids = torch.cat([batch["queries.input_ids"], batch["items.input_ids"]])
            mask = torch.cat([batch["queries.attention_mask"], batch["items.attention_mask"]])
            queries, items = self.model.pooled(ids, mask).split([len(batch["queries.input_ids"]), len(batch["items.input_ids"])])
        else:
            queries, items = (self.model.vectors(batch, side) for side in ("queries", "items"))
        scores = queries.float() @ items.float().T / self.temperature
        return functional.cross_entropy(scores, torch.arange(len(queries)))
