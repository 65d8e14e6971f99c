"""What a browser tells of itself while a page is used: when it painted, what moved, how long an input took."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import CDPSession, Page

SLOWER = 4
"""How much slower than this machine the measured one is, where a figure says so."""

_FRAMES_TOLD = 10

# Before anything of the page runs; entries of inputs come in steps of 8 ms.
WATCH = """(() => {
  const seen = window.__seen = {lcp: 0, cls: 0, inputs: [], pops: {}}
  const watch = (type, take, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({type, buffered: true, ...more})
  watch('largest-contentful-paint', (entry) => { seen.lcp = entry.startTime })
  watch('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.cls += entry.value })
  watch('event', (entry) => {
    if (['keydown', 'input', 'pointerdown', 'pointerup', 'click'].includes(entry.name)) seen.inputs.push(entry.duration)
  }, {durationThreshold: 16})
})()"""

_FRAMES = """(ms) => new Promise((done) => {
  const gaps = []; let last = 0; const began = performance.now()
  const frame = (now) => {
    if (last) gaps.push(now - last)
    last = now
    if (now - began < ms) requestAnimationFrame(frame); else done(gaps)
  }
  requestAnimationFrame(frame)
})"""

_NEW_POPS = """() => {
  const note = () => requestAnimationFrame(() => setTimeout(() => {
    for (const pop of document.querySelectorAll('[role=log] section')) {
      const digits = pop.textContent.replace(/\\D/g, '')
      window.__seen.pops[digits] ??= performance.timeOrigin + performance.now()
    }
  }))
  const all = {childList: true, subtree: true, characterData: true}
  new MutationObserver(note).observe(document.querySelector('[role=log]'), all)
}"""


async def slowed(page: Page) -> CDPSession:
    """The page's processor is slower from now on; the session is to be kept."""
    debugger = await page.context.new_cdp_session(page)
    await debugger.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return debugger


async def seen(page: Page) -> dict[str, Any]:
    """What was noticed on this page so far, once it has painted."""
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    told: dict[str, Any] = await page.evaluate("() => window.__seen")
    return told


async def largest(page: Page) -> float:
    """Seconds until the largest thing was painted. It is told of some frames after it."""
    await page.wait_for_function("() => window.__seen.lcp > 0")
    for _ in range(_FRAMES_TOLD):
        await seen(page)
    return float((await seen(page))["lcp"]) / 1000


async def inputs(page: Page, act: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds from the slowest input of `act` to the paint after it (8 where it was too fast to be told)."""
    await page.evaluate("() => { window.__seen.inputs = [] }")
    await act()
    return float(max((await seen(page))["inputs"], default=8.0))


async def late_frames(page: Page, act: Callable[[], Awaitable[None]], ms: int) -> float:
    """The percentage of frames over 20 ms while `act` ran."""
    frames = asyncio.create_task(page.evaluate(_FRAMES, ms))
    await act()
    gaps: list[float] = await frames
    return 100.0 * sum(gap > 20 for gap in gaps) / len(gaps)


async def watch_pops(page: Page) -> None:
    """The moment each pop was painted is noted, by the digits on it."""
    await page.evaluate(_NEW_POPS)
