/** In place of the model that the library embeds: the page fetches it in halves. */
export default "";
