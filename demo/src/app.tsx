import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { CompareView } from "./compare/compare-view.js";
import { ExploreView } from "./explore/explore-view.js";
import { dismiss, note, notices } from "./notices.js";
import { openFiles } from "./open-files.js";
import { filesOf } from "./pictures/dropped-files.js";
import { TrainView } from "./train/train-view.js";
import { addImages } from "./train/training.js";
import { type View, view, views } from "./view.js";

const titles: Readonly<Record<View, { tab: string; title: string; text: string }>> = {
  compare: {
    tab: "Compare",
    title: "A picture through a narrow neck",
    text: "Isthmus squeezes pictures through a small neural network and packs what comes out into a few bytes. See what that does to yours.",
  },
  train: {
    tab: "Train",
    title: "A codec for your kind of picture",
    text: "Give it a folder of pictures that are alike: products, scans, sprites, tiles. In minutes it learns a codec for exactly that kind.",
  },
  explore: {
    tab: "Explore",
    title: "A walk through what it has learnt",
    text: "Every picture is a point in a space of few dimensions. Move through it, from one picture to another, or to pictures that never were.",
  },
};

export function App() {
  const isOver = useSignal(false);

  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) void take(files);
      else note("There is no picture in the clipboard. Copy the picture itself, not its address.");
    };
    // Of links, too: the browser would leave the page for them.
    const onDragOver = (event: DragEvent) => {
      event.preventDefault();
      isOver.value = event.dataTransfer?.types.includes("Files") ?? false;
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const onDrop = async (event: DragEvent) => {
      event.preventDefault();
      isOver.value = false;
      const files = event.dataTransfer ? await filesOf(event.dataTransfer) : [];
      if (files.length > 0) void take(files);
      else note("There is no file in what was dropped. Save a picture of another page first, and drop the file.");
    };
    addEventListener("paste", onPaste);
    addEventListener("dragover", onDragOver);
    addEventListener("dragleave", onDragLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("paste", onPaste);
      removeEventListener("dragover", onDragOver);
      removeEventListener("dragleave", onDragLeave);
      removeEventListener("drop", onDrop);
    };
  }, [isOver]);

  const { title, text } = titles[view.value];
  return (
    <>
      <header class="top">
        <a class="brand" href="#compare">
          <img src="./icon.svg" alt="" width="28" height="28" />
          Isthmus
        </a>
        <nav aria-label="Parts of the page">
          {views.map((name) => (
            <a key={name} href={`#${name}`} aria-current={view.value === name ? "page" : undefined}>
              {titles[name].tab}
            </a>
          ))}
        </nav>
      </header>
      <main>
        <div class="intro">
          <h1>{title}</h1>
          <p>{text}</p>
        </div>
        {view.value === "compare" && <CompareView />}
        {view.value === "train" && <TrainView />}
        {view.value === "explore" && <ExploreView />}
      </main>
      <footer>
        <p>
          <strong>Nothing leaves this machine.</strong> Pictures, streams and models are worked on in your browser
          alone; there is no server behind this page, and it works without a network once it has been loaded.
        </p>
        <p>The sample photographs are public-domain images of the Getty&rsquo;s Open Content Program.</p>
      </footer>
      <Notices />
      {isOver.value && (
        <div class="drop-here" aria-hidden="true">
          <p>
            {view.value === "train"
              ? "Drop pictures or a folder to train on"
              : "Drop a picture, an .isth file or a model"}
          </p>
        </div>
      )}
    </>
  );
}

const take = (files: File[]): Promise<void> => (view.value === "train" ? addImages(files) : openFiles(files));

function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, kind, text }) => (
        <div key={id} class={`notice ${kind}`}>
          <p>{text}</p>
          <button type="button" aria-label="Dismiss this message" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
