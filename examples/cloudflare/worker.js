import { createReceiver } from "isthmus";

/** Makes pictures of streams. Models are files of a service beside the worker. The kernels are compiled when the worker is deployed. */
export default {
  async fetch(request, env) {
    const receiver = createReceiver({
      resolveModel: async (id) => (await env.MODELS.fetch(`http://models/${id}.isthm`)).arrayBuffer(),
    });
    try {
      const { data, width, height, channels } = await receiver.decode(new Uint8Array(await request.arrayBuffer()));
      // The file format PAM of Netpbm: a header, then the samples as they are.
      const header = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${channels}\nMAXVAL 255\nENDHDR\n`;
      return new Response(new Blob([header, data]), { headers: { "content-type": "image/x-portable-arbitrarymap" } });
    } catch (error) {
      return Response.json({ code: error.code, message: error.message }, { status: 422 });
    }
  },
};
