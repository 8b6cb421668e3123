/**
 * The cash session on the screen: opening with an amount, money in and out,
 * closing with a blind count by note and coin.
 *
 * Owns: the count while it is typed. Must not know: how sessions travel.
 */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { denominationsOf } from "../country.ts";
import { closeSession, forgetClosedSession, moveCash, openSession, type Piece } from "../drawer.ts";
import type { Shop } from "../model.ts";
import { formatAmount, formatMoney, minorOf, readMoney, symbolOf } from "../money.ts";
import { timeText } from "../receipt.ts";
import { countedTotal, type CashSession } from "../session.ts";
import { Form, Icon, Modal, TextField, useTexts, useWorld } from "./parts.tsx";

/** In place of the shelf while the drawer is closed: there is one thing to do. */
export function OpenSession({ shop }: { shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const typed = useSignal("");
  const problem = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const submit = async (): Promise<void> => {
    const minor = typed.value.trim() === "" ? 0 : readMoney(typed.value, shop);
    if (minor === null) return void (problem.value = t.problem_amount);
    isBusy.value = true;
    await openSession(world, minor);
    isBusy.value = false;
  };
  return (
    <main class="room">
      <section class="room-card">
        <h1>{t.open_title(world.state.device.value?.register.name ?? "")}</h1>
        <p>{t.open_words}</p>
        <Form onSubmit={() => void submit()}>
          <TextField
            label={t.open_amount} value={typed.value} inputMode="decimal" affix={symbolOf(shop)} maxLength={16} autofocus error={problem.value} hint={t.open_hint}
            onInput={(value) => {
              typed.value = value;
              problem.value = null;
            }}
          />
          <button type="submit" class="button charge-button" data-kind="main" disabled={isBusy.value} aria-busy={isBusy.value}><span>{t.open_act}</span></button>
        </Form>
      </section>
    </main>
  );
}

export function DrawerDialog({ shop, close }: { shop: Shop; close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const direction = useSignal<"in" | "out">("out");
  const amount = useSignal("");
  const reason = useSignal("");
  const problems = useSignal<{ amount?: string; reason?: string }>({});
  const submit = async (): Promise<void> => {
    const minor = readMoney(amount.value, shop);
    const found: { amount?: string; reason?: string } = {};
    if (minor === null || minor === 0) found.amount = t.problem_amount;
    if (reason.value.trim() === "") found.reason = t.problem_reason;
    problems.value = found;
    if (minor === null || found.amount !== undefined || found.reason !== undefined) return;
    if (await moveCash(world, direction.value, minor, reason.value)) close();
  };
  const typed = (field: Signal<string>, name: "amount" | "reason") => (value: string): void => {
    field.value = value;
    const { [name]: _, ...others } = problems.value;
    problems.value = others;
  };
  return (
    <Modal title={t.drawer_title} onClose={close}>
      <Form onSubmit={() => void submit()}>
        <fieldset class="segments" aria-label={t.drawer_direction}>
          <label><input type="radio" name="sentido" checked={direction.value === "out"} onChange={() => (direction.value = "out")} />{t.cash_out}</label>
          <label><input type="radio" name="sentido" checked={direction.value === "in"} onChange={() => (direction.value = "in")} />{t.cash_in}</label>
        </fieldset>
        <TextField label={t.amount} value={amount.value} inputMode="decimal" affix={symbolOf(shop)} maxLength={16} autofocus error={problems.value.amount} onInput={typed(amount, "amount")} />
        <TextField label={t.reason} value={reason.value} maxLength={150} error={problems.value.reason} hint={t.reason_hint} onInput={typed(reason, "reason")} />
        <div class="actions">
          <button type="submit" class="button" data-kind="main">{direction.value === "in" ? t.cash_in_act : t.cash_out_act}</button>
          <button type="button" class="button" onClick={() => (world.state.dialog.value = { kind: "close_session" })}>{t.close_act}</button>
        </div>
      </Form>
    </Modal>
  );
}

/** Counted without seeing what should be there; that comes after. */
export function CloseSessionDialog({ shop, close }: { shop: Shop; close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { notes, coins } = denominationsOf(shop.country);
  const values = [...notes, ...coins].map((value) => minorOf(value, shop.exponent));
  const counts = useSignal<readonly string[]>(values.map(() => ""));
  const isBusy = useSignal(false);
  const pieces: Piece[] = values.map((valueMinor, at) => ({ valueMinor, pieces: Number(/^\d{1,6}$/.exec(counts.value[at] ?? "")?.[0] ?? 0) }));
  const submit = async (): Promise<void> => {
    isBusy.value = true;
    const isClosed = await closeSession(world, pieces);
    isBusy.value = false;
    if (isClosed) close();
  };
  return (
    <Modal title={t.close_title} onClose={close} wide>
      <Form onSubmit={() => void submit()}>
        <p>{t.close_words}</p>
        <div class="count">
          {values.map((valueMinor, at) => (
            <label key={valueMinor} class="count-row">
              <span class="count-value">{formatAmount(valueMinor, shop)}</span>
              <span class="unseen">{t.pieces}</span>
              <input
                class="input" inputMode="numeric" maxLength={6} autocomplete="off" autofocus={at === 0} placeholder="0" data-loose="" value={counts.value[at]}
                onInput={(event) => {
                  const { value } = event.currentTarget;
                  counts.value = counts.value.map((each, index) => (index === at ? value : each));
                }}
              />
              <span class="count-sum">{formatAmount(valueMinor * (pieces[at]?.pieces ?? 0), shop)}</span>
            </label>
          ))}
        </div>
        <p class="total"><span>{t.counted}</span><output>{formatMoney(countedTotal(pieces), shop)}</output></p>
        <div class="actions"><button type="submit" class="button" data-kind="main" disabled={isBusy.value} aria-busy={isBusy.value}>{t.close_act}</button></div>
      </Form>
    </Modal>
  );
}

/** After the count: what should have been there, and the difference in words. */
export function ClosedSession({ session, shop }: { session: CashSession; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { closed } = session;
  if (closed === null) return <main class="room" />;
  const { differenceMinor } = closed;
  const size = formatMoney(Math.abs(differenceMinor), shop);
  const words = differenceMinor === 0 ? t.difference_none : differenceMinor > 0 ? t.difference_over(size) : t.difference_short(size);
  return (
    <main class="room">
      <section class="room-card">
        <h1>{t.closed_title}</h1>
        <p>{t.closed_words(timeText(session.openedMicros, shop), timeText(closed.atMicros, shop), String(session.sales))}</p>
        <dl class="figures">
          <dt>{t.expected}</dt><dd>{formatMoney(closed.expectedMinor, shop)}</dd>
          <dt>{t.counted}</dt><dd>{formatMoney(closed.countedMinor, shop)}</dd>
        </dl>
        <p class="notice" data-tone={differenceMinor === 0 ? "ok" : "warn"}><Icon name={differenceMinor === 0 ? "check" : "warn"} /><span>{words}</span></p>
        {closed.confirmed ? null : <p class="hint">{t.closed_unconfirmed}</p>}
        <button type="button" class="button charge-button" data-kind="main" onClick={() => void forgetClosedSession(world)}><span>{t.open_another}</span></button>
      </section>
    </main>
  );
}
