// Light, dark, or as the system says: set on <html> at once and kept in a cookie, so
// that the server draws the next page right from its first byte.

export type Theme = "light" | "dark" | "system";

/** Reads a theme's name; anything else follows the system. */
export function readTheme(text: string | undefined): Theme {
  return text === "light" || text === "dark" ? text : "system";
}

/** The cookie that tells the server; a year, as a preference lasts. */
export function themeCookie(theme: Theme, secure: boolean): string {
  const life = theme === "system" ? "Max-Age=0" : "Max-Age=31536000";
  return `theme=${theme}; Path=/; SameSite=Lax; ${life}${secure ? "; Secure" : ""}`;
}

/** Shows and keeps the theme, and marks the button that was chosen. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
  document.cookie = themeCookie(theme, location.protocol === "https:");
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset["themeSet"] === theme));
  }
}
