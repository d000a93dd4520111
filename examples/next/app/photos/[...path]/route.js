import { pictures } from "../../../pictures.js";

/** `/photos/alps.webp?width=320`, the model and the service worker. */
export const GET = (request) => pictures.fetch(request);
export const HEAD = GET;
