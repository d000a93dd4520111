import type { TrainProgress } from "isthmus";
import { encoderOf } from "../coding.js";
import { download } from "../download.js";
import { formatBytes, formatCount, formatDuration, formatPercent } from "../format.js";
import { complain } from "../notices.js";
import { Choices } from "../parts/choices.js";
import { FileButton } from "../parts/file-button.js";
import { Pixels } from "../parts/pixels.js";
import { view } from "../view.js";
import { rivals } from "../workers/rivals.js";
import {
  addImages,
  discardKept,
  finish,
  goOn,
  history,
  isFinishing,
  kept,
  options,
  phase,
  pictures,
  previews,
  progress,
  reading,
  start,
  startOver,
  takeDrawnSet,
  trained,
  useModel,
  verdicts,
} from "./training.js";
import { split } from "./training-set.js";
import { Trend } from "./trend.js";

const minutes = ["1", "3", "10", "30"] as const;
const mostThumbnails = 24;

export function TrainView() {
  return (
    <div class="train">
      {phase.value === "choosing" && kept.value && <Kept />}
      {phase.value === "choosing" && <Choosing />}
      {phase.value === "training" && <Running />}
      {(phase.value === "judging" || phase.value === "done") && <Outcome />}
    </div>
  );
}

function Kept() {
  const { name, step, steps, model } = kept.value!;
  return (
    <section class="card kept" aria-label="From an earlier visit">
      <p>
        {model
          ? `A model trained on an earlier visit (${name}) is kept in this browser.`
          : `A training (${name}) stopped at step ${formatCount(step)} of ${formatCount(steps)} when this page was closed. It can go on from there.`}
      </p>
      <div class="row">
        <button type="button" class="button primary" onClick={() => void goOn()}>
          {model ? "Open it" : "Go on"}
        </button>
        <button type="button" class="button" onClick={() => void discardKept()}>
          Discard it
        </button>
      </div>
    </section>
  );
}

function Choosing() {
  const count = pictures.value.length;
  const { heldBack } = split(pictures.value);
  return (
    <>
      <section class="card drop-zone" aria-label="Pictures to train on">
        {count === 0 ? (
          <p class="lead">Drop a folder here. A hundred pictures are a good start, ten will do for a look.</p>
        ) : (
          <>
            <p class="lead">
              {formatCount(count)} {count === 1 ? "picture" : "pictures"}
              {count >= 4
                ? `, ${heldBack.length} of them held back to judge by`
                : ": too few to hold any back, so the result will flatter"}
            </p>
            <Thumbnails />
          </>
        )}
        <div class="row">
          <FileButton
            folder
            class={count === 0 ? "button primary" : "button"}
            onFiles={(files) => void addImages(files)}
          >
            Choose a folder
          </FileButton>
          <FileButton multiple accept="image/*" onFiles={(files) => void addImages(files)}>
            Choose pictures
          </FileButton>
          <button type="button" class="button" onClick={takeDrawnSet}>
            Take 120 drawn coasts
          </button>
          {count > 0 && (
            <button
              type="button"
              class="button quiet"
              onClick={() => {
                pictures.value = [];
              }}
            >
              Clear
            </button>
          )}
        </div>
        {reading.value !== undefined && <progress value={reading.value} aria-label="Reading pictures" />}
      </section>
      <section class="card settings" aria-label="How to train">
        <Choices
          legend="Time"
          choices={minutes.map((value) => ({ value, label: `${value} min` }))}
          value={String(options.minutes.value) as (typeof minutes)[number]}
          onChange={(value) => {
            options.minutes.value = Number(value);
          }}
        />
        <Choices
          legend="Start from"
          choices={[
            { value: "photos", label: "The photo model" },
            { value: "nothing", label: "Nothing" },
          ]}
          value={options.fromDefault.value ? "photos" : "nothing"}
          onChange={(value) => {
            options.fromDefault.value = value === "photos";
          }}
        />
        <p class="hint">
          You can stop at any time and keep what has been learnt. If the tab is closed, training can go on from its last
          checkpoint.
        </p>
        <button
          type="button"
          class="button primary large"
          disabled={count === 0 || reading.value !== undefined}
          onClick={() => void start()}
        >
          Train
        </button>
      </section>
    </>
  );
}

function Thumbnails() {
  const shown = pictures.value.slice(0, mostThumbnails);
  return (
    <ul class="thumbnails" aria-label="The first pictures">
      {shown.map(({ name, image }, i) => (
        <li key={i}>
          <Pixels image={image} label={name} />
        </li>
      ))}
    </ul>
  );
}

/** By what the model is trained for. */
function Likeness({ values }: { values: readonly TrainProgress[] }) {
  const scores = values.map(({ ssimulacra2 }) => ssimulacra2).filter((score) => score !== undefined);
  return scores.length > 0 ? (
    <Trend label="Likeness" unit="SSIMULACRA 2" values={scores} digits={1} />
  ) : (
    <Trend label="Likeness" unit="dB" values={values.map(({ psnr }) => psnr)} digits={2} />
  );
}

function Running() {
  const { phase: step, step: done = 0, steps = 0, secondsLeft = 0 } = progress.value ?? {};
  const values = history.value;
  const fraction = steps > 0 ? done / steps : undefined;
  return (
    <>
      <section class="card" aria-label="Training">
        <div class="row spread">
          <p class="lead" role="status">
            {isFinishing.value || step === "finish"
              ? "Making the model…"
              : done === 0
                ? "Looking at your pictures…"
                : "Training"}
          </p>
          <p class="figures">
            {done > 0 && `step ${formatCount(done)} of ${formatCount(steps)}, ${formatDuration(secondsLeft)} left`}
          </p>
        </div>
        <progress value={fraction} aria-label="Training" />
        <div class="trends">
          <Trend label="Loss" unit="" values={values.map(({ loss }) => loss)} digits={3} />
          <Trend label="Rate" unit="bits a pixel" values={values.map(({ bitsPerPixel }) => bitsPerPixel)} digits={3} />
          <Likeness values={values} />
        </div>
        <div class="row">
          <button type="button" class="button primary" disabled={isFinishing.value || done === 0} onClick={finish}>
            Stop and keep the model
          </button>
          <button type="button" class="button" onClick={() => void startOver()}>
            Discard
          </button>
        </div>
      </section>
      <Previews caption="Pictures that it does not train on, coded with what it knows so far" />
    </>
  );
}

function Previews({ caption }: { caption: string }) {
  return (
    <section class="card" aria-label="Reconstructions">
      <h2>{caption}</h2>
      <ul class="previews">
        {previews.value.map(({ original, image, bytes }, i) => (
          <li key={i}>
            <Pixels image={original} label={`Original ${i + 1}`} />
            {image ? (
              <Pixels image={image} label={`Reconstruction ${i + 1}`} />
            ) : (
              <div class="pending">in a moment</div>
            )}
            <p>
              <span>original</span>
              <span>{bytes === undefined ? "" : formatBytes(bytes)}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outcome() {
  const model = trained.value!;
  const [first, ...others] = verdicts.value;
  const facts = model.report.training;
  const downloadReceiver = async () => {
    try {
      download((await encoderOf(model)).model.receiver(), "my-receiver.isthm");
    } catch (error) {
      complain(error);
    }
  };
  return (
    <>
      <section class="card outcome" aria-label="What came out">
        <p class="verdict" role="status">
          {first ? (
            first.percent === undefined ? (
              `No common range of quality with ${rivals[first.rival].name} to compare in.`
            ) : (
              <>
                Your images: <strong>{formatPercent(first.percent)}</strong> against {rivals[first.rival].name}
              </>
            )
          ) : (
            "Comparing with WebP on the pictures held back…"
          )}
        </p>
        <p class="hint">
          {others.map(({ rival, percent }) => (
            <span key={rival}>
              {percent === undefined ? "no common range" : formatPercent(percent)} against {rivals[rival].name}.{" "}
            </span>
          ))}
          {phase.value === "judging" && first && "Comparing with the others… "}
          Bytes at equal {first?.metric ?? "likeness"} (BD-rate) on pictures that were held back; below zero, Isthmus
          needs fewer. The model counts {formatBytes(model.bytes.length)} once.
        </p>
        <div class="row">
          <button
            type="button"
            class="button primary"
            onClick={() => {
              useModel();
              view.value = "compare";
            }}
          >
            Use it now
          </button>
          <button type="button" class="button" onClick={() => download(model.bytes, "my.isthm")}>
            Download the model
          </button>
          <button type="button" class="button" onClick={() => void downloadReceiver()}>
            Download the receiver&rsquo;s half
          </button>
          <button type="button" class="button quiet" onClick={() => void startOver()}>
            Start over
          </button>
        </div>
        {facts && (
          <p class="hint">
            Model {model.report.id}: {formatCount(facts.images)} pictures, {formatCount(facts.steps)} steps,{" "}
            {formatDuration(facts.seconds)}.
          </p>
        )}
      </section>
      <Previews caption="Pictures that it has not seen, coded with your model" />
    </>
  );
}
