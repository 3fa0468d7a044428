// Outlines of masks, exact to the pixel, and masks from outlines. Even-odd filling gives the mask back.
import { Mask } from "./mask.js";

const cache = new WeakMap();

// All outlines as flat lists of coordinates [x0, y0, x1, y1, ...], corners of pixels.
export function trace(mask) {
  let known = cache.get(mask);
  if (known) return known.rings;
  known = { rings: traceRings(mask), paths: new Map() };
  cache.set(mask, known);
  return known.rings;
}

function traceRings(mask) {
  const box = mask.bounds;
  if (box.width === 0) return [];
  const stride = box.width + 2, bits = new Uint8Array(stride * (box.height + 2));
  for (const [x, y0, y1] of mask.segments())
    for (let y = y0; y < y1; y++) bits[(y - box.y + 1) * stride + x - box.x + 1] = 1;
  // Sides that leave a corner, with the mask to their right: 1 right, 2 down, 4 left, 8 up. Corner i lies before pixel i + stride + 1.
  const sides = new Uint8Array(bits.length);
  for (let i = 0; i + stride + 1 < bits.length; i++) {
    const nw = bits[i], ne = bits[i + 1], sw = bits[i + stride], se = bits[i + stride + 1];
    sides[i] = (se & (ne ^ 1)) | ((sw & (se ^ 1)) << 1) | ((nw & (sw ^ 1)) << 2) | ((ne & (nw ^ 1)) << 3);
  }
  const step = [1, stride, -1, -stride], rings = [];
  for (let start = 0; start < sides.length; start++)
    while (sides[start]) {
      const ring = [];
      let at = start, before = -1, direction = 31 - Math.clz32(sides[at] & -sides[at]);
      do {
        if (direction !== before) ring.push(at % stride + box.x, Math.floor(at / stride) + box.y);
        sides[at] &= ~(1 << direction);
        before = direction;
        at += step[direction];
        const out = sides[at];
        if (!out) break; // closed: back at the start
        const left = (direction + 3) & 3; // where two pixels touch by a corner the left turn joins them
        direction = out & (1 << left) ? left : 31 - Math.clz32(out & -out);
      } while (true);
      rings.push(ring);
    }
  return rings;
}

// Leaves out corners that lie no further than the tolerance from what is left (Douglas and Peucker).
export function simplify(ring, tolerance) {
  const n = ring.length / 2;
  if (tolerance <= 0 || n <= 4) return ring;
  const keep = new Uint8Array(n), stack = [];
  let far = 0, most = -1;
  for (let i = 1; i < n; i++) {
    const d = (ring[2 * i] - ring[0]) ** 2 + (ring[2 * i + 1] - ring[1]) ** 2;
    if (d > most) [most, far] = [d, i];
  }
  keep[0] = keep[far] = 1;
  stack.push([0, far], [far, n]);
  const limit = tolerance * tolerance;
  while (stack.length) {
    const [from, to] = stack.pop();
    const ax = ring[2 * from], ay = ring[2 * from + 1], end = to % n;
    const dx = ring[2 * end] - ax, dy = ring[2 * end + 1] - ay, length = dx * dx + dy * dy;
    let worst = limit, at = -1;
    for (let i = from + 1; i < to; i++) {
      const px = ring[2 * i] - ax, py = ring[2 * i + 1] - ay;
      const t = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
      const d = (px - t * dx) ** 2 + (py - t * dy) ** 2;
      if (d > worst) [worst, at] = [d, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    stack.push([from, at], [at, to]);
  }
  const thin = [];
  for (let i = 0; i < n; i++) if (keep[i]) thin.push(ring[2 * i], ring[2 * i + 1]);
  return thin.length >= 6 ? thin : ring;
}

// All outlines with at most so much left out; rings that vanish are dropped.
export const polygons = (mask, tolerance = 0) => trace(mask).map(r => simplify(r, tolerance));

// A path for a scale: what is smaller than half a pixel of the screen is left out. Paths are kept by powers of two.
export function pathFor(mask, scale) {
  const rings = trace(mask), step = Math.max(0, Math.floor(Math.log2(0.7 / scale)));
  const paths = cache.get(mask).paths;
  if (!paths.has(step)) paths.set(step, pathOf(step ? rings.map(r => simplify(r, 0.7 * 2 ** step)) : rings));
  return paths.get(step);
}

export function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    path.moveTo(ring[0], ring[1]);
    for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
    path.closePath();
  }
  return path;
}

// The pixels whose centers lie inside, by the even-odd rule.
export function fill(rings, width, height) {
  let left = width, right = 0, top = height, bottom = 0;
  for (const ring of rings)
    for (let i = 0; i < ring.length; i += 2) {
      left = Math.min(left, ring[i]);
      right = Math.max(right, ring[i]);
      top = Math.min(top, ring[i + 1]);
      bottom = Math.max(bottom, ring[i + 1]);
    }
  const box = { x: Math.max(0, Math.floor(left)), y: Math.max(0, Math.floor(top)) };
  box.width = Math.min(width, Math.ceil(right)) - box.x;
  box.height = Math.min(height, Math.ceil(bottom)) - box.y;
  if (!(box.width > 0 && box.height > 0)) return Mask.empty(width, height);
  const bits = new Uint8Array(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    const y = row + box.y + 0.5, cuts = [];
    for (const ring of rings)
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        const y0 = ring[j + 1], y1 = ring[i + 1];
        if (y0 <= y === y1 <= y) continue;
        cuts.push(ring[j] + (y - y0) / (y1 - y0) * (ring[i] - ring[j]));
      }
    cuts.sort((a, b) => a - b);
    for (let k = 0; k + 1 < cuts.length; k += 2) {
      const from = Math.max(0, Math.ceil(cuts[k] - 0.5 - box.x)), to = Math.min(box.width, Math.ceil(cuts[k + 1] - 0.5 - box.x));
      if (to > from) bits.fill(1, row * box.width + from, row * box.width + to);
    }
  }
  return Mask.fromBitmap(bits, box, width, height);
}
