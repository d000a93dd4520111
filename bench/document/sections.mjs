import * as codecs from "./codecs.mjs";
import * as smallPictures from "./small-pictures.mjs";
import * as speed from "./speed.mjs";
import * as trust from "./trust.mjs";
import * as web from "./web.mjs";

/** What documents say of results: for each benchmark, by its name, a function of its results that gives the parts of a section. */
export const sections = { ...codecs, ...smallPictures, ...speed, ...trust, ...web };
