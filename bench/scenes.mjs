// Bytes a second of scenes, with and without prediction from the frame before, at equal quality: what moves is drawn over a photo or over a drawn screen.
//   npm run bench:scenes -- [--frames 40] [--quality 60] [--model FILE]
// Writes bench/results/scenes.json and prints its section. Every picture is decoded and compared with its source.
import { createReceiver, createSender, defaultModel, psnr, receiveScene, sendScene } from "../dist/index.js";
import { bytesAt, mean, optionsOf, report } from "./frame/index.mjs";
import { height, scenes, width } from "./scenes/drawn.mjs";

const { frames: count, quality, ...options } = optionsOf({ frames: 40, quality: 60, model: undefined });
const framesPerSecond = 10;
const timeOf = (i) => (1000 * i) / framesPerSecond;

const model = options.model ? await bytesAt(options.model) : await defaultModel();
const sender = await createSender({ model, quality });
const receiver = createReceiver({ resolveModel: () => model });
const results = [];
for (const [name, draw] of Object.entries(scenes)) {
  const alone = { bytes: [], psnr: [] };
  const scene = { bytes: [], psnr: [] };
  const frames = [];
  const sending = sendScene(sender, { quality, onFrame: (facts) => frames.push(facts) });
  const receiving = receiveScene(receiver);
  for (let i = 0; i < count; i++) {
    const picture = draw(i);
    const stream = await sender.encode(picture);
    alone.bytes.push(stream.length);
    alone.psnr.push(psnr(picture, await receiver.decode(stream)));
    const frame = await sending.encode(picture, { time: timeOf(i) });
    scene.bytes.push(frame.length);
    scene.psnr.push(psnr(picture, await receiving.decode(frame)));
  }
  const twice = await sending.encode(draw(count - 1), { time: timeOf(count) });
  const told = (bytes, likeness) => ({ bytesPerSecond: mean(bytes) * framesPerSecond, psnr: mean(likeness) });
  results.push({
    ...{ name, alone: told(alone.bytes, alone.psnr), scene: told(scene.bytes.slice(1), scene.psnr) },
    ...{ firstBytes: scene.bytes[0], twiceBytes: twice.length },
    newCells: mean(frames.slice(1, count).map(({ newCells, cells }) => newCells / cells)),
  });
}
await report("scenes", { width, height, frames: count, framesPerSecond, quality, results });
