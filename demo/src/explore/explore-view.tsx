import type { InterpolationMode } from "isthmus";
import { formatDuration } from "../format.js";
import { complain } from "../notices.js";
import { Choices } from "../parts/choices.js";
import { Pixels } from "../parts/pixels.js";
import { Slider } from "../parts/slider.js";
import {
  choose,
  drawOthers,
  ends,
  explorable,
  explore,
  finish,
  isTraining,
  knobValues,
  learnDigits,
  mode,
  path,
  pathSteps,
  position,
  progress,
  resetKnobs,
  samples,
  space,
  turned,
  turnKnob,
  walk,
} from "./exploring.js";

const modes: readonly { value: InterpolationMode; label: string }[] = [
  { value: "spherical", label: "Along the arc" },
  { value: "linear", label: "Straight" },
];

export function ExploreView() {
  return (
    <div class="explore">
      <Learn />
      {samples.value.length > 0 && <Samples />}
      {space.value && !isTraining.value && (
        <>
          <Path />
          <Knobs />
        </>
      )}
    </div>
  );
}

function Learn() {
  const { step = 0, steps = 0, secondsLeft = 0 } = progress.value ?? {};
  const models = explorable.value;
  if (isTraining.value) {
    return (
      <section class="card" aria-label="Training">
        <div class="row spread">
          <p class="lead" role="status">
            Learning to write digits…
          </p>
          <p class="figures">{step > 0 && `${formatDuration(secondsLeft)} left`}</p>
        </div>
        <progress value={steps > 0 ? step / steps : undefined} aria-label="Training" />
        <div class="row">
          <button type="button" class="button" disabled={step === 0} onClick={finish}>
            That will do
          </button>
        </div>
      </section>
    );
  }
  return (
    <section class="card" aria-label="The model">
      {space.value ? (
        <p class="lead">
          {space.value.name}: every picture is {space.value.latents.model.latents} numbers
        </p>
      ) : (
        <p class="lead">
          A variational autoencoder learns pictures such that any point of its space is one. Watch it learn to write
          digits from 4,000 that this page draws: a minute will do.
        </p>
      )}
      <div class="row">
        <button type="button" class={space.value ? "button" : "button primary"} onClick={() => void learnDigits()}>
          {space.value ? "Learn digits anew" : "Learn to write digits"}
        </button>
        {models.map(({ name, bytes, report }) => (
          <button
            key={report.id}
            type="button"
            class="button"
            aria-pressed={space.value?.latents.model.id === report.id}
            onClick={() => void explore(bytes, name).catch(complain)}
          >
            {name}
          </button>
        ))}
      </div>
      <p class="hint">
        Models trained elsewhere with the preset &ldquo;variational&rdquo; can be dropped here as .isthm files.
      </p>
    </section>
  );
}

function Samples() {
  const canChoose = space.value !== undefined && !isTraining.value;
  return (
    <section class="card" aria-label="Samples">
      <div class="row spread">
        <h2>{canChoose ? "Pictures that never were: choose two" : "What it imagines so far"}</h2>
        {canChoose && (
          <button type="button" class="button small" onClick={() => void drawOthers().catch(complain)}>
            Draw others
          </button>
        )}
      </div>
      <ul class="samples">
        {samples.value.map((image, i) => (
          <li key={i}>
            <button
              type="button"
              disabled={!canChoose}
              aria-label={`Sample ${i + 1}`}
              aria-pressed={canChoose && ends.value.includes(i)}
              onClick={() => void choose(i)}
            >
              <Pixels image={image} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Path() {
  const images = path.value;
  const at = Math.round((position.value / 100) * (pathSteps - 1));
  const few = images.filter((_, i) => i % 2 === 0);
  return (
    <section class="card pair" aria-label="Between two pictures">
      <div class="large-picture">{images[at] && <Pixels image={images[at]} label="The picture on the way" />}</div>
      <div class="beside">
        <h2>Between the two</h2>
        <Slider
          label="On the way"
          min={0}
          max={100}
          value={position.value}
          shown={`${position.value} %`}
          onInput={(value) => {
            position.value = value;
          }}
        />
        <div class="strip" aria-hidden="true">
          {few.map((image, i) => (
            <Pixels key={i} image={image} />
          ))}
        </div>
        <Choices
          legend="Way"
          choices={modes}
          value={mode.value}
          onChange={(value) => {
            mode.value = value;
            void walk();
          }}
        />
      </div>
    </section>
  );
}

function Knobs() {
  return (
    <section class="card pair" aria-label="Latents">
      <div class="large-picture">
        {turned.value && <Pixels image={turned.value} label="The picture of these latents" />}
      </div>
      <div class="beside">
        <div class="row spread">
          <h2>What each number does</h2>
          <button type="button" class="button small" onClick={resetKnobs}>
            To the middle
          </button>
        </div>
        <ul class="knobs">
          {space.value!.knobs.map(({ latent, images }, i) => (
            <li key={latent}>
              <Slider
                label={`Latent ${i + 1}`}
                min={-3}
                max={3}
                step={0.05}
                value={knobValues.value[latent] ?? 0}
                shown={(knobValues.value[latent] ?? 0).toFixed(1).replace("-", "−")}
                onInput={(value) => turnKnob(latent, value)}
              />
              <div class="strip" aria-hidden="true">
                {images.map((image, step) => (
                  <Pixels key={step} image={image} />
                ))}
              </div>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
