/** Dates in the language of the page, the way the reader's own country writes them. */

const language = globalThis.document?.documentElement.lang || "en";
// A British reader of the English page writes 14:05, an American one 2:05 PM.
export const locale = globalThis.navigator?.languages?.find((tag) => tag.split("-")[0] === language) ?? language;

const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
const medium = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const dayOfYear = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const dayOfAnyYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/**
 * Fill a `<time>` with the time of day; the full date is in its title.
 * @type {(element: HTMLTimeElement, at: number) => void}
 */
export function showTime(element, at) {
  showFull(element, at);
  element.dateTime = new Date(at).toISOString();
  element.textContent = clock.format(at);
}

/** @type {(element: HTMLElement, at: number) => void} */
export function showFull(element, at) {
  element.title = full.format(at);
}

/** The day of the reader's calendar that was asked for last: when it began, and when the next one does. */
let lastDay = { begin: 0, end: 0 };

/** When the day began, in the reader's calendar, that this moment falls on. @type {(at: number) => number} */
export function dayOf(at) {
  if (at >= lastDay.begin && at < lastDay.end) return lastDay.begin;
  const begin = midnight(at);
  lastDay = { begin, end: new Date(begin).setHours(24, 0, 0, 0) };
  return begin;
}

/** A day as people call it: today, yesterday, or by its date. @type {(at: number, now: number) => string} */
export function dayName(at, now) {
  const daysAgo = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (daysAgo === 0 || daysAgo === 1) return capitalised(relative.format(-daysAgo, "day"));
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return capitalised((isThisYear ? dayOfYear : dayOfAnyYear).format(at));
}

/** A moment to come: the time of day where that is today, else with its date. @type {(at: number, now?: number) => string} */
export function moment(at, now = Date.now()) {
  return (midnight(at) === midnight(now) ? clock : medium).format(at);
}

/** A day as a field for dates has it. @type {(at: number) => string} */
export function day(at) {
  const date = new Date(at);
  return [date.getFullYear(), padded(date.getMonth() + 1), padded(date.getDate())].join("-");
}

/** What is left to wait, as a clock would show it. @type {(seconds: number) => string} */
export function countdown(seconds) {
  const left = Math.max(Math.ceil(seconds), 0);
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  const parts = hours > 0 ? [hours, padded(minutes)] : [minutes];
  return [...parts, padded(left % 60)].join(":");
}

/** So many seconds in the largest unit that needs no fraction. @type {(seconds: number) => string} */
export function duration(seconds) {
  const [unit, size] = seconds % 3600 === 0 ? ["hour", 3600] : seconds % 60 === 0 ? ["minute", 60] : ["second", 1];
  const format = new Intl.NumberFormat(locale, { style: "unit", unit: String(unit), unitDisplay: "short" });
  // A number stays with its unit.
  return format.format(seconds / Number(size)).replaceAll(" ", "\u00a0");
}

/** @type {(number: number) => string} */
function padded(number) {
  return String(number).padStart(2, "0");
}

/** @type {(at: number) => number} */
function midnight(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** @type {(text: string) => string} */
function capitalised(text) {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}
