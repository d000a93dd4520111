import type { Stretch } from "../models/prior.js";

type Columns = Pick<Stretch, "first" | "channels">;
type Values = Int32Array | Uint8Array;

/** Drops the channels that are not coded out of the values of a stretch, and puts zeros in their place again. */
export class ChannelPicker {
  private readonly columns = new Map<number, Int32Array>();

  /** `mask`: 1 for each channel that is coded. */
  constructor(private readonly mask: Uint8Array) {}

  /** How many values of a stretch belong to coded channels. */
  count(stretch: Columns & Pick<Stretch, "count">): number {
    return (stretch.count / stretch.channels) * this.columnsOf(stretch).length;
  }

  /** The values of coded channels, one after another, to `output`, which may be `values`; returns how many they are. */
  pick(values: Values, stretch: Columns, output: Values): number {
    const columns = this.columnsOf(stretch);
    let count = 0;
    for (let row = 0; row < values.length; row += stretch.channels) {
      for (const column of columns) output[count++] = values[row + column];
    }
    return count;
  }

  /** The inverse of `pick`: rows of all channels, 0 in those that are not coded. */
  spread(picked: Values, stretch: Columns, output: Values): void {
    const columns = this.columnsOf(stretch);
    output.fill(0);
    let next = 0;
    for (let row = 0; row < output.length; row += stretch.channels) {
      for (const column of columns) output[row + column] = picked[next++];
    }
  }

  /** Positions of the coded channels within a row of the stretch. */
  private columnsOf({ first, channels }: Columns): Int32Array {
    let columns = this.columns.get(first);
    if (!columns) {
      columns = Int32Array.from({ length: channels }, (_, c) => c).filter((c) => this.mask[first + c] !== 0);
      this.columns.set(first, columns);
    }
    return columns;
  }
}
