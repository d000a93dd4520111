import { useId } from "preact/hooks";

/** A labelled range with its value beside it and a word on what it does beneath. */
export function Slider(props: {
  label: string;
  hint?: string;
  min: number;
  max: number;
  step?: number;
  value: number;
  shown?: string;
  disabled?: boolean;
  onInput: (value: number) => void;
}) {
  const id = useId();
  return (
    <div class="slider">
      <label for={id}>{props.label}</label>
      <output for={id}>{props.shown ?? props.value}</output>
      <input
        id={id}
        type="range"
        min={props.min}
        max={props.max}
        step={props.step ?? 1}
        value={props.value}
        disabled={props.disabled}
        aria-describedby={props.hint && `${id}-hint`}
        onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
      />
      {props.hint && (
        <p id={`${id}-hint`} class="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}
