// The slider of six named levels, and a thumbnail of each mask of a click.
import { store, amend, changed, chosen, levelFor } from "./store.js";
import { tellMask } from "./ask.js";
import { thumbnail } from "./thumbs.js";
import { say } from "./tell.js";
import { byId, make } from "./dom.js";

export const names = ["scene", "group", "whole", "part", "subpart", "detail"];

export function build() {
  names.forEach((name, i) => {
    byId("stops").append(make("option", { value: i + 1, label: name }));
    byId("stops-row").append(make("span", {}, name));
  });
  byId("best").onclick = takeBest;
  const slider = byId("level");
  slider.oninput = () => setLevel(Number(slider.value), false);
  slider.onchange = () => setLevel(Math.round(Number(slider.value)));
  slider.onkeydown = e => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[e.key];
    if (!by) return;
    e.preventDefault();
    setLevel(Math.round(store.doc.level) + by);
  };
}

export function setLevel(level, tell = true) {
  const before = chosen();
  amend({ level: Math.max(1, Math.min(6, level)), best: false });
  changed("level");
  if (tell && chosen() && chosen() !== before) tellMask(chosen());
}

// Back to the best of each click; the slider follows.
export function takeBest() {
  const before = chosen(), doc = { ...store.doc, best: true };
  amend({ best: true, level: levelFor(doc, doc.candidates) });
  changed("level");
  if (chosen() && chosen() !== before) tellMask(chosen());
  else say("The level of the highest score is taken.");
}

// To the next mask that differs, where there is one; else the next stop.
export function stepLevel(by) {
  const { candidates, level } = store.doc, now = chosen();
  const further = now ? candidates.filter(c => c.levelIndex && (c.levelIndex - (now.levelIndex ?? 3)) * by > 0) : [];
  const [next] = further.sort((a, b) => (a.levelIndex - b.levelIndex) * by);
  setLevel(next ? next.levelIndex : Math.round(level) + by);
}

let shown = null;

export function show() {
  const { doc } = store, now = chosen(), name = names[Math.round(doc.level) - 1];
  byId("level").value = doc.level;
  byId("level").ariaValueText = name;
  byId("best").ariaPressed = String(Boolean(doc.best));
  byId("level-name").textContent = now ? `${now.level ?? name}${now.score === null ? "" : ` · ${now.score.toFixed(2)}`}` : doc.best ? "" : name;
  const list = byId("candidates");
  if (shown !== doc.candidates) {
    shown = doc.candidates;
    list.replaceChildren(...doc.candidates.map(c => {
      const text = `${c.level ?? "mask"}, score ${c.score?.toFixed(2) ?? "unknown"}`;
      return make("button", { role: "option", title: text, ariaLabel: text, onclick: () => setLevel(c.levelIndex ?? 3) },
        thumbnail(c.mask, 44, store.image), make("small", {}, c.score?.toFixed(2) ?? "–"));
    }));
  }
  [...list.children].forEach((b, i) => b.ariaSelected = String(doc.candidates[i] === now));
  byId("finish").disabled = !now;
  byId("clear").disabled = !doc.prompt.points.length && !doc.prompt.box && !doc.candidates.length;
}
