// Small pictures of masks: the part of the image around it, what is outside faded. They are painted when nothing else waits: of a large image each
// takes some milliseconds, and the mask itself comes first.
import { pathFor } from "./outline.js";
import { store } from "./store.js";
import { make, whenIdle } from "./dom.js";

const made = new WeakMap();

export function thumbnail(mask, size, image) {
  if (!made.has(mask)) made.set(mask, new Map());
  const known = made.get(mask);
  if (known.has(size)) return known.get(size);
  const ratio = 2, canvas = make("canvas", { width: size * ratio, height: size * ratio, ariaHidden: "true" });
  known.set(size, canvas);
  if (image?.bitmap && !mask.isEmpty) whenIdle(() => paint(canvas, mask, image));
  return canvas;
}

function paint(canvas, mask, image) {
  if (image.bitmap !== store.image?.bitmap) return; // another one was opened meanwhile
  const c = canvas.getContext("2d"), b = mask.bounds, side = Math.max(b.width, b.height) * 1.15 + 4;
  const scale = canvas.width / side, x = b.x + b.width / 2 - side / 2, y = b.y + b.height / 2 - side / 2;
  c.setTransform(scale, 0, 0, scale, -x * scale, -y * scale);
  c.globalAlpha = 0.28;
  const draw = () => {
    // Only the part that shows is read: the image may be large.
    const sx = Math.max(0, x), sy = Math.max(0, y), sw = Math.min(image.width, x + side) - sx, sh = Math.min(image.height, y + side) - sy;
    c.drawImage(image.bitmap, sx, sy, sw, sh, sx, sy, sw, sh);
  };
  draw();
  c.globalAlpha = 1;
  c.clip(pathFor(mask, scale), "evenodd");
  draw();
}
