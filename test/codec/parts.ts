import { type ContainerParts, readContainer } from "../../src/codec/stream/container.js";

type Of<Payload extends ContainerParts["payload"]> = Extract<ContainerParts, { payload: Payload }>;

/** The parts of a stream that holds latents. */
export const latentsOf = (stream: Uint8Array): Of<"latents"> => of(stream, "latents");

/** The parts of a stream that holds a plane. */
export const planeOf = (stream: Uint8Array): Of<"plane"> => of(stream, "plane");

function of<Payload extends ContainerParts["payload"]>(stream: Uint8Array, payload: Payload): Of<Payload> {
  const parts = readContainer(stream);
  if (parts.payload !== payload) throw new Error(`Expected a stream of ${payload} but received ${parts.payload}`);
  return parts as Of<Payload>;
}
