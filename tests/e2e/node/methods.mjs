// What every method of resources of the official Node SDK asks for, as JSON: node methods.mjs <resource>…
import Stripe from "stripe";

let asked;
const answer = {
  getHeaders: () => ({}), getStatusCode: () => 200, getRawResponse: () => ({}), toJSON: async () => ({}),
};
const unsent = {
  getClientName: () => "unsent",
  makeRequest: async (host, port, path, method) => {
    asked = `${method} ${decodeURIComponent(path.split("?")[0])}`;
    return answer;
  },
};
const stripe = new Stripe("sk_test_none", { httpClient: unsent });
const file = { purpose: "dispute_evidence", file: { data: Buffer.from("x"), name: "x", type: "text/plain" } };
const found = {};
for (const name of process.argv.slice(2)) {
  const resource = stripe[name];
  for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(resource))) {
    if (method === "constructor") continue;
    // Ids, then parameters, then options.
    const ids = Array(resource[method].length - 2).fill("{}");
    asked = undefined;
    await resource[method](...ids, name === "files" && method === "create" ? file : {}, { apiVersion: "2026-10-28.endive" });
    found[`${name}.${method}`] = asked;
  }
}
console.log(JSON.stringify(found));
