import { loadCodec } from "isthmus";

const codec = await loadCodec();
const image = { data: new Uint8Array(64 * 48 * 3).fill(90), width: 64, height: 48, channels: 3 };
const bytes = await codec.encode(image);
const { width, height } = await codec.decode(bytes);
console.log(`${width} x ${height}, ${bytes.length} bytes`);
