import { render } from "preact";
import { App } from "./app.js";
import { openSample } from "./compare/compare-view.js";
import { samples } from "./pictures/samples.js";

render(<App />, document.getElementById("page")!);
void openSample(samples[0]);

// A second copy of every file is fetched for offline use; whoever saves data is spared it.
const savesData = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
if (import.meta.env.PROD && "serviceWorker" in navigator && !savesData) {
  addEventListener("load", () => setTimeout(() => void navigator.serviceWorker.register("./service-worker.js"), 3000));
}
