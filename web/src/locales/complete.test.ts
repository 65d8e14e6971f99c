import { expect, test } from 'vitest'
import en from './en/words.json'
import ru from './ru/words.json'
import sl from './sl/words.json'

type Words = { [key: string]: string | Words }
const PLURAL = /_(zero|one|two|few|many|other)$/

function leaves(words: Words, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') found.set(path + key, value)
    else for (const [inner, text] of leaves(value, `${path}${key}.`)) found.set(inner, text)
  }
  return found
}

const languages = { en: leaves(en), ru: leaves(ru), sl: leaves(sl) }
const bare = (words: Map<string, string>) => new Set([...words.keys()].map((key) => key.replace(PLURAL, '')))
const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

test.each(['ru', 'sl'] as const)('%s says everything that English says, and nothing else', (language) => {
  expect([...bare(languages[language])].sort()).toEqual([...bare(languages.en)].sort())
})

test.each(['en', 'ru', 'sl'] as const)('%s has every plural form its grammar asks for', (language) => {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  const counted = [...languages[language].keys()].filter((key) => key.endsWith('_other'))
  expect(counted.length).toBeGreaterThan(2)
  for (const key of counted) {
    const missing = forms.filter((form) => !languages[language].has(key.replace(PLURAL, `_${form}`)))
    expect(missing, key).toEqual([])
  }
})

test.each(['ru', 'sl'] as const)('%s names in each sentence what English names', (language) => {
  for (const [key, text] of languages[language]) {
    const original = languages.en.get(key) ?? languages.en.get(key.replace(PLURAL, '_other')) ?? ''
    expect(places(text), key).toEqual(places(original))
  }
})

test('no sentence is empty and none was left in English', () => {
  const same = new Set(['SMS', 'Mango Office'])
  for (const language of ['ru', 'sl'] as const) {
    for (const [key, text] of languages[language]) {
      expect(text.trim(), key).not.toBe('')
      if (text.includes(' ')) expect(same.has(text) || text !== languages.en.get(key), key).toBe(true)
    }
  }
})
