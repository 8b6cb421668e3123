import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, NOW, product } from "./builders.ts";
import { closeSession, createCustomer, moveCash, openSession } from "./drawer.ts";
import type { Outcome } from "./model.ts";
import { addPart, chooseMethod, closeCharge, finishCharge, openCharge, resolveInterrupted, tapAmount, typeAmount, typeBank } from "./paying.ts";
import { changeCustomer, enter, holdTicket, recallAny, scan, stepNow, takeOut } from "./selling.ts";
import { nobody, refuses, RICE, scene, takesAll, TRANSFER } from "./scene.ts";
import type { World } from "./world.ts";

async function pay(world: World, tendered: string): Promise<void> {
  openCharge(world);
  typeAmount(world, tendered);
  await finishCharge(world);
}

test("a sale in cash reaches the server with number, payment and change, and the ticket is empty", async () => {
  const { world, store, delivered } = await scene();
  scan(world, RICE);
  scan(world, RICE);
  await pay(world, "10.000");
  assert.deepEqual(delivered, [{
    id: "sale-1", kind: "sale", at: NOW, offline: false, person: "person",
    content: {
      prefix: "C1-", number: 201, session_id: "id-001", catalog_version: 57, customer: null,
      lines: [{ product_id: "arroz", name: "Arroz Diana 500 g", quantity: "2", pack: "1", unit_price: "2900.00", taxes: [{ code: "IVA", rate: "19" }], discount: null, note: null }],
      discount: null, payments: [{ method_id: "cash", amount: "5800.00", tendered: "10000.00", bank: null, reference: null }],
      expected: { total: "5800.00", cash_rounding: "0.00", change: "4200.00" }, note: null,
    },
  }]);
  assert.equal(world.state.paid.value?.changeMinor, 420_000);
  assert.equal(world.state.tickets.value.current.lines.length, 0);
  assert.equal(world.state.dialog.value, null);
  assert.deepEqual(await store.rows(), []);
  assert.equal((await store.sale("sale-1"))?.state, "delivered");
  assert.deepEqual([world.state.cashSession.value?.sales, world.state.cashSession.value?.cashSalesMinor], [1, 580_000]);
  assert.equal(world.catalog.onHandMilli(world.catalog.product("arroz") ?? product()), 22_000);
});

test("what is delivered bears the server's time, as last measured, and not this clock's", async () => {
  const made = await scene();
  const { world } = made;
  // This clock is two hours slow.
  world.api.offset.micros = 2 * 3_600_000_000;
  scan(world, RICE);
  await pay(world, "2.900");
  await moveCash(world, "in", 100_000, "sencillo");
  assert.deepEqual(made.delivered.map((item) => item.at), [NOW + 2 * 3_600_000_000, NOW + 2 * 3_600_000_000]);
});

test("a refusal keeps the ticket, frees the number, and says what is lacking", async () => {
  const made = await scene();
  const { world, store } = made;
  scan(world, RICE);
  made.server = refuses("STOCK_INSUFFICIENT", { "0": "0.5" });
  await pay(world, "5000");
  assert.match(world.state.charging.value?.problem ?? "", /Arroz Diana 500 g solo quedan 0,5/);
  assert.equal(world.state.charging.value?.isBusy, false);
  assert.equal(world.state.tickets.value.current.lines.length, 1);
  assert.deepEqual([await store.rows(), await store.sale("sale-1"), (await store.numbers()).freed], [[], undefined, [{ prefix: "C1-", number: 201 }]]);
  assert.deepEqual([world.state.cashSession.value?.sales, world.state.cashSession.value?.cashSalesMinor], [0, 0]);
  made.server = takesAll;
  await finishCharge(world);
  assert.equal(world.state.paid.value?.numberText, "C1-201");
});

test("without an answer the sale is paid all the same and waits in the outbox", async () => {
  const made = await scene();
  const { world, store } = made;
  made.server = nobody;
  scan(world, RICE);
  await pay(world, "2.900");
  assert.equal(world.state.paid.value?.isOffline, true);
  const [row] = await store.rows();
  assert.deepEqual([row?.id, row?.item.offline, row?.needs], ["sale-1", true, ["id-001"]]);
  assert.equal(world.state.outbox.value.waitingSales, 1);
  made.server = takesAll;
  await world.outbox.drain();
  assert.equal((await store.sale("sale-1"))?.state, "delivered");
  assert.deepEqual(made.delivered.map((item) => [item.id, item.offline]), [["sale-1", true]]);
});

test("a server that did not answer a moment ago is not waited for again", async () => {
  const made = await scene();
  const { world } = made;
  let asked = 0;
  made.server = (items) => {
    asked += 1;
    return nobody(items);
  };
  for (const tendered of ["2.900", "5.000"]) {
    scan(world, RICE);
    await pay(world, tendered);
  }
  assert.equal(asked, 1);
  assert.equal(world.state.outbox.value.waitingSales, 2);
});

test("with no number left nothing is sold and nothing is written", async () => {
  const { world, store } = await scene();
  await store.write((writing) => writing.putMeta("numbers", { blocks: [], freed: [], asking: null }));
  scan(world, RICE);
  await pay(world, "5000");
  assert.match(world.state.charging.value?.problem ?? "", /números de venta/);
  assert.deepEqual([await store.rows(), await store.sale("sale-1")], [[], undefined]);
});

test("part by transfer, the rest in cash; the bank is asked for", async () => {
  const { world, delivered } = await scene();
  scan(world, RICE);
  openCharge(world);
  chooseMethod(world, TRANSFER);
  typeAmount(world, "1.000");
  assert.equal(addPart(world), false);
  assert.match(world.state.charging.value?.problem ?? "", /banco/);
  typeBank(world, "Bancolombia");
  assert.equal(addPart(world), true);
  assert.equal(world.state.charging.value?.method?.id, "cash");
  await finishCharge(world);
  const [sale] = delivered;
  assert.deepEqual(sale?.kind === "sale" ? sale.content.payments.map((payment) => [payment.amount, payment.tendered, payment.bank]) : [], [["1000.00", null, "Bancolombia"], ["1900.00", "1900.00", null]]);
});

test("Enter with nothing typed is the exact rest; too little is said", async () => {
  const { world, delivered } = await scene();
  scan(world, RICE);
  openCharge(world);
  typeAmount(world, "2.000");
  await finishCharge(world);
  assert.match(world.state.charging.value?.problem ?? "", /900/);
  typeAmount(world, "");
  await finishCharge(world);
  assert.equal(delivered.length, 1);
  assert.equal(world.state.paid.value?.changeMinor, 0);
});

test("taps on notes add up, and typing begins anew", async () => {
  const { world } = await scene();
  scan(world, RICE);
  openCharge(world);
  const text = (minor: number): string => String(minor / 100);
  tapAmount(world, 200_000, text);
  tapAmount(world, 200_000, text);
  assert.equal(world.state.charging.value?.amountText, "4000");
  typeAmount(world, "5");
  tapAmount(world, 200_000, text);
  assert.equal(world.state.charging.value?.amountText, "2000");
});

test("the figure on the screen pays exactly, although the shop keeps decimals it does not show", async () => {
  const { world, delivered } = await scene();
  scan(world, "2900000000056", 755);
  await pay(world, "9.740");
  const [sale] = delivered;
  assert.deepEqual(sale?.kind === "sale" ? [sale.content.expected.total, sale.content.expected.change, sale.content.payments[0]?.tendered] : [], ["9739.50", "0.00", "9739.50"]);
});

test("while the server is asked the cart stands still, and what is scanned is the next sale", async () => {
  const made = await scene();
  const { world } = made;
  const quantities = (): number[] => world.state.tickets.value.current.lines.map((line) => line.quantityMilli);
  scan(world, RICE);
  made.server = (items) => {
    scan(world, RICE, 2000);
    stepNow(world, 1);
    takeOut(world, 1);
    holdTicket(world);
    closeCharge(world);
    assert.deepEqual(quantities(), [1000]);
    return takesAll(items);
  };
  await pay(world, "5000");
  assert.deepEqual(made.delivered.map((item) => (item.kind === "sale" ? item.content.lines[0]?.quantity : "")), ["1"]);
  assert.deepEqual(quantities(), [2000]);
});

test("what is scanned while a charge is being refused joins its ticket", async () => {
  const made = await scene();
  const { world } = made;
  scan(world, RICE);
  made.server = (items) => {
    scan(world, RICE);
    return refuses("PRICE_CHANGED")(items);
  };
  await pay(world, "5000");
  assert.deepEqual(world.state.tickets.value.current.lines.map((line) => line.quantityMilli), [2000]);
});

test("a sale interrupted between writing and answer is asked about, and its ticket cleared only if it stands", async () => {
  for (const [server, lines, isPaid] of [[takesAll, 0, true], [nobody, 0, true], [refuses("PERMISSION_DENIED"), 1, false]] as const) {
    const made = await scene();
    const { world, store } = made;
    scan(world, RICE);
    // The page ends here: the request is out, and nothing that comes back is heard.
    await new Promise<void>((sent) => {
      made.server = () => {
        sent();
        return new Promise(() => undefined);
      };
      void pay(world, "5000");
    });
    assert.equal((await store.rows())[0]?.state, "sending");
    world.state.charging.value = null;
    made.server = server;
    await resolveInterrupted(world);
    assert.deepEqual([world.state.tickets.value.current.lines.length, world.state.paid.value !== null], [lines, isPaid]);
    assert.equal((await store.rows()).filter((row) => row.state === "sending").length, 0);
  }
});

test("a sale that was written and cannot be settled stays locked, so that it is not made twice", async () => {
  const made = await scene();
  const { world, store } = made;
  scan(world, RICE);
  made.server = () => {
    store.close();
    return takesAll([]);
  };
  await pay(world, "5000");
  assert.match(world.state.charging.value?.problem ?? "", /Recarga/);
  assert.equal(world.state.charging.value?.isBusy, true);
});

test("a customer made offline travels before the sale that names them", async () => {
  const made = await scene();
  const { world, store } = made;
  made.server = nobody;
  assert.equal(await createCustomer(world, " Doña Gloria ", "", ""), true);
  scan(world, RICE);
  await pay(world, "5000");
  made.server = takesAll;
  await world.outbox.drain();
  assert.deepEqual(made.delivered.map((item) => item.kind), ["customer", "sale"]);
  const sale = made.delivered[1];
  assert.deepEqual(sale?.kind === "sale" ? sale.content.customer : null, { id: made.delivered[0]?.id });
  assert.deepEqual((await store.customers()).map((customer) => customer.name), ["Doña Gloria"]);
});

test("a typed name goes with the sale and makes no customer", async () => {
  const { world, delivered } = await scene();
  changeCustomer(world, { kind: "typed", name: "Don Luis" });
  scan(world, RICE);
  await pay(world, "5000");
  const [sale] = delivered;
  assert.deepEqual(sale?.kind === "sale" ? sale.content.customer : null, { name: "Don Luis" });
});

test("money out and the closing count are delivered, and the server's figures stand", async () => {
  const made = await scene();
  const { world } = made;
  assert.equal(await moveCash(world, "out", 1_000_000, "agua"), true);
  made.server = (items) => answered(items.map((item): Outcome => ({ id: item.id, outcome: "accepted", data: { expected: "40000.00", difference: "-5000.00" } })));
  assert.equal(await closeSession(world, [{ valueMinor: 500_000, pieces: 7 }]), true);
  assert.deepEqual(world.state.cashSession.value?.closed, { atMicros: NOW, countedMinor: 3_500_000, expectedMinor: 4_000_000, differenceMinor: -500_000, confirmed: true });
  scan(world, RICE);
  assert.equal(world.state.tickets.value.current.lines.length, 0);
});

test("a refused opening leaves the drawer closed and says so", async () => {
  const made = await scene();
  const { world, store } = made;
  await store.write((writing) => writing.putMeta("cash_session", null));
  made.server = (items) => answered(items.map((item): Outcome => ({ id: item.id, outcome: "refused", data: { code: "CONFLICT", message: "Ya está abierta.", fields: {} } })));
  assert.equal(await openSession(world, 0), false);
  assert.deepEqual([world.state.cashSession.value, world.state.notice.value?.text, await store.rows()], [null, "Ya está abierta.", []]);
});

test("the search box: multiplier, count after a scan, words, and a code nobody knows", async () => {
  const { world } = await scene();
  const quantities = (): number[] => world.state.tickets.value.current.lines.map((line) => line.quantityMilli);
  assert.equal(enter(world, "3*"), true);
  scan(world, RICE);
  assert.deepEqual(quantities(), [3000]);
  scan(world, RICE);
  enter(world, "2");
  assert.deepEqual(quantities(), [5000]);
  enter(world, "diana");
  assert.deepEqual(quantities(), [6000]);
  assert.equal(enter(world, "zzz"), false);
  scan(world, "9999999");
  assert.equal(world.state.unknownCode.value, "9999999");
  assert.deepEqual(quantities(), [6000]);
  enter(world, "0,5*queso");
  assert.deepEqual(quantities(), [6000, 500]);
});

test("what was taken out comes back with one touch, and held tickets with F6", async () => {
  const { world } = await scene();
  scan(world, RICE);
  takeOut(world, 1);
  assert.equal(world.state.tickets.value.current.lines.length, 0);
  world.state.notice.value?.undo?.();
  assert.equal(world.state.tickets.value.current.lines.length, 1);
  holdTicket(world);
  assert.deepEqual([world.state.tickets.value.current.lines.length, world.state.tickets.value.held.length], [0, 1]);
  recallAny(world);
  assert.deepEqual([world.state.tickets.value.current.lines.length, world.state.tickets.value.held.length], [1, 0]);
});
