// Connected regions of masks: holes, islands, splitting.
import { Mask } from "./mask.js";

// Labels of 4-connected regions of one value in a bitmap: [labels, areas], labels from 1.
function label(bits, width, height, value) {
  const labels = new Int32Array(bits.length), areas = [0], stack = [];
  for (let start = 0; start < bits.length; start++) {
    if (bits[start] !== value || labels[start]) continue;
    const id = areas.length;
    let area = 0;
    labels[start] = id;
    stack.push(start);
    while (stack.length) {
      const at = stack.pop(), x = at % width;
      area++;
      for (const next of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width])
        if (next >= 0 && next < bits.length && bits[next] === value && !labels[next]) {
          labels[next] = id;
          stack.push(next);
        }
    }
    areas.push(area);
  }
  return [labels, areas];
}

export function fillHoles(mask) {
  const b = mask.bounds;
  if (!b.width) return mask;
  // One more row and column around, so that all that is outside belongs together.
  const box = { x: b.x - 1, y: b.y - 1, width: b.width + 2, height: b.height + 2 };
  const bits = new Uint8Array(box.width * box.height), inner = mask.bitmap();
  for (let y = 0; y < b.height; y++) bits.set(inner.subarray(y * b.width, (y + 1) * b.width), (y + 1) * box.width + 1);
  const [labels] = label(bits, box.width, box.height, 0);
  const filled = new Uint8Array(b.width * b.height);
  for (let y = 0; y < b.height; y++)
    for (let x = 0; x < b.width; x++) filled[y * b.width + x] = labels[(y + 1) * box.width + x + 1] === labels[0] ? 0 : 1;
  return Mask.fromBitmap(filled, b, mask.width, mask.height);
}

export function split(mask) {
  const b = mask.bounds;
  if (!b.width) return [];
  const [labels, areas] = label(mask.bitmap(), b.width, b.height, 1);
  return areas.map((area, id) => ({ area, id })).slice(1).sort((p, q) => q.area - p.area).slice(0, 64)
    .map(({ id }) => Mask.fromBitmap(labels.map(l => l === id ? 1 : 0), b, mask.width, mask.height));
}

export const keepLargest = mask => split(mask)[0] ?? mask;
