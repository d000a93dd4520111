import { download, stemOf } from "../download.js";
import {
  formatBits,
  formatBytes,
  formatDecibels,
  formatMilliseconds,
  formatPercent,
  formatSimilarity,
} from "../format.js";
import { type RivalId, rivals } from "../workers/rivals.js";
import { type CodecId, opened, outcomes, picture, pixelCount, type Result, want } from "./comparison.js";

const rows: readonly CodecId[] = ["isthmus", "jpeg", "webp", "avif"];
const types: Readonly<Record<CodecId, { extension: string; type: string }>> = {
  isthmus: { extension: "isth", type: "application/octet-stream" },
  jpeg: { extension: "jpg", type: "image/jpeg" },
  webp: { extension: "webp", type: "image/webp" },
  avif: { extension: "avif", type: "image/avif" },
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
            <th scope="col">Size</th>
            <th scope="col">
              <abbr title="bits per pixel">bpp</abbr>
            </th>
            <th scope="col">
              <abbr title="peak signal-to-noise ratio, in decibels: more is closer">PSNR</abbr>
            </th>
            <th scope="col">
              <abbr title="structural similarity, at most 1: more is closer">SSIM</abbr>
            </th>
            <th scope="col">Encode</th>
            <th scope="col">Decode</th>
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
        {isRunning && <progress value={progress} aria-label={`${nameOf(id)} at work`} />}
      </th>
      {result ? <Figures id={id} result={result} /> : <Nothing id={id} error={error} isRunning={isRunning} />}
    </tr>
  );
}

function Nothing({ id, error, isRunning }: { id: CodecId; error: string | undefined; isRunning: boolean }) {
  const canRun = id !== "isthmus" && picture.value && !isRunning && !error;
  return (
    <td class="nothing" colSpan={7}>
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
  const { bytes, psnr, ssim, encodeMilliseconds, decodeMilliseconds, quality, remark } = result;
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
      <td>{formatBits(bytes.length, pixelCount.value)}</td>
      <td>{psnr === undefined ? "–" : formatDecibels(psnr)}</td>
      <td>{ssim === undefined ? "–" : formatSimilarity(ssim)}</td>
      <td>{encodeMilliseconds === undefined ? "–" : formatMilliseconds(encodeMilliseconds)}</td>
      <td>{formatMilliseconds(decodeMilliseconds)}</td>
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
