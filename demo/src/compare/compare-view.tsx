import { useSignal } from "@preact/signals";
import { formatBytes, formatCount } from "../format.js";
import { complain } from "../notices.js";
import { openFiles } from "../open-files.js";
import { Choices } from "../parts/choices.js";
import { FileButton } from "../parts/file-button.js";
import { type Sample, samples } from "../pictures/samples.js";
import { rivalIds } from "../workers/rivals.js";
import { imageOf, left, opened, outcomes, picture, right, type Side, show, showPicture } from "./comparison.js";
import { Controls } from "./controls.js";
import { PaintButtons } from "./paint-buttons.js";
import { nameOf, Results } from "./results.js";
import { Viewer } from "./viewer.js";

export async function openSample(sample: Sample): Promise<void> {
  try {
    showPicture(await sample.open());
  } catch (error) {
    complain(error);
  }
}

const labelOf = (side: Side): string => {
  if (side === "original") return "Original";
  const bytes = outcomes.value[side]?.result?.bytes.length;
  return bytes === undefined ? nameOf(side) : `${nameOf(side)} · ${formatBytes(bytes)}`;
};

export function CompareView() {
  const sides: readonly Side[] = opened.value ? ["isthmus"] : ["original", "isthmus", ...rivalIds];
  const choices = sides.map((side) => ({ value: side, label: side === "original" ? "Original" : nameOf(side) }));
  const shown = picture.value?.image ?? opened.value?.result.image;
  const isWaiting = useSignal(false);
  const viewed = (side: Side) => ({ label: labelOf(side), image: imageOf(side) });
  return (
    <div class="compare">
      <div class="sources">
        <FileButton class="button primary" accept="image/*,.isth,.isthm" onFiles={(files) => void openFiles(files)}>
          Open a picture
        </FileButton>
        <span class="or">or drop or paste one, or try</span>
        {samples.map((sample) => (
          <button
            key={sample.id}
            type="button"
            class="button"
            disabled={isWaiting.value}
            aria-pressed={picture.value?.name === sample.name}
            onClick={async () => {
              isWaiting.value = true;
              await openSample(sample);
              isWaiting.value = false;
            }}
          >
            {sample.name}
          </button>
        ))}
      </div>
      <div class="bench">
        <div class="viewing">
          <Viewer left={viewed(left.value)} right={viewed(right.value)} canPaint={picture.value !== undefined}>
            {!shown && <p class="empty">Opening…</p>}
          </Viewer>
          <div class="sides">
            <Choices legend="Left" choices={choices} value={left.value} onChange={(side) => show("left", side)} />
            <Choices legend="Right" choices={choices} value={right.value} onChange={(side) => show("right", side)} />
          </div>
          <PaintButtons size={picture.value?.image} />
          <p class="caption">
            {shown &&
              `${picture.value?.name ?? opened.value?.name}, ${formatCount(shown.width)} × ${formatCount(shown.height)}. `}
            {picture.value?.note}
            {opened.value && "A stream by itself: there is no original to compare it with."}
          </p>
        </div>
        <Controls />
      </div>
      <Results />
      <p class="hint below">
        All of them run as WebAssembly in workers of this page, one thread each. JPEG is MozJPEG, WebP libwebp, AVIF
        libaom; they are loaded when they are first compared. SSIMULACRA 2 judges as people do, PSNR and SSIM judge
        pixels.
      </p>
    </div>
  );
}
