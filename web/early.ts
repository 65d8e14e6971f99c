import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const LANGUAGES = ['en', 'ru', 'sl']
const locales = fileURLToPath(new URL('./src/locales', import.meta.url))

/**
 * Puts the door, in every language, into the page itself: it is seen while the program that opens it is on its way.
 * public/early.js says when, src/app/early.css how, src/app/early.ts takes it away.
 */
export function early(): Plugin {
  return {
    name: 'early',
    transformIndexHtml: (html) => html.replace('<!--early-->', LANGUAGES.map(door).join('\n')),
  }
}

function door(language: string): string {
  const words = JSON.parse(readFileSync(`${locales}/${language}/words.json`, 'utf8')).door
  return `<div class="door-box" lang="${language}">
        <img src="/icon.svg" width="40" height="40" alt="" />
        <p class="door-title">${words.title}</p>
        <p class="door-text">${words.text}</p>
        <div><i></i><i></i><b></b></div>
      </div>`
}
