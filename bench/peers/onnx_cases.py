"""Writes the operator tests of the ONNX standard as files: <folder>/<case>/model.onnx and input_<n>.pb."""

import os
import sys
import warnings

warnings.filterwarnings("ignore")

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

folder = sys.argv[1]
for case in collect_testcases(None):
    if case.model is None:
        continue
    here = os.path.join(folder, case.name)
    os.makedirs(here, exist_ok=True)
    onnx.save(case.model, os.path.join(here, "model.onnx"))
    for number, value in enumerate(case.data_sets[0][0]):
        if not isinstance(value, onnx.TensorProto):
            try:
                value = numpy_helper.from_array(numpy.asarray(value))
            except Exception:  # sequences and optional values; the reader refuses such models anyway
                continue
        value.name = case.model.graph.input[number].name
        with open(os.path.join(here, f"input_{number}.pb"), "wb") as file:
            file.write(value.SerializeToString())
