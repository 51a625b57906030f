/** Asking before something is lost. */

import { button, el } from "./dom.js";

/**
 * Ask for confirmation; Esc and the veil mean no.
 * @returns {Promise<boolean>}
 */
export function confirmed(title, detail, action) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const dialog = el(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-detail" },
      el("h2", { id: "confirm-title" }, title),
      el("p", { id: "confirm-detail" }, detail),
      el(
        "div",
        { class: "confirm-buttons" },
        button("取消", () => dialog.close("no"), { autofocus: true }),
        button(action, () => dialog.close("yes"), { class: "button danger" }),
      ),
    );
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
