"""Pictures of folders and tar files, and batches of crops of them: twin of src/training/training-set.ts and gallery.ts."""

import io
import itertools
import os
import re
import signal
import tarfile
import warnings
import zlib
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from isthm import Unfit

EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp")
MARKS = " _-,;:!?./'\"()[]{}@*\\&#%`^+<=>|~$"
# Crops shown as if they were whole pictures, mirrored at their own borders; transposed ones; those mirrored left to right.
WHOLE, TRANSPOSED, MIRRORED = 0.5, 0.2, 0.5


@dataclass
class Picture:
    """Where a picture lies: a file, or a part of a tar file."""

    name: str
    path: str
    offset: int = 0
    length: int = -1
    width: int = 0
    height: int = 0

    def open(self):
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            return Image.open(io.BytesIO(file.read(self.length)))


def find_pictures(sources):
    """The pictures of folders (with the folders in them), tar files and files, in natural order, and those that cannot be read. Raises Unfit."""
    warnings.simplefilter("ignore")
    found = [picture for source in sources for picture in pictures_of(source)]
    readable, skipped = [], []
    for picture in found:
        try:
            picture.width, picture.height = picture.open().size
            readable.append(picture)
        except Exception as error:
            skipped.append((picture.name, str(error)))
    if not readable:
        what = f"{len(found)} that cannot be read" if found else "none"
        raise Unfit(f"Expected pictures (PNG, JPEG or WebP) in {', '.join(sources)} but found {what}")
    return readable, skipped


def pictures_of(source):
    if os.path.isdir(source):
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(source, followlinks=True) for name in names]
        for path in sorted(paths, key=lambda path: natural(os.path.relpath(path, source))):
            if path.lower().endswith(EXTENSIONS):
                yield Picture(os.path.relpath(path, source), path)
            elif path.lower().endswith(".tar"):
                yield from shard(path)
    elif source.lower().endswith(".tar") and os.path.isfile(source):
        yield from shard(source)
    elif os.path.isfile(source):
        yield Picture(os.path.basename(source), source)
    else:
        raise Unfit(f"Expected a folder, a tar file or a picture for PICTURES but found no {source}")


def natural(name):
    """The order of src/node/glob.ts: marks before numbers before letters, whatever their case; so the same pictures are held out."""
    parts = re.findall(r"\d+|\D", name.lower())
    return [(1, int(p)) if p.isdigit() else (0, MARKS.index(p)) if p in MARKS else (2, p) for p in parts]


def shard(path):
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if member.isfile() and member.name.lower().endswith(EXTENSIONS):
                    yield Picture(f"{path}/{member.name}", path, member.offset_data, member.size)
    except tarfile.TarError as error:
        raise Unfit(f"Expected a tar file without compression for {path} but received another file: {error}") from None


def digest_of(pictures):
    """Tells sets of pictures apart, by names and sizes."""
    return zlib.crc32(repr([(os.path.basename(p.name), p.width, p.height) for p in pictures]).encode())


def decoded(picture, channels):
    """Samples (H, W, C), 8 bits. Alpha is left out, profiles are not looked at."""
    image = ImageOps.exif_transpose(picture.open())
    if image.mode.startswith("I"):  # 16 bits of grey
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257).round().clip(0, 255).astype(np.uint8))
    if "transparency" in image.info:
        image = image.convert("RGBA")
    samples = np.asarray(image.convert("RGB" if channels == 3 else "L"))
    return samples.reshape(samples.shape[0], samples.shape[1], channels)


class Batches:
    """
    Batch number `step` of one process, as a pair of canvases (batch, H, W, C), uint8, and qualities; the third is what could not be decoded. Each crop
    is drawn by the seed, its step and its place in the batch alone, so that the number of processes changes nothing.
    """

    def __init__(self, pictures, c, batch, crop, seed, memory, rank=0, world=1):
        self.pictures, self.channels, self.seed = pictures, c["channels"], seed
        self.margin, self.crop = c["analysisMargin"], crop
        self.places = range(rank * batch // world, (rank + 1) * batch // world)
        pixels = np.array([picture.width * picture.height for picture in pictures], np.float64)
        # Large pictures hold more to learn from, but not in proportion to their area.
        self.weights = np.sqrt(pixels)
        room = int(len(pictures) * memory / (pixels.sum() * self.channels))
        self.held = max(1, min(len(pictures), room))
        self.order = np.random.default_rng([seed, 2**32]).permutation(len(pictures))
        self.gallery = OrderedDict()

    def __getitem__(self, step):
        # Where there is no room for all, the next picture takes the place of the first at each step.
        everything = self.held == len(self.pictures)
        window = self.order if everything else self.order[(step + np.arange(self.held)) % len(self.order)]
        sums = np.cumsum(self.weights[window])
        failed = []
        samples = [self.sample(np.random.default_rng([self.seed, step, i]), window, sums, failed) for i in self.places]
        canvases, qualities = zip(*samples)
        return np.stack(canvases), np.array(qualities), failed

    def sample(self, random, window, sums, failed):
        quality = 2 * random.random() - 1
        image = self.at(window[min(np.searchsorted(sums, random.random() * sums[-1], "right"), len(window) - 1)], failed)
        transpose, whole, mirrored = random.random() < TRANSPOSED, random.random() < WHOLE, random.random() < MIRRORED
        columns = self.indices(random, image.shape[1], whole)
        rows = self.indices(random, image.shape[0], whole)
        cut = image[rows][:, columns[::-1] if mirrored else columns]
        return np.ascontiguousarray(cut.swapaxes(0, 1) if transpose else cut), quality

    def indices(self, random, available, whole):
        """The positions of a crop with the margin around it, mirrored at the borders of the picture, or at its own."""
        start = random.integers(max(1, available - self.crop + 1))
        around = np.arange(-self.margin, self.crop + self.margin)
        if whole and self.crop <= available:
            return start + reflected(around, self.crop)
        return reflected(start + around, available)

    def at(self, index, failed):
        if index not in self.gallery:
            picture = self.pictures[index]
            try:
                self.gallery[index] = decoded(picture, self.channels)
            except Exception as error:  # medium grey takes its place
                failed.append((picture.name, str(error)))
                self.gallery[index] = np.full((picture.height, picture.width, self.channels), 128, np.uint8)
            if len(self.gallery) > self.held:
                self.gallery.popitem(last=False)
        self.gallery.move_to_end(index)
        return self.gallery[index]


def reflected(positions, size):
    """Positions within 0 .. size - 1, mirrored without repeating the edge."""
    period = max(1, 2 * (size - 1))
    phase = positions % period
    return np.where(phase < size, phase, period - phase)


def quiet(_):
    """What a loading process begins with: the one that trains is told of signals."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def load(batches, first, workers, pinned):
    """Batches from step `first` on, as tensors, made by other processes."""
    from torch.utils.data import DataLoader  # here, because pictures are looked for before it is known whether there is PyTorch

    options = {"prefetch_factor": 4, "worker_init_fn": quiet} if workers else {}
    return iter(DataLoader(batches, None, sampler=itertools.count(first), num_workers=workers, pin_memory=pinned, **options))
