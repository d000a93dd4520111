import { useLayoutEffect, useRef } from "preact/hooks";

/** Pixels on a canvas. Without a label they are decoration, or described elsewhere. */
export function Pixels({ image, label, class: name }: { image: ImageData; label?: string; class?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const element = canvas.current!;
    element.width = image.width;
    element.height = image.height;
    element.getContext("2d")!.putImageData(image, 0, 0);
  }, [image]);
  return (
    <canvas ref={canvas} class={name} {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })} />
  );
}
