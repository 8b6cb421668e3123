/**
 * The rooms before the till: which register this is, who must sign in, why it
 * cannot start.
 *
 * Owns: the choice of a register. Must not know: sales.
 */

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import type { RegisterSummary } from "../model.ts";
import type { Screen } from "../state.ts";
import { enrol, start } from "../till.ts";
import { askWhoSells } from "../who.ts";
import { Icon, useTexts, useWorld } from "./parts.tsx";
import { Wordmark } from "./register_bar.tsx";

function Room({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="till" data-room="">
      <header class="register"><Wordmark href="/" /></header>
      <main class="room">
        <section class="room-card">
          <h1>{title}</h1>
          {children}
        </section>
      </main>
    </div>
  );
}

export function RoomOf({ screen }: { screen: Screen }): JSX.Element | null {
  const world = useWorld();
  const t = useTexts();
  switch (screen.kind) {
    case "starting":
      return <Room title={t.starting} />;
    case "elsewhere":
      return <Room title={t.elsewhere_title}><p>{t.elsewhere_words}</p></Room>;
    case "unsupported":
      return <Room title={t.unsupported_title}><p>{t.unsupported_words(screen.lacks)}</p><a class="button" href="/ventas/nueva/simple/">{t.simple_form}</a></Room>;
    case "sign_in":
      return <Room title={t.sign_in_title}><p>{t.sign_in_words}</p><a class="button charge-button" data-kind="main" href="/login/?next=/ventas/nueva/"><span>{t.sign_in}</span></a></Room>;
    case "no_server":
      return <Room title={t.no_server_title}><p>{t.no_server_words}</p><button type="button" class="button charge-button" data-kind="main" onClick={() => void start(world)}><span>{t.try_again}</span></button></Room>;
    case "revoked":
      return <Room title={t.revoked_title}><p>{screen.unsent === 0 ? t.revoked_words : t.revoked_unsent(screen.unsent)}</p></Room>;
    case "enrol":
      return <Enrol />;
    case "selling":
      return null;
  }
}

function Enrol(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const answer = world.state.answer.value;
  const isBusy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const taking = useSignal<RegisterSummary | null>(null);
  const device = world.state.device.value;
  if (answer === null) return <Room title={t.starting} />;
  if (!answer.may_enrol) {
    return (
      <Room title={t.enrol_seller_title}>
        <p>{t.enrol_seller_words}</p>
        <button type="button" class="button" onClick={() => void askWhoSells(world)}>{t.try_again}</button>
      </Room>
    );
  }
  const choose = async (register: RegisterSummary, takeOver: boolean): Promise<void> => {
    isBusy.value = true;
    problem.value = null;
    const enrolled = await enrol(world, register, t.device_name(register.name), takeOver);
    isBusy.value = false;
    if (enrolled.kind === "taken") taking.value = register;
    if (enrolled.kind === "failed") problem.value = enrolled.message;
  };
  const asked = taking.value;
  return (
    <Room title={t.enrol_title}>
      <p>{device !== null && device.shop_id !== answer.shop.id ? t.enrol_other_shop : t.enrol_words}</p>
      <ul class="choices">
        {answer.registers.map((register) => (
          <li key={register.id}>
            <button type="button" class="choice" disabled={isBusy.value} onClick={() => (register.device_id === null ? void choose(register, false) : (taking.value = register))}>
              <b>{register.name}</b>
              <span>{register.device_id === null ? t.register_free : t.register_taken}</span>
            </button>
          </li>
        ))}
      </ul>
      {answer.registers.length === 0 ? <p class="notice" data-tone="info"><Icon name="info" /><span>{t.no_registers}</span></p> : null}
      {asked === null ? null : (
        <div class="notice" data-tone="warn">
          <Icon name="warn" />
          <div>
            <p>{t.take_over_words(asked.name)}</p>
            <div class="actions"><button type="button" class="button" data-kind="danger" disabled={isBusy.value} onClick={() => void choose(asked, true)}>{t.take_over(asked.name)}</button></div>
          </div>
        </div>
      )}
      {problem.value === null ? null : <p class="error" role="alert"><Icon name="warn" />{problem.value}</p>}
    </Room>
  );
}
