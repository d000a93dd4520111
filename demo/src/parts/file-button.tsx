import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

/** A button that opens the browser's file dialog. */
export function FileButton(props: {
  children: ComponentChildren;
  class?: string;
  accept?: string;
  multiple?: boolean;
  folder?: boolean;
  onFiles: (files: File[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={props.class ?? "button"} onClick={() => input.current!.click()}>
        {props.children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={props.accept}
        multiple={props.multiple || props.folder}
        {...(props.folder && { webkitdirectory: true })}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          if (files.length > 0) props.onFiles(files);
        }}
      />
    </>
  );
}
