// Choosing a photo or a PDF to send, and what is not taken. Fetched when somebody first wants to.

import { make } from "./chat-parts.js";

const MOST = 5 * 1024 * 1024;
const TAKEN = "image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,application/pdf";

/** Send the files, or those that are chosen now where none are given; say why one is not taken. */
export async function attach(files, root, say, note, send) {
  for (const file of files.length ? files : await choose(root, say)) {
    // The server looks at what it really is.
    const isOther = file.type && !TAKEN.split(",").includes(file.type);
    if (isOther || file.size > MOST || !file.size) note(say.fileRefused);
    else send(file);
  }
}

function choose(root, say) {
  return new Promise((done) => {
    const chooser = make("input", { type: "file", multiple: true, accept: TAKEN, hidden: true, "aria-label": say.attach });
    chooser.addEventListener("change", () => (done([...chooser.files]), chooser.remove()));
    chooser.addEventListener("cancel", () => (done([]), chooser.remove()));
    root.append(chooser);
    chooser.click();
  });
}
