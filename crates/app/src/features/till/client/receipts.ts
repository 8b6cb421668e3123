/**
 * Joins receipts to the running till: names of methods and units, links that
 * carry a receipt away, and how often one was printed.
 *
 * Owns: those links and that count. Must not know: elements.
 */

import type { Uuid } from "./model.ts";
import { receiptOf, receiptText, type Receipt } from "./receipt.ts";
import type { LocalSale } from "./store.ts";
import { shopOf, texts, type World } from "./world.ts";

export function receiptFor(world: World, sale: LocalSale, isCopy: boolean): Receipt {
  return receiptOf(sale, {
    shop: shopOf(world),
    texts: texts(world),
    registerName: world.state.device.value?.register.name ?? "",
    methodName: (id) => world.catalog.state.payment_methods.find((method) => method.id === id)?.name ?? "",
    unitOf: (id) => world.catalog.product(id)?.unit ?? "unidad",
    isCopy,
  });
}

export function receiptLinks(world: World, sale: LocalSale): { whatsapp: string; mail: string } {
  const shop = shopOf(world);
  const receipt = receiptFor(world, sale, false);
  const text = encodeURIComponent(receiptText(receipt, shop.name, texts(world)));
  const subject = encodeURIComponent(`${shop.name} · ${receipt.number}`);
  return { whatsapp: `https://wa.me/?text=${text}`, mail: `mailto:?subject=${subject}&body=${text}` };
}

/** How often this paper was printed, as kept now: another dialog may have printed it meanwhile. */
export async function printsOf(world: World, id: Uuid): Promise<number> {
  return (await world.store.sale(id))?.prints ?? 0;
}

/** Every paper after the first is a copy; the sale's state is left as the outbox has it. */
export function notePrinted(world: World, id: Uuid): Promise<number> {
  return world.store.change(async (read) => {
    const sale = await read.sale(id);
    const prints = (sale?.prints ?? 0) + 1;
    return { result: prints, write: (writing) => sale !== undefined && writing.putSale({ ...sale, prints }) };
  });
}
