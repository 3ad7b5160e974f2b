/**
 * The merchant's fonts, for frames that load nothing foreign but font files. A stylesheet is read on the merchant's page,
 * and only its faces go into a frame: without their `unicode-range`, which would tell a font's server what is typed.
 */

import type { Form, FormValue } from "./protocol";

const FACE = /@font-face\s*\{([^}]*)\}/g;
const DIGIT = 0x30;

/** Faces as `{family, source, weight, style}`, of fonts as `stripe.elements({fonts})` takes them. */
export async function faces(fonts: unknown): Promise<FormValue[]> {
  const given = Array.isArray(fonts) ? (fonts as Form[]) : [];
  const found = await Promise.all(given.map(async (font) => {
    if (typeof font["cssSrc"] === "string") return sheet(font["cssSrc"]);
    return [{ family: font["family"], source: font["src"], weight: font["weight"], style: font["style"] }];
  }));
  return found.flat();
}

async function sheet(url: string): Promise<Form[]> {
  try {
    const text = await (await fetch(url, { credentials: "omit" })).text();
    return [...text.matchAll(FACE)].map((match) => declarations(match[1] ?? ""))
      .filter((face) => covers(face["unicode-range"], DIGIT))
      .map((face) => ({ family: unquoted(face["font-family"] ?? ""), source: absolute(face["src"] ?? "", url),
                        weight: face["font-weight"], style: face["font-style"] }));
  } catch {
    return []; // The page's own look is no reason not to be paid.
  }
}

function declarations(body: string): Record<string, string> {
  const pairs = body.split(";").map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);
  return Object.fromEntries(pairs.filter(([name]) => name)) as Record<string, string>;
}

const unquoted = (text: string): string => text.replaceAll(/["']/g, "");

const absolute = (source: string, base: string): string =>
  source.replaceAll(/url\(["']?([^"')]+)["']?\)/g, (_, url: string) => `url("${new URL(url, base).href}")`);

/** Whether a face is for that character: one for Cyrillic alone is of no use for a card number. */
function covers(range: string | undefined, character: number): boolean {
  if (!range) return true;
  return range.split(",").some((part) => {
    const [first = "", last] = part.trim().replace(/^U\+/i, "").split("-");
    const low = parseInt(first.replaceAll("?", "0"), 16);
    const high = parseInt((last ?? first).replaceAll("?", "f"), 16);
    return low <= character && character <= high;
  });
}
