/** Workers are modules, so that they load the embedded model when they need it. */
export default { base: "./", worker: { format: "es" } };
