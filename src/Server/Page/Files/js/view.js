// How the image lies on the screen: screen = image * scale + offset, in CSS pixels.
import { store, changed } from "./store.js";

export const view = { scale: 1, x: 0, y: 0, width: 1, height: 1 };
const largest = 40;

export const toImage = (sx, sy) => ({ x: (sx - view.x) / view.scale, y: (sy - view.y) / view.scale });
export const toScreen = (ix, iy) => ({ x: ix * view.scale + view.x, y: iy * view.scale + view.y });

export function fitScale() {
  if (!store.image) return 1;
  const margin = Math.min(24, view.width * 0.04);
  return Math.min((view.width - 2 * margin) / store.image.width, (view.height - 2 * margin) / store.image.height);
}

export function fit() {
  view.scale = Math.max(0.001, fitScale());
  center();
}

function center() {
  view.x = (view.width - store.image.width * view.scale) / 2;
  view.y = (view.height - store.image.height * view.scale) / 2;
  changed("view");
}

// Zooms so that what is at a place of the screen stays there.
export function zoomAt(sx, sy, factor) {
  if (!store.image) return;
  const scale = Math.max(Math.min(fitScale(), 1) / 4, Math.min(largest, view.scale * factor)), k = scale / view.scale;
  view.x = sx - (sx - view.x) * k;
  view.y = sy - (sy - view.y) * k;
  view.scale = scale;
  clamp();
}

export const zoomBy = factor => zoomAt(view.width / 2, view.height / 2, factor);
export const zoomTo = scale => zoomBy(scale / view.scale);

export function pan(dx, dy) {
  view.x += dx;
  view.y += dy;
  clamp();
}

export function lookAt(ix, iy) {
  view.x = view.width / 2 - ix * view.scale;
  view.y = view.height / 2 - iy * view.scale;
  clamp();
}

// Some of the image stays on the screen.
function clamp() {
  const keep = 60, w = store.image.width * view.scale, h = store.image.height * view.scale;
  view.x = Math.min(view.width - keep, Math.max(keep - w, view.x));
  view.y = Math.min(view.height - keep, Math.max(keep - h, view.y));
  changed("view");
}

export const isFit = () => store.image !== null && view.scale <= fitScale() * 1.02;
