import type { Stretch } from "../models/prior.js";

type Columns = Pick<Stretch, "first" | "channels">;
type Values = Int32Array | Uint8Array;

/** Drops the channels that are not coded out of the values of a stretch, and puts zeros in their place again. */
export interface ChannelPicker {
  /** How many values of a stretch belong to coded channels. */
  count(stretch: Columns & Pick<Stretch, "count">): number;
  /** The values of coded channels, one after another, to `output`. */
  pick(values: Values, stretch: Columns, output: Values): void;
  /** The inverse of `pick`: rows of all channels, 0 in those that are not coded. */
  spread(picked: Values, stretch: Columns, output: Values): void;
}

/** `mask`: 1 for each channel that is coded. */
export function channelPicker(mask: Uint8Array): ChannelPicker {
  const known = new Map<number, number[]>();
  /** Positions of the coded channels within a row of the stretch. */
  const columnsOf = ({ first, channels }: Columns): number[] => {
    const columns = known.get(first) ?? [...Array(channels).keys()].filter((c) => mask[first + c]);
    known.set(first, columns);
    return columns;
  };
  return {
    count: (stretch) => (stretch.count / stretch.channels) * columnsOf(stretch).length,
    pick(values, stretch, output) {
      const columns = columnsOf(stretch);
      let next = 0;
      for (let row = 0; row < values.length; row += stretch.channels) {
        for (const column of columns) output[next++] = values[row + column];
      }
    },
    spread(picked, stretch, output) {
      const columns = columnsOf(stretch);
      let next = 0;
      output.fill(0);
      for (let row = 0; row < output.length; row += stretch.channels) {
        for (const column of columns) output[row + column] = picked[next++];
      }
    },
  };
}
