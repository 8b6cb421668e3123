/**
 * The payment: what is owed on the left, how it is paid on the right, the
 * change in figures that a customer reads across the counter.
 *
 * Owns: nothing; acts are in paying.ts.
 */

import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { quickAmounts, type Quick } from "../charge.ts";
import { denominationsOf } from "../country.ts";
import type { MethodKind, Shop } from "../model.ts";
import { decimalOf, formatAmount, formatMoney, formatQuantity, symbolOf } from "../money.ts";
import { addPart, balance, chooseMethod, closeCharge, dueMinor, finishCharge, leftAfter, methodsOf, removePart, tapAmount, totalMinor, typeAmount, typeBank, typeReference } from "../paying.ts";
import type { Charging } from "../state.ts";
import type { IconName } from "./icons.ts";
import { Icon, Key, stopped, TextField, useOpenDialog, useTexts, useWorld, Voices } from "./parts.tsx";

const KIND_ICONS: Readonly<Record<MethodKind, IconName>> = { cash: "cash", transfer: "bank", card: "card", house_account: "notebook", other: "mobile" };

export function ChargeDialog({ charging, shop }: { charging: Charging; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const dialog = useOpenDialog();
  const title = useId();
  const { tickets, device, answer } = world.state;
  const { current } = tickets.value;
  const where = [device.value?.register.name, answer.value?.user.name, t.products_count(current.lines.length), current.customer?.name ?? t.final_consumer].join(" · ");
  return (
    <dialog ref={dialog} class="charge" aria-labelledby={title} onCancel={stopped(() => closeCharge(world))}>
      <header>
        <button type="button" class="button" onClick={() => closeCharge(world)}><Icon name="left" />{t.back_to_sale}<Key>Esc</Key></button>
        <h1 id={title} class="unseen">{t.charge_title}</h1>
        <p>{where}</p>
      </header>
      <Owed charging={charging} shop={shop} />
      <form class="pay" aria-label={t.how_paid} noValidate onSubmit={stopped(() => void finishCharge(world))}>
        <Methods charging={charging} />
        {charging.method?.kind === "cash" ? <Cash charging={charging} shop={shop} /> : <Other charging={charging} shop={shop} />}
      </form>
      <Giveback charging={charging} shop={shop} />
      <Voices />
    </dialog>
  );
}

function Owed({ charging, shop }: { charging: Charging; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const now = balance(world, { ...charging, amountText: "" });
  const priced = world.state.priced.value;
  const lines = priced.kind === "priced" ? priced.lines : [];
  return (
    <section class="owed" aria-label={t.owed}>
      <p class="owed-total"><span>{t.total}</span><strong>{formatMoney(totalMinor(world), shop)}</strong></p>
      {charging.parts.length === 0 ? null : (
        <>
          <ul class="paid" aria-label={t.received}>
            {charging.parts.map((part, at) => (
              <li key={at}>
                <Icon name={KIND_ICONS[part.method.kind]} />
                <span>{part.method.name}<small>{[part.bank, part.reference].filter((each) => each !== null).join(" · ")}</small></span>
                <button type="button" class="button" data-shape="icon" aria-label={t.remove_payment(part.method.name)} onClick={() => removePart(world, at)}><Icon name="close" /></button>
                <b>{formatAmount(part.amountMinor, shop)}</b>
              </li>
            ))}
          </ul>
          <p class="left"><span>{t.missing}</span><strong>{formatMoney(now.restMinor, shop)}</strong></p>
        </>
      )}
      <ul class="recap" aria-label={t.lines}>
        {world.state.tickets.value.current.lines.map((line, at) => (
          <li key={line.key}>
            <span>{formatQuantity(line.quantityMilli, line.unit, shop)}{line.unit === "unidad" ? "" : `\u00a0${line.unit}`} {line.name}</span>
            <span>{formatAmount(lines[at]?.totalMinor ?? 0, shop)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Methods({ charging }: { charging: Charging }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  return (
    <fieldset class="methods">
      <legend class="unseen">{t.method}</legend>
      {methodsOf(world).map((method) => (
        <label key={method.id}>
          <input type="radio" name="metodo" checked={charging.method?.id === method.id} onChange={() => chooseMethod(world, method)} />
          <Icon name={KIND_ICONS[method.kind]} />
          {method.name}
        </label>
      ))}
    </fieldset>
  );
}

/** The amount has the focus as soon as a method is chosen: typing is paying. */
function AmountField({ charging, shop, label }: { charging: Charging; shop: Shop; label: string }): JSX.Element {
  const world = useWorld();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), [charging.method?.id, charging.parts.length]);
  const due = dueMinor(world, charging);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="group">
        <span class="affix" aria-hidden="true">{symbolOf(shop)}</span>
        <input
          ref={input} class="input" id={id} data-loose="" inputMode={shop.display_decimals === 0 ? "numeric" : "decimal"} autocomplete="off" maxLength={20}
          placeholder={formatAmount(due, shop)} value={charging.amountText} disabled={charging.isBusy} aria-invalid={charging.problem === null ? undefined : "true"} aria-describedby={`${id}-error`}
          onInput={(event) => typeAmount(world, event.currentTarget.value)}
        />
      </div>
      <p class="error" id={`${id}-error`} role="alert">{charging.problem === null ? null : <><Icon name="warn" />{charging.problem}</>}</p>
    </div>
  );
}

function Cash({ charging, shop }: { charging: Charging; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const due = dueMinor(world, charging);
  const typed = (minor: number): string => formatAmount(minor, shop);
  const exact = (): void => typeAmount(world, decimalOf(due, shop.exponent).replace(/\.0+$/, ""));
  const isExact = balance(world, charging).changeMinor === 0 && charging.amountText !== "" && balance(world, charging).isSettled;
  return (
    <div class="cash">
      <AmountField charging={charging} shop={shop} label={t.received_cash} />
      <div class="quick" role="group" aria-label={t.likely_notes}>
        <button type="button" aria-pressed={isExact} data-span="" onClick={exact}><span>{formatAmount(due, shop)}</span><small>{t.exact}</small></button>
        {quickAmounts(due, denominationsOf(shop.country), shop.exponent).map((quick) => (
          <button type="button" key={quick.amountMinor} aria-pressed={charging.amountText === typed(quick.amountMinor)} onClick={() => tapAmount(world, quick.amountMinor, typed)}>
            <span>{formatAmount(quick.amountMinor, shop)}</span>
            {shop.country === "CO" ? <Notes quick={quick} exponent={shop.exponent} /> : null}
          </button>
        ))}
      </div>
      <Keypad charging={charging} />
    </div>
  );
}

/** People know money by its colour: the largest and the smallest note of the amount. */
function Notes({ quick, exponent }: { quick: Quick; exponent: number }): JSX.Element | null {
  const thousands = (minor: number): string => decimalOf(minor, exponent).replace(/\.\d+$/, "").replace(/000$/, "");
  const front = quick.notes.at(-1);
  const back = quick.notes.length > 1 ? quick.notes[0] : undefined;
  if (front === undefined) return null;
  const [x, y] = back === undefined ? [20, 8] : [20, 13];
  return (
    <svg class="notes" viewBox="0 0 72 40" aria-hidden="true">
      {back === undefined ? null : <rect class={`n-${thousands(back)}`} x="1" y="3" width="51" height="24" rx="3" />}
      <rect class={`n-${thousands(front)}`} x={x} y={y} width="51" height="24" rx="3" />
      <ellipse cx={x + 25.5} cy={y + 12} rx="11" ry="7.5" />
      <text x={x + 25.5} y={y + 15.5} text-anchor="middle">{thousands(front)}</text>
    </svg>
  );
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "000", "0"] as const;

function Keypad({ charging }: { charging: Charging }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const plain = charging.isTapped ? "" : charging.amountText.replace(/[^\d]/g, "");
  return (
    <div class="keypad" role="group" aria-label={t.keypad}>
      {KEYS.map((key) => (
        <button type="button" key={key} onClick={() => typeAmount(world, `${plain}${key}`.replace(/^0+(?=\d)/, ""))}>{key}</button>
      ))}
      <button type="button" aria-label={t.erase_digit} onClick={() => typeAmount(world, plain.slice(0, -1))}><Icon name="back" size="l" /></button>
    </div>
  );
}

function Other({ charging, shop }: { charging: Charging; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { method } = charging;
  if (method === null) return <p class="shelf-words">{t.no_methods}</p>;
  return (
    <div class="cash other">
      <AmountField charging={charging} shop={shop} label={t.amount_by(method.name)} />
      <div class="fields">
        {method.needs_bank ? <TextField label={t.bank} value={charging.bank} maxLength={100} onInput={(value) => typeBank(world, value)} /> : null}
        {method.needs_reference || method.kind !== "card" ? <TextField label={method.needs_reference ? t.reference : t.reference_optional} value={charging.reference} maxLength={100} onInput={(value) => typeReference(world, value)} /> : null}
        <button type="button" class="button" onClick={() => addPart(world)}><Icon name="plus" />{t.add_part}</button>
        <p class="hint">{t.add_part_hint}</p>
      </div>
    </div>
  );
}

/** Cash gives change; every other means shows what it leaves to pay. */
function Giveback({ charging, shop }: { charging: Charging; shop: Shop }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const left = leftAfter(world, charging);
  const isShort = left > 0;
  const figure = formatAmount(isShort ? left : balance(world, charging).changeMinor, shop);
  const isCash = charging.method?.kind === "cash";
  return (
    <section class="giveback" aria-label={isShort ? t.missing : t.change}>
      <p class="giveback-word">
        {isShort ? t.missing : t.change}
        {isCash && charging.amountText !== "" ? <small>{t.change_of(charging.amountText)}</small> : null}
      </p>
      <output aria-live="polite" data-digits={figure.length > 9 ? "many" : undefined}><span class="sign">{symbolOf(shop)}&nbsp;</span>{figure}</output>
      <button type="button" class="button charge-button" data-kind="main" aria-busy={charging.isBusy} disabled={charging.isBusy} onClick={() => void finishCharge(world)}>
        <span>{t.finish_sale}</span>
        <Key>F9</Key>
      </button>
    </section>
  );
}
