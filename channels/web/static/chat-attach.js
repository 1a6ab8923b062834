// Choosing a photo or a PDF to send, and what is not taken. Fetched when somebody first wants to.

import { make } from "./chat-parts.js";

const MOST = 5 * 1024 * 1024;
const TAKEN = "image/jpeg,image/png,image/webp,image/gif,image/heic,image/heif,application/pdf";

export const taken = {
  /** The files that somebody chooses; none where they choose none. */
  choose(root, say) {
    return new Promise((done) => {
      const chooser = make("input", { type: "file", multiple: true, accept: TAKEN, hidden: true, "aria-label": say.attach });
      chooser.addEventListener("change", () => (done([...chooser.files]), chooser.remove()));
      chooser.addEventListener("cancel", () => (done([]), chooser.remove()));
      root.append(chooser);
      chooser.click();
    });
  },

  /** Why a file is not taken, in words; nothing where it is. The server looks at what it really is. */
  refuses(file, say) {
    const isOther = file.type && !TAKEN.split(",").includes(file.type);
    return isOther || file.size > MOST || !file.size ? say.fileRefused : "";
  },
};
