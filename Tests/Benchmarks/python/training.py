"""Trains the network briefly on generated signals, so that its weights and activations look like a trained one's:
random weights would say little about the accuracy of int8.

The task is to foretell all channels 1, 4 and 16 steps ahead from the embedding (Huber loss, Adam). TensorFlow does
it, since it is here anyway; it serves as a source of realistic weights, not as a good encoder.
"""

import numpy as np

from network import Layer, Network, Shape
from signals import windows

HORIZONS = (1, 4, 16)
EPSILON = 1e-5


def train(shape: Shape, steps: int, batch: int = 16, seed: int = 1, say=print) -> Network:
    """Training takes about a third of a second a step on one core."""
    import tensorflow as tf

    tf.keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    variables, normalised = [], {}
    weights = {}

    def variable(values):
        variables.append(tf.Variable(values.astype(np.float32)))
        return variables[-1]

    for name, outputs, inputs, taps, _ in shape.layers():
        deviation = np.sqrt((1 if name == "projection" else 2) / (inputs * taps))
        weights[name] = variable(random.normal(size=(taps * inputs, outputs)) * deviation)
        if name == "projection":
            normalised[name] = variable(np.zeros(outputs))
        else:
            # A block starts as the identity (Goyal et al., 2017).
            gain = variable(np.zeros(outputs) if name.endswith("pointwise") else np.ones(outputs))
            moving = [np.zeros(outputs, np.float32), np.ones(outputs, np.float32)]
            normalised[name] = (gain, variable(np.zeros(outputs)), [tf.Variable(m) for m in moving])
    head = variable(random.normal(size=(shape.embedding, len(HORIZONS) * shape.inputs)) / np.sqrt(shape.embedding))

    def linear(name, taps, dilation, x):
        length = tf.shape(x)[1]
        shifted = [
            tf.pad(x, [[0, 0], [(taps - 1 - tap) * dilation, 0], [0, 0]])[:, :length] for tap in range(taps)
        ]
        return tf.concat(shifted, axis=2) @ weights[name]

    def layer(name, taps, dilation, x):
        y = linear(name, taps, dilation, x)
        gain, shift, (mean, variance) = normalised[name]
        now_mean, now_variance = tf.nn.moments(y, [0, 1])
        mean.assign_add(0.05 * (now_mean - mean))
        variance.assign_add(0.05 * (now_variance - variance))
        return (y - now_mean) * tf.math.rsqrt(now_variance + EPSILON) * gain + shift

    optimizer = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(2e-3, steps))

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            y = tf.nn.relu(layer("stem", 1, 1, x))
            for block in range(shape.blocks):
                hidden = tf.nn.relu(layer(f"block{block}.conv", shape.taps, 2**block, y))
                y = tf.nn.relu(y + layer(f"block{block}.pointwise", 1, 1, hidden))
            embedding = linear("projection", 1, 1, y) + normalised["projection"]
            reach = max(HORIZONS)
            targets = tf.concat([x[:, h : x.shape[1] - reach + h] for h in HORIZONS], axis=2)
            loss = tf.reduce_mean(tf.keras.losses.huber(targets, embedding[:, :-reach] @ head))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    for index in range(steps):
        loss = float(step(tf.constant(windows(batch, seed=1_000_000 * seed + index))))
        if index % 50 == 0 or index == steps - 1:
            say(f"training: step {index}, loss {loss:.4f}")

    layers = []
    for name, outputs, inputs, taps, dilation in shape.layers():
        weight = weights[name].numpy().reshape(taps, inputs, outputs).transpose(2, 1, 0)
        if name == "projection":
            layers.append(Layer(name, dilation, weight, normalised[name].numpy()))
            continue
        gain, shift, (mean, variance) = normalised[name]
        scale = gain.numpy() / np.sqrt(variance.numpy() + EPSILON)
        layers.append(
            Layer(name, dilation, weight * scale[:, None, None], shift.numpy() - mean.numpy() * scale))
    return Network(shape, layers)
