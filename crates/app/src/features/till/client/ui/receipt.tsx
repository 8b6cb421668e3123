/**
 * The receipt as paper, on the screen and printed at 80 or 58 mm.
 *
 * Owns: its drawing. The content comes from receipt.ts.
 */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Receipt as ReceiptData } from "../receipt.ts";
import { notePrinted, printsOf, receiptFor, receiptLinks } from "../receipts.ts";
import type { LocalSale } from "../store.ts";
import { code128 } from "../code128.ts";
import { printAs } from "./paper.ts";
import { Icon, Modal, useTexts, useWorld } from "./parts.tsx";

export function Paper({ receipt, shopName, paper }: { receipt: ReceiptData; shopName: string; paper: string }): JSX.Element {
  const t = useTexts();
  const bars = code128(receipt.number);
  return (
    <article class="paper" data-width={paper === "58" ? "58" : undefined} aria-label={`${t.receipt} ${receipt.number}`}>
      <header>
        <h1>{shopName}</h1>
        {receipt.header.map((line) => <p key={line}>{line}</p>)}
        {receipt.isCopy ? <p class="copy">{t.copy}</p> : null}
      </header>
      <dl class="meta">
        <dt>{t.receipt_sale}</dt><dd>{receipt.number}</dd>
        <dt>{t.receipt_date}</dt><dd>{receipt.date}</dd>
        <dt>{t.receipt_seller}</dt><dd>{receipt.seller}</dd>
        <dt>{t.receipt_customer}</dt><dd>{receipt.customer}</dd>
      </dl>
      <table>
        <thead><tr><th scope="col">{t.receipt_product}</th><th scope="col" class="num">{t.receipt_value}</th></tr></thead>
        <tbody>
          {receipt.items.map((item, at) => (
            <>
              <tr class="item" key={at}><td>{item.name}</td><td class="num">{item.amount}</td></tr>
              <tr><td>{item.how}{item.discount === null ? "" : `, ${t.discount.toLowerCase()}`}</td><td class="num">{item.discount}</td></tr>
              {item.note === null ? null : <tr><td colSpan={2}>{item.note}</td></tr>}
            </>
          ))}
        </tbody>
      </table>
      <p class="paper-total"><span>{t.total}</span><strong>{receipt.total}</strong></p>
      <dl class="rows">
        {receipt.payments.map((row, at) => <><dt key={at} class={row.isStrong ? "big" : undefined}>{row.name}</dt><dd class={row.isStrong ? "big" : undefined}>{row.amount}</dd></>)}
      </dl>
      <dl class="rows">
        {receipt.sums.map((row, at) => <><dt key={at}>{row.name}</dt><dd>{row.amount}</dd></>)}
      </dl>
      <svg class="barcode" viewBox={`0 0 ${bars.width} 1`} preserveAspectRatio="none" role="img" aria-label={receipt.number}><path d={bars.path} /></svg>
      <p class="barcode-text" aria-hidden="true">{receipt.number}</p>
      {receipt.footer.map((line) => <p class="fine" key={line}>{line}</p>)}
    </article>
  );
}

export function ReceiptDialog({ sale, isCopy, close }: { sale: LocalSale; isCopy: boolean; close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const shop = world.state.answer.value?.shop;
  const prints = useSignal(sale.prints);
  useEffect(() => void printsOf(world, sale.id).then((kept) => (prints.value = kept)), [sale.id]);
  const receipt = receiptFor(world, sale, isCopy || prints.value > 0);
  const links = receiptLinks(world, sale);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => printAs(() => frame.current?.querySelector<HTMLElement>(".paper") ?? null), []);
  const print = (): void => {
    window.print();
    void notePrinted(world, sale.id).then((kept) => (prints.value = kept));
  };
  const acts = (
    <>
      <button type="button" class="button" data-kind="main" autofocus onClick={print}><Icon name="print" />{t.print}</button>
      <a class="button" href={links.whatsapp} target="_blank" rel="noreferrer noopener"><Icon name="chat" />WhatsApp</a>
      <a class="button" href={links.mail}><Icon name="mail" />{t.mail}</a>
    </>
  );
  return (
    <Modal title={`${t.receipt} ${receipt.number}`} onClose={close} wide footer={acts}>
      <div class="dialog-body receipt-body">
        {receipt.isUnsent ? <p class="notice" data-tone="info"><Icon name="upload" /><span>{t.receipt_unsent}</span></p> : null}
        <div class="paper-frame" ref={frame}><Paper receipt={receipt} shopName={shop?.name ?? ""} paper={shop?.receipt.paper ?? "80"} /></div>
      </div>
    </Modal>
  );
}
