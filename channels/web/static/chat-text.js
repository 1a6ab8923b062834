// The words of a message, as elements. Lists and quotes in them are drawn by chat-lists.js, fetched where there are some.

import { make, safeAddress } from "./chat-parts.js";

const KEPT = /(https?:\/\/[^\s<>"]+|\b[A-Z]{2,4}-\d+\b|\+\d[\d -]{6,}\d)/; // addresses, and what is not broken over lines

function isOurs(address, base) {
  return address && address.origin === new URL(base).origin && /^\/(pay|files)\/[\w-]+$/.test(address.pathname);
}

/** One piece of text as nodes: our own pay and file addresses become links, all others stay words. */
export function inline(text, base) {
  return text.split(KEPT).flatMap((piece) => {
    if (!KEPT.test(piece)) return [piece];
    const [, bare, tail] = /^(https?:\/\/.*?)([.,;:!?)]*)$/s.exec(piece) || [];
    if (!bare) return [make("span", { class: "whole" }, piece)];
    const address = safeAddress(bare, base);
    return isOurs(address, base) ? [opening(address, bare), tail] : [piece];
  });
}

/** A link that opens beside the page and is told nothing of it. */
export function opening(address, words, extra = {}) {
  return make("a", { href: address.href, target: "_blank", rel: "noopener noreferrer", ...extra }, words);
}

/** A message's words; `drawn` is called when its lists stand. Where every item is also a choice, it becomes that choice. */
export function words(text, base, choices = [], drawn = () => {}) {
  const box = make("div", { class: "words", dir: "auto" }, ...inline(String(text), base));
  if (/\n/.test(text)) import("./chat-lists.js").then(({ draw }) => drawn(draw(box, text, base, choices)), () => {});
  return box;
}
