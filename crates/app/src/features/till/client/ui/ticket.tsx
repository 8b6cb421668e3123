/**
 * The right side: open tickets, lines, the total, and the last change while
 * the next sale has not begun.
 *
 * Owns: nothing; acts are in selling.ts and paying.ts.
 */

import { useSignal } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Cart, Line } from "../cart.ts";
import type { Shop } from "../model.ts";
import { formatAmount, formatMoney, formatPercent, formatQuantity, readQuantity, unbroken } from "../money.ts";
import { openCharge } from "../paying.ts";
import { priceCart, type PricedLine } from "../pricing.ts";
import { timeText } from "../receipt.ts";
import { changeCustomer, changeQuantity, chooseLine, recallTicket, stepLine, takeOut } from "../selling.ts";
import { drawnOnce, Icon, Key, useTexts, useWorld } from "./parts.tsx";
import { PaidPanel } from "./paid.tsx";

function Held({ shop }: { shop: Shop }): JSX.Element | null {
  const world = useWorld();
  const t = useTexts();
  const { current, held } = world.state.tickets.value;
  if (held.length === 0) return null;
  return (
    <div class="held" role="group" aria-label={t.open_tickets}>
      <button type="button" aria-current="true">
        <b>{t.this_sale}</b>
        <span>{t.products_count(current.lines.length)}</span>
      </button>
      {held.map((cart) => (
        <button type="button" key={cart.id} onClick={() => recallTicket(world, cart.id)}>
          <b>{cart.customer?.name ?? t.waiting}</b>
          <span>{heldText(cart, shop)}</span>
        </button>
      ))}
    </div>
  );
}

/** A held cart does not change, and the row of them is drawn again with each scan. */
const heldTexts = new WeakMap<Cart, { shop: Shop; text: string }>();

export function heldText(cart: Cart, shop: Shop): string {
  const known = heldTexts.get(cart);
  if (known?.shop === shop) return known.text;
  const text = newHeldText(cart, shop);
  heldTexts.set(cart, { shop, text });
  return text;
}

function newHeldText(cart: Cart, shop: Shop): string {
  const priced = priceCart(cart, shop);
  const total = priced.kind === "priced" ? formatMoney(priced.quote.totalMinor, shop) : "";
  return `${timeText(cart.startedMicros, shop)} · ${total}`;
}

function Who(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { customer } = world.state.tickets.value.current;
  return (
    <div class="ticket-who">
      <span><Icon name="user" />{customer?.name ?? t.final_consumer}</span>
      {customer === null ? (
        <button type="button" class="button" onClick={() => (world.state.dialog.value = { kind: "customer" })}>{t.choose_customer}<Key>F3</Key></button>
      ) : (
        <button type="button" class="button" data-shape="icon" aria-label={t.remove_customer} onClick={() => changeCustomer(world, null)}><Icon name="close" /></button>
      )}
    </div>
  );
}

interface LineProps {
  line: Line;
  priced: PricedLine;
  isNow: boolean;
  hasTools: boolean;
  shop: Shop;
}

const LineRow = drawnOnce(
  DrawnLine,
  (a: LineProps, b: LineProps) => a.line === b.line && a.isNow === b.isNow && a.hasTools === b.hasTools && a.shop === b.shop && a.priced.totalMinor === b.priced.totalMinor && a.priced.discountMinor === b.priced.discountMinor && a.priced.unitFinalMinor === b.priced.unitFinalMinor,
);

function DrawnLine({ line, priced, isNow, hasTools, shop }: LineProps): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isNow) row.current?.scrollIntoView({ block: "nearest" });
  }, [isNow, hasTools, line.quantityMilli]);
  const isMeasured = line.unit !== "unidad" && line.pack === "1";
  const each = formatAmount(priced.unitFinalMinor, shop);
  return (
    <li ref={row} data-now={isNow ? "" : undefined}>
      <button type="button" class="line" aria-current={isNow ? "true" : undefined} onClick={() => chooseLine(world, line.key)}>
        <span class="qty">{formatQuantity(line.quantityMilli, isMeasured ? line.unit : "unidad", shop)}{isMeasured ? <small> {line.unit}</small> : null}</span>
        <span class="line-name">{unbroken(line.name)}{line.pack === "1" ? "" : ` (${t.pack_of(line.pack)})`}</span>
        <span class="line-sum">{formatAmount(priced.totalMinor, shop)}</span>
        {line.discount !== null && line.quantityMilli === 1000 ? null : <span class="line-each">{isMeasured ? t.at_per_unit(each, line.unit) : t.at_each(each)}</span>}
        {line.discount === null ? null : (
          <span class="line-off">
            <span>{"percent" in line.discount ? t.with_discount(formatAmount(priced.grossMinor, shop), formatPercent(line.discount.percent, shop)) : t.discount}</span>
            <span>{formatAmount(-priced.discountMinor, shop)}</span>
          </span>
        )}
        {line.note === null ? null : <span class="line-off"><span>{line.note}</span></span>}
      </button>
      {hasTools ? <LineTools line={line} shop={shop} /> : null}
    </li>
  );
}

function LineTools({ line, shop }: { line: Line; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { dialog } = world.state;
  return (
    <div class="line-tools">
      <Stepper line={line} shop={shop} />
      <button type="button" class="button" data-shape="icon" aria-label={t.discount_of(line.name)} onClick={() => (dialog.value = { kind: "discount", lineKey: line.key })}><Icon name="tag" /></button>
      <button type="button" class="button" data-shape="icon" aria-label={t.note_of(line.name)} onClick={() => (dialog.value = { kind: "note", lineKey: line.key })}><Icon name="note" /></button>
      <button type="button" class="button" data-shape="icon" aria-label={t.take_out(line.name)} onClick={() => takeOut(world, line.key)}><Icon name="trash" /></button>
    </div>
  );
}

/** What is typed stands until Enter or leaving; nonsense goes back to what was. */
function Stepper({ line, shop }: { line: Line; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const shown = formatQuantity(line.quantityMilli, line.pack === "1" ? line.unit : "unidad", shop);
  const typed = useSignal<string | null>(null);
  const commit = (): void => {
    const milli = typed.value === null ? null : readQuantity(typed.value, shop);
    if (milli !== null && milli > 0) changeQuantity(world, line.key, milli);
    typed.value = null;
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.key !== "Enter") return;
    commit();
    document.getElementById("buscar")?.focus();
  };
  return (
    <div class="stepper" role="group" aria-label={t.quantity_of(line.name)}>
      <button type="button" aria-label={t.one_less} onClick={() => stepLine(world, line.key, -1)}><Icon name="minus" /></button>
      <input
        aria-label={t.quantity} inputMode="decimal" value={typed.value ?? shown} maxLength={10} autocomplete="off"
        onFocus={(event) => event.currentTarget.select()} onInput={(event) => (typed.value = event.currentTarget.value)} onBlur={commit} onKeyDown={onKeyDown}
      />
      <button type="button" aria-label={t.one_more} onClick={() => stepLine(world, line.key, 1)}><Icon name="plus" /></button>
    </div>
  );
}

function Sum({ shop }: { shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const priced = world.state.priced.value;
  const total = priced.kind === "priced" ? formatMoney(priced.quote.totalMinor, shop) : formatMoney(0, shop);
  return (
    <div class="sum">
      {priced.kind !== "priced" ? null : (
        <dl>
          {priced.saleDiscountMinor === 0 ? null : <><dt>{t.sale_discount}</dt><dd>{formatAmount(-priced.saleDiscountMinor, shop)}</dd></>}
          <dt>{t.subtotal}</dt><dd>{formatAmount(priced.quote.baseMinor, shop)}</dd>
          <dt>{t.taxes}</dt><dd>{formatAmount(priced.quote.taxMinor, shop)}</dd>
        </dl>
      )}
      {priced.kind === "impossible" ? <p class="error"><Icon name="warn" />{t.cannot_price}</p> : null}
      <p class="total"><span>{t.total}</span><output>{total}</output></p>
      <button type="button" class="button charge-button" data-kind="main" disabled={priced.kind !== "priced"} onClick={() => openCharge(world)}>
        <span>{t.charge(total)}</span>
        <Key>F9</Key>
      </button>
    </div>
  );
}

function Handle({ cart }: { cart: Cart }): JSX.Element {
  const { state } = useWorld();
  const t = useTexts();
  const last = cart.lines.at(-1)?.name ?? "";
  return (
    <button type="button" class="ticket-handle" aria-expanded={state.isTicketOpen.value} onClick={() => (state.isTicketOpen.value = !state.isTicketOpen.value)}>
      <span>{t.products_count(cart.lines.length)}</span>
      <span class="last">{last}</span>
      <Icon name="down" />
    </button>
  );
}

/** One frame behind: what was scanned is on the screen before the tools move to it. */
function useAfterPaint<T>(value: T): T {
  const shown = useSignal(value);
  useEffect(() => void (shown.value = value), [value]);
  return shown.value;
}

export function Ticket({ shop }: { shop: Shop }): JSX.Element {
  const { state } = useWorld();
  const t = useTexts();
  const { current } = state.tickets.value;
  const priced = state.priced.value;
  const toolsKey = useAfterPaint(current.now);
  return (
    <aside class="ticket" aria-label={t.sale}>
      <Handle cart={current} />
      <Held shop={shop} />
      {state.paid.value !== null && current.lines.length === 0 ? <PaidPanel paid={state.paid.value} shop={shop} /> : <Who />}
      <div class="lines" tabIndex={current.lines.length > 0 ? 0 : -1} role="region" aria-label={t.lines}>
        {current.lines.length === 0 && state.paid.value === null ? <p class="lines-empty">{t.scan_to_begin}</p> : null}
        <ol role="list">
          {current.lines.map((line, index) => (
            <LineRow key={line.key} line={line} priced={(priced.kind === "priced" ? priced.lines[index] : undefined) ?? NOTHING} isNow={line.key === current.now} hasTools={line.key === toolsKey} shop={shop} />
          ))}
        </ol>
      </div>
      {current.lines.length === 0 && state.paid.value !== null ? null : <Sum shop={shop} />}
    </aside>
  );
}

const NOTHING: PricedLine = { unitFinalMinor: 0, grossMinor: 0, discountMinor: 0, totalMinor: 0 };
