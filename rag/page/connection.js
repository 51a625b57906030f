/** The banner that tells when the service cannot be reached, and when it is back. */

import { checkReady, connection } from "./api.js";
import { announce, byId } from "./dom.js";

const EVERY = 3000; // milliseconds between two looks whether the service is back

/** Watch the connection for as long as the page is open. */
export function watchConnection() {
  const banner = byId("connection");
  let timer = 0;
  connection.addEventListener("lost", () => {
    banner.textContent = navigator.onLine ? "连不上问答服务，正在重新连接…" : "网络已断开，正在重新连接…";
    banner.hidden = false;
    timer ||= setInterval(() => checkReady().catch(() => {}), EVERY); // a failure just means: look again
  });
  connection.addEventListener("held", () => {
    if (banner.hidden) return;
    clearInterval(timer);
    timer = 0;
    banner.hidden = true;
    announce("已重新连上问答服务");
  });
  window.addEventListener("online", () => timer && checkReady().catch(() => {}));
}
