/** `<role-badge>`: what somebody is, beside their name. The server says it; guests have none. */

import { copy } from "./template.js";

/** @type {Map<unknown, string>} */
const TEMPLATES = new Map([
  ["member", "member-badge-template"],
  ["moderator", "moderator-badge-template"],
  ["owner", "owner-badge-template"],
]);

export class RoleBadge extends HTMLElement {
  #role = "";

  /** @type {(role: string | null | undefined) => void} */
  show(role) {
    if (this.#role === (role ?? "")) return;
    this.#role = role ?? "";
    const template = TEMPLATES.get(role);
    this.replaceChildren(...(template ? [copy(template, HTMLElement)] : []));
  }
}

customElements.define("role-badge", RoleBadge);
