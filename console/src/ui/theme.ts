/** Light, dark, or as the reader's system has it. */

import { useEffect, useState } from "react";

export type Theme = "system" | "light" | "dark";
const STORED = "perdure-colours";
const THEMES: Theme[] = ["system", "light", "dark"];

export const nextTheme = (theme: Theme): Theme => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";

function stored(): Theme {
  const found = localStorage.getItem(STORED) as Theme | null;
  return found && THEMES.includes(found) ? found : "system";
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  useEffect(() => {
    localStorage.setItem(STORED, theme);
    document.documentElement.style.colorScheme = theme === "system" ? "light dark" : theme;
  }, [theme]);
  return [theme, setTheme];
}
