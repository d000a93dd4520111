import { createHash } from "node:crypto";
import { unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { IsthmusError } from "../ground/errors.js";
import { checkWritable, writeBytes } from "../node/output-file.js";
import { messageOf } from "./exit.js";
import type { Report } from "./report.js";

const extension = ".checkpoint";
/** Bytes of the longest name that file systems take. */
const longestName = 255;

/** `model.isthm.checkpoint`; a digest takes the place of a name that would be too long. */
export function checkpointPath(model: string): string {
  if (Buffer.byteLength(basename(model) + extension) <= longestName) return model + extension;
  const digest = createHash("sha256").update(basename(model)).digest("hex").slice(0, 32);
  return join(dirname(model), digest + extension);
}

/** The checkpoint beside the model: written while training, removed at its end. */
export class CheckpointFile {
  written = false;
  readonly path: string;

  /** `model`: the path of the model. */
  constructor(
    model: string,
    private readonly report: Report,
  ) {
    this.path = checkpointPath(model);
  }

  /** An unfinished training must not be lost to a repeated command. */
  async checkFree(force: boolean): Promise<void> {
    try {
      await checkWritable(this.path, force);
    } catch (error) {
      if (!(error instanceof IsthmusError && error.code === "output-exists")) throw error;
      const message = `Expected no unfinished training at ${this.path}: add --resume to go on from it, or -f to start over`;
      throw new IsthmusError("output-exists", message);
    }
  }

  /** A checkpoint that cannot be written must not end the training. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await writeBytes(this.path, bytes);
      this.written = true;
    } catch (error) {
      this.report.warning(`no checkpoint: ${messageOf(error)}`);
    }
  }

  async remove(): Promise<void> {
    this.written = false;
    await unlink(this.path).catch(() => {});
  }
}
