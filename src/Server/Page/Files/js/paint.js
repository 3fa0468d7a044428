// Masks on a canvas, each in the look that the page gave it.
import { pathFor } from "./outline.js";
import { pattern } from "./colors.js";
import { haloed } from "./lines.js";

// What part of the image a canvas shows.
const onScreen = (box, { scale, x, y, width, height }) => box.x * scale + x < width && (box.x + box.width) * scale + x > 0
  && box.y * scale + y < height && (box.y + box.height) * scale + y > 0;

const looks = { plain, strong, ghost, preview };

// An item is { mask, color, index, look, alpha }; `how` has the settings that all share.
export function paint(c, item, view, how) {
  if (item.mask.isEmpty || !onScreen(item.mask.bounds, view)) return;
  c.lineJoin = "round";
  looks[item.look](c, pathFor(item.mask, view.scale * view.ratio), item, 1 / view.scale, how);
  c.globalAlpha = 1;
}

function area(c, path, { color, index }, px, alpha, patterns) {
  c.globalAlpha = alpha;
  c.fillStyle = color;
  c.fill(path, "evenodd");
  if (!patterns) return;
  const fill = pattern(c, color, index);
  fill.setTransform(new DOMMatrix().scale(px));
  c.globalAlpha = 0.85;
  c.fillStyle = fill;
  c.fill(path, "evenodd");
}

function outline(c, path, color, width) {
  c.globalAlpha = 1;
  c.lineWidth = width;
  c.strokeStyle = color;
  c.stroke(path);
}

function plain(c, path, item, px, { faint, patterns }) {
  area(c, path, item, px, faint ? 0.2 : 0.34, patterns);
  outline(c, path, item.color, 1.5 * px);
}

// What is selected, or asked for.
function strong(c, path, item, px, { patterns }) {
  area(c, path, item, px, 0.5, patterns);
  outline(c, path, "#fff", 5 * px);
  outline(c, path, item.color, 2.5 * px);
}

// The next level, while the slider stands between two.
function ghost(c, path, { color, alpha }, px) {
  c.globalAlpha = alpha;
  c.setLineDash([4 * px, 4 * px]);
  c.lineWidth = 1.5 * px;
  c.strokeStyle = color;
  c.stroke(path);
  c.setLineDash([]);
}

// What a click would take.
function preview(c, path, item, px) {
  area(c, path, item, px, 0.22, false);
  c.globalAlpha = 1;
  haloed(c, path, item.color, px, [5, 4]);
}
