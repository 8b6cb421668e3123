/**
 * Small parts that every room of the till is built from.
 *
 * Owns: icons, key caps, dialogs, the world's context. Must not know: sales.
 */

import { Component, createContext, h, type ComponentChildren, type ComponentType, type FunctionComponent, type JSX } from "preact";
import { useContext, useEffect, useId, useRef } from "preact/hooks";
import type { Texts } from "../texts.ts";
import { texts, type World } from "../world.ts";
import { ICONS, type IconName } from "./icons.ts";

export const WorldContext = createContext<World | null>(null);

export function useWorld(): World {
  const world = useContext(WorldContext);
  if (world === null) throw new Error("a part of the till is drawn outside of it");
  return world;
}

export function useTexts(): Texts {
  return texts(useWorld());
}

export function Icon({ name, size }: { name: IconName; size?: "s" | "l" }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" data-size={size}>
      {ICONS[name].map((d) => (
        <path d={d} />
      ))}
    </svg>
  );
}

export function Key({ children }: { children: string }): JSX.Element {
  return <kbd aria-hidden="true">{children}</kbd>;
}

interface ModalProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  footer?: ComponentChildren;
  wide?: boolean;
}

/** A dialog over the till. Esc and the cross close it; the focus goes back by itself. */
export function Modal({ title, onClose, children, footer, wide = false }: ModalProps): JSX.Element {
  const dialog = useOpenDialog();
  const id = useId();
  const t = useTexts();
  return (
    <dialog ref={dialog} class="dialog till-dialog" data-wide={wide ? "" : undefined} aria-labelledby={id} onCancel={stopped(onClose)}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="button" data-kind="plain" data-shape="icon" aria-label={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
      {footer === undefined ? null : <footer>{footer}</footer>}
      <Voices />
    </dialog>
  );
}

/**
 * What the till says, on the screen and to a screen reader. A dialog makes
 * everything outside of it inert, so the one on top speaks itself.
 */
export function Voices(): JSX.Element {
  const { state } = useWorld();
  return (
    <>
      <Notice />
      <p class="unseen" role="status" aria-live="polite">{state.announcement}</p>
    </>
  );
}

function Notice(): JSX.Element | null {
  const { state } = useWorld();
  const t = useTexts();
  const notice = state.notice.value;
  if (notice === null) return null;
  const undo = (): void => {
    notice.undo?.();
    state.notice.value = null;
  };
  return (
    <section class="toast till-toast" data-tone={notice.tone} aria-label={t.notice}>
      {notice.tone === "warn" || notice.tone === "bad" ? <Icon name="warn" /> : null}
      <span>{notice.text}</span>
      {notice.undo === null ? null : <button type="button" class="button" onClick={undo}>{t.undo}</button>}
      <button type="button" class="button" data-shape="icon" aria-label={t.close} onClick={() => (state.notice.value = null)}><Icon name="close" /></button>
    </section>
  );
}

/** The state decides whether a dialog is there; the browser only asks. */
export function stopped(then: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    then();
  };
}

export function useOpenDialog(): { current: HTMLDialogElement | null } {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return dialog;
}

interface TextFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  error?: string | null | undefined;
  hint?: string | undefined;
  inputMode?: "text" | "numeric" | "decimal" | "tel";
  affix?: string | undefined;
  unit?: string | undefined;
  maxLength?: number;
  autofocus?: boolean;
  autocomplete?: string;
}

/** A labelled field whose error is read with it. */
export function TextField(props: TextFieldProps): JSX.Element {
  const { label, value, onInput, error = null, hint, inputMode = "text", affix, unit, maxLength = 200, autofocus = false } = props;
  const id = useId();
  const described = [error === null ? null : `${id}-error`, hint === undefined ? null : `${id}-hint`].filter((each) => each !== null).join(" ");
  const input = (
    <input
      class="input" id={id} value={value} inputMode={inputMode} maxLength={maxLength} autofocus={autofocus} autocomplete="off" data-loose=""
      aria-invalid={error === null ? undefined : "true"} aria-describedby={described === "" ? undefined : described}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {affix === undefined && unit === undefined ? input : (
        <div class="group">
          {affix === undefined ? null : <span class="affix" aria-hidden="true">{affix}</span>}
          {input}
          {unit === undefined ? null : <span class="affix" aria-hidden="true">{unit}</span>}
        </div>
      )}
      {hint === undefined ? null : <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error === null ? null : <p class="error" id={`${id}-error`}><Icon name="warn" />{error}</p>}
    </div>
  );
}

/** A form that never leaves the page. */
export function Form({ onSubmit, children, id }: { onSubmit: () => void; children: ComponentChildren; id?: string }): JSX.Element {
  return (
    <form id={id} class="dialog-body" onSubmit={stopped(onSubmit)} noValidate autocomplete="off">
      {children}
    </form>
  );
}

/**
 * Draws again only when `isSame` says that the properties differ: a scan must
 * not cost more on a ticket of forty lines than on one of two.
 */
export function drawnOnce<P extends object>(draw: FunctionComponent<P>, isSame: (before: P, after: P) => boolean): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return !isSame(this.props, next);
    }

    override render(): JSX.Element {
      return h(draw, this.props);
    }
  };
}
