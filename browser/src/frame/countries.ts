/** Countries: their names are the browser's own, and what an address there has. */

import type { Choices } from "./fields";
import { before, countryName, localeOf } from "./texts";

export const CODES = ("AC AD AE AF AG AI AL AM AO AQ AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PY QA RE RO RS RU RW SA SB SC SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WF WS XK YE YT ZA ZM ZW").split(" ");

/** Where a card's bank compares the postal code. */
export const POSTAL_CHECKED = ["US", "CA", "GB", "PR"];
const NO_POSTAL = ("AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GD GH GM GN GQ GY HK IE JM KE KI KM KN KP LC ML MO MR MS MU MW NR NU PA QA RW SB SC SL SO SR ST SY TF TK TL TO TT TV TZ UG VU YE ZA ZW").split(" ");
const STATE_NEEDED = ["AU", "BR", "CA", "IN", "IT", "JP", "MX", "US"];
const STATES: Record<string, string> = {
  US: "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY",
  CA: "AB BC MB NB NL NS NT NU ON PE QC SK YT", AU: "ACT NSW NT QLD SA TAS VIC WA",
  BR: "AC AL AP AM BA CE DF ES GO MA MT MS MG PA PB PR PE PI RJ RN RS RO RR SC SP SE TO",
};

export const hasPostal = (country: string): boolean => !NO_POSTAL.includes(country);
export const needsState = (country: string): boolean => STATE_NEEDED.includes(country);
export const states = (country: string): Choices | undefined => STATES[country]?.split(" ").map((code) => [code, code]);

/** All, or those the merchant's page allows, in the order of their names. */
export function countries(allowed?: unknown): Choices {
  const codes = Array.isArray(allowed) && allowed.length ? CODES.filter((code) => allowed.includes(code)) : CODES;
  return codes.map((code) => [code, countryName(code)] as const).sort((one, other) => before(one[1], other[1]));
}

/** Where the buyer probably is: as their browser's language says. */
export function likely(locale: string, allowed?: unknown): string {
  const regions = [locale, ...navigator.languages].map((language) => new Intl.Locale(localeOf(language)).maximize().region ?? "");
  const open = (code: string): boolean => CODES.includes(code) && (!Array.isArray(allowed) || allowed.length === 0 || allowed.includes(code));
  return regions.find(open) ?? (Array.isArray(allowed) ? String(allowed[0] ?? "US") : "US");
}
