/**
 * The bar on top: which register, which session, whether the server has
 * everything, who sells.
 *
 * Owns: nothing; it shows. Must not know: the ticket.
 */

import type { JSX } from "preact";
import { timeText } from "../receipt.ts";
import { Icon, Key, useTexts, useWorld } from "./parts.tsx";

export function Wordmark({ href }: { href: string }): JSX.Element {
  const t = useTexts();
  return (
    <a class="wordmark" href={href} aria-label={t.home_link}>
      <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
        <rect class="mark-ground" width="24" height="24" rx="6" />
        <rect class="mark-dot" x="5" y="5.5" width="3.5" height="3.5" rx="0.75" />
        <path class="mark-bar" d="M5 10.5h3.5v8H5zM10.75 5.5h1.5v13h-1.5zM14.25 5.5h1.75v13h-1.75zM17.75 5.5h1.25v13h-1.25z" />
      </svg>
      <span class="word label">inventario</span>
    </a>
  );
}

/** What has not reached the server, in words; never a colour alone. */
function Sync(): JSX.Element {
  const { state } = useWorld();
  const t = useTexts();
  const { waiting, waitingSales, stuck, reachable } = state.outbox.value;
  const unsent = waiting === waitingSales ? t.sync_sales_waiting(waiting) : t.sync_waiting(waiting);
  const text = stuck.length > 0 ? t.sync_stuck(stuck.length) : waiting > 0 ? unsent : reachable ? t.sync_online : t.sync_offline;
  const isWell = stuck.length === 0 && waiting === 0 && reachable;
  return (
    <button type="button" class="button sync" data-tone={isWell ? undefined : "warn"} onClick={() => (state.dialog.value = { kind: "sync" })}>
      <Icon name={stuck.length > 0 ? "warn" : reachable ? "online" : "offline"} />
      <span role="status">{text}</span>
    </button>
  );
}

export function RegisterBar(): JSX.Element {
  const { state } = useWorld();
  const t = useTexts();
  const answer = state.answer.value;
  const session = state.cashSession.value;
  const isOpen = session !== null && session.closed === null;
  return (
    <header class="register">
      <Wordmark href={answer?.user.role === "admin" ? "/dashboard/" : "/ventas/"} />
      <div class="where">
        <b>{state.device.value?.register.name}</b>
        {isOpen && answer !== null ? <span>{t.session_since(timeText(session.openedMicros, answer.shop))}</span> : <span>{t.session_none}</span>}
        {isOpen ? <span>{t.session_sales(session.sales)}</span> : null}
      </div>
      <Sync />
      <div class="register-end">
        {isOpen ? (
          <span class="desk-only">
            <button type="button" class="button" onClick={() => (state.dialog.value = { kind: "drawer" })}>
              <Icon name="cash" />
              {t.drawer}
              <Key>F10</Key>
            </button>
          </span>
        ) : null}
        <span class="seller">
          <span class="initials" aria-hidden="true">{[...(answer?.user.name ?? "")][0]?.toUpperCase()}</span>
          <span class="person">{answer?.user.name}</span>
        </span>
        <button type="button" class="button" data-shape="icon" aria-label={t.menu} onClick={() => (state.dialog.value = { kind: "menu" })}>
          <Icon name="menu" />
        </button>
      </div>
    </header>
  );
}
