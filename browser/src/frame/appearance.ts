/**
 * The merchant's appearance (Elements) or style (card fields). Variables and rules of known names and properties, set
 * through the CSSOM: no foreign stylesheet gets in, and nothing in one can load or reveal anything.
 */

import type { Form } from "../protocol";

const VARIABLES: Record<string, string> = {
  accessibleColorOnColorPrimary: "--on-primary", borderRadius: "--radius", buttonBorderRadius: "--button-radius",
  colorBackground: "--background", colorBorder: "--border", colorDanger: "--danger", colorPrimary: "--primary",
  colorSuccess: "--success", colorText: "--text", colorTextPlaceholder: "--hint", colorTextSecondary: "--secondary",
  focusBoxShadow: "--focus", fontFamily: "--font", fontLineHeight: "--leading", fontSize2Xs: "--size-2xs", fontSize3Xs: "--size-3xs",
  fontSizeBase: "--size", fontSizeLg: "--size-lg", fontSizeSm: "--size-sm", fontSizeXl: "--size-xl", fontSizeXs: "--size-xs",
  fontWeightBold: "--bold", fontWeightLight: "--light", fontWeightMedium: "--medium", fontWeightNormal: "--weight",
  gridColumnSpacing: "--column-gap", gridRowSpacing: "--row-gap", iconColor: "--icon", spacingUnit: "--space",
  tabIconColor: "--icon", tabIconSelectedColor: "--icon-selected", tabSpacing: "--tab-gap", accordionItemSpacing: "--item-gap",
};

const NIGHT = { "--background": "#30313d", "--text": "#ffffff", "--border": "#5d5f74", "--primary": "#85d996", "--danger": "#ff9aa5",
                "--hint": "#b3b5c4", "--secondary": "#c9cbd8", "--on-primary": "#10131a", "--success": "#85d996" };
const THEMES: Record<string, Record<string, string>> = {
  stripe: {}, night: NIGHT, minimal: { "--shadow": "none" },
  flat: { "--border": "transparent", "--background": "#eef1f6", "--radius": "4px", "--shadow": "none" },
  none: { "--radius": "0", "--shadow": "none", "--border": "#8792a2" },
};
const STYLES: Record<string, string> = { color: "--text", fontSize: "--size", fontFamily: "--font", iconColor: "--icon",
                                         fontWeight: "--weight", lineHeight: "--line", textAlign: "--align",
                                         letterSpacing: "--tracking", fontStyle: "--slant", fontVariant: "--variant" };

const SELECTOR = /^\.[A-Z][A-Za-z]*(--[a-zA-Z]+)?(:{1,2}[a-z-]+)*$/;
const PROPERTY = /^(background-?(color)?|border(-(top|right|bottom|left))?(-(color|style|width|radius))?|border-(top|bottom)-(left|right)-radius|box-shadow|color|fill|fill-opacity|font-(family|size|weight|variant|style)|letter-spacing|line-height|margin(-(top|right|bottom|left))?|opacity|outline(-(color|style|width|offset))?|padding(-(top|right|bottom|left))?|stroke|text-(align|decoration|shadow|transform)|transition|transition-(property|duration|timing-function|delay)|webkit-font-smoothing)$/;

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-/, "");
const tame = (value: unknown): string => (/url\s*\(|image-set|expression/i.test(String(value)) ? "" : String(value));

const rules = new CSSStyleSheet();
document.adoptedStyleSheets.push(rules);

/** Take it over. */
export function dress(options: Form): void {
  const root = document.documentElement;
  const appearance = (options["appearance"] ?? {}) as Form;
  const theme = THEMES[String(appearance["theme"] ?? "stripe")] ?? {};
  for (const name of new Set(Object.values(THEMES).flatMap(Object.keys))) root.style.removeProperty(name);
  for (const [name, value] of Object.entries(theme)) root.style.setProperty(name, value);
  const given = (appearance["variables"] ?? {}) as Form;
  for (const [name, variable] of Object.entries(VARIABLES)) if (given[name]) root.style.setProperty(variable, tame(given[name]));
  root.dataset["labels"] = appearance["labels"] === "floating" ? "floating" : "above";
  root.dataset["inputs"] = appearance["inputs"] === "condensed" ? "condensed" : "spaced";
  ruled((appearance["rules"] ?? {}) as Form);
  styled((options["style"] ?? {}) as Form);
  lettered(options["fonts"]);
}

function ruled(given: Form): void {
  rules.replaceSync("");
  for (const [selectors, declarations] of Object.entries(given)) {
    const known = selectors.split(",").map((one) => one.trim()).filter((one) => SELECTOR.test(one));
    if (known.length === 0 || typeof declarations !== "object" || declarations === null) continue;
    const rule = rules.cssRules[rules.insertRule(`${known.join(",")} {}`, rules.cssRules.length)] as CSSStyleRule;
    for (const [name, value] of Object.entries(declarations)) {
      const property = kebab(name);
      if (PROPERTY.test(property)) rule.style.setProperty(property === "webkit-font-smoothing" ? `-${property}` : property, tame(value));
    }
  }
}

/** Of a card field, whose box is the merchant's own. */
function styled(style: Form): void {
  const root = document.documentElement.style;
  const base = (style["base"] ?? {}) as Form;
  for (const [name, variable] of Object.entries(STYLES)) if (base[name]) root.setProperty(variable, tame(base[name]));
  const invalid = (style["invalid"] ?? {}) as Form;
  if (invalid["color"]) root.setProperty("--danger", tame(invalid["color"]));
  const placeholder = base["::placeholder"] as Form | undefined;
  if (placeholder?.["color"]) root.setProperty("--hint", tame(placeholder["color"]));
}

const loaded = new Set<string>();

function lettered(fonts: unknown): void {
  for (const font of Array.isArray(fonts) ? (fonts as Form[]) : []) {
    const said = JSON.stringify(font);
    if (loaded.has(said)) continue;
    loaded.add(said);
    const look = { weight: String(font["weight"] ?? "normal"), style: String(font["style"] ?? "normal") };
    try {
      const face = new FontFace(String(font["family"]), String(font["source"]), look);
      document.fonts.add(face);
      face.load().catch(() => document.fonts.delete(face));
    } catch {
      // A source that is none: the next font of the family is used.
    }
  }
}
