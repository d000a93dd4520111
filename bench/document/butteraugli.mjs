import { tableText } from "../frame/results.mjs";
import { facts } from "./words.mjs";

export function section(butteraugli) {
  const { codecs, points } = butteraugli;
  return [
    "## Kodak: Butteraugli at equal bytes",
    `${facts(butteraugli)} ${butteraugli.images} photos, model \`${butteraugli.model}\`, effort 0; 3-norms of the distance from the original, means; less is better. The others have the quality whose size is nearest.
Nothing here was trained for this metric: where it and SSIMULACRA 2 do not agree, a part of what the embedded model gains is to the taste of the one that it was trained for.`,
    tableText(
      ["quality", "bytes", ...codecs],
      points.map(({ quality, bytes, distances }) => [
        String(quality),
        Math.round(bytes).toLocaleString("en"),
        ...distances.map((distance) => distance.toFixed(2)),
      ]),
    ),
  ];
}
