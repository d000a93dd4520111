"""
Answers what test/training-torch/ asks of the twin in training/: for each folder named, reads model.isthm and batch.safetensors (canvas, qualities), and
writes answer.safetensors: the gradient of every parameter, and `means`: loss, bits a pixel, squared error, SSIMULACRA 2. Without a batch the answer is the
model's weights. A folder without a model holds gradients of some tensors, step after step (steps.safetensors): the answer is what the optimiser makes of their
values, `average.` before the names of averages.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "training"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from isthm import read_model, read_safetensors, write_safetensors  # noqa: E402
from model import PhotoModel  # noqa: E402
from optimiser import Optimiser, learning_rate  # noqa: E402

RATE = 4e-3


def one_step(folder):
    file = read_model(os.path.join(folder, "model.isthm"))
    if not os.path.exists(os.path.join(folder, "batch.safetensors")):
        return file.weights()
    _, batch = read_safetensors(os.path.join(folder, "batch.safetensors"))
    model = PhotoModel(file.configuration)
    model.load(file.weights())
    canvas, qualities = (torch.from_numpy(batch[name].copy()) for name in ("canvas", "qualities"))
    loss, *means = model(canvas.permute(0, 3, 1, 2), qualities.double())
    loss.backward()
    answer = {name: parameter.grad.numpy() for name, parameter in model.named_parameters()}
    answer["means"] = torch.stack([loss.detach(), *means]).numpy()
    answer["order"] = np.frombuffer("\n".join(name for name, _ in model.named_parameters()).encode(), "u1")
    return answer


def many_steps(folder):
    _, tensors = read_safetensors(os.path.join(folder, "steps.safetensors"))
    names = [name for name in tensors if not name.startswith("gradient.")]
    values = {name: torch.nn.Parameter(torch.from_numpy(tensors[name].copy())) for name in names}
    optimiser = Optimiser(values.items(), RATE)
    steps = len(tensors[f"gradient.{names[0]}"])
    for step in range(steps):
        for name, value in values.items():
            value.grad = torch.from_numpy(tensors[f"gradient.{name}"][step].copy())
        optimiser.step(step, learning_rate(step, step / steps, steps))
    averages = {f"average.{name}": average.numpy() for name, average in zip(optimiser.names, optimiser.averages)}
    return {**{name: value.detach().numpy() for name, value in values.items()}, **averages}


for folder in sys.argv[1:]:
    answer = one_step(folder) if os.path.exists(os.path.join(folder, "model.isthm")) else many_steps(folder)
    write_safetensors(os.path.join(folder, "answer.safetensors"), {}, answer)
