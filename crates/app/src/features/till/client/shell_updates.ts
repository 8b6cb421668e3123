/**
 * Registers the service worker and moves to a new build when nobody is in the
 * middle of a sale.
 *
 * Owns: the Trusted Types policy `urls`, whose list has one address. Must not
 * know: what a sale is; it asks.
 */

import { WORKER_PATH } from "./shell.ts";

interface UrlPolicy {
  createScriptURL(url: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: UrlPolicy): UrlPolicy;
}

const rules: UrlPolicy = {
  createScriptURL(url) {
    if (url !== WORKER_PATH) throw new TypeError(`not a script of the till: ${url}`);
    return url;
  },
};

const IDLE_LOOK_MS = 5_000;
const LOOK_EVERY_MS = 3_600_000;

function workerUrl(): string {
  // Not yet in the DOM library; another module of the site types it for its own policy.
  const factory = (window as unknown as { trustedTypes?: PolicyFactory }).trustedTypes;
  return (factory?.createPolicy("urls", rules) ?? rules).createScriptURL(WORKER_PATH);
}

/** `isIdle` says whether the page may be replaced without anybody noticing. */
export function keepShell(isIdle: () => boolean): void {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  serviceWorker.register(workerUrl(), { scope: "/ventas/nueva/", updateViaCache: "none" }).catch((error: unknown) => console.warn("the till opens only online:", error));
  serviceWorker.addEventListener("message", (event: MessageEvent<unknown>) => {
    const { data } = event;
    if (typeof data !== "object" || data === null || !("kind" in data)) return;
    if (data.kind === "new_build" && "name" in data) useWhenIdle(String(data.name), isIdle);
    if (data.kind === "using_build") location.reload();
  });
  // A till stays open for days: it asks by itself whether there is a newer one.
  setInterval(() => serviceWorker.controller?.postMessage({ kind: "look_for_build" }), LOOK_EVERY_MS);
}

let waiting: ReturnType<typeof setInterval> | null = null;

function useWhenIdle(name: string, isIdle: () => boolean): void {
  if (waiting !== null) clearInterval(waiting);
  const look = (): void => {
    if (!isIdle()) return;
    if (waiting !== null) clearInterval(waiting);
    navigator.serviceWorker.controller?.postMessage({ kind: "use_build", name });
  };
  waiting = setInterval(look, IDLE_LOOK_MS);
  look();
}
