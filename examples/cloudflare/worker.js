import { createReceiver } from "isthmus";

/** Tells what a stream shows; models come from a bucket. The kernels are compiled when the worker is deployed. */
export default {
  async fetch(request, env) {
    const receiver = createReceiver({
      resolveModel: async (id) => (await env.MODELS.get(`${id}.isthm`)).arrayBuffer(),
    });
    try {
      const { data, width, height, channels } = await receiver.decode(new Uint8Array(await request.arrayBuffer()));
      const sum = data.reduce((total, sample) => total + sample, 0);
      return Response.json({ width, height, channels, mean: sum / data.length });
    } catch (error) {
      return Response.json({ code: error.code, message: error.message }, { status: 422 });
    }
  },
};
