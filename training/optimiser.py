"""Adam, and SOAP for matrices, with clipping and averaged weights; the learning rate: twin of src/training/optimiser.ts, soap.ts, eigenbasis.ts, schedule.ts."""

import math

import torch

BETA1, BETA2, EPSILON = 0.9, 0.98, 1e-8
MAX_GRADIENT_NORM = 1.0
AVERAGE_DECAY = 0.999
# Bases: renewed every so many steps, of sides between these; what each step leaves of the factors; added to their eigenvalues, relative to their sum.
STEPS_BETWEEN_RENEWALS = 10
SHORTEST_SIDE, LONGEST_SIDE = 16, 512
DECAY, RIDGE = 0.95, 1e-7
# The learning rate warms up over a tenth of a training, or over so many steps, and ends at a fiftieth of its peak.
WARM_UP_SHARE, WARM_UP_STEPS, FLOOR = 0.1, 200, 0.02


def multiplier_of(name):
    """The learning rate of a tensor relative to the common one: see src/models/learning-rates.ts, gains.ts, centroids.ts."""
    if name.startswith("analysis.projection.linear."):
        return 0.8
    if name.startswith("synthesis.projection.linear."):
        return 0.05
    return 3.0 if name.startswith(("gain.", "inverseGain.", "centroids.")) else 1.0


def learning_rate(step, share, steps):
    """As a fraction of the peak: linear warm-up, then half a cosine. `share`: of the training that is done; `steps`: of a training by steps, or 0."""
    if steps:
        warmth = (step + 1) / min(WARM_UP_STEPS, math.ceil(steps * WARM_UP_SHARE))
    else:
        warmth = max((step + 1) / WARM_UP_STEPS, share / WARM_UP_SHARE)
    return (FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * share))) * min(1, warmth)


class Eigenbasis:
    """The eigenvectors, one a row, of one of Shampoo's factors, by a step of orthogonal iteration at each renewal."""

    def __init__(self, size, device):
        self.factor = torch.zeros(size, size, device=device)
        self.vectors = torch.eye(size, device=device)

    def learn(self, product):
        self.factor.mul_(DECAY).add_(product)

    def renew(self):
        """Returns the former places of the vectors, which are sorted by what the factor holds in their directions."""
        turned = self.vectors @ self.factor
        strengths = (self.vectors * turned).sum(1)
        places = torch.argsort(strengths, descending=True, stable=True)
        turned = (turned + RIDGE * strengths.sum() * self.vectors)[places]
        columns, triangle = torch.linalg.qr(turned.double().t())
        signs = torch.where(triangle.diagonal() < 0, -1.0, 1.0)
        self.vectors = (columns * signs).t().float().contiguous()
        return places


class Soap:
    """Adam in the eigenbases of Shampoo's factors, for one matrix (Vyas et al. 2024, algorithm 3)."""

    def __init__(self, shape, device, turn):
        self.turn = turn
        self.left, self.right = (Eigenbasis(side, device) if side <= LONGEST_SIDE else None for side in shape)

    def rotate(self, matrix):
        matrix = self.left.vectors @ matrix if self.left else matrix
        return matrix @ self.right.vectors.t() if self.right else matrix

    def rotate_back(self, matrix):
        matrix = matrix @ self.right.vectors if self.right else matrix
        return self.left.vectors.t() @ matrix if self.left else matrix

    def learn(self, gradient):
        if self.right:
            self.right.learn(gradient.t() @ gradient)
        if self.left:
            self.left.learn(gradient @ gradient.t())

    def renew(self, moment1, moment2):
        """Of the second moment, which squares have no way from one basis to another, the places follow."""
        mean, squares = self.rotate_back(moment1), moment2.clone()
        if self.left:
            squares = squares[self.left.renew()]
        if self.right:
            squares = squares[:, self.right.renew()]
        moment1.copy_(self.rotate(mean))
        moment2.copy_(squares)


class Optimiser:
    def __init__(self, named, rate, matrices="soap"):
        self.names, self.values = (list(column) for column in zip(*named))
        self.rate = rate
        self.multipliers = [multiplier_of(name) for name in self.names]
        self.moments1, self.moments2 = ([torch.zeros_like(value) for value in self.values] for _ in range(2))
        self.averages = [value.detach().clone() for value in self.values]
        square = lambda value: value.dim() == 2 and min(value.shape) >= SHORTEST_SIDE  # noqa: E731
        self.soaps = {}
        for i, value in enumerate(self.values):
            if matrices == "soap" and square(value):
                self.soaps[i] = Soap(value.shape, value.device, len(self.soaps))

    @torch.no_grad()
    def step(self, step, fraction):
        """Applies the gradients, and clears them. `step` counts from 0; `fraction` is that of the peak learning rate."""
        gradients = [value.grad for value in self.values]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]))
        scale = (MAX_GRADIENT_NORM / (norm + 1e-12)).clamp(max=1)
        for gradient in gradients:
            gradient.mul_(scale)
        turned = list(gradients)
        for i, soap in self.soaps.items():
            if step > 0 and (step - soap.turn) % STEPS_BETWEEN_RENEWALS == 0:
                soap.renew(self.moments1[i], self.moments2[i])
            turned[i] = soap.rotate(gradients[i])
        correction1, correction2 = 1 - BETA1 ** (step + 1), 1 - BETA2 ** (step + 1)
        torch._foreach_mul_(self.moments1, BETA1)
        torch._foreach_add_(self.moments1, turned, alpha=1 - BETA1)
        torch._foreach_mul_(self.moments2, BETA2)
        torch._foreach_addcmul_(self.moments2, turned, turned, 1 - BETA2)
        roots = torch._foreach_sqrt(torch._foreach_div(self.moments2, [correction2] * len(self.values)))
        torch._foreach_add_(roots, EPSILON)
        changes = list(torch._foreach_div(self.moments1, roots))
        torch._foreach_mul_(changes, [-self.rate * fraction * factor / correction1 for factor in self.multipliers])
        for i, soap in self.soaps.items():
            changes[i] = soap.rotate_back(changes[i])
            soap.learn(gradients[i])
        torch._foreach_add_(self.values, changes)
        moved = 1 - min(AVERAGE_DECAY, (1 + step) / (10 + step))
        torch._foreach_mul_(self.averages, 1 - moved)
        torch._foreach_add_(self.averages, self.values, alpha=moved)
        for value in self.values:
            value.grad = None

    def state(self):
        """What checkpoints hold: tensors by name."""
        state = {}
        for i, name in enumerate(self.names):
            state[f"value.{name}"] = self.values[i].detach()
            state[f"moment1.{name}"], state[f"moment2.{name}"] = self.moments1[i], self.moments2[i]
            state[f"average.{name}"] = self.averages[i]
            for side, basis in self.bases(i):
                state[f"{side}.factor.{name}"], state[f"{side}.vectors.{name}"] = basis.factor, basis.vectors
        return state

    @torch.no_grad()
    def restore(self, state):
        own = self.state()
        if own.keys() != state.keys():
            raise KeyError("The state of another optimiser")
        for name, tensor in own.items():
            tensor.copy_(state[name])

    def bases(self, i):
        soap = self.soaps.get(i)
        return [(side, basis) for side, basis in (("left", soap.left), ("right", soap.right)) if basis] if soap else []
