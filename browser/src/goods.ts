/** What the demo shop sells, drawn here, and what it costs where. */

export interface Product {
  id: string;
  name: string;
  /** In euro cents; other currencies by a round rate. */
  price: number;
  /** An SVG path in 64 by 64, and its colour. */
  picture: string;
  colour: string;
}

export const PRODUCTS: readonly Product[] = [
  { id: "notebook", name: "Notebook", price: 1_200, colour: "#d8603a", picture: "M16 8h30a4 4 0 0 1 4 4v40a4 4 0 0 1-4 4H16zM22 8v48M30 20h12M30 28h12" },
  { id: "mug", name: "Mug", price: 1_800, colour: "#2f7f86", picture: "M12 18h32v26a8 8 0 0 1-8 8H20a8 8 0 0 1-8-8zM44 24h4a7 7 0 0 1 0 16h-4M22 6v6M30 4v8" },
  { id: "vase", name: "Vase", price: 3_400, colour: "#7a5bb5", picture: "M26 8h12v8c0 6 10 10 10 22a16 16 0 0 1-32 0c0-12 10-16 10-22zM22 8h20" },
];

/** Where the shop ships to: its currency, and how many of its smallest unit a euro cent is. */
export const REGIONS: Record<string, { name: string; currency: string; rate: number }> = {
  DE: { name: "Germany", currency: "eur", rate: 1 }, US: { name: "United States", currency: "usd", rate: 1.1 },
  GB: { name: "United Kingdom", currency: "gbp", rate: 0.9 }, NL: { name: "Netherlands", currency: "eur", rate: 1 },
  PL: { name: "Poland", currency: "pln", rate: 4.2 }, SE: { name: "Sweden", currency: "sek", rate: 11 },
  CH: { name: "Switzerland", currency: "chf", rate: 1 }, BR: { name: "Brazil", currency: "brl", rate: 6 },
  JP: { name: "Japan", currency: "jpy", rate: 1.6 }, AU: { name: "Australia", currency: "aud", rate: 1.7 },
};

/** Of Stripe's amounts. Browsers round forints and others to whole ones, and would be wrong by a hundred. */
const ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");
const THREE_DECIMAL = "bhd jod kwd omr tnd".split(" ");

/** An amount in a currency's smallest unit, as people write it. */
export function money(amount: number, currency: string): string {
  const digits = ZERO_DECIMAL.includes(currency) ? 0 : THREE_DECIMAL.includes(currency) ? 3 : 2;
  const format = new Intl.NumberFormat(navigator.language, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(amount / 10 ** digits);
}

/** What is bought, by product, and what it comes to. */
export class Basket {
  private readonly bought = new Map<string, number>([["notebook", 1]]);

  count(id: string): number {
    return this.bought.get(id) ?? 0;
  }

  add(id: string, more: number): void {
    this.bought.set(id, Math.max(0, Math.min(9, this.count(id) + more)));
  }

  price(product: Product, region: string): number {
    return Math.round(product.price * (REGIONS[region]?.rate ?? 1));
  }

  total(region: string): number {
    return PRODUCTS.reduce((sum, product) => sum + this.count(product.id) * this.price(product, region), 0);
  }

  lines(region: string): [name: string, price: number][] {
    return PRODUCTS.filter(({ id }) => this.count(id) > 0)
      .map((product) => [`${this.count(product.id)} × ${product.name}`, this.count(product.id) * this.price(product, region)]);
  }
}

const NS = "http://www.w3.org/2000/svg";

/** A product's picture. */
export function drawn(product: Product): SVGSVGElement {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("aria-hidden", "true");
  svg.style.setProperty("--colour", product.colour);
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", product.picture);
  svg.append(path);
  return svg;
}
