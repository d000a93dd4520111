import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: ComponentChildren;
  readonly disabled?: boolean;
}

/** A row of which one is chosen: radio buttons, as far as the keyboard and screen readers are concerned. */
export function Choices<Value extends string>(props: {
  legend: string;
  hideLegend?: boolean;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset class="choices">
      <legend class={props.hideLegend ? "unseen" : undefined}>{props.legend}</legend>
      <div class="choices-row">
        {props.choices.map(({ value, label, disabled }) => (
          <label key={value}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === props.value}
              disabled={disabled}
              onChange={() => props.onChange(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
