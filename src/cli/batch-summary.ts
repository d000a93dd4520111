import { bytesText } from "./format.js";
import type { Report } from "./report.js";

/** What a batch did, told at its end: how much went in and came out, and what the inputs held that the outputs do not. */
export class BatchSummary {
  private files = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private skipped = 0;
  private readonly converted = new Map<string, number>();
  private readonly leftOut = new Map<string, number>();

  /** `result` is what the outputs are, `leftOutHint` how what is left out would be kept. */
  constructor(
    private readonly result: string,
    private readonly leftOutHint = "",
  ) {}

  done(bytesIn: number, bytesOut: number): void {
    this.files++;
    this.bytesIn += bytesIn;
    this.bytesOut += bytesOut;
  }

  skip(): void {
    this.skipped++;
  }

  /** Kinds of files that one was converted from, as `onConvert` tells them. */
  convert(kinds: readonly string[]): void {
    count(
      this.converted,
      kinds.map((kind) => kind.replace(/^\d+ frames$/, "several frames").replace(/^(faults) .*/, "$1")),
    );
  }

  /** What one file held and its output does not. */
  leaveOut(blocks: readonly string[]): void {
    count(this.leftOut, blocks);
  }

  /** `inputs`: how many there were. */
  tell(report: Report, inputs: number): void {
    if (this.converted.size > 0) report.remark(`${listed(this.converted)}: brought to ${this.result}`);
    if (this.leftOut.size > 0) report.remark(`left out: ${listed(this.leftOut)}${this.leftOutHint}`);
    if (inputs < 2) return;
    const saved =
      this.bytesIn > this.bytesOut ? `, ${(100 * (1 - this.bytesOut / this.bytesIn)).toFixed(1)} % saved` : "";
    const skipped = this.skipped > 0 ? `; ${this.skipped} skipped` : "";
    report.remark(
      `${this.files} ${this.files === 1 ? "file" : "files"}, ${bytesText(this.bytesIn)} in, ${bytesText(this.bytesOut)} out${saved}${skipped}`,
    );
  }
}

function count(counts: Map<string, number>, kinds: readonly string[]): void {
  for (const kind of new Set(kinds)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** "16 bits (3 files), CMYK (1 file)" */
export const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([kind, files]) => `${kind} (${files} ${files === 1 ? "file" : "files"})`).join(", ");
