"""Layers of a neural network, each with its derivative beside it.

Every ``*_backward`` is one step of back-propagation: it takes `upstream`, the gradient of the loss with respect to
what the forward function returned, and gives the gradient with respect to what that function took. Both passes keep
their relative accuracy where the function saturates, in float32 too: a gradient may be tiny there, and is 0 only
where the dtype holds no number so small.

float32 in gives float32 out and float64 gives float64; integers become float64, and float32 beside float64 does too.

References
----------
Rumelhart, D. E., Hinton, G. E., & Williams, R. J. (1986). Learning representations by back-propagating errors.
*Nature*, 323, 533-536. https://doi.org/10.1038/323533a0
"""

from collections.abc import Sequence

import numpy as np

from helpers._arguments import entries, float_array, integer_array, real_number, require_shape, same_dtype
from helpers._sums import sum_of_products, sum_of_rows
from helpers._training import softmax_minus
from helpers._types import Array, Numbers

Networks = Sequence[Sequence[tuple[Numbers, Numbers]]]


def dense(inputs: Numbers, kernel: Numbers, bias: Numbers) -> Array:
    """Fully connected layer without activation: ``inputs @ kernel + bias``, as ``keras.layers.Dense``.

    Parameters
    ----------
    inputs : array_like of real numbers, shape (batch, n_in)
        The batch may be empty. More axes are refused: a sequence or an image is reshaped first.
    kernel : array_like of real numbers, shape (n_in, units)
    bias : array_like of real numbers, shape (units,)

    Returns
    -------
    numpy.ndarray, shape (batch, units)
        In the common dtype of the arguments.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> dense([[1, 2]], kernel=[[1, 0, -1], [2, 1, 0]], bias=[10, 20, 30])
    array([[15., 22., 29.]])
    """
    inputs, kernel = _inputs_and_kernel(inputs, kernel)
    bias = float_array(bias, "bias", ndim=1)
    require_shape(
        bias,
        "bias",
        kernel.shape[1:],
        f"the units of kernel, whose shape is {kernel.shape}",
    )
    inputs, kernel, bias = same_dtype(inputs, kernel, bias)
    return inputs @ kernel + bias


def dense_backward(upstream: Numbers, inputs: Numbers, kernel: Numbers) -> tuple[Array, Array, Array]:
    """Gradients of :func:`dense`; those of the parameters are summed over the batch.

    These sums are made in float64 and rounded once, so that their error does not grow with the batch, in float32 too.

    If the loss is a mean over the batch, its factor ``1 / batch`` is already in `upstream`.

    Parameters
    ----------
    upstream : array_like of real numbers, shape (batch, units)
    inputs : array_like of real numbers, shape (batch, n_in)
    kernel : array_like of real numbers, shape (n_in, units)

    Returns
    -------
    d_inputs : numpy.ndarray, shape (batch, n_in)
    d_kernel : numpy.ndarray, shape (n_in, units)
        Zero for an empty batch, as is `d_bias`.
    d_bias : numpy.ndarray, shape (units,)
        All three in the common dtype of the arguments.

    Raises
    ------
    TypeError, ValueError
        As :func:`dense`.

    Examples
    --------
    >>> gradients = dense_backward([[1, 0]], inputs=[[3, 4]], kernel=[[1, 5], [2, 6]])
    >>> for gradient in gradients:
    ...     print(gradient)
    [[1. 2.]]
    [[3. 0.]
     [4. 0.]]
    [1. 0.]
    """
    inputs, kernel = _inputs_and_kernel(inputs, kernel)
    upstream = float_array(upstream, "upstream", ndim=2)
    of_outputs = (inputs.shape[0], kernel.shape[1])
    require_shape(
        upstream,
        "upstream",
        of_outputs,
        f"inputs have shape {inputs.shape} and kernel {kernel.shape}",
    )
    upstream, inputs, kernel = same_dtype(upstream, inputs, kernel)
    d_kernel = sum_of_products(inputs, upstream).astype(kernel.dtype)
    d_bias = sum_of_rows(upstream).astype(kernel.dtype)
    return upstream @ kernel.T, d_kernel, d_bias


def relu(inputs: Numbers) -> Array:
    """Rectified linear unit: ``max(inputs, 0)``, as ``tf.nn.relu``.

    Parameters
    ----------
    inputs : array_like of real numbers, any shape

    Returns
    -------
    numpy.ndarray
        Shape and dtype of `inputs`; a NumPy number for a single number. NaN stays NaN.

    Raises
    ------
    TypeError
        If `inputs` does not hold real numbers.
    ValueError
        If `inputs` is ragged.

    References
    ----------
    Glorot, X., Bordes, A., & Bengio, Y. (2011). Deep sparse rectifier neural networks. *AISTATS*, PMLR 15, 315-323.

    Examples
    --------
    >>> relu([-1.5, 0, 2])
    array([0., 0., 2.])
    """
    return np.maximum(float_array(inputs, "inputs"), 0)


def relu_backward(upstream: Numbers, inputs: Numbers) -> Array:
    """Gradient of :func:`relu`: `upstream` where `inputs` is positive, 0 elsewhere.

    At 0 there is no derivative, and the gradient is 0 by convention, as in TensorFlow. It follows that
    ``relu(inputs)`` may be given for `inputs`: the gate is closed where that is 0.

    Parameters
    ----------
    upstream : array_like of real numbers, shape of `inputs`
    inputs : array_like of real numbers, any shape
        What :func:`relu` was given.

    Returns
    -------
    numpy.ndarray
        Shape of `inputs`, in the common dtype of the arguments. Where `inputs` is not positive, `upstream` does not
        matter: NaN and infinity do not pass either, as in PyTorch. (TensorFlow multiplies by 0 there, which gives
        NaN.) Where `inputs` is NaN, so is the gradient. (In TensorFlow it is 0, in PyTorch `upstream`.)

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If `upstream` has another shape than `inputs`.

    Examples
    --------
    >>> relu_backward([7, 7, 7], inputs=[-1.5, 0, 2])
    array([0., 0., 7.])
    """
    upstream, inputs = _upstream_and_inputs(upstream, inputs)
    closed = np.where(np.isnan(inputs), inputs, 0)
    return np.where(inputs > 0, upstream, closed)


def sigmoid(inputs: Numbers) -> Array:
    """Logistic function: ``1 / (1 + exp(-inputs))``, as ``tf.sigmoid``, without overflow.

    Parameters
    ----------
    inputs : array_like of real numbers, any shape

    Returns
    -------
    numpy.ndarray
        Shape and dtype of `inputs`, within [0, 1]; a NumPy number for a single number. NaN stays NaN.

    Raises
    ------
    TypeError, ValueError
        As :func:`relu`.
    """
    inputs = float_array(inputs, "inputs")
    # exp(-inputs) would overflow far below 0; there the fraction is expanded by exp(inputs).
    decay = np.exp(-np.abs(inputs))
    return np.where(inputs < 0, decay, 1) / (1 + decay)


def sigmoid_backward(upstream: Numbers, inputs: Numbers) -> Array:
    """Gradient of :func:`sigmoid`: ``upstream * sigmoid(inputs) * (1 - sigmoid(inputs))``.

    Parameters
    ----------
    upstream : array_like of real numbers, shape of `inputs`
    inputs : array_like of real numbers, any shape
        What :func:`sigmoid` was given: the pre-activation.

    Returns
    -------
    numpy.ndarray
        Shape of `inputs`, in the common dtype of the arguments. NaN in either gives NaN, and so does an infinite
        `upstream` where `inputs` is infinite: that is infinity times 0, here as in TensorFlow and PyTorch.

    Raises
    ------
    TypeError, ValueError
        As :func:`relu_backward`.
    """
    upstream, inputs = _upstream_and_inputs(upstream, inputs)
    # 1 - sigmoid(inputs), without its cancellation: in float32 that difference is 0 from inputs = 18 on.
    return upstream * sigmoid(inputs) * sigmoid(-inputs)


def tanh(inputs: Numbers) -> Array:
    """Hyperbolic tangent, as ``tf.tanh``.

    Parameters
    ----------
    inputs : array_like of real numbers, any shape

    Returns
    -------
    numpy.ndarray
        Shape and dtype of `inputs`, within [-1, 1]; a NumPy number for a single number. NaN stays NaN.

    Raises
    ------
    TypeError, ValueError
        As :func:`relu`.
    """
    return np.tanh(float_array(inputs, "inputs"))


def tanh_backward(upstream: Numbers, inputs: Numbers) -> Array:
    """Gradient of :func:`tanh`: ``upstream * (1 - tanh(inputs) ** 2)``.

    Parameters
    ----------
    upstream : array_like of real numbers, shape of `inputs`
    inputs : array_like of real numbers, any shape
        What :func:`tanh` was given: the pre-activation.

    Returns
    -------
    numpy.ndarray
        Shape of `inputs`, in the common dtype of the arguments. NaN in either gives NaN, and so does an infinite
        `upstream` where `inputs` is infinite: that is infinity times 0, here as in TensorFlow and PyTorch.

    Raises
    ------
    TypeError, ValueError
        As :func:`relu_backward`.
    """
    upstream, inputs = _upstream_and_inputs(upstream, inputs)
    # 1 - tanh**2 = 1 / cosh**2, without its cancellation: in float32 that difference is 0 from inputs = 10 on.
    # Where cosh overflows, the quotient is the 0 that it should be.
    with np.errstate(over="ignore"):
        cosh = np.cosh(inputs)
    return upstream / cosh / cosh


def softmax_cross_entropy(logits: Numbers, labels: Numbers) -> float:
    """Mean over the batch of ``-log(softmax(logits)[label])``.

    The same value as ``keras.losses.SparseCategoricalCrossentropy(from_logits=True)``, but computed in float64
    whatever the dtype of `logits`, so that it is right for logits of any size.

    Parameters
    ----------
    logits : array_like of real numbers, shape (batch, classes)
        At least one example and one class. Minus infinity stands for the probability 0.
    labels : array_like of integers, shape (batch,)
        The right class of each example, from 0 to ``classes - 1``.

    Returns
    -------
    float
        0 or more, in nats. Infinite if a label has the probability 0, or if the loss of an example exceeds the largest
        float64 (1.8e308).

    Raises
    ------
    TypeError
        If `logits` does not hold real numbers, or `labels` does not hold integers.
    ValueError
        If the shapes do not fit, the batch is empty (it has no mean), a label is out of range, or a row of `logits`
        holds NaN or plus infinity or nothing but minus infinity.

    References
    ----------
    Bridle, J. S. (1990). Probabilistic interpretation of feedforward classification network outputs. In
    *Neurocomputing*, NATO ASI Series F 68, 227-236. https://doi.org/10.1007/978-3-642-76153-9_28

    Blanchard, P., Higham, D. J., & Higham, N. J. (2021). Accurately computing the log-sum-exp and softmax functions.
    *IMA Journal of Numerical Analysis*, 41(4), 2311-2330. https://doi.org/10.1093/imanum/draa038

    Examples
    --------
    >>> round(softmax_cross_entropy([[0.0, 0.0, 0.0, 0.0]], labels=[2]), 3)
    1.386
    """
    logits, chosen = _logits_and_chosen(logits, labels)
    losses = _negative_log_softmax(logits)[chosen]
    # Divided before they are summed: the sum then overflows only where the mean does.
    with np.errstate(over="ignore"):
        return float(np.sum(losses / len(losses)))


def softmax_cross_entropy_backward(logits: Numbers, labels: Numbers) -> Array:
    """Gradient of :func:`softmax_cross_entropy`: ``(softmax(logits) - one_hot(labels)) / batch``.

    Parameters
    ----------
    logits : array_like of real numbers, shape (batch, classes)
    labels : array_like of integers, shape (batch,)

    Returns
    -------
    numpy.ndarray, shape (batch, classes)
        In the dtype of `logits`. Each row sums to 0, up to rounding.

    Raises
    ------
    TypeError, ValueError
        As :func:`softmax_cross_entropy`.

    Examples
    --------
    >>> softmax_cross_entropy_backward([[0.0, 0.0, 0.0, 0.0]], labels=[2])
    array([[ 0.25,  0.25, -0.75,  0.25]])
    """
    logits, chosen = _logits_and_chosen(logits, labels)
    gradient = np.exp(-_negative_log_softmax(logits))
    # p - 1, without its cancellation near p = 1: minus the probability of all other classes.
    gradient[chosen] = 0
    gradient[chosen] -= gradient.sum(axis=1)
    return (gradient / len(gradient)).astype(logits.dtype)


def train_classifiers(
    inputs: Numbers,
    labels: Numbers,
    networks: Networks,
    batches: Numbers,
    learning_rate: float,
) -> list[list[tuple[Array, Array]]]:
    """Train several networks side by side, each from its own weights and on its own batches.

    The networks have ReLU between their layers and none after the last; the loss is :func:`softmax_cross_entropy`,
    the method plain gradient descent. The result is that of training one after the other, up to rounding, but repeated
    trainings cost a fraction of the time, because each step is made for all networks at once.

    Parameters
    ----------
    inputs : array_like of real numbers, shape (examples, n_in)
    labels : array_like of integers, shape (examples,)
        From 0 to the number of outputs - 1.
    networks : sequence of sequence of tuple
        For each network ``[(kernel, bias), ...]``, layer by layer, as :func:`dense` takes them. All networks have the
        same shapes.
    batches : array_like of integers, shape (networks, steps, batch)
        The rows of `inputs` that each network sees in each step, from 0; a batch holds at least one. No step at all
        returns copies.
    learning_rate : float
        Larger than 0.

    Returns
    -------
    list of list of tuple
        The trained networks, in the form of `networks`, float64.

    Raises
    ------
    TypeError
        If `inputs`, a kernel, a bias or `learning_rate` does not hold real numbers, or `labels` or `batches` does not
        hold integers.
    ValueError
        If the shapes do not fit, there is no network, a label or a row is out of range, or `learning_rate` is not
        positive.

    Examples
    --------
    One step of one network, whose kernel starts at 0:

    >>> network = [(np.zeros((1, 2)), np.zeros(2))]
    >>> trained = train_classifiers([[2.0]], [1], [network], [[[0]]], learning_rate=0.5)
    >>> trained[0][0]
    (array([[-0.5,  0.5]]), array([-0.25,  0.25]))
    """
    inputs = float_array(inputs, "inputs", ndim=2).astype(np.float64)
    learning_rate = real_number(learning_rate, "learning_rate", minimum=0, minimum_allowed=False)
    networks = [entries(network, f"networks[{index}]") for index, network in enumerate(entries(networks, "networks"))]
    parameters = _stacked(networks, inputs.shape[1])
    classes = parameters[-1][0].shape[-1]
    labels = integer_array(labels, "labels", (len(inputs),), "one for each row of inputs", classes)
    shape = (len(networks), None, None)
    batches = integer_array(batches, "batches", shape, "the networks, any steps, any batch", len(inputs))
    if batches.shape[2] == 0:
        raise ValueError(f"batches must hold at least one row in each step, got shape {batches.shape}")
    one_hot = np.eye(classes)[labels]
    for rows in batches.swapaxes(0, 1):
        _step(inputs[rows], one_hot[rows], parameters, learning_rate)
    return [[(kernel[index], bias[index, 0]) for kernel, bias in parameters] for index in range(len(networks))]


def _stacked(networks, n_in):
    """Return for each layer the kernels, (networks, n_in, units), and the biases, (networks, 1, units)."""
    if len(networks) == 0 or len(networks[0]) == 0:
        raise ValueError(f"networks must hold at least one network with one layer, got {networks!r}")
    parameters = []
    for layer in range(len(networks[0])):
        pairs = []
        for index, network in enumerate(networks):
            name = f"networks[{index}]"
            if len(network) != len(networks[0]):
                raise ValueError(
                    f"{name} must have {len(networks[0])} layers, as the first network, got {len(network)}"
                )
            kernel, bias = entries(network[layer], f"{name}[{layer}]", 2)
            kernel = float_array(kernel, f"the kernel of {name}", ndim=2)
            bias = float_array(bias, f"the bias of {name}", ndim=1)
            units = pairs[0][0].shape[1] if pairs else kernel.shape[1]
            require_shape(
                kernel,
                f"the kernel of {name}",
                (n_in, units),
                f"layer {layer} has {n_in} inputs",
            )
            require_shape(bias, f"the bias of {name}", (units,), f"the kernel has {units} units")
            pairs.append((kernel.astype(np.float64), bias.astype(np.float64)))
        kernels, biases = zip(*pairs, strict=True)
        parameters.append((np.stack(kernels), np.stack(biases)[:, np.newaxis]))
        n_in = units
    return parameters


def _step(inputs, one_hot, parameters, learning_rate):
    """Change the parameters in place by one step of gradient descent; `inputs` has shape (networks, batch, n_in)."""
    layer_inputs = [inputs]
    for kernel, bias in parameters[:-1]:
        sums = layer_inputs[-1] @ kernel
        sums += bias
        layer_inputs.append(np.maximum(sums, 0, out=sums))
    kernel, bias = parameters[-1]
    upstream = softmax_minus(one_hot, layer_inputs[-1] @ kernel + bias)
    upstream *= learning_rate / inputs.shape[1]
    for (kernel, bias), below in zip(reversed(parameters), reversed(layer_inputs), strict=True):
        to_kernel = below.swapaxes(1, 2) @ upstream
        bias -= upstream.sum(axis=1, keepdims=True)
        # The first layer's inputs need no gradient; relu(a) is positive where a is.
        if below is not inputs:
            upstream = upstream @ kernel.swapaxes(1, 2)
            upstream *= below > 0
        kernel -= to_kernel


def _inputs_and_kernel(inputs, kernel):
    inputs = float_array(inputs, "inputs", ndim=2)
    kernel = float_array(kernel, "kernel", ndim=2)
    require_shape(
        kernel,
        "kernel",
        (inputs.shape[1], kernel.shape[1]),
        f"inputs have shape {inputs.shape}",
    )
    return inputs, kernel


def _upstream_and_inputs(upstream, inputs):
    upstream, inputs = float_array(upstream, "upstream"), float_array(inputs, "inputs")
    require_shape(upstream, "upstream", inputs.shape, "the shape of inputs")
    return same_dtype(upstream, inputs)


def _logits_and_chosen(logits, labels):
    """Return the checked logits and the index of the entries that `labels` choose, one in each row."""
    logits = float_array(logits, "logits", ndim=2)
    if not logits.size:
        raise ValueError(f"logits must hold at least one example and one class, got shape {logits.shape}")
    # NaN and plus infinity come out as the maximum of their row.
    undefined = logits[~np.isfinite(logits.max(axis=1))]
    if undefined.size:
        raise ValueError(f"logits must hold in each row a finite value and neither NaN nor +inf, got {undefined[0]}")
    rows, classes = logits.shape
    labels = integer_array(labels, "labels", (rows,), "one label for each row of logits", classes)
    return logits, (np.arange(len(labels)), labels)


def _negative_log_softmax(logits):
    """Return ``-log(softmax(logits))`` of each row, in float64."""
    # float64 holds the difference of any two float32; that of two float64 may be -inf, which is what it should be.
    with np.errstate(over="ignore"):
        shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    # The largest term of the sum of exponentials is 1. It is left to log1p, because added to the others it would round
    # them away when one class has nearly all of the probability.
    others = np.exp(shifted)
    np.put_along_axis(others, shifted.argmax(axis=1, keepdims=True), 0, axis=1)
    return np.log1p(others.sum(axis=1, keepdims=True)) - shifted
