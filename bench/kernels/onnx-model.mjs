/**
 * Writes an ONNX model of one matrix product, by hand: protocol buffers are numbered fields, each a varint or a run of
 * bytes. The field numbers are those of the messages in the ONNX project's onnx.proto3.
 */
const float32 = 1;
const integerAttribute = 2;
const operatorSet = 13;

/** `right` with `values` becomes a constant, without them a second input. */
export function productModel({ operator, turnLeft = false, turnRight = false, left, right, output }) {
  const attributes = operator === "Gemm" ? [attribute("transA", turnLeft), attribute("transB", turnRight)] : [];
  const node = message(
    text(1, "left"),
    text(1, "right"),
    text(2, "output"),
    text(4, operator),
    ...attributes.map((bytes) => field(5, bytes)),
  );
  const graph = message(
    field(1, node),
    text(2, "product"),
    ...(right.values ? [field(5, constant("right", right))] : []),
    field(11, valueInfo("left", left)),
    ...(right.values ? [] : [field(11, valueInfo("right", right.dimensions))]),
    field(12, valueInfo("output", output)),
  );
  return message(integer(1, 8), field(7, graph), field(8, message(text(1, ""), integer(2, operatorSet))));
}

function attribute(name, value) {
  return message(text(1, name), integer(3, value ? 1 : 0), integer(20, integerAttribute));
}

function constant(name, { dimensions, values }) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message(...dimensions.map((size) => integer(1, size)), integer(2, float32), text(8, name), field(9, bytes));
}

function valueInfo(name, dimensions) {
  const shape = message(...dimensions.map((size) => field(1, message(integer(1, size)))));
  return message(text(1, name), field(2, message(field(1, message(integer(1, float32), field(2, shape))))));
}

function integer(number, value) {
  return Buffer.from([...varint(number << 3), ...varint(value)]);
}

function field(number, bytes) {
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
}

function text(number, value) {
  return field(number, Buffer.from(value));
}

function message(...fields) {
  return Buffer.concat(fields);
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}
