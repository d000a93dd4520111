import { isPainting, middleOf, painting } from "./painting.js";

/** Turns the brush on and off, and what there is to do with it. */
export function PaintButtons({ size }: { size: { readonly width: number; readonly height: number } | undefined }) {
  return (
    <div class="paint-buttons">
      <button
        type="button"
        class="button small"
        aria-pressed={isPainting.value}
        disabled={!size}
        onClick={() => {
          isPainting.value = !isPainting.value;
        }}
      >
        Paint what matters
      </button>
      {size && isPainting.value && (
        <button
          type="button"
          class="button small quiet"
          onClick={() => {
            painting.value = middleOf(size);
          }}
        >
          The middle
        </button>
      )}
      {size && painting.value && (
        <button
          type="button"
          class="button small quiet"
          onClick={() => {
            painting.value = undefined;
          }}
        >
          Clear
        </button>
      )}
      {size && isPainting.value && (
        <span class="hint">Isthmus spends about the same bytes, but keeps what is painted better than the rest.</span>
      )}
    </div>
  );
}
