/**
 * The sale that was just paid: its change, large, and what to do with the
 * receipt. It stays until the next product is scanned.
 *
 * Owns: nothing. Must not know: how the sale was made.
 */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Shop } from "../model.ts";
import { formatAmount, formatMoney, symbolOf } from "../money.ts";
import { receiptLinks } from "../receipts.ts";
import type { Paid } from "../state.ts";
import { Icon, Key, useTexts, useWorld } from "./parts.tsx";

export function PaidPanel({ paid, shop }: { paid: Paid; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const first = useRef<HTMLButtonElement>(null);
  // Not the search box: there a digit is a digit, here it is one of the keys below.
  useEffect(() => first.current?.focus({ preventScroll: true }), [paid.sale.id]);
  const links = receiptLinks(world, paid.sale);
  const show = (): void => {
    world.state.dialog.value = { kind: "receipt", sale: paid.sale, isCopy: false };
  };
  return (
    <section class="paid-panel" aria-label={t.paid}>
      <p class="paid-head"><Icon name="check" /><b>{t.paid}</b> <span>{paid.numberText} · {formatMoney(paid.totalMinor, shop)}</span></p>
      {paid.isOffline ? <p class="paid-note">{t.paid_offline}</p> : null}
      <p class="paid-change" data-digits={formatAmount(paid.changeMinor, shop).length > 9 ? "many" : undefined}>
        <span>{t.change}</span>
        <output><span class="sign">{symbolOf(shop)}&nbsp;</span>{formatAmount(paid.changeMinor, shop)}</output>
      </p>
      <div class="paid-acts">
        <button ref={first} type="button" class="button" onClick={show}><Icon name="print" />{t.receipt}<Key>1</Key></button>
        <a class="button" href={links.whatsapp} target="_blank" rel="noreferrer noopener"><Icon name="chat" />WhatsApp<Key>2</Key></a>
        <a class="button" href={links.mail}><Icon name="mail" />{t.mail}<Key>3</Key></a>
      </div>
      <p class="paid-next">{t.scan_to_begin}</p>
    </section>
  );
}
