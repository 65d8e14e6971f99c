"""What a person would call broken at a glance: keys instead of words, and what does not fit where it stands."""

import json
import math
import re
from pathlib import Path

from playwright.async_api import Page

from .conftest import ROOT

LOCALES = ROOT / "web/src/locales"
LONGER = 0.4
"""By how much other languages outgrow English in short texts."""

# Visible words and those only a reader hears: a key of ours, a code of the API, a value nobody made words of.
_SAID = """() => {
  const said = [document.title, document.body.innerText]
  for (const each of document.querySelectorAll('[aria-label], [title], [placeholder]'))
    for (const name of ['aria-label', 'title', 'placeholder']) said.push(each.getAttribute(name) ?? '')
  return said.join('\\n')
}"""
_NO_WORDS = re.compile(r"\{\{|\b(?:undefined|NaN|Invalid Date)\b|\[object|\b[a-z]+(?:_[a-z]+)+\b")
# What Mango's own pages call them.
_OF_OTHERS = {"vpbx_api_key", "vpbx_api_salt"}

_CUT = """() => {
  const shown = (each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true})
    && each.getBoundingClientRect().width > 1
  const scrolls = (each) => {
    for (let up = each.parentElement; up; up = up.parentElement)
      if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth) return true
    return false
  }
  const name = (each) => `${each.tagName.toLowerCase()} “${each.textContent.trim().slice(0, 60)}”`
  const found = []
  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth) found.push(`the page is ${wide} wide`)
  for (const each of document.querySelectorAll('body *')) {
    if (!each.textContent.trim() || !shown(each)) continue
    const {left, right} = each.getBoundingClientRect()
    if ((right > innerWidth + 1 || left < -1) && !scrolls(each)) found.push(`beside the screen: ${name(each)}`)
    if (each.scrollWidth <= each.clientWidth + 1 || getComputedStyle(each).overflowX !== 'hidden') continue
    // A name of unknown length may end in an ellipsis; what is pressed, heads or labels may not.
    const ours = each.closest('button, [role=tab], label, th, [role=columnheader], h1, h2, h3')
    if (ours && !each.closest('[data-may-be-cut]')) found.push(`cut: ${name(each)}`)
  }
  return [...new Set(found)]
}"""


async def wordless(page: Page) -> list[str]:
    """Each key, code or value that stands where its words should."""
    said: str = await page.evaluate(_SAID)
    tops = "|".join(json.loads((LOCALES / "en/words.json").read_text()))
    keys = re.findall(rf"(?<![\w./@])(?:{tops})\.[a-z]\w*(?:\.\w+)*", said)
    return sorted({*keys, *_NO_WORDS.findall(said)} - _OF_OTHERS)


async def misfits(page: Page) -> list[str]:
    """What is cut off, or lies beside the screen where no scrolling reaches it."""
    found: list[str] = await page.evaluate(_CUT)
    return found


def longer(words: object) -> object:
    """The same words, each as much longer as other languages are; what stands in braces stays."""
    if isinstance(words, dict):
        return {key: longer(value) for key, value in words.items()}
    parts = re.split(r"(\{\{.*?\}\}|\W+)", str(words))
    return "".join(part + "ž" * math.ceil(len(part) * LONGER) if part.isalpha() else part for part in parts)


def longer_script(language: str) -> str:
    """A module of the client's words, all of them longer."""
    words = json.loads(Path(LOCALES / language / "words.json").read_text())
    return f"export default {json.dumps(longer(words), ensure_ascii=False)}"
