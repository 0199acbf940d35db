// @ts-check
// `<div data-live="{…}">`: what this page shows is followed. Events arrive on the body as DOM events of their names:
// `hx-trigger="sync from:body"`. A browser opens six connections to a host over HTTP/1.1, so one tab reads one stream
// for all tabs that are seen, and passes on what each of them shows. When it goes, the next one takes over.

/**
 * @typedef {{ organization: string; requests?: boolean; jobs?: boolean }} Topics What a page shows.
 * @typedef {{ end(): void; covers(wanted: URLSearchParams): boolean }} Stream
 * @typedef {object} Message Between the tabs.
 * @property {string} [from]
 * @property {Topics | null} [shows]
 * @property {boolean} [asks]
 * @property {string} [event]
 * @property {string} [organization]
 * @property {string} [data]
 * @property {boolean} [paused]
 */

/** @type {HTMLElement | null} */
const place = document.querySelector("[data-live]");
/** @type {Topics | null} */
const topics = place && JSON.parse(place.dataset.live ?? "null");
const notice = document.getElementById("live-paused");
const own = crypto.getRandomValues(new Uint32Array(2)).join();

const silenceMs = 15_000;
const longestDelayMs = 60_000;
/** The server takes no more for one stream. */
const mostOrganizations = 20;
/** Asked for only while some tab shows it; organizations that no tab shows any longer stay until the stream ends. */
const costly = /** @type {const} */ (["requests", "jobs"]);

/** Without locks, on an origin without TLS, each tab that is seen reads for itself. */
const channel = navigator.locks && window.BroadcastChannel ? new BroadcastChannel("pricore-live") : null;
/**
 * What each tab shows, as reported to the tab that reads the stream.
 *
 * @type {Map<string | undefined, Topics>}
 */
const shown = new Map();
/** @type {AbortController | null} */
let leaving = null;
/** @type {Stream | null} */
let stream = null;
let isPaused = false;
/** Somebody read before, so something may have been missed when the next stream opens. */
let isAgain = false;
let attempts = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;

if (topics) {
  channel?.addEventListener("message", ({ data }) => !document.hidden && hear(data));
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : come()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", ({ persisted }) => persisted && come());
  // Not before the page is there, which needs the same connections.
  if (document.readyState === "complete") come();
  else window.addEventListener("load", come);
  // Loaded while nobody looked, it is old when somebody does.
  isAgain = document.hidden;
}

function come() {
  if (document.hidden || leaving || !topics) return;
  leaving = new AbortController();
  const { signal } = leaving;
  send({ from: own, shows: topics });
  if (isAgain) arrive("live", "{}");
  const read = async () => signal.aborted || readUntil(signal, topics);
  if (channel) navigator.locks.request("pricore-live", { signal }, read).catch(() => {});
  else read();
}

/** Nothing is read for a tab that nobody sees; what it misses is asked for when it is seen again. */
function leave() {
  isAgain = true;
  leaving?.abort();
  leaving = null;
  send({ from: own, shows: null });
}

/**
 * To the other tabs of this origin, which is all that a BroadcastChannel reaches.
 *
 * @param {Message} message
 */
function send(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel?.postMessage(message);
}

/**
 * Reads for all, until this tab goes.
 *
 * @param {AbortSignal} signal
 * @param {Topics} topics
 */
async function readUntil(signal, topics) {
  shown.clear();
  shown.set(own, topics);
  send({ from: own, asks: true });
  followSoon();
  await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
  close();
  shown.clear();
}

/** @param {Message} message */
function hear({ from, shows, asks, event, organization, data, paused }) {
  if (asks) send({ from: own, shows: topics });
  if (event !== undefined && isShown(organization)) arrive(event, data ?? "{}");
  if (paused !== undefined) {
    isAgain = true;
    show(paused);
  }
  if (shows === undefined || !shown.has(own)) return;
  if (shows === null) shown.delete(from);
  else shown.set(from, shows);
  send({ paused: isPaused });
  followSoon();
}

/** Tabs that open or close together change the stream once. */
function followSoon() {
  clearTimeout(retry);
  retry = setTimeout(follow, 50);
}

function follow() {
  const wanted = addressOf([...shown.values()]);
  if (stream?.covers(wanted)) return;
  close();
  read(wanted);
}

/** @param {Topics[]} all */
function addressOf(all) {
  const slugs = [...new Set(all.map(({ organization }) => organization))].slice(-mostOrganizations);
  const wanted = new URLSearchParams(slugs.map((slug) => ["organization", slug]));
  for (const name of costly) if (all.some((each) => each[name])) wanted.set(name, "1");
  return wanted;
}

function close() {
  clearTimeout(retry);
  stream?.end();
  stream = null;
}

/** @param {URLSearchParams} wanted */
async function read(wanted) {
  const aborting = new AbortController();
  /** @type {Stream} */
  const mine = {
    end: () => aborting.abort(),
    covers: (parts) =>
      [...parts].every(([name, value]) => wanted.getAll(name).includes(value)) &&
      costly.every((name) => wanted.has(name) === parts.has(name)),
  };
  stream = mine;
  let isOpen = false;
  try {
    // With an id the server says that something may have been missed.
    const headers = new Headers({ Accept: "text/event-stream" });
    if (isAgain) headers.set("Last-Event-ID", "1");
    const answer = await fetch(`/live?${wanted}`, { headers, cache: "no-store", signal: aborting.signal });
    if (!answer.ok || !answer.body || !answer.headers.get("Content-Type")?.includes("event-stream"))
      throw new Error(`The server answered ${answer.status}.`);
    isOpen = isAgain = true;
    attempts = 0;
    pause(false);
    await readEvents(answer.body.getReader(), mine);
  } catch {
    // Whatever it was, the stream is opened again.
  }
  if (stream !== mine) return;
  close();
  if (!isOpen) pause(true);
  const delayMs = Math.min(500 * 2 ** attempts++, longestDelayMs);
  retry = setTimeout(follow, delayMs * (0.7 + Math.random() * 0.6));
}

/**
 * Blocks end with an empty line. The server says something every few seconds, or it is gone.
 *
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Stream} stream
 */
async function readEvents(reader, { end }) {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const silence = setTimeout(end, silenceMs);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    blocks.forEach(pass);
  }
}

/** @param {string} block */
function pass(block) {
  const lines = block.split("\n").filter((line) => !line.startsWith(":"));
  const { event, organization, data = "{}" } = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s)));
  if (event === undefined) return;
  send({ event, organization, data });
  if (isShown(organization)) arrive(event, data);
}

/** @param {string | undefined} organization */
function isShown(organization) {
  return organization === undefined || organization === topics?.organization;
}

/**
 * @param {string} event
 * @param {string} data
 */
function arrive(event, data) {
  document.body.dispatchEvent(new CustomEvent(event, { bubbles: true, detail: JSON.parse(data) }));
}

/** @param {boolean} now */
function pause(now) {
  isPaused = now;
  send({ paused: now });
  show(now);
}

/**
 * Said, because the page goes on looking right.
 *
 * @param {boolean} paused
 */
function show(paused) {
  if (notice) notice.hidden = !paused;
}
