// The keyboard. Everything can be done without a pointer.
import { store, commit, redo, save, set, undo } from "./store.js";
import { fit, isFit, lookAt, pan, toScreen, view, zoomBy, zoomTo } from "./view.js";
import { MARKS, redraw } from "./draw.js";
import { sketch, sketchBox } from "./marks.js";
import { clearPreview, everything, finish, likeThis, preview, prompt, relatives, resume } from "./ask.js";
import { addPoint, holdSpace, releaseHold } from "./pointer.js";
import { take, tools } from "./tools.js";
import { names, setLevel, stepLevel, takeBest } from "./levels.js";
import { removeCorner } from "./corners.js";
import { change, clearPrompt, combine, group, lookAtRegion, pickObject, remove, select } from "./edit.js";
import { openExport } from "./export.js";
import { byId, make } from "./dom.js";
import { say } from "./tell.js";

const canvas = () => byId("canvas");
let from = null; // the other corner of a box that is drawn with the keyboard

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
  const by = (far ? 40 : 8) / view.scale, { width, height } = store.image, c = sketch.cursor ?? { x: width / 2, y: height / 2 };
  sketch.cursor = { x: Math.max(0, Math.min(width, c.x + dx * by)), y: Math.max(0, Math.min(height, c.y + dy * by)) };
  store.pointer = sketch.cursor;
  const s = toScreen(sketch.cursor.x, sketch.cursor.y);
  if (s.x < 20 || s.y < 20 || s.x > view.width - 20 || s.y > view.height - 20) lookAt(sketch.cursor.x, sketch.cursor.y);
  if (from) sketchBox(from, sketch.cursor);
  else if (!store.doc.prompt.points.length && ["smart", "add", "like"].includes(store.tool)) preview(sketch.cursor.x, sketch.cursor.y);
  byId("where").textContent = `${Math.round(sketch.cursor.x)}, ${Math.round(sketch.cursor.y)}`;
  redraw(MARKS);
}

// Enter on the image does at the cursor what a click would do.
function press(negative) {
  const p = sketch.cursor;
  if (!p) return moveCursor(0, 0);
  if (store.tool === "pick") return select(pickObject(p));
  if (store.tool === "like") return likeThis(p.x, p.y, !negative);
  if (store.tool !== "box" && store.tool !== "region") return addPoint(p, !negative && store.tool !== "remove");
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

// One step back: a box half drawn, the cursor, the region, the prompt, the selection.
function escape() {
  if (from || sketch.box) from = sketch.box = null;
  else if (store.busy?.stop) store.busy.stop.abort();
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

const deleteKey = () => sketch.corners?.ring ? removeCorner() : remove(store.doc.selection);

export const map = [
  ["Tools", ...tools.filter(Boolean).map(([name, text, key]) => [key, text, () => take(name)])],
  ["Prompt",
    ["Enter", "Place a point at the cursor", () => press(false), "canvas"],
    ["Shift+Enter", "Place a point of what is not wanted", () => press(true), "canvas"],
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
  addEventListener("blur", () => holdSpace(false));
  addEventListener("pagehide", () => save());
}

