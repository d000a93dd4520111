import { IsthImage } from "./element/isth-image.js";

/** `import "isthmus/element"` defines `<isth-img>`. */
if (typeof customElements === "object" && !customElements.get("isth-img")) customElements.define("isth-img", IsthImage);

export { IsthImage };
