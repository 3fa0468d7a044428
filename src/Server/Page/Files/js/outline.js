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

// Columns are swept from left to right. Where two of them meet, outlines turn at the rows at which one changes and the other does not; the work follows
// the runs, not the pixels. Every corner knows the next one; the mask lies to the right of the way, so what is outside is gone around clockwise.
function traceRings(mask) {
  const xs = [], ys = [], next = [];
  let before = [], ends = []; // the rows at which the last column changes, and the corners at which the sides that begin there start or end
  const corner = (x, y) => {
    xs.push(x);
    ys.push(y);
    return next.push(-1) - 1;
  };

  function meet(x, now) {
    const started = [];
    let i = 0, j = 0, a = 0, b = 0, above = -1; // values left and right of the line, and the corner at which its last piece begins
    while (i < before.length || j < now.length) {
      const l = i < before.length ? before[i] : Infinity, r = j < now.length ? now[j] : Infinity, y = Math.min(l, r), left = l === y, right = r === y;
      const piece = a !== b, down = a > b; // of the line above this row
      if (left) a ^= 1;
      if (right) b ^= 1;
      if (left && right && a === b) started.push(ends[i]); // straight on
      else if (left && right) {
        // Two pixels touch by a corner: the turn to the left joins them.
        const one = corner(x, y), other = corner(x, y);
        if (down) {
          next[above] = one;
          next[other] = ends[i];
          started.push(one);
        } else {
          next[ends[i]] = one;
          next[one] = above;
          started.push(other);
        }
        above = other;
      } else {
        const here = corner(x, y);
        if (right) started.push(here);
        else if (a) next[ends[i]] = here; // an upper side, which goes right
        else next[here] = ends[i];
        if (piece && down) next[above] = here;
        else if (piece) next[here] = above;
        above = here;
      }
      i += left;
      j += right;
    }
    before = now;
    ends = started;
  }

  let column = -2, changes = [];
  for (const [x, y0, y1] of mask.segments()) {
    if (x !== column) {
      meet(column, changes);
      if (x !== column + 1) meet(column + 1, []);
      column = x;
      changes = [];
    }
    if (changes.at(-1) === y0) changes[changes.length - 1] = y1;
    else changes.push(y0, y1);
  }
  meet(column, changes);
  meet(column + 1, []);

  const rings = [];
  for (let start = 0; start < next.length; start++) {
    if (next[start] < 0) continue;
    const ring = [];
    for (let at = start; next[at] >= 0;) {
      ring.push(xs[at], ys[at]);
      const then = next[at];
      next[at] = -1;
      at = then;
    }
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
