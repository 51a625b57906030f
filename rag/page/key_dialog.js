/** Asking for the API key, calmly: once for all requests that wait for it, and again from the button in the head. */

import { announce, button, byId, el } from "./dom.js";
import { currentKey, forgetKey, isRemembered, keepKey, keyIn, keys } from "./key.js";

export const NO_KEY = "使用这个服务需要 API 密钥，请向管理员索取。";

let asking = null; // the dialog that is open, as a promise

/**
 * Ask for a key; Esc and 取消 mean not now.
 * @param {string} why shown above the input
 * @returns {Promise<boolean>} whether there is a new key
 */
export function askForKey(why) {
  asking ??= ask(why).finally(() => (asking = null));
  return asking;
}

/** The button in the head: there as soon as a key is held or wanted. */
export function startKeyButton() {
  const opener = byId("key-button");
  const show = () => (opener.hidden = !currentKey());
  keys.addEventListener("change", show);
  keys.addEventListener("needed", () => (opener.hidden = false));
  opener.addEventListener("click", () => askForKey(standing()));
  show();
}

function standing() {
  if (!currentKey()) return NO_KEY;
  return isRemembered() ? "正在使用记在这个浏览器里的密钥。" : "正在使用的密钥在关闭这个标签页时忘掉。";
}

function ask(why) {
  keys.dispatchEvent(new Event("needed"));
  return new Promise((resolve) => {
    const before = document.activeElement;
    const dialog = makeDialog(why);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(dialog.returnValue === "use");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function makeDialog(why) {
  const input = el("input", {
    id: "key-input", type: "password", autocomplete: "off", autocapitalize: "off", spellcheck: "false", autofocus: true,
    "aria-describedby": "key-why key-fault",
  });
  const remember = el("input", { type: "checkbox", checked: isRemembered() });
  const fault = el("p", { id: "key-fault", class: "key-fault", role: "alert" });
  const use = (event) => {
    event.preventDefault(); // the key must not become part of an address
    const key = keyIn(input.value);
    if (key) {
      keepKey(key, remember.checked);
      dialog.close("use");
      return;
    }
    fault.textContent = input.value.trim() ? "密钥只含英文字母、数字和符号，请核对。" : "请输入密钥。";
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };
  const forget = () => {
    forgetKey();
    announce("密钥已忘掉");
    dialog.close("forgotten");
  };
  const dialog = el(
    "dialog",
    { class: "confirm key-dialog", "aria-labelledby": "key-title" },
    el(
      "form",
      { onsubmit: use },
      el("h2", { id: "key-title" }, "API 密钥"),
      el("p", { id: "key-why" }, why),
      el("label", { for: "key-input" }, "密钥"),
      input,
      fault,
      el("label", { class: "key-remember" }, remember, "在这个浏览器里记住"),
      el("p", { class: "fine" }, "不勾选时，关闭标签页即忘掉；公用电脑上请不要勾选。密钥只放在请求头里发给本服务。"),
      el(
        "div",
        { class: "confirm-buttons" },
        currentKey() && button("忘掉密钥", forget, { class: "link-button danger-text" }),
        button("取消", () => dialog.close("no")),
        el("button", { type: "submit", class: "button primary" }, "使用"),
      ),
    ),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close("no"));
  return dialog;
}
