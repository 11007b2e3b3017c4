"""NNCodec at its best data-free settings on an ONNX model, for bench/squeeze.ts.

nncodec_peer.py MODEL.onnx FOLDER QP...: for each QP writes FOLDER/QP.onnx, the decoded model, and prints a line of JSON: the bytes of its
bitstream, the seconds of processor time for encoding and for decoding, and the number of weights. Settings: dependent quantization, batch-norm folding, row
skipping, nonweight_qp -50. Needs nncodec 2.1.3, numpy and onnx.
"""

import contextlib
import io
import json
import sys
import time
import unittest.mock
from importlib.metadata import version

import numpy as np
import onnx
from onnx import numpy_helper

for name in ("torchvision", "torchvision.datasets", "torchvision.transforms", "torchvision.models"):
    sys.modules.setdefault(name, unittest.mock.MagicMock(name=name))  # imported by nncodec for its examples alone
from nncodec import nnc

FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16}
NNC_EPSILON = 1e-5  # what NNCodec folds with, whatever the network says


def weights_of(model):
    """The float tensors of more than one element, as float32."""
    tensors = (t for t in model.graph.initializer if t.data_type in FLOATS and np.prod(t.dims) > 1)
    return {t.name: numpy_helper.to_array(t).astype(np.float32) for t in tensors}


def foldable(model, weights):
    """(node, batch norm after it) wherever NNCodec can fold the second into the first."""
    readers = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    for node in model.graph.node:
        users = readers.get(node.output[0], []) if node.output else []
        if node.op_type not in ("Conv", "Gemm") or node.input[1] not in weights:
            continue
        if len(users) == 1 and users[0].op_type == "BatchNormalization" and len(readers[node.input[1]]) == 1:
            yield node, users[0]


def describe(model, weights):
    """What NNCodec is told of each tensor; makes up for its fixed epsilon in the variances."""
    kinds = {name: "weight" if w.ndim > 1 else "unspecified" for name, w in weights.items()}
    blocks = dict.fromkeys(weights)
    folds = []
    for node, norm in foldable(model, weights):
        epsilon = next((a.f for a in norm.attribute if a.name == "epsilon"), 1e-5)
        gamma, beta, mean, variance = norm.input[1:5]
        bias = node.input[2] if len(node.input) > 2 else None
        weights[variance] = weights[variance] + np.float32(epsilon - NNC_EPSILON)
        roles = {node.input[1]: "weight", mean: "bn.mean", variance: "bn.var", gamma: "bn.gamma", beta: "bn.beta"}
        if bias:
            roles[bias] = "bias"
        for name, role in roles.items():
            kinds[name], blocks[name] = role, node.input[1].rsplit(".", 1)[0]
        folds.append((node.input[1], bias, (gamma, beta, mean, variance), epsilon))
    return {"parameter_type": kinds, "block_identifier": blocks}, folds


def unfold(decoded, folds):
    """NNCodec gives folded weights and a bias; the graph keeps its batch norms, which become additions of that bias."""
    for weight, bias, (gamma, beta, mean, variance), epsilon in folds:
        shift = decoded.pop(weight + ".bias", None)
        shift = decoded[bias] if shift is None else shift
        decoded[gamma], decoded[beta], decoded[mean] = np.ones_like(shift), shift, np.zeros_like(shift)
        decoded[variance] = np.float32(1 - epsilon) * np.ones_like(shift)
        if bias:
            decoded[bias] = np.zeros_like(shift)


def run(model, qp):
    weights = weights_of(model)
    about, folds = describe(model, weights)
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.process_time()
        stream = nnc.compress(
            {name: w.copy() for name, w in weights.items()},
            bitstream_path=None,
            qp=qp,
            return_bitstream=True,
            bnf=bool(folds),
            use_dq=True,
            nonweight_qp=-50,
            row_skipping=True,
            block_id_and_param_type=about,
        )
        encoded = time.process_time()
        decoded = nnc.decompress(stream, block_id_and_param_type=about, reconstruct_lsa=True, reconstruct_bnf=True)
        ended = time.process_time()
    unfold(decoded, folds)
    out = onnx.ModelProto()
    out.CopyFrom(model)
    for t in out.graph.initializer:
        if t.name in weights:
            dtype = onnx.helper.tensor_dtype_to_np_dtype(t.data_type)
            t.CopyFrom(numpy_helper.from_array(np.asarray(decoded[t.name], dtype).reshape(tuple(t.dims)), t.name))
    count = sum(w.size for w in weights.values())
    return out, {"bytes": len(stream), "encodeSeconds": encoded - began, "decodeSeconds": ended - encoded, "weights": count}


def main():
    path, folder, *qps = sys.argv[1:]
    model = onnx.load(path)
    for qp in map(int, qps):
        out, about = run(model, qp)
        onnx.save(out, f"{folder}/{qp}.onnx")
        print(json.dumps({"qp": qp, "version": version("nncodec"), **about}), flush=True)


main()
