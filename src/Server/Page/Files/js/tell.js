// Tells a person what happened: to screen readers always, on the screen where something went wrong or can be taken back.

const byId = id => document.getElementById(id);

export const counted = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

export function say(text) {
  byId("live").textContent = text;
  byId("status").textContent = text;
}

let timer = 0;

// What was said is over: another picture is open.
export function quiet() {
  byId("toast").hidden = true;
}

export function toast(text, action, run) {
  say(text);
  const box = byId("toast"), button = byId("toast-action");
  byId("toast-text").textContent = text;
  button.hidden = !run;
  button.textContent = action ?? "";
  button.onclick = () => {
    box.hidden = true;
    run?.();
  };
  box.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => box.hidden = true, 7000);
}
