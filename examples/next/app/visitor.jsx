"use client";

import { useEffect } from "react";

/** What a visitor's browser takes part in: the element, and the service worker by which plain `<img>` are streams from the second visit on. */
export function Visitor() {
  useEffect(() => {
    import("isthmus/element");
    navigator.serviceWorker?.register("/photos/service-worker.js", { scope: "/" });
  }, []);
  return null;
}
