import "isthmus/element";
import { previewToDataURL } from "isthmus/preview";
import photo from "../../docs/looks/cat.webp?isth&quality=60";

const image = document.createElement("isth-img");
const { src, srcset, width, height, preview, fallback } = photo;
Object.assign(image, { src, srcset, sizes: "320px", alt: "A cat, three times", width: 320 });
image.style.setProperty("--isth-placeholder", `url(${previewToDataURL(preview)}) center / cover`);
// What is shown where the picture cannot be: fetched only then.
image.innerHTML = `<template><img src="${fallback.src}" srcset="${fallback.srcset}" sizes="320px" width="320" alt="A cat"></template>`;
image.dataset.size = `${width} x ${height}`;
document.body.append(image);
