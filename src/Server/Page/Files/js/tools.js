// The tools, and which one is taken.
import { store, set } from "./store.js";
import { MARKS, redraw } from "./draw.js";
import { sketch } from "./marks.js";
import { clearPreview } from "./ask.js";
import { beginCorners, endCorners } from "./corners.js";
import { cursorStyle } from "./pointer.js";
import { byId, icon, make } from "./dom.js";
import { say } from "./tell.js";

export const tools = [
  ["smart", "Click", "V", "Hover to preview, click to take, drag a box; Shift, Alt or right click takes away"],
  ["add", "Add", "Q", "Every tap adds a point of what is wanted"],
  ["remove", "Remove", "E", "Every tap adds a point of what is not wanted"],
  ["box", "Box", "R", "Drag a box around what is wanted"],
  ["like", "Like this", "T", "Click a thing to find all of its name; Alt and click takes a find out"],
  null,
  ["pick", "Select", "S", "Select finished objects; Shift adds"],
  ["brush", "Brush", "P", "Paint pixels in"],
  ["erase", "Eraser", "X", "Take pixels out"],
  ["lasso", "Lasso", "L", "Draw around pixels to put in; Shift takes them out"],
  ["corners", "Corners", "C", "Move the corners of an outline; double click adds one, Delete removes it"],
  null,
  ["region", "Region", "I", "Look at a part of the picture alone, at its full resolution"],
  ["hand", "Move", "M", "Move the picture (or hold Space)"],
];

export function take(tool) {
  if (store.tool === "corners" && tool !== "corners") endCorners();
  clearPreview();
  sketch.brush = sketch.stroke = null;
  set("tool", tool);
  if (tool === "corners") beginCorners();
  cursorStyle();
  redraw(MARKS);
  say(tools.find(t => t?.[0] === tool)?.[3] ?? "");
}

export function build() {
  for (const tool of tools) {
    if (!tool) {
      byId("tools").append(make("hr"));
      continue;
    }
    const [name, text, key, help] = tool;
    const properties = { id: `tool-${name}`, title: `${text} (${key}): ${help}`, ariaKeyShortcuts: key, onclick: () => take(name) };
    byId("tools").append(make("button", properties, icon(name), text));
  }
}

export function show() {
  for (const tool of tools) if (tool) byId(`tool-${tool[0]}`).ariaPressed = String(store.tool === tool[0]);
  byId("brush-row").hidden = store.tool !== "brush" && store.tool !== "erase";
}
