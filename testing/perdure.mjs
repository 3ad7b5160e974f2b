// For other people's tests in Node (18 or newer): a payment engine on free ports, and an account of its own for each test.
// Needs nothing but a checkout of Perdure in which `make install` was run. With TEST_PERDURE_URL, TEST_PERDURE_KEY and
// TEST_PERDURE_SIMULATOR, the engine that runs there is used instead.
import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const CHECKOUT = dirname(dirname(fileURLToPath(import.meta.url)));
const START_MS_MAX = 180_000;
const KEY = "sk_test_perdure";

/** An engine that can take payments: `account()` makes one for a test, `stop()` ends what was started. */
export async function startPerdure() {
  const url = process.env.TEST_PERDURE_URL;
  if (url) {
    const simulator = process.env.TEST_PERDURE_SIMULATOR ?? "http://127.0.0.1:8010";
    return engineAt(url, simulator, process.env.TEST_PERDURE_KEY ?? KEY, async () => {});
  }
  const directory = mkdtempSync(join(tmpdir(), "perdure-"));
  const [api, temporal, ui, simulator] = await freePorts(4);
  const theirs = Object.entries(process.env).filter(([name]) => !/^(PERDURE_|PYTHON)/.test(name));
  const env = {
    ...Object.fromEntries(theirs),
    PERDURE_API_PORT: api, PERDURE_TEMPORAL_PORT: temporal, PERDURE_TEMPORAL_UI_PORT: ui,
    PERDURE_SIMULATOR_PORT: simulator, PERDURE_DATA_DIR: directory, PERDURE_SECRET_KEY: KEY,
  };
  const log = join(directory, "engine.log");
  const output = createWriteStream(log);
  const child = spawn(join(CHECKOUT, ".venv", "bin", "python"), ["-m", "embedded"], { cwd: CHECKOUT, env });
  child.stdout.pipe(output);
  child.stderr.pipe(output);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const until = Date.now() + START_MS_MAX;
  while (!said(log).includes("Perdure is ready")) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`the engine did not start:\n${said(log)}`);
    }
    await pause(100);
  }
  return engineAt(`http://127.0.0.1:${api}`, `http://127.0.0.1:${simulator}`, KEY, async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });
}

function said(log) {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
}

function engineAt(url, simulator, key, stop) {
  return {
    url,
    stop,
    /** An account with nothing in it: its keys for any of Stripe's libraries, pointed at `url`, and what tests need beside. */
    async account() {
      const made = await call("POST", `${url}/v1/test_helpers/accounts`, key, "");
      const ask = (method, path, parameters = {}) =>
        method === "GET"
          ? call(method, `${url}${path}?${form(parameters)}`, made.secret_key)
          : call(method, `${url}${path}`, made.secret_key, form(parameters));
      return {
        id: made.id, url, secretKey: made.secret_key, publishableKey: made.publishable_key, spoiled: [],
        get: (path, query) => ask("GET", path, query),
        post: (path, parameters) => ask("POST", path, parameters),
        /** The newest event of a type (about an object), once it is there. */
        async waitFor(type, objectId, ms = 30_000) {
          for (const until = Date.now() + ms; ; await pause(50)) {
            const { data } = await ask("GET", "/v1/events", { type, limit: 100 });
            const event = data.find((each) => objectId === undefined || each.data.object.id === objectId);
            if (event) return event;
            if (Date.now() > until) throw new Error(`no ${type} of ${objectId ?? "anything"} within ${ms} ms`);
          }
        },
        /** Move one payment's clock; every timer that comes due fires, in order. */
        fastForward: (id, seconds) => ask("POST", `/v1/test_helpers/payment_intents/${id}/fast_forward`, { seconds }),
        /** Let the gateway misbehave towards one payment: { outage: true, count: 2 }, { drop: "after" }, { latency_ms: 3000 }. */
        async spoil(id, faults) {
          this.spoiled.push(id);
          await call("POST", `${simulator}/_faults`, "", JSON.stringify({ ...faults, payments: [id] }), "application/json");
        },
        async heal() {
          for (const id of this.spoiled.splice(0)) await call("DELETE", `${simulator}/_faults?payment=${id}`, "");
        },
      };
    },
  };
}

async function call(method, url, key, body, kind = "application/x-www-form-urlencoded") {
  const headers = { "Content-Type": kind };
  if (key) headers.Authorization = `Basic ${Buffer.from(`${key}:`).toString("base64")}`;
  const answer = await fetch(url, { method, headers, body });
  const found = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(found.error?.message ?? `HTTP ${answer.status}`), { status: answer.status, error: found.error });
  return found;
}

function form(parameters) {
  const pairs = [];
  const flat = (name, value) => {
    if (value !== null && typeof value === "object") {
      for (const [key, each] of Object.entries(value)) flat(`${name}[${key}]`, each);
    } else {
      pairs.push([name, String(value)]);
    }
  };
  for (const [name, value] of Object.entries(parameters)) flat(name, value);
  return new URLSearchParams(pairs).toString();
}

async function freePorts(count) {
  const probes = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const probe = createServer().once("error", reject);
      probe.listen(0, "127.0.0.1", () => resolve(probe));
    })),
  );
  const ports = probes.map((probe) => probe.address().port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
