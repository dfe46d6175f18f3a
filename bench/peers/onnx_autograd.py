"""Gradients of an ONNX graph's last output by PyTorch's autograd, an independent check of the differentiated graph.

Usage: onnx_autograd.py graph.onnx names.txt gradients.f32

The graph carries its inputs and weights as initializers. For each initializer named in names.txt, one a line, the
gradient is appended to gradients.f32 as float32. Runs every operator by PyTorch's own function of that meaning, in double precision.
"""

import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


def slices(x, starts, ends, axes=None, steps=None):
    starts, ends = starts.tolist(), ends.tolist()
    axes = axes.tolist() if axes is not None else list(range(len(starts)))
    for start, end, axis in zip(starts, ends, axes):
        x = x.narrow(axis, *bounds(start, end, x.shape[axis]))
    assert steps is None or all(step == 1 for step in steps.tolist())
    return x


def bounds(start, end, size):
    start, end, _ = slice(start, end).indices(size)
    return start, end - start


def gather(x, indices, axis=0):
    indices = torch.where(indices < 0, indices + x.shape[axis], indices)
    rows = torch.index_select(x, axis, indices.reshape(-1))
    return rows.reshape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]])


def gather_nd(x, indices, batch_dims=0):
    assert batch_dims == 0
    return x[tuple(indices.unbind(-1))]


def layer_norm(x, weight, bias=None, axis=-1, epsilon=1e-5, **_):
    return F.layer_norm(x, x.shape[axis:], weight, bias, epsilon)


def conv(x, weight, bias=None, strides=None, pads=None, dilations=None, group=1, **_):
    rank = x.dim() - 2
    pads = pads or [0] * 2 * rank
    around = [size for axis in reversed(range(rank)) for size in (pads[axis], pads[axis + rank])]
    call = {1: F.conv1d, 2: F.conv2d}[rank]
    return call(F.pad(x, around), weight, bias, strides or 1, 0, dilations or 1, group)


def gemm(a, b, c=None, alpha=1.0, beta=1.0, transA=0, transB=0):
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def reduced(call):
    def run(x, axes=None, keepdims=1, **_):
        return call(x, tuple(axes.tolist()) if axes is not None else tuple(range(x.dim())), bool(keepdims))

    return run


def cast(x, to, **_):
    return in_double(x.to(torch.from_numpy(np.zeros(1, helper.tensor_dtype_to_np_dtype(to))).dtype))


def reshape(x, shape, **_):
    return x.reshape([x.shape[axis] if size == 0 else size for axis, size in enumerate(shape.tolist())])


def flatten(x, axis=1):
    return x.reshape([int(np.prod(x.shape[:axis], dtype=int)), -1])


def unsqueeze(x, axes):
    for axis in sorted(axes.tolist()):
        x = x.unsqueeze(axis)
    return x


OPERATORS = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": torch.div,
    "Max": torch.maximum,
    "Min": torch.minimum,
    "And": torch.logical_and,
    "Or": torch.logical_or,
    "Not": torch.logical_not,
    "Equal": torch.eq,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Less": torch.lt,
    "IsNaN": torch.isnan,
    "Where": torch.where,
    "Erf": torch.erf,
    "Sqrt": torch.sqrt,
    "Tanh": torch.tanh,
    "Relu": torch.relu,
    "Pow": torch.pow,
    "MatMul": torch.matmul,
    "Gemm": gemm,
    "Conv": conv,
    "Gelu": lambda x, approximate="none": F.gelu(x, approximate=approximate),
    "Softmax": lambda x, axis=-1: torch.softmax(x, axis),
    "LayerNormalization": layer_norm,
    "GlobalAveragePool": lambda x: x.mean(dim=tuple(range(2, x.dim())), keepdim=True),
    "Clip": lambda x, low=None, high=None: torch.clamp(x, low, high),
    "ReduceSum": reduced(lambda x, axes, keep: x.sum(axes, keep)),
    "ReduceMean": reduced(lambda x, axes, keep: x.mean(axes, keep)),
    "ReduceL2": reduced(lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keep)),
    "Cast": cast,
    "Reshape": reshape,
    "Flatten": flatten,
    "Unsqueeze": unsqueeze,
    "Squeeze": lambda x, axes: x.squeeze(tuple(axes.tolist())),
    "Transpose": lambda x, perm: x.permute(perm),
    "Expand": lambda x, shape: x.expand(torch.broadcast_shapes(x.shape, shape.tolist())),
    "Concat": lambda *parts, axis: torch.cat(parts, axis),
    "Slice": slices,
    "Gather": gather,
    "GatherND": gather_nd,
    "GatherElements": lambda x, indices, axis=0: torch.gather(x, axis, indices),
    "Identity": lambda x: x,
}


def in_double(tensor):
    return tensor.double() if tensor.is_floating_point() else tensor


def attribute(one):
    value = helper.get_attribute_value(one)
    return value.decode() if isinstance(value, bytes) else value


def main(graph_file, names_file, gradients_file):
    graph = onnx.load(graph_file).graph
    names = open(names_file).read().split("\n")
    values = {one.name: in_double(torch.from_numpy(numpy_helper.to_array(one).copy())) for one in graph.initializer}
    for name in names:
        values[name].requires_grad_()
    for node in graph.node:
        inputs = [values[name] if name else None for name in node.input]
        attributes = {one.name: attribute(one) for one in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](*inputs, **attributes)
    values[graph.output[-1].name].backward()
    with open(gradients_file, "wb") as file:
        for name in names:
            gradient = values[name].grad
            gradient = torch.zeros_like(values[name]) if gradient is None else gradient
            file.write(gradient.float().numpy().tobytes())


main(*sys.argv[1:])
