import { crc32 } from "../../src/ground/crc.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../../src/ground/safetensors.js";
import { finish } from "../../src/ground/steps.js";
import { headBytes, magic } from "../../src/models/coded-file.js";
import { kinshipBytes } from "../../src/models/difference.js";
import { encodeFile } from "../../src/models/encode-file.js";
import { Model } from "../../src/models/model.js";
import type { Dice } from "./dice.js";
import { mutateBytes } from "./mutate-bytes.js";

/** A model beside a parent, as a difference that claims something else, or whose bits do; most often under a checksum that is right. */
export function mutateDifference(parent: Model, dice: Dice): Uint8Array {
  const { tensors, metadata } = readSafetensors(parent.safetensors());
  const before = parent.tensorsOf(parent.part);
  const isGood = dice.chance(0.2);
  if (isGood) changeGently(tensors, dice);
  for (let count = dice.below(4); count > 0 && !isGood; count--) changeOne(tensors, dice);
  const kinship = {
    id: !isGood && dice.chance(0.1) ? parent.id : (idOf(tensors, metadata) ?? hex(dice)),
    parent: isGood || dice.chance(0.9) ? parent.id : hex(dice),
    part: parent.part,
  };
  const written = finish(encodeFile({ tensors, metadata }, { ...kinship, tensors: before }));
  if (isGood) return written;
  const head = headBytes + kinshipBytes;
  const file = dice.chance(0.6) ? mutateBytes(written, dice) : written;
  if (dice.chance(0.2)) file[headBytes + dice.below(kinshipBytes)] = dice.below(256);
  if (file.length >= head && dice.chance(0.9)) {
    new DataView(file.buffer, file.byteOffset).setUint32(
      magic.length + 1,
      crc32(file.subarray(magic.length + 5)),
      true,
    );
  }
  return file;
}

/** The id of a model with these tensors, where it is one. */
function idOf(tensors: Map<string, Tensor>, metadata: Record<string, string>): string | undefined {
  try {
    return Model.read(writeSafetensors({ tensors, metadata })).id;
  } catch {
    return undefined;
  }
}

const hex = (dice: Dice): string => Buffer.from(dice.bytes(8)).toString("hex");

/** Another weight, which is finite where it was. */
function changeGently(tensors: Map<string, Tensor>, dice: Dice): void {
  const name = dice.pick([...tensors.keys()].filter((name) => name.startsWith("synthesis.")));
  const tensor = tensors.get(name)!;
  const data = tensor.data.slice();
  data[0] ^= 1 + dice.below(255);
  tensors.set(name, { ...tensor, data });
}

function changeOne(tensors: Map<string, Tensor>, dice: Dice): void {
  const name = dice.pick([...tensors.keys()]);
  const tensor = tensors.get(name)!;
  const what = dice.below(4);
  if (what === 0) tensors.delete(name);
  else if (what === 1) tensors.set(`${dice.pick(["tables.", "plane.", ""])}${name}`, tensor);
  else {
    const data = tensor.data.slice();
    for (let count = 1 + dice.length(data.length); count > 0; count--) data[dice.below(data.length)] = dice.below(256);
    tensors.set(name, { ...tensor, data });
  }
}
