"""One training, in one process or many: twin of src/training/training.ts, timetable.ts and checkpoint.ts."""

import datetime
import json
import math
import os
import signal
import time

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from data import Batches, digest_of, load
from isthm import Unfit, write_model
from model import PhotoModel
from optimiser import Optimiser, learning_rate

# What shapes a training, and is taken from its checkpoint where it goes on.
SHAPING = ("minutes", "steps", "batch", "crop", "rate", "matrices", "seed")
MEANS = ("loss", "bitsPerPixel", "meanSquaredError", "ssimulacra2")


class Session:
    def __init__(self, given, file, pictures, skipped, started):
        self.given, self.file, self.skipped, self.started = given, file, skipped, started
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.local = int(os.environ.get("LOCAL_RANK", 0))
        every = given.held_out
        self.held_out = [] if not every else pictures[every - 1 :: every]
        self.pictures = [picture for picture in pictures if picture not in self.held_out] if every else pictures
        if not self.pictures:
            raise Unfit(f"Expected pictures to train on beside those of --held-out {every} but found none")
        self.step, self.before = 0, 0.0
        self.ended = False
        self.reported = {name for name, _ in skipped}

    def run(self):
        """Trains, and returns the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.end)
        self.choose_device()
        self.control = None
        if self.world > 1:
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
            self.control = dist.new_group(backend="gloo")
        try:
            self.prepare()
            return self.train()
        finally:
            if self.world > 1:
                dist.destroy_process_group()

    def end(self, *_):
        self.ended = True

    def choose_device(self):
        has_gpu = torch.cuda.is_available()
        if self.given.device == "cuda" and not has_gpu:
            raise Unfit("Expected a GPU for --device cuda but PyTorch finds none")
        self.device = torch.device("cuda", self.local) if has_gpu and self.given.device != "cpu" else torch.device("cpu")
        if self.device.type == "cuda":
            if self.local >= torch.cuda.device_count():
                raise Unfit(f"Expected at most {torch.cuda.device_count()} processes, one for each GPU, but received more")
            torch.cuda.set_device(self.device)
            # Blurs of the metric cannot do with fewer bits: of convolutions none has them, and of products those of the model.
            torch.backends.cudnn.allow_tf32 = False
        precision = self.given.precision
        self.half = precision == "bfloat16" or (precision == "auto" and self.device.type == "cuda")

    def prepare(self):
        saved = self.read_checkpoint()
        given, c = self.given, self.file.configuration
        if given.batch % self.world:
            raise Unfit(f"Expected a multiple of {self.world} processes for --batch but received {given.batch}")
        if given.crop % c["patch"]["width"]:
            raise Unfit(f"Expected a multiple of {c['patch']['width']} for --crop but received {given.crop}")
        self.model = PhotoModel(c, self.half)
        try:
            self.model.load(self.file.weights())
        except RuntimeError as error:
            text = " ".join(str(error).split())
            raise Unfit(f"Expected the weights of its configuration in {given.start} but received others: {text}") from None
        self.model.to(self.device)
        self.optimiser = Optimiser(self.model.named_parameters(), given.rate, given.matrices)
        if saved:
            self.optimiser.restore(saved["state"])
            self.step, self.before = saved["step"], saved["seconds"]
        if given.compile and not hasattr(torch, "compile"):
            raise Unfit(f"Expected PyTorch 2 or newer for --compile but received {torch.__version__}")
        self.passes = torch.compile(self.model) if given.compile else self.model
        if self.world > 1:
            devices = [self.device] if self.device.type == "cuda" else None
            self.passes = DistributedDataParallel(self.passes, device_ids=devices)
        self.margin = c["analysisMargin"]
        workers = given.workers if given.workers >= 0 else min(8, max(0, (os.cpu_count() or 1) // self.world - 1))
        memory = given.memory * 2**30
        batches = Batches(self.pictures, c, given.batch, given.crop, given.seed, memory, self.rank, self.world)
        self.batches = load(batches, self.step, workers, self.device.type == "cuda")
        self.log(
            "resume" if saved else "start",
            pictures=len(self.pictures),
            heldOut=[picture.name for picture in self.held_out],
            held=batches.held,
            processes=self.world,
            device=str(self.device),
            blocks="bfloat16" if self.half else "float32",
            torch=torch.__version__,
            step=self.step,
            **{name: getattr(given, name) for name in SHAPING},
        )
        for name, reason in self.skipped:
            self.log("skipped", picture=name, reason=reason)

    def train(self):
        given = self.given
        logged, saved = self.started, time.monotonic()
        sums, count, summary = torch.zeros(len(MEANS), device=self.device), 0, {}
        share, goes_on = self.look()
        while goes_on:
            rate = learning_rate(self.step, share, given.steps)
            sums += self.pass_through(rate)
            count += 1
            self.step += 1
            share, goes_on, logs, saves = self.agree(logged, saved)
            if logs or saves or not goes_on:
                summary = self.summary(sums / count)
                seconds = max(1e-9, time.monotonic() - logged)
                self.log("step", step=self.step, share=round(share, 4), rate=given.rate * rate, **summary, cropsPerSecond=round(count * given.batch / seconds, 1))
                logged, count = time.monotonic(), 0
                sums.zero_()
            if saves and goes_on:
                self.write_checkpoint()
                saved = time.monotonic()
        if share < 1:
            self.write_checkpoint()
            return 130
        self.write(summary)
        return 0

    def pass_through(self, fraction):
        """One step; returns the means of the batch."""
        canvas, qualities, failed = next(self.batches)
        for name, reason in failed:
            if name not in self.reported:
                self.reported.add(name)
                self.log("skipped", picture=name, reason=reason)
        canvas = torch.as_tensor(canvas).to(self.device, non_blocking=True).permute(0, 3, 1, 2).float() / 255 - 0.5
        qualities = torch.as_tensor(qualities).to(self.device, non_blocking=True)
        torch.set_float32_matmul_precision("high" if self.half else "highest")
        loss, *means = self.passes(canvas, qualities)
        loss.backward()
        torch.set_float32_matmul_precision("highest")
        self.optimiser.step(self.step, fraction)
        return torch.stack([loss.detach(), *means])

    def seconds(self):
        """Of training, those before a checkpoint among them."""
        return self.before + time.monotonic() - self.started

    def look(self):
        """The share that is done, and whether there is another step."""
        given = self.given
        share = min(1.0, self.step / given.steps if given.steps else self.seconds() / (60 * given.minutes))
        return share, share < 1

    def agree(self, logged, saved):
        """The same for all processes, and whether a line of the log and a checkpoint are due, as the first of them sees it."""
        now = time.monotonic()
        share, goes_on = self.look()
        due = [now - logged >= self.given.log_seconds, now - saved >= 60 * self.given.checkpoint_minutes]
        seen = torch.tensor([share, goes_on and not self.ended, *due], dtype=torch.float64)
        if self.world > 1:
            dist.broadcast(seen, 0, group=self.control)
        share, *flags = seen.tolist()
        return (share, *map(bool, flags))

    def summary(self, means):
        """The means of all processes. Raises Unfit where they are no numbers."""
        if self.world > 1:
            dist.all_reduce(means)
        loss, bits, error, score = (means / self.world).tolist()
        if not math.isfinite(loss):
            raise Unfit(f"Expected a finite loss by step {self.step} but received {loss}: lower --rate; checkpoints are of before")
        values = {"loss": loss, "bitsPerPixel": bits, "psnr": 10 * math.log10(255**2 / max(error, 1e-9))}
        return {**values, "ssimulacra2": score} if "ssimulacra2" in self.file.configuration else values

    def write_checkpoint(self):
        """All of a training but its pictures, in one file that appears whole."""
        if self.rank:
            return
        facts = {
            "step": self.step,
            "seconds": self.seconds(),
            "settings": {name: getattr(self.given, name) for name in SHAPING},
            "pictures": digest_of(self.pictures),
            "configuration": self.file.metadata["configuration"],
        }
        state = {name: tensor.cpu() for name, tensor in self.optimiser.state().items()}
        # As text, because PyTorch 1.13 reads no plain numbers where nothing but weights may be read.
        checkpoint = {"facts": json.dumps(facts), "state": state}
        torch.save(checkpoint, f"{self.checkpoint}.partial")
        os.replace(f"{self.checkpoint}.partial", self.checkpoint)
        self.log("checkpoint", step=self.step)

    def read_checkpoint(self):
        self.checkpoint = f"{self.given.out}.checkpoint"
        if not self.given.resume or not os.path.exists(self.checkpoint):
            return None
        try:
            saved = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
            saved.update(json.loads(saved["facts"]))
            same_model = saved["configuration"] == self.file.metadata["configuration"]
            same_pictures = saved["pictures"] == digest_of(self.pictures)
        except Exception as error:
            raise Unfit(f"Expected a checkpoint in {self.checkpoint} but cannot read it: {error}") from None
        if not (same_model and same_pictures):
            what = "pictures" if same_model else "model"
            raise Unfit(f"Expected the {what} of {self.checkpoint} but received another one")
        for name, value in saved["settings"].items():
            setattr(self.given, name, value)
        return saved

    def write(self, summary):
        """The model of averaged weights."""
        if self.rank:
            return
        given = self.given
        facts = {
            "name": given.name,
            "images": len(self.pictures),
            "steps": self.step,
            "seed": given.seed,
            "batch": given.batch,
            "crop": given.crop,
            "seconds": round(self.seconds()),
            **summary,
            "date": datetime.date.today().isoformat(),
            "licence": given.licence,
            "engine": f"PyTorch {torch.__version__}",
        }
        averages = {name: average.cpu().numpy() for name, average in zip(self.optimiser.names, self.optimiser.averages)}
        write_model(given.out, self.file, averages, facts)
        if os.path.exists(self.checkpoint):
            os.remove(self.checkpoint)
        self.log("end", step=self.step, seconds=round(self.seconds()), out=given.out)

    def log(self, event, **facts):
        if self.rank == 0:
            print(json.dumps({"time": datetime.datetime.now().isoformat(timespec="seconds"), "event": event, **facts}), flush=True)
