"""The context prior, bits under it, and centroids: twin of src/models/context-prior.ts, context-group.ts, context-rate.ts, centroids.ts, assembly/likelihood.ts."""

import math

import torch
import torch.nn.functional as F
from torch import nn

SMALLEST_DEVIATION = 0.11
SMALLEST_PROBABILITY = 1e-9
# The network's log scales are multiplied by this, so that they move fast enough.
LOG_SCALE_FACTOR = 4


class ContextGroup(nn.Module):
    """out(act(inner(act(context + own)))): means and log scales of one group of channels."""

    def __init__(self, first, channels, hidden, dense):
        super().__init__()
        self.first = first
        if first:
            self.own = dense(first, hidden)
        self.inner = dense(hidden, hidden)
        self.out = dense(hidden, 2 * channels)

    def forward(self, context, dequantized, activation):
        total = context + self.own(dequantized[..., : self.first]) if self.first else context
        mean, log_scale = self.out(activation(self.inner(activation(total)))).chunk(2, -1)
        return mean, LOG_SCALE_FACTOR * log_scale


class ContextPrior(nn.Module):
    """A Gaussian for every symbol, predicted from four decoded neighbours, the quality, and the channel groups before."""

    def __init__(self, latents, shape, activation, dense):
        super().__init__()
        self.activation = activation
        self.logScale = nn.Parameter(torch.zeros(latents))
        self.context = dense(4 * latents + 1, shape["hidden"])
        firsts = [sum(shape["groups"][:i]) for i in range(len(shape["groups"]))]
        self.groups = nn.ModuleList(
            ContextGroup(first, channels, shape["hidden"], dense) for first, channels in zip(firsts, shape["groups"])
        )

    def forward(self, dequantized, q, log_inverse):
        """Means and log scales in quantization steps. `log_inverse`: the logarithms of the inverse gains."""
        batch, height, width, _ = dequantized.shape
        padded = F.pad(dequantized, (0, 0, 1, 1, 1, 0))
        left, above = padded[:, 1:, :width], padded[:, :height, 1 : width + 1]
        above_left, above_right = padded[:, :height, :width], padded[:, :height, 2:]
        quality = q[:, None, None, None].expand(batch, height, width, 1)
        context = self.context(torch.cat([left, above, above_left, above_right, quality], -1))
        means, log_scales = zip(*(group(context, dequantized, self.activation) for group in self.groups))
        return torch.cat(means, -1) * (-log_inverse).exp(), torch.cat(log_scales, -1) + self.logScale - log_inverse


class AtLeast(torch.autograd.Function):
    """max(x, bound), whose gradient still raises x where it lies below the bound."""

    @staticmethod
    def forward(ctx, x, bound):
        ctx.save_for_backward(x)
        ctx.bound = bound
        return x.clamp_min(bound)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * ((x >= ctx.bound) | (gradient < 0)), None


def tail(z):
    """The probability that a standard normal variable exceeds z."""
    return 0.5 * torch.erfc(z * math.sqrt(0.5))


def bin_of(distance, log_scale):
    """P of the unit bin at a distance from the mean, and its edges and width in deviations."""
    inverse = 1 / AtLeast.apply(log_scale.exp(), SMALLEST_DEVIATION)
    lower, upper = (distance - 0.5) * inverse, (distance + 0.5) * inverse
    return AtLeast.apply(tail(lower) - tail(upper), SMALLEST_PROBABILITY), lower, inverse


def gaussian_bits(value, mean, log_scale):
    """Bits of values under a density integrated over the unit bin (Balle et al. 2018, appendix 6.2)."""
    return -torch.log2(bin_of((value - mean).abs(), log_scale)[0])


def rounded_bits(latents, rounded, mean, log_scale):
    """
    Bits of rounded latents, with the gradient by the latents of the bits that they take on average under noise uniform in -1/2 .. 1/2 (Balle et al. 2017, section 3),
    in closed form.
    """
    bits = gaussian_bits(rounded.detach(), mean, log_scale)
    with torch.no_grad():
        above, below = (gaussian_bits(latents + half, mean, log_scale) for half in (0.5, -0.5))
    return bits + (latents - latents.detach()) * (above - below)


# Of the normal distribution's upper tail over its bell: see docs/FORMAT.md, "Reconstruction".
TAIL = (-0.0210781642, 0.0954072346, -0.146707408, 0.0653279675, -0.00937753471, 0.0586539537, 0.0878291006, 0.114622359, 0.127660946, 0.127661529)


def scaled_tail(z):
    """tail(z) e^(z^2 / 2) for z >= 0, as receivers compute it."""
    t = 1 / (1 + z * 0.32)
    p = torch.full_like(t, TAIL[0])
    for coefficient in TAIL[1:]:
        p = p * t + coefficient
    return p * t


@torch.no_grad()
def centroid_offsets(symbols, mean, log_scale):
    """
    How far the mean of the Gaussian within the bin of each symbol lies from it, -1/2 .. 1/2. Under wide scales this is a small difference of large numbers: the
    steps are those of receivers, so that what is left of it is what they have, too.
    """
    difference = symbols - mean
    distance = difference.abs()
    inverse = 1 / log_scale.exp().clamp_min(SMALLEST_DEVIATION)
    lower, upper = (distance - 0.5) * inverse, (distance + 0.5) * inverse
    bell = torch.exp(lower * lower * -0.5)
    change = bell * torch.expm1(-((distance * inverse) * inverse))
    below = bell * scaled_tail(lower.abs())
    below = torch.where(lower < 0, 1 - below, below)
    probability = (below - (bell + change) * scaled_tail(upper)).clamp_min(SMALLEST_PROBABILITY)
    inward = distance + 0.3989422804014327 * change / (inverse * probability)
    return -torch.nan_to_num(inward, 0.0).clamp(0, 0.5) * torch.sign(difference)
