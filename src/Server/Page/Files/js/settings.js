// What a person prefers; kept in the browser.
const kept = (() => {
  try {
    return JSON.parse(localStorage.getItem("semsam-settings")) ?? {};
  } catch {
    return {};
  }
})();

export const settings = { theme: "auto", patterns: false, accent: "#2456d6", ...kept };

export function keep() {
  try {
    localStorage.setItem("semsam-settings", JSON.stringify({ theme: settings.theme, patterns: settings.patterns }));
  } catch {
    // A browser that keeps nothing still works.
  }
}

export function applyTheme() {
  const dark = settings.theme === "dark" || settings.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  settings.accent = getComputedStyle(document.documentElement).getPropertyValue("--mask").trim();
}
