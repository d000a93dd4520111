import { expect, test } from "vitest";
import { createDecoder } from "../../src/codec/create-decoder.js";
import { goldenModel, readGolden } from "../vectors/golden-files.js";
import { damageEverywhere, integrityStreams } from "./integrity.js";

/** `npm run bench:integrity` prints the counts. */
test.each(integrityStreams)(
  "the stream $name is refused with any bit flipped and cut to any length",
  async ({ name, model }) => {
    const stream = readGolden(`${name}.isth`);
    const { flips, cuts, forgeries } = await damageEverywhere(await createDecoder(goldenModel(model)), stream);
    expect(flips).toEqual({ refused: stream.length * 8, unharmed: 0, wrong: 0 });
    expect(cuts).toEqual({ refused: stream.length, unharmed: 0, wrong: 0 });
    // A forger may do as he likes within the format; most of what he does is refused all the same.
    expect(forgeries.refused).toBeGreaterThan(forgeries.unharmed + forgeries.wrong);
  },
);
