export const secondDecoderSection = ({ engines }) => [
  "## A second decoder",
  `\`test/reference/decoder\` was written from [FORMAT.md](FORMAT.md) alone, in plain TypeScript, without WebAssembly and without anything of \`src/\`. It gives the same pixels, bit for bit, for all ${engines[0].goldenFiles} golden
streams, and for a picture under the embedded model, and refuses every broken one (\`npx vitest run test/codec/second-decoder.test.ts\`). Where it had to guess, FORMAT.md was mended: the activations, the
order of the bytes of lossless bare frames, strips of which nothing is coded, the flags that fit a model.`,
];
