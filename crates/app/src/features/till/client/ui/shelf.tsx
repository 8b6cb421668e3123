/**
 * The left side: the one search box, categories, and products to touch.
 *
 * Owns: what the search box does with keys. Must not know: how products are
 * found or added.
 */

import { useComputed, useSignal, type ReadonlySignal } from "@preact/signals";
import type { JSX, TargetedKeyboardEvent } from "preact";
import { quantitiesByProduct } from "../cart.ts";
import { isSearch } from "../entry.ts";
import type { Product, Shop, Uuid } from "../model.ts";
import { formatAmount, formatQuantity, unbroken } from "../money.ts";
import { shelfPriceMinor } from "../pricing.ts";
import { mayCreateProducts } from "../products.ts";
import { addProduct, enter, resultsFor, stepNow } from "../selling.ts";
import type { World } from "../world.ts";
import { SHORTCUTS } from "../keyboard.ts";
import { drawnOnce, Icon, Key, useTexts, useWorld } from "./parts.tsx";

export const FINDER_ID = "buscar";
const TILES_MAX = 100;
/** From here on a tile warns; the shop's own minimum stays with the office. */
const FEW_MILLI = 5_000;

function Finder(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { query, timesMilli } = world.state;
  const shop = world.state.answer.value?.shop;
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const text = event.currentTarget.value;
    if (event.key === "Enter") {
      event.preventDefault();
      if (enter(world, text)) query.value = "";
    } else if (text === "" && (event.key === "+" || event.key === "-")) {
      event.preventDefault();
      stepNow(world, event.key === "+" ? 1 : -1);
    } else if (text === "" && event.key === "?") {
      event.preventDefault();
      world.state.dialog.value = { kind: "keys" };
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector<HTMLElement>(".tiles:not([hidden]) .tile")?.focus();
    } else if (event.key === "Escape" && text !== "") {
      query.value = "";
    }
  };
  return (
    <div class="group finder">
      <Icon name="search" />
      <label class="unseen" for={FINDER_ID}>{t.find}</label>
      {timesMilli.value === 1000 || shop === undefined ? null : <span class="times">{formatQuantity(timesMilli.value, "unidad", shop)} ×</span>}
      <input
        class="input" id={FINDER_ID} type="search" placeholder={t.find} autocomplete="off" spellcheck={false} enterKeyHint="search" maxLength={100}
        value={query.value} onInput={(event) => (query.value = event.currentTarget.value)} onKeyDown={onKeyDown}
      />
      <Key>F2</Key>
    </div>
  );
}

function Categories(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { shelf, catalogTick } = world.state;
  const categories = useComputed(() => {
    void catalogTick.value;
    return world.catalog.state.categories;
  });
  const chosen = shelf.value;
  return (
    <div class="chips" role="group" aria-label={t.categories}>
      <button type="button" class="chip" aria-pressed={chosen.kind === "favorites"} onClick={() => (shelf.value = { kind: "favorites" })}>
        <Icon name="star" size="s" />
        {t.favorites}
      </button>
      {categories.value.map((category) => (
        <button type="button" class="chip" key={category.id} aria-pressed={chosen.kind === "category" && chosen.id === category.id} onClick={() => (shelf.value = { kind: "category", id: category.id })}>
          {category.name}
        </button>
      ))}
    </div>
  );
}

/** What lies on the shelf: the chosen part, and favourites where there are any. */
function laidOut(world: World): Product[] {
  const { shelf, catalogTick } = world.state;
  void catalogTick.value;
  const chosen = shelf.value;
  if (chosen.kind === "category") return world.catalog.ofCategory(chosen.id, TILES_MAX);
  const favorites = world.catalog.favorites(TILES_MAX);
  return favorites.length > 0 ? favorites : world.catalog.first(TILES_MAX);
}

/**
 * The shelf stays drawn behind the results: whoever has chosen one would
 * otherwise wait for a hundred tiles to be made again.
 */
function Tiles(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const { state } = world;
  const isSearching = useComputed(() => {
    const shop = state.answer.value?.shop;
    return shop !== undefined && isSearch(state.query.value, state.tickets.value.current.freshScan !== null, shop);
  });
  const shelf = useComputed(() => (state.answer.value === null ? [] : laidOut(world)));
  const results = useComputed(() => {
    void state.catalogTick.value;
    return state.answer.value === null || !isSearching.value ? [] : resultsFor(world, state.query.value);
  });
  const inSale = useComputed(() => quantitiesByProduct(state.tickets.value.current));
  const shown = isSearching.value ? results : shelf;
  if (state.isCatalogLoading.value && shown.value.length === 0) return <p class="shelf-words" aria-busy="true">{t.loading_products}</p>;
  return (
    <>
      {shown.value.length === 0 ? <NothingThere /> : null}
      <TileList products={shelf} inSale={inSale} isHidden={isSearching.value} />
      {isSearching.value ? <TileList products={results} inSale={inSale} isHidden={false} /> : null}
    </>
  );
}

interface TileListProps {
  products: ReadonlySignal<readonly Product[]>;
  inSale: TileProps["inSale"];
  isHidden: boolean;
}

function TileList({ products, inSale, isHidden }: TileListProps): JSX.Element {
  const { catalog } = useWorld();
  return (
    <ul class="tiles" hidden={isHidden}>
      {products.value.map((product) => <Tile key={product.id} product={product} inSale={inSale} leftMilli={catalog.onHandMilli(product)} />)}
    </ul>
  );
}

function NothingThere(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const words = world.state.query.value.trim();
  const create = (): void => {
    world.state.query.value = "";
    world.state.dialog.value = { kind: "new_product", code: null, name: words.slice(0, 100), timesMilli: world.state.timesMilli.value };
  };
  if (words === "") return <p class="shelf-words">{t.shelf_empty}</p>;
  return (
    <div class="shelf-words">
      <p>{t.nothing_found(words)}</p>
      {mayCreateProducts(world) ? <button type="button" class="button" onClick={create}><Icon name="plus" />{t.create_named(words)}</button> : null}
    </div>
  );
}

/** Tiles are drawn again at each keystroke; their products and the shop seldom change. */
const prices = new WeakMap<Product, { shop: Shop; minor: number | null }>();

function priceOf(product: Product, shop: Shop): number | null {
  const known = prices.get(product);
  if (known?.shop === shop) return known.minor;
  const minor = shelfPriceMinor(product, shop);
  prices.set(product, { shop, minor });
  return minor;
}

interface TileProps {
  product: Product;
  inSale: ReadonlySignal<ReadonlyMap<Uuid, number>>;
  leftMilli: number | null;
}

const Tile = drawnOnce(DrawnTile, (a: TileProps, b: TileProps) => a.product === b.product && a.leftMilli === b.leftMilli);

/** Watches its own quantity: a scan draws one tile again and not the whole shelf. */
function DrawnTile({ product, inSale, leftMilli }: TileProps): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const quantityMilli = useComputed(() => inSale.value.get(product.id) ?? 0).value;
  const shop = world.state.answer.value?.shop;
  if (shop === undefined) return <li />;
  const price = priceOf(product, shop);
  const isMeasured = product.unit !== "unidad";
  const add = (): void => {
    addProduct(world, product, null, world.state.timesMilli.value);
    world.state.query.value = "";
  };
  return (
    <li>
      <button type="button" class="tile" data-in={quantityMilli > 0 ? "" : undefined} onClick={add}>
        <Picture key={product.photo} address={product.photo} name={product.name} />
        <span class="tile-name">{unbroken(product.name)}</span>
        <span class="tile-price">
          {price === null || price === 0 ? <small>{t.open_price}</small> : formatAmount(price, shop)}
          {isMeasured && price !== 0 ? <small>{t.per_unit(product.unit)}</small> : null}
          {leftMilli !== null && leftMilli < FEW_MILLI ? (
            <span class="tile-note"><Icon name="warn" />{leftMilli <= 0 ? t.none_left : t.few_left(formatQuantity(leftMilli, product.unit, shop))}</span>
          ) : null}
        </span>
        {quantityMilli === 0 ? null : (
          <span class="tile-count">
            <span class="unseen">{t.in_sale} </span>
            {formatQuantity(quantityMilli, product.unit, shop)}
            {isMeasured ? `\u00a0${product.unit}` : ""}
          </span>
        )}
      </button>
    </li>
  );
}

/** The product's photo, or letters where there is none to be had; the box is the same. */
function Picture({ address, name }: { address: string | null; name: string }): JSX.Element {
  const isMissing = useSignal(address === null);
  if (address === null || isMissing.value) return <span class="tile-photo" data-none="" aria-hidden="true">{initials(name)}</span>;
  return <span class="tile-photo"><img class="photo" src={address} alt="" width="176" height="84" loading="lazy" decoding="async" onError={() => (isMissing.value = true)} /></span>;
}

function initials(name: string): string {
  return [...name].slice(0, 2).join("");
}

/** A code that nobody knows: said in place, while further scans go on. */
function UnknownCode(): JSX.Element | null {
  const world = useWorld();
  const { state } = world;
  const t = useTexts();
  const code = state.unknownCode.value;
  // The taxes to choose from come with the catalogue.
  void state.catalogTick.value;
  if (code === null) return null;
  const create = (): void => {
    state.dialog.value = { kind: "new_product", code, name: "", timesMilli: 1000 };
  };
  return (
    <div class="notice unknown" data-tone="warn">
      <Icon name="warn" />
      <p><strong>{t.unknown_code(code)}</strong> {t.unknown_code_help}</p>
      {mayCreateProducts(world) ? <button type="button" class="button" onClick={create}><Icon name="plus" />{t.create_product}</button> : null}
      <button type="button" class="button" data-kind="plain" data-shape="icon" aria-label={t.close} onClick={() => (state.unknownCode.value = null)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function FunctionKeys(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  return (
    <div class="fkeys" role="toolbar" aria-label={t.shortcuts}>
      {SHORTCUTS.filter((each) => each.inBar).map((each) => (
        <button type="button" class="button" key={each.key} onClick={() => each.run(world)}>
          {t[each.name]}
          <Key>{each.key}</Key>
        </button>
      ))}
    </div>
  );
}

export function Shelf(): JSX.Element {
  const world = useWorld();
  const t = useTexts();
  const isBehind = world.state.isTicketOpen.value && window.matchMedia("(width < 60rem)").matches;
  return (
    <main class="shelf" inert={isBehind}>
      <h1 class="unseen">{t.title}</h1>
      <Finder />
      <Categories />
      <div class="tiles-scroll" tabIndex={0} role="region" aria-label={t.products}>
        <UnknownCode />
        <Tiles />
      </div>
      <FunctionKeys />
    </main>
  );
}
