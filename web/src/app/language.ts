import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type en from '~/locales/en/words.json'

export const LANGUAGES = { en: 'English', ru: 'Русский', sl: 'Slovenščina' } as const
export type Language = keyof typeof LANGUAGES

const KEPT = 'voronka.language'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'words'
    resources: { words: typeof en }
    returnNull: false
  }
}

const words: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import('~/locales/en/words.json'),
  ru: () => import('~/locales/ru/words.json'),
  sl: () => import('~/locales/sl/words.json'),
}

export function isLanguage(text: string | null | undefined): text is Language {
  return text === 'en' || text === 'ru' || text === 'sl'
}

/** The language to begin with: the one chosen here before, else the first of the browser's that we speak. */
export function firstLanguage(kept: string | null, spoken: readonly string[]): Language {
  if (isLanguage(kept)) return kept
  return spoken.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en'
}

/** The first language's words are here; nothing is shown before. */
export async function startLanguage(): Promise<void> {
  const first = firstLanguage(localStorage.getItem(KEPT), navigator.languages)
  const loaded = await words[first]()
  await i18next.use(initReactI18next).init({
    lng: first,
    ns: ['words'],
    defaultNS: 'words',
    resources: { [first]: { words: loaded.default } },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  document.documentElement.lang = first
}

/** The page speaks another language from now on; `keep` makes it this browser's choice. */
export async function speak(language: Language, { keep }: { keep: boolean }): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'words')) {
    i18next.addResourceBundle(language, 'words', (await words[language]()).default)
  }
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  if (keep) localStorage.setItem(KEPT, language)
}

/** Follows the signed-in user's language unless this browser has chosen one. */
export async function speakLike(locale: string): Promise<void> {
  if (isLanguage(locale) && !isLanguage(localStorage.getItem(KEPT))) await speak(locale, { keep: false })
}
