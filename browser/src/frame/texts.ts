/** What a buyer reads, in their language: i18next finds the nearest of ours, and English where there is none. */

import i18next from "i18next";

import de from "./locales/de.json";
import en from "./locales/en.json";
import es from "./locales/es.json";
import fr from "./locales/fr.json";
import it from "./locales/it.json";
import ja from "./locales/ja.json";
import nl from "./locales/nl.json";
import pl from "./locales/pl.json";
import pt from "./locales/pt.json";
import sv from "./locales/sv.json";
import zh from "./locales/zh.json";

export type Text = keyof typeof en;

const LANGUAGES = { de, en, es, fr, it, ja, nl, pl, pt, sv, zh };
const texts = i18next.createInstance();
const resources = Object.fromEntries(Object.entries(LANGUAGES).map(([name, translation]) => [name, { translation }]));
/** `auto` is the browser's. */
export const localeOf = (asked: string): string => (asked === "auto" || !asked ? navigator.language : asked);

/** Speak that language from now on. */
export function speak(asked: string): void {
  const language = localeOf(asked);
  void texts.init({ lng: language, fallbackLng: "en", resources, initAsync: false, keySeparator: false, nsSeparator: false,
                    interpolation: { escapeValue: false } });
  document.documentElement.lang = texts.resolvedLanguage ?? "en";
}

export const say = (text: Text, values: Record<string, string> = {}): string => texts.t(text, values);

/** Countries' names in the language that is spoken, as the buyer's browser has them; made once, which is what takes time. */
let regions: { language: string; names: Intl.DisplayNames; order: Intl.Collator } | undefined;

function named(): NonNullable<typeof regions> {
  const language = texts.language || "en";
  if (regions?.language !== language) {
    const names = new Intl.DisplayNames([language, "en"], { type: "region" });
    regions = { language, names, order: new Intl.Collator(language) };
  }
  return regions;
}

export const countryName = (code: string): string => named().names.of(code) ?? code;

/** Which of two names comes first in the language that is spoken. */
export const before = (one: string, other: string): number => named().order.compare(one, other);
