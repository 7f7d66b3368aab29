/** The colours can be read: WCAG 2, AA, on both themes, and for every hue that a name may have. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const [light, dark] = sheet("tokens").split("@media (prefers-color-scheme: dark)").map(tokens);
const [strong, strongDark] = sheet("contrast").split("(prefers-color-scheme: dark)").map(tokens);
const THEMES = {
  light,
  dark: { ...light, ...dark },
  "more contrast": { ...light, ...strong },
  "more contrast, dark": { ...light, ...dark, ...strong, ...strongDark },
};

function sheet(name) {
  return readFileSync(new URL(`../../chat/static/chat/css/${name}.css`, import.meta.url), "utf8");
}

test("every text stands out from what is behind it", () => {
  const pairs = [
    ...["ink", "ink-soft", "accent", "accent-strong"].flatMap((text) =>
      on(text, "paper", "surface", "bubble", "own"),
    ),
    ...["success", "warning", "danger", "info"].flatMap((text) => on(text, "paper", "surface")),
    ...on("on-accent", "accent", "accent-strong"),
    ...on("on-danger", "danger"),
  ];
  for (const [theme, colors] of Object.entries(THEMES)) {
    for (const [text, behind] of pairs) {
      const found = contrast(colors[text], colors[behind]);
      assert.ok(found >= (theme.startsWith("more") ? 7 : 4.5), `${theme}: ${text} on ${behind} is ${found.toFixed(2)}`);
    }
  }
});

test("the edges of what can be written in are seen", () => {
  for (const [theme, colors] of Object.entries(THEMES)) {
    const found = contrast(colors["line-strong"], colors.surface);
    assert.ok(found >= 3, `${theme}: ${found.toFixed(2)}`);
  }
});

test("every name can be read, whatever its hue", () => {
  for (const [theme, colors] of Object.entries(THEMES)) {
    for (let hue = 0; hue < 360; hue++) {
      const name = [colors["name-lightness"], colors["name-chroma"], hue].map(Number);
      const avatar = [colors["avatar-lightness"], colors["avatar-chroma"], hue].map(Number);
      for (const behind of [colors.bubble, avatar]) {
        const found = contrast(name, behind);
        assert.ok(found >= 4.5, `${theme}: hue ${hue} is ${found.toFixed(2)}`);
      }
    }
  }
});

function on(text, ...behind) {
  return behind.map((name) => [text, name]);
}

/** The names in a piece of CSS: an opaque colour as its three numbers, anything else as its text. */
function tokens(text) {
  const declarations = text.matchAll(/--([\w-]+):\s*([^;]+);/g);
  return Object.fromEntries(
    Array.from(declarations, ([, name, value]) => {
      const color = /^oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)$/.exec(value);
      return [name, color ? color.slice(1).map(Number) : value];
    }),
  );
}

function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance of an OKLCH colour, cut to sRGB as browsers cut it (CSS Color 4, section 9). */
function luminance([lightness, chroma, hue]) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  const [r, g, bl] = [red, green, blue].map((part) => Math.min(Math.max(part, 0), 1));
  return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
}
