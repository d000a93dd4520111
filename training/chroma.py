"""
Windows whose colour differences have half the resolution of luma: twin of assembly/chroma.ts. `pixels` (..., S, S, 3), red, green and blue; `halved`
(..., 1.5 S S): S x S of luma, then S/2 x S/2 of Cb, then as many of Cr (ITU-R BT.601, full range). S is even.
"""

import torch

LUMA = (0.299, 0.587, 0.114)
RED_OF_CR, GREEN_OF_CB, GREEN_OF_CR, BLUE_OF_CB = 1.402, 0.344136, 0.714136, 1.772


def halve(pixels):
    """Each colour difference is the sum of those of 2 x 2 pixels."""
    side = pixels.shape[-2]
    luma = (pixels * pixels.new_tensor(LUMA)).sum(-1)
    cb = (pixels[..., 2] - luma) / BLUE_OF_CB
    cr = (pixels[..., 0] - luma) / RED_OF_CR
    sums = [plane.unflatten(-1, (side // 2, 2)).unflatten(-3, (side // 2, 2)).sum((-1, -3)) for plane in (cb, cr)]
    return torch.cat([plane.flatten(-2) for plane in (luma, *sums)], -1)


def enlarge(halved, side):
    """Colour differences are enlarged bilinearly, 0 beyond the window."""
    half = side // 2
    luma, cb, cr = halved.split([side * side, half * half, half * half], -1)
    luma = luma.unflatten(-1, (side, side))
    # (S, S/2): 3/4 of the nearer and 1/4 of the farther sample.
    distances = (torch.arange(side)[:, None] - 0.5) / 2 - torch.arange(half)
    lines = (1 - distances.abs()).clamp(min=0).to(halved)
    cb, cr = (lines @ plane.unflatten(-1, (half, half)) @ lines.t() for plane in (cb, cr))
    return torch.stack([luma + RED_OF_CR * cr, luma - GREEN_OF_CB * cb - GREEN_OF_CR * cr, luma + BLUE_OF_CB * cb], -1)
