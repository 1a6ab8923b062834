// What a message is made of, as elements. Text from people and records only ever becomes text.

/** An element with properties and children; strings become text nodes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") element.className = value;
    else if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** The address if it may be opened: http, https, or a path of ours. Anything else (javascript:, data:) is none. */
export function safeAddress(value, base) {
  try {
    const address = new URL(value, base);
    return ["http:", "https:"].includes(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

/** The box of a message's words; long ones are folded. */
export function folded(box, text, say) {
  const isLong = text.length > 1600 || text.split("\n").length > 18;
  if (isLong) import("./chat-rare.js").then(({ fold }) => fold(box, say), () => {});
  return box;
}

/** Put a business's colours on an element as --light-fill, --dark-text and so on. */
export function paint(element, look) {
  for (const [name, colour] of Object.entries(look || {})) element.style.setProperty(`--${name}`, colour);
}

/** Draw the empty chat into a root; returns its elements by name. */
export function frame(root, say, title) {
  const status = make("p", { role: "status" }, say.connecting);
  const list = make("div", { class: "list" });
  const ghost = make("div", { class: "ghost", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
  const older = make("button", { class: "plain older", type: "button", hidden: true, textContent: say.earlier });
  // The log itself is silent: each finished answer is announced once, from `aloud`, never its drafts.
  const log = { class: "scroll", tabIndex: 0, role: "log", "aria-live": "off", "aria-label": say.log };
  const scroll = make("div", log, older, ghost, list);
  const aloud = make("p", { class: "unseen", "aria-live": "polite" });
  const newer = make("button", { class: "newer", type: "button", hidden: true, textContent: say.newer });
  const notice = make("div", { class: "notice", hidden: true });
  const named = { placeholder: say.write, "aria-label": say.write };
  const field = make("textarea", { rows: 1, dir: "auto", enterKeyHint: "send", autocomplete: "off", ...named });
  const send = make("button", { class: "send", type: "submit", disabled: true, textContent: say.send });
  const form = make("form", { class: "composer" }, field, send);
  const attach = make("button", { class: "plain attach", type: "button", textContent: say.attach });
  const head = make("header", {}, make("div", {}, make("h2", { dir: "auto" }, title), make("slot", { name: "end" }), status));
  root.replaceChildren(head, scroll, make("footer", {}, newer, notice, form, attach), aloud);
  return { head, status, list, ghost, older, scroll, aloud, newer, notice, field, send, form, attach };
}

/** A day and time as people write it; the year only when it is not this one. */
export function momentWords(moment, language, say) {
  const [hour, now] = [{ hour: "numeric", minute: "2-digit" }, new Date()];
  const isToday = moment.toDateString() === now.toDateString();
  const year = moment.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  const day = isToday ? {} : { weekday: "short", day: "numeric", month: "short", ...year };
  const text = new Intl.DateTimeFormat(language || "en", { ...day, ...hour }).format(moment);
  return isToday ? `${say.today}, ${text}` : text;
}

/** What is read aloud of a finished answer: who, the words, and its cards. */
export function spoken(body, author) {
  const cards = body.attachments.filter((one) => one.kind === "card");
  const rows = cards.map((one) => [one.label, ...one.rows.map((row) => row.join(" "))].join(", "));
  return [`${author}: ${body.text}`, ...rows].join(". ").slice(0, 2000);
}

/** The message above an element of the list. */
export function previousMessage(node) {
  let before = node.previousElementSibling;
  while (before && !before.classList.contains("message")) before = before.previousElementSibling;
  return before;
}
