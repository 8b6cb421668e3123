// An import that is being applied: its page comes again each second until it is done.
//
// It owns the timer. Without it the page has a link that says the same.
import { visit } from "../../../../web/src/ui/swap.ts";

const AGAIN_MS = 1_000;

/** The page that comes has this island again for as long as the import goes on. */
export function mount(): () => void {
  let timer = 0;
  const look = (): void => {
    // Without a network the next look may have one.
    visit({ url: location.href, push: false }).catch(wait);
  };
  const wait = (): void => {
    timer = window.setTimeout(look, AGAIN_MS);
  };
  wait();
  return () => window.clearTimeout(timer);
}
