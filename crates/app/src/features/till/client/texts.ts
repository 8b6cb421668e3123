/**
 * The till's words in the shop's language.
 *
 * Owns: which catalogue is spoken. The catalogues are `es.toml`, `en.toml` and
 * `pt.toml` beside this folder; the build turns them into typed modules, so a
 * text that is missing does not compile.
 */

import { en } from "../../../../../../target/assets/gen/till/en.ts";
import { es } from "../../../../../../target/assets/gen/till/es.ts";
import { pt } from "../../../../../../target/assets/gen/till/pt.ts";
import type { Texts } from "../../../../../../target/assets/gen/till/texts.ts";

export type { Texts };

const BY_LANGUAGE: Readonly<Record<string, Texts>> = { es, en, pt };

/** The texts of a locale such as `es-CO`; Spanish where the language is not spoken. */
export function textsOf(locale: string): Texts {
  return BY_LANGUAGE[locale.split("-")[0]?.toLowerCase() ?? ""] ?? es;
}
