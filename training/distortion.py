"""What models are trained for beside rate: twin of src/distortion/."""

import math

import torch
import torch.nn.functional as F

from ssimulacra2 import ssimulacra2

# Sides of the blocks whose means count, in pixels.
SIDES = (8, 32)
SAMPLE_RANGE = 255 * 255


def multiplier(ends, q):
    """Log-linear between two values at q = -1 and 1."""
    return ends["low"] * (ends["high"] / ends["low"]) ** ((q + 1) / 2)


def point_worth(point, q):
    """What a point of the score is worth: its logarithm is a parabola through the three given values."""
    low, middle, high = point["low"], point["middle"], point["high"]
    bend = math.sqrt(low * high) / middle
    return multiplier({"low": low, "high": high}, q) * bend ** (q * q) / bend


def distortion(c, prediction, target, q):
    """Costs in bits a pixel, squared errors (samples 0 .. 255) and scores (zeros where nobody asks for them), one each for each picture."""
    difference = prediction - target
    squared_errors = SAMPLE_RANGE * (difference * difference).mean((1, 2, 3))
    error = multiplier(c["lambda"], q)
    tuned = c.get("ssimulacra2")
    if not tuned:
        return error.float() * squared_errors, squared_errors.detach(), torch.zeros_like(squared_errors.detach())
    costs = ((1 - tuned["share"]) * error).float() * squared_errors
    if tuned.get("means"):
        costs = costs + (tuned["means"] * error).float() * slow_errors(difference)
    scores = ssimulacra2(target, prediction)
    if scores is None:
        return costs, squared_errors.detach(), torch.zeros_like(squared_errors.detach())
    costs = costs + (tuned["share"] * point_worth(tuned["point"], q)).float() * (100 - scores)
    return costs, squared_errors.detach(), scores.detach()


def slow_errors(difference):
    """Squared errors of the means of blocks, each by its pixels; blocks at the right and at the bottom end with the picture."""
    _, channels, height, width = difference.shape
    total = 0
    for side in SIDES:
        means = F.avg_pool2d(difference, side, ceil_mode=True)
        rows, columns = (
            torch.tensor([min(side, size - at) for at in range(0, size, side)], device=difference.device)
            for size in (height, width)
        )
        total = total + (means * means * (rows[:, None] * columns)).sum((1, 2, 3))
    return SAMPLE_RANGE * total / (channels * height * width)
