// Corners of an outline, moved by hand: what is left out for few corners is given up, so it is asked for by a tool of its own.
import { store } from "./store.js";
import { view } from "./view.js";
import { MARKS, redraw } from "./draw.js";
import { sketch } from "./marks.js";
import { fill, polygons } from "./outline.js";
import { replaceMask, targetMask } from "./edit.js";
import { toast } from "./tell.js";

export function beginCorners() {
  show();
  if (!sketch.corners) toast("There is no mask whose corners could be moved: click on something, or select an object.");
}

function show() {
  const mask = targetMask();
  sketch.corners = mask && { of: mask, rings: polygons(mask, Math.max(store.tolerance, 1)).map(r => [...r]), ring: null, at: -1, touched: false };
  redraw(MARKS);
}

// Each move is a change of its own, which can be undone, of the mask that it was made on.
export function setCorners() {
  const { corners } = sketch;
  if (!corners?.touched) return;
  const mask = fill(corners.rings, store.image.width, store.image.height);
  if (mask.isEmpty) {
    toast("Nothing would be left.");
    return show();
  }
  Object.assign(corners, { of: mask, touched: false });
  replaceMask("corners", mask);
}

// Another mask, be it by an undo, has other corners.
export function followCorners() {
  if (store.tool === "corners" && sketch.corners?.of !== (targetMask() ?? undefined)) show();
}

export function endCorners() {
  setCorners();
  sketch.corners = null;
  redraw(MARKS);
}

export function pickCorner(p) {
  const corners = sketch.corners;
  if (!corners) return false;
  let best = 10 / view.scale;
  corners.ring = null;
  for (const ring of corners.rings)
    for (let i = 0; i < ring.length; i += 2) {
      const d = Math.hypot(ring[i] - p.x, ring[i + 1] - p.y);
      if (d < best) [best, corners.ring, corners.at] = [d, ring, i];
    }
  return corners.ring !== null;
}

export function moveCorner(p) {
  const { ring, at } = sketch.corners ?? {};
  if (!ring) return; // the mask is another one by now
  ring[at] = p.x;
  ring[at + 1] = p.y;
  sketch.corners.touched = true;
}

export function removeCorner() {
  const corners = sketch.corners;
  if (!corners?.ring) return;
  if (corners.ring.length <= 6) return toast("An outline has three corners at least.");
  corners.ring.splice(corners.at, 2);
  corners.ring = null;
  corners.touched = true;
  setCorners();
  redraw(MARKS);
}

// A corner more, where a side was clicked twice.
export function splitEdge(p) {
  const corners = sketch.corners;
  if (!corners) return;
  let best = 12 / view.scale, ring = null, at = -1;
  for (const r of corners.rings)
    for (let i = 0; i < r.length; i += 2) {
      const j = (i + 2) % r.length, dx = r[j] - r[i], dy = r[j + 1] - r[i + 1], length = dx * dx + dy * dy || 1;
      const t = Math.max(0, Math.min(1, ((p.x - r[i]) * dx + (p.y - r[i + 1]) * dy) / length));
      const d = Math.hypot(r[i] + t * dx - p.x, r[i + 1] + t * dy - p.y);
      if (d < best) [best, ring, at] = [d, r, i + 2];
    }
  if (!ring) return;
  ring.splice(at, 0, p.x, p.y);
  Object.assign(corners, { ring, at });
  redraw(MARKS);
}
