import { isPainting, middleOf, painting } from "./painting.js";

/** Turns the brush on and off, and what there is to do with it. */
export function PaintButtons({ size }: { size: { readonly width: number; readonly height: number } }) {
  return (
    <div class="paint-buttons">
      <button
        type="button"
        class="button small"
        aria-pressed={isPainting.value}
        onClick={() => {
          isPainting.value = !isPainting.value;
        }}
      >
        Paint what matters
      </button>
      {isPainting.value && (
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
      {painting.value && (
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
      {isPainting.value && (
        <span class="hint">Isthmus spends about the same bytes, but keeps what is painted better than the rest.</span>
      )}
    </div>
  );
}
