// A drawn scene from one peer to another over a data channel. Both live in this page: on two machines the descriptions and candidates go through a server of yours.
import { createReceiver, createSender, defaultModel, defaultReceiver, receiveScene, sendScene } from "isthmus";
import { drawTo } from "isthmus/browser";

const counts = { sent: 0, shown: 0, keys: 0, refused: 0, bytes: 0, dropped: 0 };
/** The newest picture that has arrived. */
let arrived;

const [left, right] = [new RTCPeerConnection(), new RTCPeerConnection()];
left.onicecandidate = ({ candidate }) => candidate && right.addIceCandidate(candidate);
right.onicecandidate = ({ candidate }) => candidate && left.addIceCandidate(candidate);

// Messages in their order; what is lost is not sent again, since a newer picture is the better answer.
const channel = left.createDataChannel("scene", { ordered: true, maxRetransmits: 0 });
channel.binaryType = "arraybuffer";
right.ondatachannel = ({ channel }) => receive(channel);

await left.setLocalDescription(await left.createOffer());
await right.setRemoteDescription(left.localDescription);
await right.setLocalDescription(await right.createAnswer());
await left.setRemoteDescription(right.localDescription);
await new Promise((resolve) => channel.addEventListener("open", resolve, { once: true }));

const tell = () => {
  document.querySelector("#told").textContent = Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
};

// The sender's end.
const scene = sendScene(await createSender({ model: await defaultModel() }), {
  quality: 60,
  bytesPerSecond: 60_000,
  buffered: () => channel.bufferedAmount,
  onFrame({ dropped, key, bytes }) {
    if (dropped) counts.dropped++;
    if (key) counts.keys++;
    if (!dropped) counts.bytes = bytes;
  },
});
channel.onmessage = ({ data }) => scene.take(data);

let losing = false;
document.querySelector("#lose").onclick = () => {
  losing = true;
};

// A receiver at the sender's side, which loses nothing: only to compare what arrives with what was sent.
const mirror = receiveScene(createReceiver({ resolveModel: () => defaultReceiver() }));
let own;
globalThis.compare = async () => {
  while (!arrived || arrived.sequence !== own.sequence) await new Promise((resolve) => setTimeout(resolve, 10));
  return arrived.data.every((sample, i) => sample === own.data[i]);
};

const canvas = document.querySelector("#drawn");
const context = canvas.getContext("2d", { willReadFrequently: true });
let step = 0;
for (;;) {
  if (document.querySelector("#moving").checked) draw(step++);
  const frame = await scene.encode(context.getImageData(0, 0, canvas.width, canvas.height));
  if (frame && !losing) channel.send(frame);
  if (frame) {
    losing = false;
    counts.sent++;
    own = await mirror.decode(frame);
  }
  tell();
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/** The receiver's end. */
function receive(channel) {
  channel.binaryType = "arraybuffer";
  const receiver = createReceiver({ resolveModel: () => defaultReceiver() });
  const shown = receiveScene(receiver, { ask: (request) => channel.send(request) });
  channel.onmessage = async ({ data }) => {
    try {
      const image = await shown.decode(data);
      if (!image) return;
      drawTo(document.querySelector("#arrived"), image);
      arrived = image;
      counts.shown++;
    } catch (error) {
      // A key frame has been asked for, and comes soon.
      if (error.code !== "reference-missing") throw error;
      counts.refused++;
    }
  };
}

/** Hills that stay, a sun that goes its way. */
function draw(step) {
  const { width, height } = canvas;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#4a78b5");
  sky.addColorStop(1, "#e8d9b0");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#ffd35c";
  context.beginPath();
  context.arc((step * 4) % width, 50 + 20 * Math.sin(step / 9), 18, 0, 2 * Math.PI);
  context.fill();
  for (const [colour, base, wave] of [
    ["#3f6b4f", 130, 37],
    ["#2d4a3a", 155, 23],
  ]) {
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 4) context.lineTo(x, base + 18 * Math.sin(x / wave));
    context.lineTo(width, height);
    context.fill();
  }
}
