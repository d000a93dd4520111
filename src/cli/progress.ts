import { printable } from "./printable.js";

const barLength = 24;
const millisecondsBetweenUpdates = 100;

/** A progress bar on standard error that is drawn over itself; does nothing where it is not enabled. */
export class Progress {
  private shown = false;
  private last = 0;

  constructor(readonly enabled: boolean) {}

  /** `fraction` 0..1 of the whole. */
  update(fraction: number, text: string): void {
    const now = performance.now();
    if (!this.enabled || (this.shown && now - this.last < millisecondsBetweenUpdates)) return;
    const filled = Math.round(Math.min(1, Math.max(0, fraction)) * barLength);
    const bar = "#".repeat(filled) + "-".repeat(barLength - filled);
    const line = `[${bar}] ${printable(text)}`.slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r${line}\x1b[K`);
    this.shown = true;
    this.last = now;
  }

  clear(): void {
    if (this.shown) process.stderr.write("\r\x1b[K");
    this.shown = false;
  }
}
