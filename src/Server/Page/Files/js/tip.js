// Beside the pointer: what would be taken.
import { store, chosen } from "./store.js";
import { toScreen, view } from "./view.js";
import { byId } from "./dom.js";

const percent = mask => `${(100 * mask.area / (store.image.width * store.image.height)).toFixed(1)} %`;

function words(p) {
  const one = chosen();
  if (one?.mask.contains(p.x, p.y)) return [one.level, one.label, percent(one.mask), one.score?.toFixed(2)].filter(Boolean).join(" · ");
  return store.hover ? [store.hoverLevel, percent(store.hover)].filter(Boolean).join(" · ") : "";
}

export function showTip() {
  const { pointer: p, image } = store, tip = byId("tip"), text = p && image ? words(p) : "";
  byId("where").textContent = p ? `${Math.floor(p.x)}, ${Math.floor(p.y)}` : "";
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  const at = toScreen(p.x, p.y);
  tip.style.transform = `translate(${Math.min(at.x + 16, view.width - 190)}px, ${Math.max(6, at.y - 34)}px)`;
}
