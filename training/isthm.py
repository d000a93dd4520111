"""Model files as plain safetensors: twin of src/ground/safetensors.ts and storage.ts (docs/FORMAT.md, "safetensors", "Tensors")."""

import json
import os
import struct
from dataclasses import dataclass

import numpy as np

ELEMENTS = {"F32": "<f4", "I32": "<i4", "F16": "<f2", "I16": "<i2", "U16": "<u2", "I8": "i1", "U8": "u1"}
CODED = b"\xcaISM"
SCALE = ".scale"
# What training leaves alone: the coding tables, and what the coder of planes starts from.
KEPT = ("tables.", "plane.")


class Unfit(Exception):
    """What a person can mend; its text is all that they are told."""


@dataclass
class ModelFile:
    metadata: dict  # text by key
    tensors: dict  # numpy array by name, as stored

    @property
    def configuration(self):
        return json.loads(self.metadata["configuration"])

    def weights(self):
        """The values of every trained tensor, float32, by name."""
        weights = {}
        for name, stored in self.tensors.items():
            if name.startswith(KEPT) or name.endswith(SCALE):
                continue
            values = stored.astype(np.float32)
            weights[name] = values * self.tensors[name + SCALE] if name + SCALE in self.tensors else values
        return weights


def read_safetensors(path):
    """Metadata and tensors of a safetensors file. Raises Unfit."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == CODED:
        plain = f"npx isthmus export --safetensors {path} -o plain.isthm"
        raise Unfit(f"Expected a plain safetensors file for {path} but received a coded one: {plain}")
    try:
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        tensors = {}
        for name, claim in header.items():
            begin, end = (8 + length + offset for offset in claim["data_offsets"])
            tensors[name] = np.frombuffer(data[begin:end], ELEMENTS[claim["dtype"]]).reshape(claim["shape"])
    except (ValueError, KeyError, TypeError, AttributeError, struct.error):
        raise Unfit(f"Expected a safetensors file for {path} but received something else, or a part of one") from None
    return metadata, tensors


def write_safetensors(path, metadata, tensors):
    """Wide elements first, then by name, as src/ground/safetensors.ts does. The file appears whole or not at all."""
    names = {np.dtype(element): name for name, element in ELEMENTS.items()}
    header = {"__metadata__": dict(sorted(metadata.items()))} if metadata else {}
    pieces, offset = [], 0
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
        piece = np.ascontiguousarray(array).tobytes()
        claim = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [offset, offset + len(piece)]}
        header[name] = claim
        offset += len(piece)
        pieces.append(piece)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.partial", "wb") as file:
        file.writelines([struct.pack("<Q", len(text)), text, *pieces])
    os.replace(f"{path}.partial", path)


def read_model(path):
    """A whole photo model that codes. Raises Unfit for anything else."""
    if not os.path.isfile(path):
        raise Unfit(f"Expected a model for --from but found no file {path}")
    metadata, tensors = read_safetensors(path)
    if metadata.get("format") != "isthmus-model" or metadata.get("version") != "0":
        raise Unfit(f"Expected an Isthmus model of version 0 for {path} but received another safetensors file")
    if metadata.get("part") != "all":
        raise Unfit(f"Expected a whole model for {path} but received the receiver's half of one")
    file = ModelFile(metadata, tensors)
    c = file.configuration
    described = f"preset {c['preset']}" + (" that restores" if "restoration" in c else "")
    is_photo = c["preset"] == "photo" and c["prior"]["kind"] == "context" and c["channels"] in (1, 3)
    if not is_photo or c["analysis"]["hidden"] or c["synthesis"]["hidden"]:
        raise Unfit(f"Expected a model of preset photo that codes pictures for {path} but received one of {described}")
    return file


def write_model(path, file, weights, training):
    """
    The model with other weights (float32 arrays by name), whose rounding is left to whoever finishes it, and with the tables that it had.
    """
    kept = {name: tensor for name, tensor in file.tensors.items() if name.startswith(KEPT)}
    floats = {name: np.asarray(values, "<f4") for name, values in weights.items()}
    metadata = {**file.metadata, "training": json.dumps(training, separators=(",", ":"))}
    write_safetensors(path, metadata, {**kept, **floats})
