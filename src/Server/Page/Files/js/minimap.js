// The whole picture, small, with a frame around what shows of it.
import { store } from "./store.js";
import { fitScale, lookAt, view } from "./view.js";
import { settings } from "./settings.js";
import { byId } from "./dom.js";

const map = byId("minimap");
let of = null, small = null; // a bitmap, and its copy of the map's size

export function listen() {
  map.onpointerdown = jump;
  map.onpointermove = e => e.buttons && jump(e);
}

function jump(e) {
  const r = map.getBoundingClientRect();
  lookAt((e.clientX - r.left) / r.width * store.image.width, (e.clientY - r.top) / r.height * store.image.height);
}

export function show() {
  const { image } = store;
  map.hidden = !image || view.scale <= fitScale() * 1.3;
  if (map.hidden) return;
  const k = Math.min(160 / image.width, 120 / image.height), c = map.getContext("2d");
  if (of !== image.bitmap) {
    of = image.bitmap;
    Object.assign(map, { width: Math.max(1, Math.round(image.width * k)), height: Math.max(1, Math.round(image.height * k)) });
    small = new OffscreenCanvas(map.width, map.height);
    small.getContext("2d").drawImage(of, 0, 0, map.width, map.height);
  }
  c.drawImage(small, 0, 0);
  c.strokeStyle = settings.accent;
  c.lineWidth = 2;
  c.strokeRect(-view.x / view.scale * k, -view.y / view.scale * k, view.width / view.scale * k, view.height / view.scale * k);
}
