import { download, stemOf } from "../download.js";
import {
  formatBits,
  formatBytes,
  formatDecibels,
  formatMilliseconds,
  formatPercent,
  formatScore,
  formatSimilarity,
} from "../format.js";
import { type RivalId, rivals } from "../workers/rivals.js";
import {
  type CodecId,
  isCodedBeforehand,
  opened,
  outcomes,
  picture,
  pixelCount,
  type Result,
  want,
} from "./comparison.js";

const rows: readonly CodecId[] = ["isthmus", "jpeg", "webp", "avif"];
const types: Readonly<Record<CodecId, { extension: string; type: string }>> = {
  isthmus: { extension: "isth", type: "application/octet-stream" },
  jpeg: { extension: "jpg", type: "image/jpeg" },
  webp: { extension: "webp", type: "image/webp" },
  avif: { extension: "avif", type: "image/avif" },
};

interface Column {
  readonly label: string;
  readonly meaning?: string;
}

const columns: Readonly<Record<"size" | "rate" | "score" | "psnr" | "ssim" | "encode" | "decode", Column>> = {
  size: { label: "Size" },
  rate: { label: "bpp", meaning: "bits per pixel" },
  score: {
    label: "SSIMULACRA 2",
    meaning: "what people see, up to 100: 90 looks the same, 70 is high quality, 50 medium, 30 low",
  },
  psnr: { label: "PSNR", meaning: "peak signal-to-noise ratio, in decibels: more is closer" },
  ssim: { label: "SSIM", meaning: "structural similarity, at most 1: more is closer" },
  encode: { label: "Encode" },
  decode: { label: "Decode" },
};

export const nameOf = (id: CodecId): string => (id === "isthmus" ? "Isthmus" : rivals[id].name);

/** What every codec made of the picture. */
export function Results() {
  const name = picture.value?.name ?? opened.value?.name;
  return (
    <div class="table-frame">
      <table class="results">
        <caption class="unseen">Size, likeness and time of each codec{name ? ` for ${name}` : ""}</caption>
        <thead>
          <tr>
            <th scope="col">Codec</th>
            {Object.values(columns).map(({ label, meaning }) => (
              <th key={label} scope="col">
                {meaning ? <abbr title={meaning}>{label}</abbr> : label}
              </th>
            ))}
            <th scope="col">
              <span class="unseen">File</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((id) => (
            <Row key={id} id={id} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ id }: { id: CodecId }) {
  const { result, progress, error } = outcomes.value[id] ?? {};
  const isRunning = progress !== undefined;
  return (
    <tr class={`${id}${isRunning ? " running" : ""}`} aria-busy={isRunning}>
      <th scope="row">
        <span class={`swatch ${id}`} aria-hidden="true" />
        {nameOf(id)}
        {id !== "isthmus" && <small>{rivals[id].setting}</small>}
        {id === "isthmus" && isCodedBeforehand.value && <small>coded when this page was made</small>}
        {isRunning && <progress value={progress} aria-label={`${nameOf(id)} at work`} />}
      </th>
      {result ? <Figures id={id} result={result} /> : <Nothing id={id} error={error} isRunning={isRunning} />}
    </tr>
  );
}

function Nothing({ id, error, isRunning }: { id: CodecId; error: string | undefined; isRunning: boolean }) {
  const canRun = id !== "isthmus" && picture.value && !isRunning && !error;
  return (
    <td class="nothing" colSpan={8}>
      {error}
      {canRun && (
        <button type="button" class="button small" onClick={() => want(id as RivalId)}>
          Compare with {nameOf(id)}
        </button>
      )}
      {isRunning && "…"}
    </td>
  );
}

function Figures({ id, result }: { id: CodecId; result: Result }) {
  const { bytes, ssimulacra2, psnr, ssim, encodeMilliseconds, decodeMilliseconds, quality, remark } = result;
  const own = outcomes.value.isthmus?.result;
  const difference = id !== "isthmus" && own ? (bytes.length / own.bytes.length - 1) * 100 : undefined;
  const { extension, type } = types[id];
  const stem = stemOf(picture.value?.name ?? opened.value?.name ?? "picture");
  return (
    <>
      <td class="size">
        {formatBytes(bytes.length)}
        {difference !== undefined && <small>{formatPercent(difference)}</small>}
      </td>
      <td data-label={columns.rate.label}>{formatBits(bytes.length, pixelCount.value)}</td>
      <td data-label={columns.score.label}>{ssimulacra2 === undefined ? "–" : formatScore(ssimulacra2)}</td>
      <td data-label={columns.psnr.label}>{psnr === undefined ? "–" : formatDecibels(psnr)}</td>
      <td data-label={columns.ssim.label}>{ssim === undefined ? "–" : formatSimilarity(ssim)}</td>
      <td data-label={columns.encode.label}>
        {encodeMilliseconds === undefined ? "–" : formatMilliseconds(encodeMilliseconds)}
      </td>
      <td data-label={columns.decode.label}>{formatMilliseconds(decodeMilliseconds)}</td>
      <td class="file">
        <button
          type="button"
          class="button small quiet"
          aria-label={`Download ${stem}.${extension}`}
          onClick={() => download(bytes, `${stem}.${extension}`, type)}
        >
          .{extension}
        </button>
        {quality !== undefined && id !== "isthmus" && (
          <small>
            q {quality}
            {remark ? `, ${remark}` : ""}
          </small>
        )}
      </td>
    </>
  );
}
