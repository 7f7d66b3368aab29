/**
 * Says so where the page does not come alive: a module that is missing or broken stops all others without a word.
 * A classic script in old words, so that it runs where modules do not; main.js and later.js mark the body.
 */

(function () {
  /** Whoever waits this long for all of it, in milliseconds, is told; the page may still come, and then takes it back. */
  const PATIENCE = 20000;

  /** @param {string} mark */
  function lookFor(mark) {
    const isThere = document.body.hasAttribute(mark);
    /** @type {HTMLElement | null} */
    const dead = document.querySelector("[data-dead]");
    if (dead) dead.hidden = isThere;
  }

  // Modules run before this event; whatever has not run by then has failed.
  document.addEventListener("DOMContentLoaded", function () {
    lookFor("data-alive");
  });
  setTimeout(lookFor, PATIENCE, "data-whole");
})();
