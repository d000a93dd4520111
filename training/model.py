"""
The graph of photo models and the loss of one batch: twin of src/models/network.ts, transform.ts, gains.ts, src/nn/ and src/training/step.ts.

Shapes: pictures (B, C, H, W), samples -0.5 .. 0.5; everything on the grid (B, h, w, M) with h = H / patch; weights (inputs, outputs).
"""

import torch
import torch.nn.functional as F
from torch import nn

from chroma import enlarge, halve
from distortion import distortion, multiplier
from prior import ContextPrior, centroid_offsets, rounded_bits

ACTIVATIONS = {
    "identity": lambda x: x,
    "relu": F.relu,
    "leakyRelu": F.leaky_relu,
    "hardSwish": F.hardswish,
    "gelu": F.gelu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
# Loss weights are divided by the square root of lambda over this, so that all qualities pull equally hard.
REFERENCE_LAMBDA = 0.009


def straight_through(seen, behind):
    """`seen`, exactly, with the gradient of `behind`."""
    return seen + (behind - behind.detach())


class Dense(nn.Module):
    """input * weight + bias. `largest`: each column is rounded to so many steps of its largest weight, and training knows of it."""

    def __init__(self, inputs, outputs, largest=None):
        super().__init__()
        self.largest = largest
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def rounded(self):
        if self.largest is None:
            return self.weight
        with torch.no_grad():
            scale = self.weight.abs().amax(0) / self.largest
            steps = torch.round(self.weight / torch.where(scale == 0, torch.ones_like(scale), scale))
        return straight_through(steps * scale, self.weight)

    def forward(self, x):
        return F.linear(x, self.rounded().t(), self.bias)


class Depthwise(nn.Module):
    """3x3 correlation of each channel by itself, zeros outside of the grid; weight (9, M)."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(9, channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        channels = x.shape[-1]
        weight = self.weight.t().reshape(channels, 1, 3, 3)
        return F.conv2d(x.permute(0, 3, 1, 2), weight, self.bias, padding=1, groups=channels).permute(0, 2, 3, 1)


class ResidualBlock(nn.Module):
    """x + down(activation(up(depthwise3x3(x)))). `half`: what is added is computed in bfloat16; the sum itself stays in 32 bits."""

    def __init__(self, channels, hidden, activation, largest, half):
        super().__init__()
        self.activation, self.half = ACTIVATIONS[activation], half
        self.mix = Depthwise(channels)
        self.up = Dense(channels, hidden, largest)
        self.down = Dense(hidden, channels, largest)

    def forward(self, x):
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.half):
            change = self.down(self.activation(self.up(self.mix(x))))
        return x + change.float()


class Projection(nn.Module):
    def __init__(self, inputs, outputs, largest):
        super().__init__()
        self.linear = Dense(inputs, outputs, largest)


class Transform(nn.Module):
    """A projection between windows and latents, and residual blocks at its latent side."""

    def __init__(self, c, inputs, outputs, shape, half):
        super().__init__()
        levels = c.get("weightLevels") or {}
        hidden, layers = shape["blockHidden"], levels.get("layers")
        self.projection = Projection(inputs, outputs, levels.get("projections"))
        self.blocks = nn.ModuleList(
            ResidualBlock(c["latents"], hidden, c["activation"], layers, half) for _ in range(shape["blocks"])
        )

    def through_blocks(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class Gains(nn.Module):
    """exp(offset + q * slope) for each channel."""

    def __init__(self, channels):
        super().__init__()
        self.offset = nn.Parameter(torch.zeros(channels))
        self.slope = nn.Parameter(torch.zeros(channels))

    def log(self, q):
        return self.offset + q[:, None, None, None] * self.slope


class Centroids(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.share = nn.Parameter(torch.zeros(channels))


class PhotoModel(nn.Module):
    """Names and order of the parameters are those of src/models/network.ts."""

    def __init__(self, c, half=False):
        super().__init__()
        self.configuration = c
        self.patch = c["patch"]["width"]
        self.halves_chroma = c.get("chroma") == "half"
        latents = c["latents"]
        self.analysis = Transform(c, self.window(c["analysisMargin"]), latents, c["analysis"], half)
        self.gain = Gains(latents)
        self.inverseGain = Gains(latents)
        self.synthesis = Transform(c, latents, self.window(c["synthesisMargin"]), c["synthesis"], half)
        self.centroids = Centroids(latents)
        levels = c.get("weightLevels") or {}
        dense = lambda inputs, outputs: Dense(inputs, outputs, levels.get("prior", levels.get("layers")))  # noqa: E731
        self.prior = ContextPrior(latents, c["prior"], ACTIVATIONS[c["activation"]], dense)

    def window(self, margin):
        samples = (self.patch + 2 * margin) ** 2 * self.configuration["channels"]
        return samples // 2 if self.halves_chroma else samples

    def load(self, weights):
        """`weights`: numpy arrays by name; they must be all of the model's. Raises RuntimeError where they are not."""
        self.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in weights.items()})

    def analyse(self, canvas):
        """The grid of a picture with the analysis margin around it."""
        side = self.patch + 2 * self.configuration["analysisMargin"]
        windows = canvas.unfold(2, side, self.patch).unfold(3, side, self.patch).permute(0, 2, 3, 4, 5, 1)
        windows = halve(windows) if self.halves_chroma else windows.flatten(3)
        return self.analysis.through_blocks(self.analysis.projection.linear(windows))

    def synthesise(self, grid):
        """Adds up the windows where they overlap, and cuts the margin off."""
        margin, channels = self.configuration["synthesisMargin"], self.configuration["channels"]
        batch, height, width, _ = grid.shape
        side = self.patch + 2 * margin
        windows = self.synthesis.projection.linear(self.synthesis.through_blocks(grid))
        if self.halves_chroma:
            windows = enlarge(windows, side)
        columns = windows.reshape(batch, height * width, side, side, channels).permute(0, 4, 2, 3, 1).flatten(1, 3)
        size = (height * self.patch + 2 * margin, width * self.patch + 2 * margin)
        canvas = F.fold(columns, size, side, stride=self.patch)
        return canvas[:, :, margin : size[0] - margin, margin : size[1] - margin]

    def forward(self, canvas, qualities):
        """
        The loss of a batch, and its mean bits a pixel, squared error (samples 0 .. 255) and SSIMULACRA 2 (0 where the model is not tuned for it).
        `canvas`: pictures with the analysis margin around them; `qualities` (B), -1 .. 1, 64 bits. Rate and synthesis see rounded latents; the synthesis' gradient goes
        straight through rounding (Minnen & Singh 2020, section 3).
        """
        c = self.configuration
        margin = c["analysisMargin"]
        target = canvas[:, :, margin : canvas.shape[2] - margin, margin : canvas.shape[3] - margin]
        images, _, height, width = target.shape
        q = qualities.float()

        latents = self.analyse(canvas) * self.gain.log(q).exp()
        rounded = straight_through(torch.round(latents.detach()), latents)
        log_inverse = self.inverseGain.log(q)
        mean, log_scale = self.prior(rounded * log_inverse.exp(), q, log_inverse)
        bits = rounded_bits(latents, rounded, mean, log_scale).sum((1, 2, 3))
        moved = rounded + centroid_offsets(rounded, mean, log_scale) * self.centroids.share
        prediction = self.synthesise(moved * log_inverse.exp())

        weight = 1 / (images * torch.sqrt(multiplier(c["lambda"], qualities) / REFERENCE_LAMBDA))
        costs, squared_errors, scores = distortion(c, prediction, target, qualities)
        loss = (weight.float() * (costs + bits / (height * width))).sum()
        return loss, bits.detach().mean() / (height * width), squared_errors.mean(), scores.mean()
