import { createReceiver, parentModels, unpackFrames } from "isthmus";
import { drawTo, modelCache } from "isthmus/browser";

// The model is fetched for the first frame, and never again: not even by the next visit.
const receiver = createReceiver({
  resolveModel: (id) => fetch(`/models/${id}`),
  // Own models of photos are differences to others.
  parents: parentModels(),
  store: modelCache(),
});
const canvas = document.querySelector("canvas");

async function show(images, line) {
  const told = document.querySelector(line);
  let count = 0;
  try {
    for await (const image of images) {
      drawTo(canvas, image);
      count++;
    }
    told.textContent = `${count} pictures`;
  } catch (error) {
    told.textContent = error.message;
  }
}

/** The messages of a socket, each asked for when the one before was taken. */
async function* messages(socket) {
  socket.binaryType = "arraybuffer";
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  for (;;) {
    const answer = new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(new Uint8Array(data));
      socket.onclose = () => resolve(undefined);
    });
    socket.send("next");
    const frame = await answer;
    if (!frame) return;
    yield frame;
  }
}

const response = await fetch("/frames");
await show(receiver.images(unpackFrames(response.body)), "#http");
await show(receiver.images(messages(new WebSocket(`ws://${location.host}/live`))), "#live");
