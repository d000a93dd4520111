import { chosenModel, ownModels } from "../models.js";
import { Choices } from "../parts/choices.js";
import { Slider } from "../parts/slider.js";
import { type Mode, opened, settings } from "./comparison.js";

const modes: readonly { value: Mode; label: string }[] = [
  { value: "bytes", label: "Same bytes" },
  { value: "score", label: "Same score" },
  { value: "psnr", label: "Same PSNR" },
  { value: "own", label: "Own" },
];

const explanations: Readonly<Record<Mode, string>> = {
  bytes: "The others get the bytes of Isthmus: look for the better picture.",
  score: "The others get the SSIMULACRA 2 of Isthmus, what people see: look for the smaller file.",
  psnr: "The others get the PSNR of Isthmus: look for the smaller file.",
  own: "The others work at a quality of their own.",
};

/** Quality, effort, model, and what the rivals are held to. */
export function Controls() {
  const { quality, effort, mode, rivalQuality } = settings;
  const isStream = opened.value !== undefined;
  return (
    <div class="controls">
      <label class="field">
        <span>Model</span>
        <select
          value={chosenModel.value ?? ""}
          disabled={isStream}
          onChange={(event) => {
            chosenModel.value = event.currentTarget.value || undefined;
          }}
        >
          <option value="">Photos (built in)</option>
          {ownModels.value.map(({ name, report }) => (
            <option key={report.id} value={report.id} disabled={report.part === "receiver"}>
              {name}
              {report.part === "receiver" ? " (decodes only)" : ""}
            </option>
          ))}
        </select>
      </label>
      <Slider
        label="Quality"
        min={0}
        max={100}
        value={quality.value}
        disabled={isStream}
        onInput={(value) => {
          quality.value = value;
        }}
      />
      <Slider
        label="Effort"
        hint="More takes longer and gives fewer bytes; decoding stays as fast."
        min={0}
        max={9}
        value={effort.value}
        disabled={isStream}
        onInput={(value) => {
          effort.value = value;
        }}
      />
      <Choices
        legend="Hold the others to"
        choices={modes}
        value={mode.value}
        onChange={(value) => {
          mode.value = value;
        }}
      />
      <p class="hint">{explanations[mode.value]}</p>
      {mode.value === "own" && (
        <Slider
          label="Quality of the others"
          min={1}
          max={100}
          value={rivalQuality.value}
          onInput={(value) => {
            rivalQuality.value = value;
          }}
        />
      )}
    </div>
  );
}
