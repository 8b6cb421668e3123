/**
 * The till on the screen: one room at a time, one dialog over it.
 *
 * Owns: which of them is drawn. Must not know: what they do.
 */

import type { JSX } from "preact";
import { closeCharge } from "./paying.ts";
import type { Shop } from "./model.ts";
import type { Dialog } from "./state.ts";
import { ChargeDialog } from "./ui/charge.tsx";
import { CustomerDialog, DiscountDialog, NoteDialog, OpenPriceDialog, PriceDialog, RecallDialog, WeightDialog } from "./ui/dialogs.tsx";
import { FoundReceiptDialog } from "./ui/found_receipt.tsx";
import { KeysDialog, MenuDialog, SalesDialog, SyncDialog } from "./ui/menu.tsx";
import { NewProductDialog } from "./ui/new_product.tsx";
import { useTexts, useWorld, Voices, WorldContext } from "./ui/parts.tsx";
import { ReceiptDialog } from "./ui/receipt.tsx";
import { RegisterBar } from "./ui/register_bar.tsx";
import { RoomOf } from "./ui/rooms.tsx";
import { ClosedSession, CloseSessionDialog, DrawerDialog, OpenSession } from "./ui/session.tsx";
import { Shelf } from "./ui/shelf.tsx";
import { Ticket } from "./ui/ticket.tsx";
import type { World } from "./world.ts";

export function App({ world }: { world: World }): JSX.Element {
  return (
    <WorldContext.Provider value={world}>
      <Rooms />
      {world.state.dialog.value === null ? <Voices /> : null}
    </WorldContext.Provider>
  );
}

function Rooms(): JSX.Element | null {
  const { state } = useWorld();
  const screen = state.screen.value;
  const shop = state.answer.value?.shop;
  if (screen.kind !== "selling" || shop === undefined) return <RoomOf screen={screen} />;
  return <Selling shop={shop} />;
}

function Selling({ shop }: { shop: Shop }): JSX.Element {
  const { state } = useWorld();
  const t = useTexts();
  const session = state.cashSession.value;
  const isOpen = session !== null && session.closed === null;
  return (
    <>
      {isOpen ? <a class="skip" href="#buscar">{t.skip_to_find}</a> : null}
      <div class="till" data-ticket={state.isTicketOpen.value ? "open" : undefined} data-room={isOpen ? undefined : ""}>
        <RegisterBar />
        {session === null ? <OpenSession shop={shop} /> : session.closed !== null ? <ClosedSession session={session} shop={shop} /> : (
          <>
            <Shelf />
            <Ticket shop={shop} />
          </>
        )}
      </div>
      {state.dialog.value === null ? null : <DialogOf dialog={state.dialog.value} shop={shop} />}
    </>
  );
}

function DialogOf({ dialog, shop }: { dialog: Dialog; shop: Shop }): JSX.Element | null {
  const world = useWorld();
  const close = (): void => {
    if (dialog.kind === "charge") closeCharge(world);
    else if (world.state.dialog.value === dialog) world.state.dialog.value = null;
  };
  const charging = world.state.charging.value;
  switch (dialog.kind) {
    case "charge":
      return charging === null ? null : <ChargeDialog charging={charging} shop={shop} />;
    case "customer":
      return <CustomerDialog shop={shop} close={close} />;
    case "recall":
      return <RecallDialog shop={shop} close={close} />;
    case "price":
      return <PriceDialog product={dialog.product} shop={shop} close={close} />;
    case "discount":
      return <DiscountDialog lineKey={dialog.lineKey} shop={shop} close={close} />;
    case "note":
      return <NoteDialog lineKey={dialog.lineKey} shop={shop} close={close} />;
    case "weight":
      return <WeightDialog product={dialog.product} shop={shop} close={close} />;
    case "open_price":
      return <OpenPriceDialog product={dialog.product} quantityMilli={dialog.quantityMilli} shop={shop} close={close} />;
    case "new_product":
      return <NewProductDialog asked={dialog} shop={shop} close={close} />;
    case "found_receipt":
      return <FoundReceiptDialog number={dialog.number} close={close} />;
    case "drawer":
      return <DrawerDialog shop={shop} close={close} />;
    case "close_session":
      return <CloseSessionDialog shop={shop} close={close} />;
    case "keys":
      return <KeysDialog close={close} />;
    case "menu":
      return <MenuDialog close={close} />;
    case "sales":
      return <SalesDialog shop={shop} close={close} />;
    case "sync":
      return <SyncDialog close={close} />;
    case "receipt":
      return <ReceiptDialog sale={dialog.sale} isCopy={dialog.isCopy} close={close} />;
  }
}
