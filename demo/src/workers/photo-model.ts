import receiverAddress from "../../../build/demo/receiver.isthm?url";
import senderAddress from "../../../build/demo/sender.isthm?url";
import { joinHalves } from "../model-halves.js";
import { loadOnce } from "./load-once.js";

/** The half of the photo model that decodes. */
export const receiversHalf = loadOnce(() => fetchBytes(receiverAddress));

const sendersHalf = loadOnce(() => fetchBytes(senderAddress));

/** All of the photo model: for encoding, and for training that goes on from it. */
export const wholeModel = loadOnce(async () => joinHalves(...(await Promise.all([receiversHalf(), sendersHalf()]))));

async function fetchBytes(address: string): Promise<Uint8Array> {
  const answer = await fetch(address).catch(() => undefined);
  if (!answer?.ok) {
    throw new Error(
      "The photo model could not be fetched. Without a network it works only where it has been loaded before.",
    );
  }
  return new Uint8Array(await answer.arrayBuffer());
}
