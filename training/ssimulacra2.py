"""SSIMULACRA 2.1 (Sneyers 2023), differentiable: twin of src/metric/ and of assembly/ssimulacra2.ts, opsin.ts, blur.ts, light.ts."""

import torch
import torch.nn.functional as F

# For each scale from the finest on, by plane: weights of the means of three error maps (likeness, ringing, blurring), then of their 4-norms.
SCALES = (
    {"Y": (0, 0, 0, 7.466890328, 0, 17.44583398)},
    {"X": (0, 0, 0, 1.104172643, 0, 0), "Y": (0, 0, 0, 6.683678146, 0, 1.027889938)},
    {"X": (0, 0, 0, 1.842245552, 11.4411726, 0), "Y": (225.205153, 0, 0, 19.21323819, 0, 0)},
    {
        "X": (0, 0, 0, 1.878759498, 10.94906991, 0),
        "Y": (176.393176, 0, 0, 24.43301, 0.2852080261, 0),
        "B": (0, 0, 0, 8.826982765, 23.19243344, 0),
    },
    {
        "X": (0, 0.9677937081, 0, 0, 0.9981766978, 0),
        "Y": (0, 0, 0, 34.77906344, 44.83562533, 0),
        "B": (95.10804988, 0.9863978034, 0.9834382792, 0, 171.2667256, 0.9807858872),
    },
)
SMALLEST_SIDE = 8
OPSIN = ((0.3, 0.622, 0.078), (0.23, 0.692, 0.078), (0.24342268924547819, 0.20476744424496821, 0.5518098665095536))
OPSIN_BIAS = 0.0037930732552754493
C2 = 0.0009
RADIUS = 5
# Keeps the slope of a root finite where there is no error at all.
NOTHING = 1e-30


def ssimulacra2(original, picture):
    """The scores (B) of pictures (B, C, H, W), samples -0.5 .. 0.5; None where a side is below 8 pixels."""
    if min(original.shape[2:]) < SMALLEST_SIDE:
        return None
    with torch.no_grad():
        x_light = linear_light(original)
    y_light = linear_light(picture)
    errors = 0
    for planes in SCALES:
        if min(y_light.shape[2:]) < SMALLEST_SIDE:
            break
        with torch.no_grad():
            x = opsin(x_light, planes)
            x_light = halved(x_light)
        y = opsin(y_light, planes)
        y_light = halved(y_light)
        errors = errors + weighed_errors(x, y, list(planes.values()))
    return score_of(errors)


def linear_light(samples):
    """Light of sRGB samples, held within 0 .. 1; of grey ones in all three channels."""
    value = (samples + 0.5).clamp(0, 1)
    curve = ((value.clamp_min(0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(value <= 0.04045, value / 12.92, curve).expand(-1, 3, -1, -1)


def halved(light):
    """Means of 2 x 2; an odd last row or column stands in for the one that is missing."""
    height, width = light.shape[2:]
    return F.avg_pool2d(F.pad(light, (0, width % 2, 0, height % 2), mode="replicate"), 2)


def opsin(light, wanted):
    """The wanted ones of the planes X, Y and B, scaled and shifted to be positive."""
    red, green, blue = light.unbind(1)
    bias = OPSIN_BIAS ** (1 / 3)
    cone = lambda row: (row[0] * red + row[1] * green + row[2] * blue + OPSIN_BIAS) ** (1 / 3) - bias  # noqa: E731
    long, middle = cone(OPSIN[0]), cone(OPSIN[1])
    mean = (long + middle) / 2
    planes = []
    if "X" in wanted:
        planes.append(14 * (long - middle) / 2 + 0.42)
    planes.append(mean + 0.01)
    if "B" in wanted:
        planes.append(cone(OPSIN[2]) - mean + 0.55)
    return torch.stack(planes, 1)


def blurred(planes):
    """A Gaussian of standard deviation 1.5 in 11 x 11 taps; outside of the plane there is nothing."""
    offsets = torch.arange(-RADIUS, RADIUS + 1, dtype=torch.float32, device=planes.device)
    taps = torch.exp(-offsets * offsets / 4.5)
    taps = taps / taps.sum()
    single = planes.flatten(0, 1).unsqueeze(1)
    rows = F.conv2d(single, taps.view(1, 1, -1, 1), padding=(RADIUS, 0))
    return F.conv2d(rows, taps.view(1, 1, 1, -1), padding=(0, RADIUS)).view_as(planes)


def weighed_errors(x, y, weights):
    """The weighed means and 4-norms of the error maps of planes (B, n, h, w), summed for each picture."""
    with torch.no_grad():
        mean_x = blurred(x)
    mean_y, squares, products = blurred(torch.cat([y, x * x + y * y, x * y])).chunk(3)
    light = 1 - (mean_x - mean_y) ** 2
    likeness = (2 * (products - mean_x * mean_y) + C2) / (squares - (mean_x * mean_x + mean_y * mean_y) + C2)
    edge = (1 + (y - mean_y).abs()) / (1 + (x - mean_x).abs()) - 1
    total = 0
    for kind, error in enumerate((1 - light * likeness, edge, -edge)):
        means, norms = ([row[kind + at] for row in weights] for at in (0, 3))
        error = error.clamp_min(0)
        if any(means):
            total = total + (error.mean((2, 3)) * error.new_tensor(means)).sum(1)
        if any(norms):
            total = total + (((error**4).mean((2, 3)) + NOTHING) ** 0.25 * error.new_tensor(norms)).sum(1)
    return total


def score_of(errors):
    """100 for exact copies, less for more errors."""
    s = errors * 0.9562382616834844
    z = s * (2.326765642916932 + s * (-0.020884521182843837 + s * 6.248496625763138e-5))
    return torch.where(z < 1e-9, torch.full_like(z, 100.0), 100 - 10 * z.clamp_min(1e-9) ** 0.6276336467831387)
