/**
 * The small dialogs of a sale: customer, waiting tickets, price, discount,
 * note, weight, a price that is said.
 *
 * Owns: what is typed in them until it is taken. Must not know: how acts work.
 */

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { lineOf, setDiscount, setLineDiscount } from "../cart.ts";
import { chooseCustomer, createCustomer, findCustomers, findShopCustomers } from "../drawer.ts";
import type { Discount, Product, Shop } from "../model.ts";
import { decimalOf, formatAmount, formatMoney, formatPercent, formatQuantity, readMoney, readQuantity, readTyped, symbolOf } from "../money.ts";
import { isCartWithinRight, problemOfDiscount, shelfPriceMinor } from "../pricing.ts";
import { addAtPrice, addProduct, addWeighed, changeCustomer, discountLine, noteLine, recallTicket, repriceLine, resultsFor } from "../selling.ts";
import type { LocalCustomer } from "../store.ts";
import { selling } from "../world.ts";
import { Form, Modal, TextField, useTexts, useWorld } from "./parts.tsx";
import { heldText } from "./ticket.tsx";

const TYPING_REST_MS = 200;

interface DialogProps {
  shop: Shop;
  close: () => void;
}

export function CustomerDialog({ close }: DialogProps): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const name = useSignal("");
  const phone = useSignal("");
  const document = useSignal("");
  const isNew = useSignal(false);
  const found = useSignal<LocalCustomer[]>([]);
  const ofShop = useSignal<LocalCustomer[]>([]);
  useEffect(() => {
    let isLate = false;
    void findCustomers(world, name.value).then((customers) => isLate || (found.value = customers));
    // The server is asked when the fingers rest.
    const cancel = world.after(TYPING_REST_MS, () => void findShopCustomers(world, name.value).then((customers) => isLate || (ofShop.value = customers)));
    return () => {
      isLate = true;
      cancel();
    };
  }, [name.value]);
  const choices = [...found.value, ...ofShop.value.filter((each) => !found.value.some((known) => known.id === each.id))];
  const choose = (customer: LocalCustomer): void => {
    void chooseCustomer(world, customer);
    close();
  };
  const typed = name.value.trim();
  const useTyped = (): void => {
    if (typed === "") return;
    changeCustomer(world, { kind: "typed", name: typed.slice(0, 100) });
    close();
  };
  const create = async (): Promise<void> => {
    if (typed !== "" && (await createCustomer(world, typed, phone.value, document.value))) close();
  };
  return (
    <Modal title={t.customer_title} onClose={close}>
      <Form onSubmit={isNew.value ? () => void create() : useTyped}>
        <TextField label={t.customer_name} value={name.value} maxLength={100} autofocus onInput={(value) => (name.value = value)} hint={isNew.value ? undefined : t.customer_hint} />
        {isNew.value ? (
          <>
            <TextField label={t.customer_phone} value={phone.value} inputMode="tel" maxLength={20} onInput={(value) => (phone.value = value)} />
            <TextField label={t.customer_document} value={document.value} maxLength={20} onInput={(value) => (document.value = value)} />
          </>
        ) : choices.length === 0 ? null : (
          <ul class="choices" aria-label={t.customers_known}>
            {choices.map((customer) => (
              <li key={customer.id}>
                <button type="button" class="choice" onClick={() => choose(customer)}>
                  <b>{customer.name}</b>
                  <span>{[customer.phone, customer.document].filter((each) => each !== null).join(" · ")}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        <div class="actions">
          <button type="submit" class="button" data-kind="main" disabled={typed === ""}>{isNew.value ? t.customer_save : t.customer_use}</button>
          {isNew.value ? null : <button type="button" class="button" onClick={() => (isNew.value = true)}>{t.customer_new}</button>}
        </div>
      </Form>
    </Modal>
  );
}

export function RecallDialog({ shop, close }: DialogProps): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  return (
    <Modal title={t.recall_title} onClose={close}>
      <ul class="choices dialog-body" aria-label={t.open_tickets}>
        {world.state.tickets.value.held.map((cart) => (
          <li key={cart.id}>
            <button type="button" class="choice" onClick={() => recallTicket(world, cart.id)}>
              <b>{cart.customer?.name ?? t.waiting}</b>
              <span>{heldText(cart, shop)} · {t.products_count(cart.lines.length)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

/** Scanning while it is open shows the price and sells nothing. */
export function PriceDialog({ product, shop, close }: DialogProps & { product: Product | null }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const typed = useSignal("");
  const results = typed.value.trim().length < 2 ? [] : resultsFor(world, typed.value).slice(0, 6);
  const price = product === null ? null : shelfPriceMinor(product, shop);
  const left = product === null ? null : world.catalog.onHandMilli(product);
  const add = (chosen: Product): void => {
    close();
    addProduct(world, chosen, null, 1000);
  };
  return (
    <Modal title={t.price_title} onClose={close}>
      <div class="dialog-body">
        <TextField label={t.price_find} value={typed.value} autofocus onInput={(value) => (typed.value = value)} />
        <ul class="choices">
          {results.map((each) => (
            <li key={each.id}>
              <button
                type="button" class="choice"
                onClick={() => {
                  typed.value = "";
                  world.state.dialog.value = { kind: "price", product: each };
                }}
              >
                <b>{each.name}</b>
                <span>{formatAmount(shelfPriceMinor(each, shop) ?? 0, shop)}</span>
              </button>
            </li>
          ))}
        </ul>
        {product === null || price === null ? null : (
          <div class="price-shown" role="status">
            <p>{product.name}</p>
            <p class="total"><span>{product.unit === "unidad" ? t.price : t.per_unit(product.unit)}</span><strong>{formatMoney(price, shop)}</strong></p>
            {left === null ? null : <p>{t.on_hand(formatQuantity(left < 0 ? 0 : left, product.unit, shop))}</p>}
            <button type="button" class="button" onClick={() => add(product)}>{t.add_to_sale}</button>
          </div>
        )}
      </div>
    </Modal>
  );
}

type DiscountWay = "percent" | "amount" | "price";

export function DiscountDialog({ lineKey, shop, close }: DialogProps & { lineKey: number | null }): JSX.Element | null {
  const world = useWorld();
  const t = useTexts();
  const way = useSignal<DiscountWay>("percent");
  const typed = useSignal("");
  const problem = useSignal<string | null>(null);
  const { rights } = selling(world);
  const { current } = world.state.tickets.value;
  const priced = world.state.priced.value;
  const line = lineOf(current, lineKey);
  if (priced.kind !== "priced") return <Modal title={t.discount} onClose={close}><p class="dialog-body">{t.scan_to_begin}</p></Modal>;
  const at = line === undefined ? -1 : current.lines.indexOf(line);
  const ofMinor = line === undefined ? priced.lines.reduce((sum, each) => sum + each.totalMinor, 0) : (priced.lines[at]?.grossMinor ?? 0);
  const submit = (): void => {
    if (way.value === "price" && line !== undefined) {
      const price = readMoney(typed.value, shop);
      if (price === null || price === 0) return void (problem.value = t.problem_amount);
      repriceLine(world, line.key, price);
      return close();
    }
    const discount = readDiscount(way.value, typed.value, shop);
    const alone = discount === null ? "unreadable" : problemOfDiscount(discount, ofMinor, rights, shop.exponent);
    const found = alone ?? (isCartWithinRight(line === undefined ? setDiscount(current, discount) : setLineDiscount(current, line.key, discount), shop, rights) ? null : "beyond_right");
    if (discount === null || found !== null) {
      problem.value = { unreadable: t.problem_amount, too_much: t.problem_discount_too_much, beyond_right: t.problem_discount_right(formatPercent(rights.max_discount_percent, shop)) }[found ?? "unreadable"];
      return;
    }
    discountLine(world, line?.key ?? null, discount);
    close();
  };
  const remove = (): void => {
    discountLine(world, line?.key ?? null, null);
    close();
  };
  const ways: [DiscountWay, string][] = [["percent", "%"], ["amount", symbolOf(shop)], ...(line !== undefined && rights.price_change ? [["price", t.price] as [DiscountWay, string]] : [])];
  const has = line === undefined ? current.discount !== null : line.discount !== null;
  return (
    <Modal title={line === undefined ? t.sale_discount : t.discount_of(line.name)} onClose={close}>
      <Form onSubmit={submit}>
        <fieldset class="segments" aria-label={t.discount_way}>
          {ways.map(([key, name]) => (
            <label key={key}><input type="radio" name="modo" checked={way.value === key} onChange={() => (way.value = key)} />{name}</label>
          ))}
        </fieldset>
        <TextField
          label={way.value === "price" ? t.new_price : t.discount} value={typed.value} inputMode="decimal" maxLength={14} autofocus error={problem.value}
          affix={way.value === "percent" ? undefined : symbolOf(shop)} unit={way.value === "percent" ? "%" : undefined}
          onInput={(value) => {
            typed.value = value;
            problem.value = null;
          }}
        />
        <p class="hint">{t.discount_from(formatMoney(ofMinor, shop))}</p>
        <div class="actions">
          <button type="submit" class="button" data-kind="main">{t.apply}</button>
          {has ? <button type="button" class="button" data-kind="danger" onClick={remove}>{t.remove_discount}</button> : null}
        </div>
      </Form>
    </Modal>
  );
}

function readDiscount(way: DiscountWay, typed: string, shop: Shop): Discount | null {
  if (way === "percent") {
    const percent = readTyped(typed.replace("%", ""), 6, shop);
    return percent === null ? null : { percent };
  }
  const minor = readMoney(typed, shop);
  return minor === null ? null : { amount: decimalOf(minor, shop.exponent) };
}

export function NoteDialog({ lineKey, close }: DialogProps & { lineKey: number }): JSX.Element | null {
  const world = useWorld();
  const t = useTexts();
  const line = lineOf(world.state.tickets.value.current, lineKey);
  const typed = useSignal(line?.note ?? "");
  if (line === undefined) return null;
  const submit = (): void => {
    noteLine(world, lineKey, typed.value);
    close();
  };
  return (
    <Modal title={t.note_of(line.name)} onClose={close}>
      <Form onSubmit={submit}>
        <TextField label={t.note} value={typed.value} autofocus onInput={(value) => (typed.value = value)} hint={t.note_hint} />
        <div class="actions"><button type="submit" class="button" data-kind="main">{t.save}</button></div>
      </Form>
    </Modal>
  );
}

/** What the scale says, with the amount beside it as it is typed. */
export function WeightDialog({ product, shop, close }: DialogProps & { product: Product }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const typed = useSignal("");
  const problem = useSignal<string | null>(null);
  const milli = readQuantity(typed.value, shop);
  const each = shelfPriceMinor(product, shop) ?? 0;
  const amount = milli === null ? 0 : Number((BigInt(milli) * BigInt(each) + 500n) / 1000n);
  const submit = (): void => {
    if (milli === null || milli === 0) return void (problem.value = t.problem_weight);
    close();
    addWeighed(world, product, milli);
  };
  return (
    <Modal title={product.name} onClose={close}>
      <Form onSubmit={submit}>
        <TextField
          label={product.unit === "kg" || product.unit === "g" || product.unit === "lb" ? t.weight : t.measure} value={typed.value} inputMode="decimal" unit={product.unit} maxLength={10} autofocus error={problem.value}
          hint={t.at_per_unit(formatMoney(each, shop), product.unit)}
          onInput={(value) => {
            typed.value = value;
            problem.value = null;
          }}
        />
        <p class="total"><span>{t.total}</span><output>{formatMoney(amount, shop)}</output></p>
        <div class="actions"><button type="submit" class="button" data-kind="main">{t.add_to_sale}</button></div>
      </Form>
    </Modal>
  );
}

export function OpenPriceDialog({ product, quantityMilli, shop, close }: DialogProps & { product: Product; quantityMilli: number }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const typed = useSignal("");
  const problem = useSignal<string | null>(null);
  const submit = (): void => {
    const minor = readMoney(typed.value, shop);
    if (minor === null || minor === 0) return void (problem.value = t.problem_amount);
    close();
    addAtPrice(world, product, minor, quantityMilli);
  };
  return (
    <Modal title={product.name} onClose={close}>
      <Form onSubmit={submit}>
        <TextField label={t.new_price} value={typed.value} inputMode="decimal" affix={symbolOf(shop)} maxLength={14} autofocus error={problem.value} onInput={(value) => (typed.value = value)} />
        <div class="actions"><button type="submit" class="button" data-kind="main">{t.add_to_sale}</button></div>
      </Form>
    </Modal>
  );
}
