// A visitor who sees a page of new pictures at each visit, over a slow line.

/** Bytes and milliseconds until all pictures are shown, of each visit; what comes later (service worker and model) counts as bytes of the visit. */
export async function visitsOf(browser, line, { visits, needsWorker }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const figures = [];
  for (let visit = 1; visit <= visits; visit++) {
    const before = line.bytes;
    const page = await context.newPage();
    await page.goto(`http://localhost:${line.port}/${visit}`, { waitUntil: "commit" });
    const milliseconds = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const look = () => {
            const images = [...document.images];
            const isThere = document.readyState === "complete" && images.length > 0;
            if (!isThere || images.some((image) => !image.complete)) return setTimeout(look, 10);
            if (images.some((image) => !image.naturalWidth)) return reject(new Error("A picture is missing"));
            Promise.all(images.map((image) => image.decode())).then(() => resolve(performance.now()), reject);
          };
          look();
        }),
    );
    if (needsWorker) await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    // What is still on the line belongs to this visit.
    for (let last = -1; last !== line.bytes; ) {
      last = line.bytes;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    figures.push({ bytes: line.bytes - before, milliseconds });
    await page.close();
  }
  await context.close();
  return figures;
}
