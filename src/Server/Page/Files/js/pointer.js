// What the pointer does on the image, tool by tool.
import { store, changed, chosen, set } from "./store.js";
import { view, pan, toImage, zoomAt } from "./view.js";
import { MARKS, redraw } from "./draw.js";
import { sketch, sketchBox } from "./marks.js";
import { clearPreview, likeThis, preview, prompt, refresh } from "./ask.js";
import { endStroke, lassoMask, lookAtRegion, pickObject, select } from "./edit.js";
import { moveCorner, pickCorner, setCorners, splitEdge } from "./corners.js";

let drag = null, spaceHeld = false, held = false;
const touches = new Map();

export const holdSpace = on => {
  spaceHeld = on;
  cursorStyle();
};

// With Ctrl held several clicks are made before the model is asked.
export function releaseHold() {
  if (held) refresh(chosen());
  held = false;
}

const inside = p => store.image && p.x >= 0 && p.y >= 0 && p.x <= store.image.width && p.y <= store.image.height;
const clampToImage = p => ({ x: Math.max(0, Math.min(store.image.width, p.x)), y: Math.max(0, Math.min(store.image.height, p.y)) });

export function hotPoint(p) {
  const reach = 11 / view.scale;
  return store.doc.prompt.points.findIndex(q => Math.hypot(q.x - p.x, q.y - p.y) < reach);
}

const isBrush = () => store.tool === "brush" || store.tool === "erase";

export function addPoint(p, positive, wait = false) {
  const round = v => Math.round(v * 10) / 10, { prompt: now } = store.doc;
  held ||= wait;
  return prompt(positive ? "point" : "negative point", { ...now, points: [...now.points, { x: round(p.x), y: round(p.y), positive }] }, wait);
}

export function removePoint(index) {
  const { prompt: now } = store.doc;
  sketch.hot = -1;
  return prompt("remove point", { ...now, points: now.points.filter((_, i) => i !== index) });
}

export function listen(canvas) {
  const place = e => {
    const r = canvas.getBoundingClientRect();
    return { sx: e.clientX - r.left, sy: e.clientY - r.top };
  };
  canvas.addEventListener("pointerdown", e => down(e, place(e), canvas));
  canvas.addEventListener("pointermove", e => move(e, place(e)));
  canvas.addEventListener("pointerup", e => up(e, place(e)));
  canvas.addEventListener("pointercancel", e => cancel(e));
  canvas.addEventListener("pointerleave", () => {
    sketch.brush = null;
    clearPreview();
    set("pointer", null);
    redraw(MARKS);
  });
  for (const other of ["keydown", "blur"]) canvas.addEventListener(other, () => delete canvas.dataset.pointed);
  canvas.addEventListener("contextmenu", e => e.preventDefault());
  canvas.addEventListener("dblclick", e => store.tool === "corners" && splitEdge(toImage(place(e).sx, place(e).sy)));
  canvas.addEventListener("wheel", e => {
    e.preventDefault();
    const { sx, sy } = place(e);
    if (e.altKey) set("levelBy", Math.sign(e.deltaY) * 0.5); // the wheel moves through the levels
    else if (e.ctrlKey || e.deltaMode || Math.abs(e.deltaX) < 1) zoomAt(sx, sy, Math.exp(-e.deltaY * (e.ctrlKey ? 0.01 : 0.0016)));
    else pan(-e.deltaX, -e.deltaY);
  }, { passive: false });
}

function down(e, { sx, sy }, canvas) {
  if (!store.image) return;
  canvas.focus({ preventScroll: true });
  canvas.dataset.pointed = ""; // the frame of the focus is for those who use keys
  canvas.setPointerCapture(e.pointerId);
  if (e.pointerType === "touch") {
    touches.set(e.pointerId, { sx, sy });
    if (touches.size === 2) return beginPinch();
    if (touches.size > 2) return;
  }
  const p = toImage(sx, sy);
  clearPreview();
  if (e.button === 1 || spaceHeld || store.tool === "hand") drag = { kind: "pan", sx, sy };
  else if (isBrush()) {
    drag = { kind: "stroke" };
    Object.assign(sketch, { stroke: [p], lasso: false, erasing: store.tool === "erase" });
  } else if (store.tool === "lasso") {
    drag = { kind: "lasso" };
    Object.assign(sketch, { stroke: [p], lasso: true, erasing: e.shiftKey || e.altKey });
  } else if (store.tool === "corners") {
    drag = pickCorner(p) ? { kind: "corner" } : { kind: "pan", sx, sy };
  } else drag = { kind: "press", sx, sy, p, negative: e.button === 2 || e.shiftKey || e.altKey || store.tool === "remove", wait: e.ctrlKey || e.metaKey };
  cursorStyle();
  redraw(MARKS);
}

function move(e, { sx, sy }) {
  if (!store.image) return;
  if (touches.has(e.pointerId)) touches.set(e.pointerId, { sx, sy });
  if (drag?.kind === "pinch") return pinch();
  const p = toImage(sx, sy);
  store.pointer = inside(p) ? p : null;
  changed("pointer");
  sketch.cursor = null; // the keyboard's
  if (isBrush()) sketch.brush = p;
  if (!drag) hover(e, p);
  else if (drag.kind === "pan") {
    pan(sx - drag.sx, sy - drag.sy);
    Object.assign(drag, { sx, sy });
  } else if (drag.kind === "stroke" || drag.kind === "lasso") sketch.stroke.push(p);
  else if (drag.kind === "corner") moveCorner(clampToImage(p));
  else if (drag.kind === "press" && Math.hypot(sx - drag.sx, sy - drag.sy) > 5 && ["smart", "box", "add", "region"].includes(store.tool)) {
    sketchBox(clampToImage(drag.p), clampToImage(p));
  }
  redraw(MARKS);
}

function hover(e, p) {
  const hot = hotPoint(p);
  if (hot !== sketch.hot) {
    sketch.hot = hot;
    cursorStyle();
  }
  const asks = e.pointerType !== "touch" && ["smart", "add", "like"].includes(store.tool) && !store.doc.prompt.points.length && !store.doc.prompt.box;
  if (asks && inside(p) && hot < 0 && !e.buttons) preview(p.x, p.y);
  else clearPreview();
}

function up(e, { sx, sy }) {
  touches.delete(e.pointerId);
  const done = drag;
  if (drag?.kind === "pinch" && touches.size > 0) return;
  drag = null;
  cursorStyle();
  if (!done || !store.image) return;
  const p = toImage(sx, sy), before = store.doc;
  if (done.kind === "stroke") endStroke(sketch.stroke, store.tool === "erase");
  else if (done.kind === "lasso") lassoMask(sketch.stroke, sketch.erasing);
  else if (done.kind === "corner") setCorners();
  else if (done.kind === "press") press(done, p, e);
  Object.assign(sketch, { stroke: null, drying: store.doc === before ? null : sketch.stroke, box: null });
  redraw(MARKS);
}

function press(done, p, e) {
  const box = sketch.box;
  if (box && box.x2 - box.x1 >= 2 && box.y2 - box.y1 >= 2) {
    if (box.region) return lookAtRegion(box);
    const round = v => Math.round(v * 10) / 10;
    return prompt("box", { ...store.doc.prompt, box: { x1: round(box.x1), y1: round(box.y1), x2: round(box.x2), y2: round(box.y2) } }, done.wait);
  }
  if (!inside(done.p)) return;
  if (store.tool === "pick") return select(pickObject(p), e.shiftKey || e.ctrlKey || e.metaKey);
  if (store.tool === "like") return likeThis(done.p.x, done.p.y, !done.negative);
  if (store.tool === "box" || store.tool === "region") return;
  const hot = hotPoint(done.p);
  if (hot >= 0) return removePoint(hot);
  addPoint(done.p, !done.negative, done.wait);
}

function cancel(e) {
  touches.delete(e.pointerId);
  if (drag?.kind === "corner") setCorners();
  drag = null;
  Object.assign(sketch, { stroke: null, box: null });
  redraw(MARKS);
}

// ---- two fingers

const pair = () => {
  const [a, b] = touches.values();
  return { x: (a.sx + b.sx) / 2, y: (a.sy + b.sy) / 2, d: Math.hypot(a.sx - b.sx, a.sy - b.sy) };
};

function beginPinch() {
  if (drag?.kind === "corner") setCorners();
  Object.assign(sketch, { stroke: null, box: null });
  drag = { kind: "pinch", ...pair() };
}

function pinch() {
  if (touches.size < 2) return;
  const now = pair();
  pan(now.x - drag.x, now.y - drag.y);
  zoomAt(now.x, now.y, now.d / Math.max(1, drag.d));
  Object.assign(drag, now);
}

export function cursorStyle() {
  const stage = document.getElementById("stage");
  stage.dataset.cursor = drag?.kind === "pan" ? "grabbing" : spaceHeld || store.tool === "hand" ? "grab"
    : sketch.hot >= 0 ? "pointer" : isBrush() ? "none" : "crosshair";
}
