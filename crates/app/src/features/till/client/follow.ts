/**
 * What open tickets take over from a newer catalogue: prices, taxes, and whether
 * prices include tax.
 *
 * Owns: that tickets, rules and catalogue are always of one version. Must not
 * know: how the catalogue came, the screen.
 *
 * **Invariant:** what prices mean comes with the catalogue and from nowhere
 * else: a session's answer may be newer than the products that are here.
 */

import { batch } from "@preact/signals";
import { priceInForce, type Cart, type Line, type Tickets } from "./cart.ts";
import type { Product, SessionAnswer, Shop, Uuid } from "./model.ts";
import { decimalOf } from "./money.ts";
import { shelfPriceMinor, storedPriceMinor, type PricingRules } from "./pricing.ts";
import { tell, texts, type World } from "./world.ts";

export interface Following {
  product: (id: Uuid) => Product | undefined;
  before: PricingRules;
  after: PricingRules;
}

/** The same cart at the prices in force; itself where nothing changed. */
export function followCart(cart: Cart, following: Following): Cart {
  const lines = cart.lines.map((line) => followLine(line, following));
  return lines.every((line, at) => line === cart.lines[at]) ? cart : { ...cart, lines };
}

function followLine(line: Line, following: Following): Line {
  const product = following.product(line.product_id);
  const taxes = product?.taxes ?? line.taxes;
  const unitPrice = product === undefined || line.priceChanged ? agreedPrice(line, taxes, following) : priceInForce(product, line.pack, following.after.exponent);
  const isSame = unitPrice === line.unit_price && JSON.stringify(taxes) === JSON.stringify(line.taxes);
  return isSame ? line : { ...line, unit_price: unitPrice, taxes };
}

/** A price that was agreed with the customer stays what they pay. */
function agreedPrice(line: Line, taxes: Line["taxes"], { before, after }: Following): string {
  if (before.prices_include_tax === after.prices_include_tax) return line.unit_price;
  const agreed = shelfPriceMinor({ price: line.unit_price, taxes: line.taxes }, before);
  return agreed === null ? line.unit_price : decimalOf(storedPriceMinor(agreed, taxes, after), after.exponent);
}

/** The answer with what prices mean in the catalogue that is here. */
export function asCatalogued(world: Pick<World, "catalog">, answer: SessionAnswer): SessionAnswer {
  const included = world.catalog.state.prices_include_tax;
  if (included === undefined || included === answer.shop.prices_include_tax) return answer;
  return { ...answer, shop: { ...answer.shop, prices_include_tax: included } };
}

/** Tickets and rules follow the catalogue, and the person at the till is told. */
export async function followCatalog(world: World): Promise<void> {
  const { state, catalog, store } = world;
  const answer = state.answer.value;
  if (answer === null) return;
  const known = asCatalogued(world, answer);
  const tickets = followTickets(state.tickets.value, { product: (id) => catalog.product(id), before: rulesOf(answer.shop), after: rulesOf(known.shop) });
  const isMoved = tickets.current !== state.tickets.value.current;
  if (known === answer && tickets === state.tickets.value) return;
  batch(() => {
    state.answer.value = known;
    state.tickets.value = tickets;
  });
  if (isMoved) tell(world, texts(world).prices_followed, "warn");
  if (known !== answer) await store.putSetting("session_answer", { ...known, csrf: "" });
  await store.saveTickets(tickets);
}

function followTickets(tickets: Tickets, following: Following): Tickets {
  const current = followCart(tickets.current, following);
  const held = tickets.held.map((cart) => followCart(cart, following));
  const isSame = current === tickets.current && held.every((cart, at) => cart === tickets.held[at]);
  return isSame ? tickets : { current, held };
}

function rulesOf({ exponent, prices_include_tax, cash_step }: Shop): PricingRules {
  return { exponent, prices_include_tax, cash_step };
}
