"""A peer in a process of its own, timed on request: `worker.py RUNTIME MODEL LAYOUT WINDOW`.

Answers a line for a line, as `ours serve` does, until its input ends:

    window N        embeds the window N times; the answer is the processor time in nanoseconds
    embed IN OUT    embeds the windows of a file of floats and writes the embeddings to another
"""

import sys
import time
from pathlib import Path

import numpy as np


def onnx_runtime(path: Path, layout: str):
    """Two functions: one that takes a window (steps, in) in and one that runs and gives nothing back; and the output."""
    import onnxruntime
    from onnx_models import from_layout, session, to_layout

    model = session(path)
    shape = [int(size) for size in model.get_outputs()[0].shape]
    output = np.zeros(shape, np.float32)
    binding = model.io_binding()
    held = {}

    def put(window: np.ndarray) -> None:
        held["patches"] = onnxruntime.OrtValue.ortvalue_from_numpy(to_layout(window, layout))
        binding.bind_ortvalue_input("patches", held["patches"])

    binding.bind_output(
        model.get_outputs()[0].name, "cpu", element_type=np.float32, shape=shape, buffer_ptr=output.ctypes.data)
    return put, lambda: model.run_with_iobinding(binding), lambda: from_layout(output)


def litert(path: Path, layout: str):
    """As above."""
    from litert_models import from_layout, interpreter, to_layout

    model = interpreter(path)
    patches, output = model.get_input_details()[0]["index"], model.get_output_details()[0]["index"]
    return (
        lambda window: model.set_tensor(patches, to_layout(window, layout)), model.invoke,
        lambda: from_layout(model.get_tensor(output)))


def main(runtime: str, model: str, layout: str, window_path: str) -> None:
    from signals import CHANNELS

    put, run, result = {"onnx": onnx_runtime, "litert": litert}[runtime](Path(model), layout)
    window = np.fromfile(window_path, "<f4").reshape(-1, CHANNELS)
    put(window)
    run()
    for line in sys.stdin:
        match line.split():
            case ["window", count]:
                times = range(int(count))
                begin = time.process_time_ns()
                for _ in times:
                    run()
                print(time.process_time_ns() - begin, flush=True)
            case ["embed", source, target]:
                embeddings = []
                for values in np.fromfile(source, "<f4").reshape(-1, *window.shape):
                    put(values)
                    run()
                    embeddings.append(result().copy())
                np.stack(embeddings).astype("<f4").tofile(target)
                put(window)
                print("done", flush=True)
            case _:
                raise SystemExit(f"found the request {line!r}, expected window or embed")


if __name__ == "__main__":
    main(*sys.argv[1:])
