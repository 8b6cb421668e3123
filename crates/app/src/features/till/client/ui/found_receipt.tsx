/**
 * A receipt's code was scanned: what one may want of that sale.
 *
 * Owns: nothing. The refund itself is a page of the office, which knows what
 * came back already.
 */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { LocalSale } from "../store.ts";
import { selling } from "../world.ts";
import { Icon, Modal, useTexts, useWorld } from "./parts.tsx";

export function FoundReceiptDialog({ number, close }: { number: string; close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const sale = useSignal<LocalSale | null>(null);
  useEffect(() => void world.store.saleNumbered(number).then((found) => (sale.value = found ?? null)), [number]);
  const mayRefund = selling(world).rights.refund;
  const isReachable = world.state.outbox.value.reachable;
  const path = `/ventas/numero/${encodeURIComponent(number)}/`;
  const reprint = (): void => {
    if (sale.value !== null) world.state.dialog.value = { kind: "receipt", sale: sale.value, isCopy: true };
  };
  return (
    <Modal title={t.found_receipt_title(number)} onClose={close}>
      <div class="dialog-body menu-list">
        {mayRefund && isReachable ? <a class="choice" href={`${path}devolver/`}><Icon name="back" />{t.refund_act}</a> : null}
        {isReachable ? <a class="choice" href={path}><Icon name="note" />{t.see_sale}</a> : null}
        {sale.value === null ? null : <button type="button" class="choice" onClick={reprint}><Icon name="print" />{t.reprint_act}</button>}
        {mayRefund ? null : <p class="notice" data-tone="info"><Icon name="info" /><span>{t.refund_by_admin}</span></p>}
        {isReachable ? null : <p class="notice" data-tone="warn"><Icon name="offline" /><span>{t.refund_needs_server}</span></p>}
      </div>
    </Modal>
  );
}
