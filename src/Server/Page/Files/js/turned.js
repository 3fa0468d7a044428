// How a file says that it is to be turned, for kinds that not every browser turns: PNG and WebP. What the server looks at is upright in any case.

const text = (bytes, at) => String.fromCharCode(...bytes.subarray(at, at + 4));

// The orientation of EXIF, 1 to 8; 1 for none, and for JPEGs, which every browser turns.
export async function orientation(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer()), view = new DataView(bytes.buffer);
  try {
    if (text(bytes, 1).startsWith("PNG")) return png(bytes, view);
    if (text(bytes, 0) === "RIFF" && text(bytes, 8) === "WEBP") return webp(bytes, view);
  } catch {
    // A file that ends early: whoever decodes it says so.
  }
  return 1;
}

function png(bytes, view) {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) if (text(bytes, at + 4) === "eXIf") return tag(view, at + 8);
  return 1;
}

function webp(bytes, view) {
  for (let at = 12, size = 0; at + 8 <= bytes.length; at += 8 + size + (size & 1)) {
    size = view.getUint32(at + 4, true);
    if (text(bytes, at) === "EXIF") return tag(view, at + 8 + (text(bytes, at + 8) === "Exif" ? 6 : 0));
  }
  return 1;
}

function tag(view, from) {
  const little = view.getUint16(from) === 0x4949, first = from + view.getUint32(from + 4, little);
  for (let i = 0, at = first + 2; i < view.getUint16(first, little); i++, at += 12)
    if (view.getUint16(at, little) === 0x112) return view.getUint16(at + 8, little);
  return 1;
}
