"""Generated signals of six channels, like a phone's accelerometer and gyroscope: what the network is trained,
calibrated and compared on. Equal seeds give equal signals."""

import numpy as np

CHANNELS = 6
STEPS = 512
# Normalised values are limited to this, as a bundle's preprocessing does.
CLIP = 8.0


def windows(count: int, seed: int) -> np.ndarray:
    """(count, STEPS, CHANNELS) float32 of about unit variance, within ±CLIP."""
    random = np.random.default_rng(seed)
    return np.stack([_window(random) for _ in range(count)]).astype(np.float32)


def _window(random: np.random.Generator) -> np.ndarray:
    """Four sources, a random one of the kinds each, mixed into the channels; with noise, steps and rare spikes."""
    kinds = [_rhythm, _rhythm, _wander, _bursts]
    sources = np.stack([kinds[random.integers(len(kinds))](random) for _ in range(4)], axis=1)
    mixing = random.normal(size=(4, CHANNELS)) * random.gamma(0.7, size=(4, 1))
    values = sources @ mixing + random.normal(size=(STEPS, CHANNELS)) * random.uniform(0.02, 0.5, CHANNELS)
    if random.random() < 0.3:
        values[random.integers(STEPS) :] += random.normal(size=CHANNELS) * 2
    values = (values - values.mean(axis=0)) / (values.std(axis=0) + 0.05)
    spikes = random.random(values.shape) < 0.002
    return np.clip(values + spikes * random.normal(size=values.shape) * 6, -CLIP, CLIP)


def _rhythm(random: np.random.Generator) -> np.ndarray:
    """A period of 4 to 200 steps with harmonics, a slowly changing amplitude, and a rest now and then."""
    time = np.arange(STEPS)
    phase = 2 * np.pi * (time / np.exp(random.uniform(np.log(4), np.log(200))) + random.random())
    wave = sum(random.normal() / n * np.sin(n * phase + random.uniform(0, 2 * np.pi)) for n in (1, 2, 3))
    envelope = 1 + 0.5 * np.sin(2 * np.pi * (time / random.uniform(100, 800) + random.random()))
    if random.random() < 0.3:
        start, length = random.integers(STEPS), random.integers(50, 200)
        envelope[start : start + length] *= 0.05
    return wave * envelope


def _wander(random: np.random.Generator) -> np.ndarray:
    """An autoregressive process of order one, from nearly white to nearly a random walk."""
    memory = 1 - np.exp(random.uniform(np.log(0.005), np.log(0.5)))
    noise = random.normal(size=STEPS) * np.sqrt(1 - memory**2)
    values = np.empty(STEPS)
    value = random.normal()
    for step in range(STEPS):
        value = memory * value + noise[step]
        values[step] = value
    return values


def _bursts(random: np.random.Generator) -> np.ndarray:
    """Quiet, with short ringing bursts."""
    values = np.zeros(STEPS)
    for _ in range(random.integers(1, 6)):
        start = random.integers(STEPS)
        time = np.arange(STEPS - start)
        values[start:] += random.normal() * np.exp(-time / random.uniform(5, 40)) * np.sin(
            2 * np.pi * time / random.uniform(3, 20))
    return values * 3
