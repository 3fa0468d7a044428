// The keyboard. Everything can be done without a pointer.
import { store, commit, redo, save, set, undo } from "./store.js";
import { fit, isFit, lookAt, pan, toScreen, view, zoomBy, zoomTo } from "./view.js";
import { MARKS, redraw } from "./draw.js";
import { sketch, sketchBox } from "./marks.js";
import { clearPreview, everything, finish, likeThis, preview, prompt, relatives, resume } from "./ask.js";
import { addPoint, holdSpace, hotPoint, releaseHold, removePoint } from "./pointer.js";
import { take, tools } from "./tools.js";
import { names, setLevel, stepLevel, takeBest } from "./levels.js";
import { beginCorners, moveCorner, pickCorner, removeCorner, setCorners, splitEdge } from "./corners.js";
import { change, clearPrompt, combine, endStroke, group, lassoMask, lookAtRegion, pickObject, remove, select, solo } from "./edit.js";
import { openExport } from "./export.js";
import { byId, make } from "./dom.js";
import { say } from "./tell.js";

const canvas = () => byId("canvas");
let from = null; // the other corner of a box that is drawn with the keyboard
let dab = null; // where the brush was last, and in which picture
let way = []; // corners of a lasso
let held = false; // whether a corner of an outline goes with the cursor
let saying = 0;

export function fitOr100() {
  if (isFit()) zoomTo(1);
  else fit();
}

export function step(run, word) {
  const label = run();
  if (!label) return say(`Nothing to ${word}.`);
  say(`${word === "undo" ? "Undone" : "Done again"}: ${label}.`);
  resume();
}

function moveCursor(dx, dy, far) {
  if (!store.image) return;
  if (!sketch.cursor && held) putDown(); // the pointer was used meanwhile: the cursor begins anew in the middle
  if (store.tool !== "lasso") way = [];
  const by = (far ? 40 : 8) / view.scale, { width, height } = store.image, c = sketch.cursor ?? { x: width / 2, y: height / 2 };
  sketch.cursor = { x: Math.max(0, Math.min(width, c.x + dx * by)), y: Math.max(0, Math.min(height, c.y + dy * by)) };
  store.pointer = sketch.cursor;
  const s = toScreen(sketch.cursor.x, sketch.cursor.y);
  if (s.x < 20 || s.y < 20 || s.x > view.width - 20 || s.y > view.height - 20) lookAt(sketch.cursor.x, sketch.cursor.y);
  sketch.hot = hotPoint(sketch.cursor);
  if (isBrush()) sketch.brush = sketch.cursor;
  if (way.length) sketch.stroke = [...way, sketch.cursor];
  if (held) moveCorner(sketch.cursor);
  if (from) sketchBox(from, sketch.cursor);
  else if (!store.doc.prompt.points.length && ["smart", "add", "like"].includes(store.tool)) preview(sketch.cursor.x, sketch.cursor.y);
  byId("where").textContent = at(sketch.cursor);
  clearTimeout(saying);
  saying = setTimeout(() => sketch.cursor && say(`${at(sketch.cursor)}${sketch.hot >= 0 ? ", on a point" : ""}.`), 500); // where it rests
  redraw(MARKS);
}

const at = p => `${Math.round(p.x)}, ${Math.round(p.y)}`;

// Enter on the image does at the cursor what a click would do.
function press(negative) {
  const p = sketch.cursor;
  if (!p) return moveCursor(0, 0);
  clearTimeout(saying);
  if (isBrush()) return paint(p, negative);
  if (store.tool === "lasso") return lasso(p, negative);
  if (store.tool === "corners") return corner(p);
  if (store.tool === "hand") return lookAt(p.x, p.y);
  if (store.tool === "pick") return select(pickObject(p));
  if (store.tool === "like") return likeThis(p.x, p.y, !negative);
  if (store.tool !== "box" && store.tool !== "region") {
    const hot = hotPoint(p);
    return hot >= 0 ? removePoint(hot) : addPoint(p, !negative && store.tool !== "remove");
  }
  if (!from) {
    from = { ...p };
    return say("First corner. Move on and press Enter again.");
  }
  const box = sketch.box;
  from = sketch.box = null;
  if (!box || box.x2 - box.x1 < 2 || box.y2 - box.y1 < 2) return say("The box is empty.");
  if (box.region) return lookAtRegion(box);
  return prompt("box", { ...store.doc.prompt, box: { x1: box.x1, y1: box.y1, x2: box.x2, y2: box.y2 } });
}

// A dab of the brush, or with Shift a line from the one before.
function paint(p, line) {
  const { image } = store, points = line && dab?.image === image ? [dab.p, { ...p }] : [{ ...p }];
  dab = { p: points.at(-1), image };
  const before = store.doc;
  endStroke(points, store.tool === "erase");
  if (store.doc !== before) say(`${store.tool === "erase" ? "Erased" : "Painted"} ${points.length > 1 ? `from ${at(points[0])} to ` : "at "}${at(p)}.`);
}

// A corner each time; the same place twice closes it.
function lasso(p, out) {
  const last = way.at(-1);
  if (!last || Math.hypot(last.x - p.x, last.y - p.y) > 1) {
    way.push({ ...p });
    return say(`Corner ${way.length} of the lasso. Enter again at the same place closes it, with Shift it takes out.`);
  }
  const points = way;
  way = [];
  sketch.stroke = null;
  redraw(MARKS);
  if (points.length < 3) return say("A lasso has three corners at least.");
  const before = store.doc;
  lassoMask(points, out);
  if (store.doc !== before) say(`The lasso is closed: ${out ? "taken out" : "put in"}.`);
}

function putDown() {
  held = false;
  setCorners();
}

// Picks a corner up, or makes one of the side that is near; and puts it down.
function corner(p) {
  if (held && sketch.corners?.ring) {
    putDown();
    return say("The corner is put down.");
  }
  const there = pickCorner(p);
  if (!there) splitEdge(p);
  held = Boolean(sketch.corners?.ring);
  redraw(MARKS);
  say(held ? `${there ? "A" : "A new"} corner is picked up: move on and press Enter again; Delete removes it.` : "There is no corner and no side here.");
}

// One step back: a box half drawn, the cursor, the region, the prompt, the selection.
function escape() {
  if (from || sketch.box) from = sketch.box = null;
  else if (way.length) {
    way = [];
    sketch.stroke = null;
  } else if (held) {
    held = false;
    beginCorners();
  } else if (store.busy?.stop) store.busy.stop.abort();
  else if (store.doc.prompt.points.length || store.doc.prompt.box || store.doc.candidates.length) clearPrompt();
  else if (store.tool !== "smart") take("smart");
  else if (store.doc.region) commit("region", { region: null });
  else if (sketch.cursor) sketch.cursor = null;
  else if (store.doc.selection.length) select(null);
  clearPreview();
  redraw(MARKS);
}

// In a narrow window they lie in the panel that is pulled out.
function words() {
  if (!byId("word").checkVisibility()) byId("sheet").click();
  byId("word").focus();
}

const brushBy = by => {
  set("brush", Math.max(2, Math.min(200, Math.round(store.brush * by))));
  redraw(MARKS);
};
const isBrush = () => store.tool === "brush" || store.tool === "erase";
function toggleSelected(what, label) {
  if (store.doc.selection.length) change(store.doc.selection, o => ({ [what]: !o[what] }), label);
}

function deleteKey() {
  held = false;
  return sketch.corners?.ring ? removeCorner() : remove(store.doc.selection);
}

export const map = [
  ["Tools", ...tools.filter(Boolean).map(([name, text, key]) => [key, text, () => take(name)])],
  ["Prompt",
    ["Enter", "At the cursor, as a click: a point, a dab, a corner", () => press(false), "canvas"],
    ["Shift+Enter", "What is not wanted; a line of the brush", () => press(true), "canvas"],
    ["B", "Clear the prompt", clearPrompt],
    ["F", "Finish the object", finish],
    ["N", "Finish, as F", finish],
    ["W", "Words", words],
    ["A", "Everything", () => everything()],
    ["Z", "Parts of this", () => relatives("parts")],
    ["Shift+Z", "Whole of this", () => relatives("whole")]],
  ["Level",
    ...names.map((name, i) => [`${i + 1}`, name, () => setLevel(i + 1)]),
    ["Y", "Of each click the best", takeBest],
    ["[", "Larger, or a smaller brush", () => isBrush() ? brushBy(1 / 1.25) : stepLevel(-1)],
    ["]", "Smaller, or a larger brush", () => isBrush() ? brushBy(1.25) : stepLevel(1)]],
  ["Objects",
    ["Delete", "Delete", deleteKey],
    ["Backspace", "Delete", deleteKey],
    ["H", "Hide or show", () => toggleSelected("hidden", "hide")],
    ["Shift+H", "Show only this, or all", () => store.doc.selection.length && solo(store.doc.selection[0])],
    ["K", "Lock or unlock", () => toggleSelected("locked", "lock")],
    ["G", "Group or ungroup", group],
    ["U", "Join", () => combine("union")],
    ["Ctrl+A", "Select all", () => commit("select", { selection: store.doc.objects.map(o => o.id) })]],
  ["Picture",
    ["O", "Open", () => byId("picker").click()],
    ["Ctrl+S", "Export", openExport],
    ["+", "Zoom in", () => zoomBy(1.25)],
    ["-", "Zoom out", () => zoomBy(0.8)],
    ["0", "Fit, then 100 %", fitOr100],
    ["ArrowLeft", "Move the cursor (Shift: far)", e => moveCursor(-1, 0, e.shiftKey), "canvas"],
    ["ArrowRight", "", e => moveCursor(1, 0, e.shiftKey), "canvas"],
    ["ArrowUp", "", e => moveCursor(0, -1, e.shiftKey), "canvas"],
    ["ArrowDown", "", e => moveCursor(0, 1, e.shiftKey), "canvas"],
    ["Alt+ArrowLeft", "Move the picture", () => pan(60, 0), "canvas"],
    ["Alt+ArrowRight", "", () => pan(-60, 0), "canvas"],
    ["Alt+ArrowUp", "", () => pan(0, 60), "canvas"],
    ["Alt+ArrowDown", "", () => pan(0, -60), "canvas"]],
  ["History",
    ["Ctrl+Z", "Undo", () => step(undo, "undo")],
    ["Ctrl+Shift+Z", "Redo", () => step(redo, "redo")],
    ["Ctrl+Y", "Redo", () => step(redo, "redo")],
    ["Escape", "Step back", escape],
    ["?", "These keys", () => help()]],
];

const known = new Map(map.flatMap(([, ...keys]) => keys).map(k => [k[0].toLowerCase(), k]));

const pointer = [
  ["Click", "take"], ["Shift, Alt, right click", "not this"], ["Drag", "box"], ["Ctrl + click", "several, asked when Ctrl is let go"],
  ["Click a point", "delete it"], ["Wheel", "zoom"], ["Alt + wheel", "level"], ["Space + drag", "move"],
];

export function help() {
  const row = (key, text) => make("div", {}, make("span", {}, text), make("kbd", {}, key));
  const shown = key => key.replace("ArrowLeft", "← ↑ → ↓"); // it stands for all four
  byId("help-body").className = "keys";
  byId("help-body").replaceChildren(
    ...map.flatMap(([title, ...keys]) => [make("h3", {}, title), ...keys.filter(k => k[1]).map(([key, text]) => row(shown(key), text))]),
    make("h3", {}, "Pointer"), ...pointer.map(([key, text]) => row(key, text)));
  byId("help-dialog").showModal();
}

export function listen() {
  addEventListener("keydown", e => {
    if (e.defaultPrevented || document.querySelector("dialog[open]")) return;
    const field = e.target.closest("input:not([type=range]):not([type=checkbox]):not([type=color]), select, textarea");
    if (field) return;
    if (e.key === " " && !e.target.closest("button, [role=treeitem]")) {
      e.preventDefault();
      if (!e.repeat) holdSpace(true);
      return;
    }
    const onCanvas = e.target === canvas() || e.target === document.body;
    const ctrl = e.ctrlKey || e.metaKey ? "ctrl+" : "", alt = e.altKey ? "alt+" : "", key = e.key.toLowerCase();
    const unshifted = e.shiftKey && !/^[a-z]$/.test(key) ? known.get(`${ctrl}${alt}${key}`) : null; // signs that need Shift on some keyboards
    const found = known.get(`${ctrl}${alt}${e.shiftKey ? "shift+" : ""}${key}`) ?? unshifted ?? (key === "=" ? known.get("+") : null);
    if (!found || found[3] === "canvas" && !onCanvas || (key === "enter" || key.startsWith("arrow")) && !onCanvas) return;
    e.preventDefault();
    found[2](e);
  });
  addEventListener("keyup", e => {
    if (e.key === " ") holdSpace(false);
    if (e.key === "Control" || e.key === "Meta") releaseHold();
  });
  addEventListener("blur", () => {
    holdSpace(false);
    releaseHold(); // the key is let go elsewhere, and nobody tells
  });
  addEventListener("pagehide", () => save());
  document.addEventListener("visibilitychange", () => document.hidden && save()); // on phones nothing else is told before a page is ended
}

