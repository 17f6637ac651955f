"""Run the same corner in several libraries, and lay the answers out as a table.

A corner is a small computation about which they might disagree. Each cell of a row is a function without arguments;
what it returns, or the name of the exception that it raises, is what the table shows.
"""

import os
import re
import subprocess
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
warnings.filterwarnings("ignore")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import tensorflow as tf  # noqa: E402
import torch  # noqa: E402

np.seterr(all="ignore")
onnxruntime.set_default_logger_severity(4)
tf.get_logger().setLevel("ERROR")

COLUMNS = {
    "eager": "TF eager",
    "function": "`tf.function`",
    "xla": "XLA",
    "keras": "Keras",
    "torch": "PyTorch",
    "jax": "JAX",
    "onnx": "ONNX RT",
    "ours": "ours",
}
# A place at which a library has nothing to compare.
NOTHING = "–"
OPSET = 21


def corner(what, advice, tensorflow=None, **cells):
    """Return a row: what is done, what to do about it, and the cells.

    `tensorflow` is a pair of a function and its arguments. It makes three cells: run as it is, traced by `tf.function`,
    and compiled by XLA. Arguments that are NumPy arrays are made tensors, so that no cell starts from a conversion.
    """
    unknown = set(cells) - set(COLUMNS)
    if unknown:
        raise ValueError(f"unknown columns {unknown}")
    if tensorflow:
        function, *arguments = tensorflow

        def tensors():
            return [tf.convert_to_tensor(argument) for argument in arguments]

        cells = {
            "eager": lambda: function(*tensors()),
            "function": lambda: traced(function)(*tensors()),
            "xla": lambda: compiled(function)(*tensors()),
        } | cells
    return what, advice, cells


def traced(function):
    """Return the function as a graph.

    No corner has an `if` or a loop over tensors, which AutoGraph is for. It reads the source anew, and fails if the
    file has been written to meanwhile.
    """
    return tf.function(function, autograph=False)


def compiled(function):
    """Return the function compiled by XLA."""
    return tf.function(function, autograph=False, jit_compile=True)


def without_onednn(expression):
    """Return what an expression of a topic's script, such as `"pooling.shape(...)"`, gives as text without oneDNN.

    The switch is read when TensorFlow is loaded: a process of its own.
    """
    module = re.search(r"\b(\w+)\.", expression)[1]
    program = f"import {module}; print({expression})"
    settings = os.environ | {"TF_ENABLE_ONEDNN_OPTS": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip().splitlines()[-1]


def shown(function):
    """Return what a cell gives, in a few characters."""
    try:
        value = function()
    except Exception as error:
        return type(error).__name__
    return value if isinstance(value, str) else numbers(value)


def numbers(value):
    """Write an array, a tensor or a number: its elements with four digits, or what there is in place of them."""
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        value = value.detach().resolve_neg().numpy()
    array = np.asarray(value)
    if array.dtype == object or array.size > 6:
        raise ValueError(f"a cell shows at most six numbers, got shape {array.shape}")
    if array.size == 0:
        return "empty " + "×".join(str(size) for size in array.shape)
    if array.dtype == bool or array.dtype.kind in "iu":
        return ", ".join(str(element) for element in array.ravel())
    return ", ".join(f"{element:.4g}" for element in array.ravel().astype(np.float64))


def shape(array):
    """Write the shape of an array, for cells where that is the answer."""
    return "×".join(str(size) for size in array.shape) or "number"


def dtype(array):
    """Write the type of the numbers of an array."""
    name = getattr(array.dtype, "name", None) or str(array.dtype).removeprefix("torch.")
    return str(name)


def table(number, corners):
    """Return the table of a topic, in Markdown, and below it what to do about each row."""
    head = ["", *COLUMNS.values()]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    remedies = []
    for index, (what, advice, cells) in enumerate(corners, 1):
        answers = [shown(cells[column]) if column in cells else NOTHING for column in COLUMNS]
        name = f"{number}.{index}"
        lines.append(f"| **{name}** {what} | " + " | ".join(answers) + " |")
        remedies.append(f"- **{name}** {advice}")
    return "\n".join([*lines, "", *remedies])


def versions():
    """Return the names and versions of what is compared."""
    import flax
    import optax

    modules = [tf, keras, torch, jax, flax, optax, onnx, onnxruntime, np]
    return {module.__name__: module.__version__ for module in modules}


def tf_slope(function):
    """Return the function that gives the gradient of the sum of `function` in TensorFlow."""

    def slope(point):
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = function(point)
        return tape.gradient(value, point)

    return slope


def keras_slope(function, point):
    """Gradient of the sum of a function of `keras.ops`, by TensorFlow's tape, at a point in float32."""
    return tf_slope(function)(tf.constant(point, tf.float32))


def torch_slope(function, point, dtype=torch.float32):
    """Gradient of the sum of a function of PyTorch."""
    point = torch.tensor(point, dtype=dtype, requires_grad=True)
    function(point).sum().backward()
    return point.grad


def jax_slope(function, point):
    """Gradient of the sum of a function of JAX, in float32."""
    point = jnp.asarray(point, jnp.float32)
    return jax.grad(lambda x: jnp.sum(function(x)))(point)


def run_onnx(operator, *inputs, outputs=1, opset=OPSET, **attributes):
    """Run a model of one ONNX operator in ONNX Runtime; an input may be None. Return the first output, or a list.

    `outputs` may be a list of names, empty where an output is not asked for.
    """
    names = ["" if value is None else f"input_{i}" for i, value in enumerate(inputs)]
    asked = outputs if isinstance(outputs, list) else [f"y{i}" for i in range(outputs)]
    node = onnx.helper.make_node(operator, names, asked, **attributes)
    given = {name: np.asarray(value) for name, value in zip(names, inputs, strict=True) if name}
    graph = onnx.helper.make_graph(
        [node],
        "corner",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in given.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in asked if name],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    results = session.run(None, given)
    return results if isinstance(outputs, list) or outputs > 1 else results[0]
