import { Codec } from "../codec/codec.js";
import { type EncodeOptions, encodeKinds } from "../codec/codec-options.js";
import { anything, checkOptions, type OptionTable } from "../ground/option-table.js";
import { Pacer } from "../ground/pacer.js";
import { paced } from "../ground/steps.js";
import type { Image } from "../image/image.js";
import { isModel, type ModelSource } from "../models/model-source.js";
import { itemsOf, type Sequence } from "./frames.js";

/** Options of every frame. Bare frames do not say which model they need, so that no receiver could look for it. */
export type FrameOptions = Omit<EncodeOptions, "bare">;

export type SenderOptions = FrameOptions & { readonly model: ModelSource };

const frameKinds = (): OptionTable<FrameOptions> => {
  const { bare: _, ...kinds } = encodeKinds;
  return kinds;
};
const senderKinds = (): OptionTable<SenderOptions> => ({ model: anything, ...frameKinds() });

/**
 * A sender over a model; `options` are those of every `encode`.
 * @throws IsthmusError as `createCodec`
 */
export async function createSender(given: SenderOptions | ModelSource): Promise<Sender> {
  const { model, ...options }: Partial<SenderOptions> = isModel(given)
    ? { model: given }
    : checkOptions(given, senderKinds(), "createSender");
  const codec = await Codec.create(model!);
  return new Sender(codec, options, await paced(codec.model.receiving(), new Pacer({})));
}

/** Makes frames: streams (`.isth`), each of which names its model. */
export class Sender {
  /** The id that every frame carries. */
  readonly modelId: string;
  /** @internal */
  constructor(
    /** @internal */
    readonly codec: Codec,
    private readonly options: FrameOptions,
    /** The model file that receivers need, to be served to those that ask for the id: a difference where the model is one to another, which they ask for then. */
    readonly receiverModel: Uint8Array,
  ) {
    this.modelId = codec.model.id;
  }

  /** The file that receivers need of the model of an id: of this sender's, or of one that its model is the difference to. Nothing for other ids. */
  modelFor(id: string): Uint8Array | undefined {
    if (id === this.modelId) return this.receiverModel;
    let { parent } = this.codec.model;
    while (parent && parent.id !== id) parent = parent.parent;
    return parent?.receiver();
  }

  /** The frame of an image. Throws as `Codec.encode`. */
  async encode(image: Image, options: FrameOptions = {}): Promise<Uint8Array> {
    checkOptions(options, frameKinds(), "encode");
    return this.codec.encode(image, { ...this.options, ...options });
  }

  /** The frames of images, each encoded when it is asked for, so that a slow reader holds up the source. An error ends the sequence and closes the source. */
  async *frames(images: Sequence<Image>, options: FrameOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    for await (const image of itemsOf(images)) yield await this.encode(image, options);
  }
}
