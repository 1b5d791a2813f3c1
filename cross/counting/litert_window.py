"""usage: litert_window.py MODEL WINDOWS: runs LiteRT on one thread over as many windows; see cross/instructions."""

import sys

import numpy
from ai_edge_litert.interpreter import Interpreter

interpreter = Interpreter(model_path=sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
(tensor,) = interpreter.get_input_details()
values = numpy.random.default_rng(1).standard_normal(tensor["shape"]).astype(numpy.float32)
interpreter.set_tensor(tensor["index"], values)
for _ in range(int(sys.argv[2])):
    interpreter.invoke()
