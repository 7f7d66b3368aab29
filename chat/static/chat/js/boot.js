/**
 * Says so where the page does not come alive: a module that is missing or broken stops all others without a word.
 * A classic script in old words, so that it runs where modules do not; main.js marks the body as alive.
 */

(function () {
  /** Whoever waits this long, in milliseconds, is told; the page may still come alive, and then takes it back. */
  const PATIENCE = 20000;

  function look() {
    const isAlive = document.body.hasAttribute("data-alive");
    /** @type {HTMLElement | null} */
    const dead = document.querySelector("[data-dead]");
    if (dead) dead.hidden = isAlive;
  }

  // Modules run before this event; whatever has not run by then has failed.
  document.addEventListener("DOMContentLoaded", look);
  setTimeout(look, PATIENCE);
})();
