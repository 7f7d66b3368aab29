/** The latest messages, by HTTP. */

import { delay } from "./backoff.js";
import { parseHistory } from "./protocol.js";

/** The messages, however many tries it takes. None once `signal` says that nobody waits for them. */
export async function fetchHistory(path, signal) {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const response = await fetch(path, { signal });
      if (response.ok) return parseHistory(await response.text());
    } catch {
      // No network, or no list: worth another try, like an answer that is not ok.
    }
    await new Promise((resolve) => setTimeout(resolve, delay(attempt)));
  }
  return [];
}
