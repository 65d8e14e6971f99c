import { expect, test } from 'vitest'
import { inWords, SEEN } from './roles'

test('what a role sees is grouped by how far it sees, widest first', () => {
  const grants = { 'task:read': 'own', 'person:read': 'own_or_unassigned', 'deal:read': 'own_or_unassigned' }
  expect(inWords(grants).sees).toEqual([
    { scope: 'own_or_unassigned', nouns: ['person', 'deal'] },
    { scope: 'own', nouns: ['task'] },
  ])
})

test('who sees everything sees every noun at once, and who has no grant nothing', () => {
  const all = Object.fromEntries(SEEN.map((noun) => [`${noun}:read`, 'all']))
  expect(inWords(all).sees).toEqual([{ scope: 'all', nouns: [...SEEN] }])
  expect(inWords({})).toEqual({ sees: [], may: [] })
})

test('daily work is no power worth naming; keys of the house are', () => {
  expect(inWords({ 'deal:update': 'own', 'user:update': 'all', 'call:dial': 'own' }).may).toEqual([
    'user:update',
    'call:dial',
  ])
})
