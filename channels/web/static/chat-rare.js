// What is rarely needed, and fetched only then: earlier messages, long and refused ones, the end of a session.

import { make } from "./chat-parts.js";

/** Put up to `page` messages before the first one; what is being read stays where it is. */
export async function earlier({ list, scroll, older }, line, page, show) {
  const first = [...list.children].find((node) => node.classList.contains("message") && node.cursor);
  const messages = first ? await line.earlier(first.cursor).catch(() => []) : [];
  const height = scroll.scrollHeight - scroll.scrollTop;
  for (const message of messages.reverse()) show(message);
  scroll.scrollTop = scroll.scrollHeight - height;
  older.hidden = messages.length < page;
}

/** Say at a message that it was not taken, and offer to change it. */
export function refused(fate, code, say, edit, isFile) {
  const again = make("button", { class: "plain", type: "button", textContent: say.edit });
  again.addEventListener("click", edit);
  const why = { too_long: say.tooLong, refused_file: say.fileRefused, unknown_sender: say.fileUnknown }[code];
  fate.className = "fate refused";
  fate.replaceChildren(why || say.refused, isFile ? "" : " ", isFile ? "" : again);
}

/** Say that the session has ended, and offer to begin again. */
export function over({ ghost, notice }, say, restart) {
  ghost.remove();
  const again = make("button", { class: "plain", type: "button", textContent: say.restart });
  again.addEventListener("click", restart);
  notice.hidden = false;
  notice.replaceChildren(make("span", { role: "status" }, say.expired), again);
}

/** Fold long words to twelve lines, with a button that shows the rest. */
export function fold(box, say) {
  box.classList.add("folded");
  const more = make("button", { class: "plain", type: "button", textContent: say.whole });
  more.setAttribute("aria-expanded", "false");
  more.addEventListener("click", () => {
    const isFolded = box.classList.toggle("folded");
    more.textContent = isFolded ? say.whole : say.less;
    more.setAttribute("aria-expanded", String(!isFolded));
  });
  box.after(more);
}
