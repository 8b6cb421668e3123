/**
 * What is not the sale itself: the menu, the keys, the sales of the day, what
 * waits to be sent.
 *
 * Owns: nothing; it shows and opens.
 */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { SHORTCUTS } from "../keyboard.ts";
import type { Shop } from "../model.ts";
import { formatMoney, minorOf } from "../money.ts";
import { numberText } from "../paying.ts";
import { dateText } from "../receipt.ts";
import { dropTicket } from "../selling.ts";
import type { Dialog } from "../state.ts";
import type { LocalSale, SaleState } from "../store.ts";
import type { Texts } from "../texts.ts";
import type { IconName } from "./icons.ts";
import { Icon, Key, Modal, useTexts, useWorld } from "./parts.tsx";

const SALES_MAX = 60;

export function MenuDialog({ close }: { close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const open = (dialog: Dialog) => (): void => {
    world.state.dialog.value = dialog;
  };
  const drop = (): void => {
    close();
    dropTicket(world);
  };
  const isOpen = world.state.cashSession.value?.closed === null;
  const hasLines = world.state.tickets.value.current.lines.length > 0;
  return (
    <Modal title={t.menu} onClose={close}>
      <div class="dialog-body menu-list">
        <Item icon="note" text={t.sales_title} run={open({ kind: "sales" })} />
        {isOpen ? <Item icon="cash" text={t.drawer_title} run={open({ kind: "drawer" })} keyCap="F10" /> : null}
        {isOpen ? <Item icon="lock" text={t.close_title} run={open({ kind: "close_session" })} /> : null}
        <Item icon="upload" text={t.sync_title} run={open({ kind: "sync" })} />
        <Item icon="info" text={t.shortcuts} run={open({ kind: "keys" })} keyCap="?" />
        {hasLines ? <Item icon="trash" text={t.drop_ticket} run={drop} /> : null}
        <a class="choice" href="/ventas/"><Icon name="left" />{t.leave}</a>
      </div>
    </Modal>
  );
}

function Item({ icon, text, run, keyCap }: { icon: IconName; text: string; run: () => void; keyCap?: string }): JSX.Element {
  return (
    <button type="button" class="choice" onClick={run}>
      <Icon name={icon} />
      {text}
      {keyCap === undefined ? null : <Key>{keyCap}</Key>}
    </button>
  );
}

export function KeysDialog({ close }: { close: () => void }): JSX.Element {
  const t = useTexts();
  const others: [string, string][] = [["3*  9x", t.key_times], ["1 – 9999", t.key_count], ["+  −", t.key_step], ["Esc", t.key_back]];
  return (
    <Modal title={t.shortcuts} onClose={close}>
      <dl class="dialog-body keys">
        {SHORTCUTS.map((each) => <><dt key={each.key}><kbd>{each.key}</kbd></dt><dd>{t[each.name]}</dd></>)}
        {others.map(([keys, words]) => <><dt key={keys}><kbd>{keys}</kbd></dt><dd>{words}</dd></>)}
      </dl>
    </Modal>
  );
}

function stateText(state: SaleState, t: Texts): string | null {
  const words: Record<SaleState, string | null> = { sending: t.state_unsent, unsent: t.state_unsent, review: t.state_review, delivered: null };
  return words[state];
}

export function SalesDialog({ shop, close }: { shop: Shop; close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const sales = useSignal<LocalSale[] | null>(null);
  useEffect(() => void world.store.latestSales(SALES_MAX).then((found) => (sales.value = found)), [world.state.outbox.value]);
  return (
    <Modal title={t.sales_title} onClose={close} wide>
      <ul class="choices dialog-body">
        {sales.value?.map((sale) => {
          const mark = stateText(sale.state, t);
          return (
            <li key={sale.id}>
              <button type="button" class="choice" onClick={() => (world.state.dialog.value = { kind: "receipt", sale, isCopy: true })}>
                <b>{numberText(sale.content)} · {formatMoney(minorOf(sale.content.expected.total, shop.exponent), shop)}</b>
                <span>{dateText(sale.atMicros, shop)} · {sale.customerName ?? t.final_consumer}</span>
                {mark === null ? null : <span class="badge" data-tone="warn"><Icon name={sale.state === "review" ? "warn" : "upload"} />{mark}</span>}
              </button>
            </li>
          );
        })}
      </ul>
      {sales.value?.length === 0 ? <p class="dialog-body">{t.sales_none}</p> : null}
    </Modal>
  );
}

/** Why something is not with the server yet, and what to do about it. */
export function SyncDialog({ close }: { close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { waiting, stuck, reachable } = world.state.outbox.value;
  const kinds: Record<string, string> = { sale: t.kind_sale, open_session: t.kind_open, close_session: t.kind_close, cash_entry: t.kind_cash, customer: t.kind_customer, product: t.kind_product };
  return (
    <Modal title={t.sync_title} onClose={close}>
      <div class="dialog-body">
        <p>{waiting === 0 ? t.sync_all_sent : t.sync_waiting_words(waiting)}</p>
        {reachable ? null : <p class="notice" data-tone="warn"><Icon name="offline" /><span>{t.sync_offline_words}</span></p>}
        {stuck.length === 0 ? null : (
          <ul class="choices">
            {stuck.map((each) => <li key={each.id} class="notice" data-tone="bad"><Icon name="warn" /><span>{t.sync_stuck_words(kinds[each.kind] ?? each.kind, each.problem)}</span></li>)}
          </ul>
        )}
        <p>{t.numbers_left(world.state.numbersLeft.value)}</p>
        {world.state.hasPersistence.value === false ? <p class="notice" data-tone="warn"><Icon name="warn" /><span>{t.not_persistent}</span></p> : null}
        <div class="actions"><button type="button" class="button" data-kind="main" autofocus onClick={() => void world.outbox.drain()}>{t.send_now}</button></div>
      </div>
    </Modal>
  );
}
