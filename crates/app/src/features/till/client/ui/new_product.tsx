/**
 * Making a product in place: what a label says and no more. Cost, category
 * and photo are for the office.
 *
 * Owns: what is typed until it is taken.
 */

import { useSignal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { Shop, Unit } from "../model.ts";
import { readMoney, symbolOf } from "../money.ts";
import { createProduct, taxSets, UNITS } from "../products.ts";
import type { Dialog } from "../state.ts";
import { Form, Icon, Modal, TextField, useTexts, useWorld } from "./parts.tsx";

type Asked = Extract<Dialog, { kind: "new_product" }>;

export function NewProductDialog({ asked, shop, close }: { asked: Asked; shop: Shop; close: () => void }): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const sets = taxSets(world);
  const name = useSignal(asked.name);
  const price = useSignal("");
  const unit = useSignal<Unit>("unidad");
  const taxSet = useSignal(sets[0]?.id ?? "");
  const problems = useSignal<{ name?: string; price?: string }>({});
  const isBusy = useSignal(false);
  const submit = async (): Promise<void> => {
    const finalMinor = readMoney(price.value, shop);
    const chosen = sets.find((set) => set.id === taxSet.value);
    const found: { name?: string; price?: string } = {};
    if (name.value.trim() === "") found.name = t.problem_name;
    if (finalMinor === null || finalMinor === 0) found.price = t.problem_amount;
    problems.value = found;
    if (found.name !== undefined || finalMinor === null || finalMinor === 0 || chosen === undefined || isBusy.value) return;
    isBusy.value = true;
    const isMade = await createProduct(world, { name: name.value, code: asked.code, finalMinor, unit: unit.value, taxSet: chosen }, asked.timesMilli);
    isBusy.value = false;
    if (isMade) close();
  };
  /** What is being mended is no longer wrong; the next try says. */
  const typed = (field: Signal<string>, name: "name" | "price") => (value: string): void => {
    field.value = value;
    const { [name]: _, ...others } = problems.value;
    problems.value = others;
  };
  return (
    <Modal title={t.new_product_title} onClose={close}>
      <Form onSubmit={() => void submit()}>
        {asked.code === null ? null : <p class="hint">{t.product_code(asked.code)}</p>}
        <TextField label={t.product_name} value={name.value} maxLength={100} autofocus error={problems.value.name} onInput={typed(name, "name")} />
        <TextField label={t.product_price} value={price.value} inputMode="decimal" affix={symbolOf(shop)} maxLength={14} error={problems.value.price} onInput={typed(price, "price")} />
        <div class="pair">
          <Choice label={t.product_unit} value={unit.value} choices={UNITS.map((each) => [each, each])} onChoose={(value) => (unit.value = UNITS.find((each) => each === value) ?? "unidad")} />
          <Choice label={t.product_tax} value={taxSet.value} choices={sets.map((set) => [set.id, set.name])} onChoose={(value) => (taxSet.value = value)} />
        </div>
        <div class="actions"><button type="submit" class="button" data-kind="main" disabled={isBusy.value} aria-busy={isBusy.value}>{t.create_and_add}</button></div>
      </Form>
    </Modal>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChoose: (value: string) => void;
}

function Choice({ label, value, choices, onChoose }: ChoiceProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="select-box">
        <select class="select" id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
          {choices.map(([key, name]) => <option key={key} value={key}>{name}</option>)}
        </select>
        <Icon name="down" />
      </span>
    </div>
  );
}
