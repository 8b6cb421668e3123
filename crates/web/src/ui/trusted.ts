// The Trusted Types policy `swap`: the only way from a string to a document.
//
// Invariant: what passes here was fetched from the own origin by `swap.ts`; nothing
// that a person typed or another origin sent is ever handed to it.
interface Policy {
  createHTML(html: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createHTML: (html: string) => string }): Policy;
}

declare global {
  interface Window {
    readonly trustedTypes?: PolicyFactory;
  }
}

const rules = { createHTML: (html: string): string => html };
const policy: Policy = window.trustedTypes?.createPolicy("swap", rules) ?? rules;

/** Reads a page of our own server into a document that runs no script. */
export function parsePage(html: string): Document {
  return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}
