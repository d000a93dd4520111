"""
Goes on training a photo model by PyTorch: see README.md beside this file. Twin of scripts/train-default.mjs. Prints its log alone, JSON lines; errors are one
line on the standard error. Exit codes: 0 ok, 1 failure, 2 usage, 130 interrupted (with a checkpoint).
"""

import argparse
import os
import sys
import time

STARTED = time.monotonic()


def positive(text):
    value = float(text)
    if not value > 0:
        raise ValueError
    return value


def whole(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def arguments():
    usual = argparse.ArgumentDefaultsHelpFormatter
    parser = argparse.ArgumentParser("train.py", description="Goes on training a photo model.", formatter_class=usual)
    add = parser.add_argument
    add("pictures", nargs="+", metavar="PICTURES", help="folders, tar files, or pictures (PNG, JPEG, WebP)")
    add("--from", dest="start", required=True, metavar="MODEL", help="a model as `isthmus export --safetensors` writes it")
    add("--out", required=True, metavar="FILE", help="the trained model, which training/finish.mjs finishes")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=positive, default=10, help="wall time of the whole command")
    length.add_argument("--steps", type=whole, default=0, help="steps, in place of minutes")
    add("--batch", type=whole, default=4, help="crops a step, of all processes together")
    add("--crop", type=whole, default=192, help="side of the crops in pixels")
    add("--rate", type=positive, default=1.5e-3, help="peak learning rate")
    add("--matrices", choices=("soap", "adam"), default="soap", help="what matrices are trained by")
    add("--seed", type=int, default=0)
    add("--held-out", type=whole, metavar="N", help="leave out every Nth picture")
    add("--resume", action="store_true", help="go on from FILE.checkpoint, where it is there")
    add("--checkpoint-minutes", type=float, default=3, help="minutes between checkpoints; 0: at each step")
    add("--log-seconds", type=float, default=10, help="seconds between lines of the log; 0: at each step")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto")
    add("--precision", choices=("auto", "float32", "bfloat16"), default="auto", help="of residual blocks; auto: bfloat16 on GPUs")
    add("--compile", action="store_true", help="torch.compile the model")
    add("--workers", type=int, default=-1, help="processes that load pictures, for each that trains; -1: the cores, up to 8")
    add("--memory", type=positive, default=2, help="gigabytes of decoded pictures that each of them holds")
    add("--name", default="Isthmus photo", help="for the model's facts")
    add("--licence", default="", help="for the model's facts")
    given = parser.parse_args()
    if not 0 <= given.seed < 2**32:
        parser.error(f"Expected a number between 0 and 2^32 - 1 for --seed but received {given.seed}")
    return given


def fail(message):
    # Of many processes the first speaks for all.
    if os.environ.get("RANK", "0") == "0":
        print(f"train.py: {message}", file=sys.stderr)
    sys.exit(1)


def main():
    given = arguments()
    try:
        # What a person may have got wrong is looked at before PyTorch is loaded, which takes seconds.
        from data import find_pictures
        from isthm import Unfit, read_model
    except ImportError as error:
        fail(f"Expected Python's package {error.name} but it is not installed (Debian: python3-torch, python3-pil)")
    try:
        file = read_model(given.start)
        pictures, skipped = find_pictures(given.pictures)
        try:
            from session import Session
        except ImportError as error:
            fail(f"Expected Python's package {error.name} but it is not installed (Debian: python3-torch; pip: torch)")
        sys.exit(Session(given, file, pictures, skipped, STARTED).run())
    except Unfit as error:
        fail(error)
    except RuntimeError as error:
        if "out of memory" not in str(error):
            raise
        fail(f"Expected more memory for --batch {given.batch} --crop {given.crop} but there is none: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
