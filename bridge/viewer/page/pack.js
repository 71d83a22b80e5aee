// Reads what bridge/viewer/town.py packs: a header in JSON, and arrays behind it.

const KINDS = { uint8: Uint8Array, int32: Int32Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array };

export function unpack(buffer, start = 0) {
  const size = new DataView(buffer).getUint32(start, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, start + 4, size)));
  const arrays = {};
  for (const [name, { dtype, shape, offset }] of Object.entries(header.arrays)) {
    const count = shape.reduce((a, b) => a * b, 1);
    arrays[name] = new KINDS[dtype](buffer, start + 4 + size + offset, count);
    arrays[name].shape = shape;
  }
  return { ...header, arrays };
}

// The bytes of a gzip stream.
export async function inflated(chunks) {
  const stream = new Blob(chunks).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
