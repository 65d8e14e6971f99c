import { describe, expect, test } from 'vitest'
import {
  asRowQuery,
  assigned,
  canUndo,
  doubts,
  fieldOf,
  firstSight,
  lacking,
  percent,
  seen,
  stepOf,
  tallies,
} from './job'
import { allowed } from './kinds'
import { calledIn, textOf } from './rows'
import { importSearch, newImportSearch } from './search'
import { template, unfit } from './template'

const over = { finished_at: '2026-01-01T00:00:00Z' }
const open = { finished_at: null }

test('a job stands at the step its state says, and one may go back from the trial alone', () => {
  expect(stepOf({ state: 'reading', ...open })).toBe('file')
  expect(stepOf({ state: 'ready', ...open })).toBe('mapping')
  expect(stepOf({ state: 'checking', ...open }, 'mapping')).toBe('check')
  expect(stepOf({ state: 'checked', ...open })).toBe('check')
  expect(stepOf({ state: 'checked', ...open }, 'mapping')).toBe('mapping')
  expect(stepOf({ state: 'running', ...open }, 'mapping')).toBe('write')
  for (const state of ['done', 'cancelled', 'undoing', 'undone'] as const) {
    expect(stepOf({ state, ...over }, 'mapping')).toBe('done')
  }
})

test('a file that could not be read is still to be chosen; what failed later has ended', () => {
  expect(stepOf({ state: 'failed', ...open })).toBe('file')
  expect(stepOf({ state: 'failed', ...over })).toBe('done')
})

test('a file that is read anew stays where its columns are', () => {
  expect(stepOf({ state: 'reading', ...open, columns: [{ index: 0, name: 'A', kind: 'text', samples: [] }] })).toBe(
    'mapping',
  )
})

describe('the mapping', () => {
  const fields = [
    { name: 'name', label: 'Name', kind: 'text', required: true },
    { name: 'phone', label: 'Phone', kind: 'phone', required: false },
  ]
  test('lacks the required fields no column fills', () => {
    expect(lacking(fields, { phone: 0 }).map((field) => field.name)).toEqual(['name'])
    expect(lacking(fields, { name: 0 })).toEqual([])
  })
  test('gives a field to one column and a column one field', () => {
    const mapping = assigned({ name: 0, phone: 1 }, 1, 'name')
    expect(mapping).toEqual({ name: 1 })
    expect([fieldOf(mapping, 0), fieldOf(mapping, 1)]).toEqual([null, 'name'])
    expect(assigned(mapping, 1, null)).toEqual({})
  })
})

describe('the figures', () => {
  const counts = { create: 5, error: 1, 'doubt:odd_phone': 2, 'doubt:unknown_user': 3, 'doubt:any': 4 }
  test('tell doubts by their code, the most frequent first', () => {
    expect(doubts(counts)).toEqual([
      { code: 'unknown_user', count: 3 },
      { code: 'odd_phone', count: 2 },
    ])
  })
  test('always show what decides, the others when there are any, refusals last', () => {
    expect(tallies({ state: 'checked', counts }).map(({ word, count }) => [word, count])).toEqual([
      ['create', 5],
      ['update', 0],
      ['doubtful', 4],
      ['error', 1],
    ])
    expect(tallies({ state: 'undone', counts: { removed: 3 } }).map(({ word }) => word)).toEqual([
      'removed',
      'restored',
      'kept',
    ])
  })
  test('say how far it is, where that can be said', () => {
    expect(percent({ state: 'running', done: 50, total: 200 })).toBe(25)
    expect(percent({ state: 'undoing', done: 50, total: 200 })).toBeNull()
    expect(percent({ state: 'reading', done: 0, total: 0 })).toBeNull()
  })
  test('choose which rows are looked at first, and how they are asked for', () => {
    expect(firstSight({ state: 'checked', counts })).toBe('error')
    expect(firstSight({ state: 'checked', counts: { 'doubt:any': 1 } })).toBe('doubtful')
    expect(firstSight({ state: 'undone', counts: { kept: 1 } })).toBe('kept')
    expect(seen({ total: 6, counts }, 'doubtful')).toBe(4)
    expect(seen({ total: 6, counts }, 'all')).toBe(6)
    expect([asRowQuery('error'), asRowQuery('kept'), asRowQuery('all')]).toEqual([
      { verdict: 'error' },
      { about: 'kept' },
      {},
    ])
  })
})

test('only what was written can be taken back, and only once it is over', () => {
  expect(canUndo({ state: 'done', counts: { create: 1 }, ...over })).toBe(true)
  expect(canUndo({ state: 'cancelled', counts: { update: 1 }, ...over })).toBe(true)
  expect(canUndo({ state: 'cancelled', counts: {}, ...over })).toBe(false)
  expect(canUndo({ state: 'done', counts: { error: 9 }, ...over })).toBe(false)
  expect(canUndo({ state: 'undone', counts: { create: 1 }, ...over })).toBe(false)
  expect(canUndo({ state: 'failed', counts: { create: 1 }, ...open })).toBe(false)
})

test('a kind is offered to who may do all that its files do', () => {
  expect(allowed({ 'person:create': 'own', 'deal:create': 'own' })).toEqual(['people'])
  expect(allowed({ 'deal:create': 'own', 'deal:update': 'own', 'team:create': 'all' })).toEqual(['deals', 'teams'])
  expect(allowed({ 'person:read': 'all' })).toEqual([])
})

test('a row is called by the first cells that are taken in, or by what there is', () => {
  expect(calledIn(['x', 'Ana', ' ', '040'], { phone: 3, name: 1, email: 2 })).toBe('Ana · 040')
  expect(calledIn(['x', ''], { name: 1 })).toBe('x')
  expect(textOf(['a'.repeat(80)], { name: 0 }, 'name')).toBe(`${'a'.repeat(60)}…`)
  expect(textOf(['a'], { name: 0 }, 'phone')).toBe('')
})

test('an address says only what it can mean', () => {
  expect(importSearch({ step: 'mapping', rows: 'error' })).toEqual({ step: 'mapping', rows: 'error' })
  expect(importSearch({ step: 'write', rows: 'x' })).toEqual({})
  expect([newImportSearch({ kind: 'deals' }), newImportSearch({ kind: 'x' })]).toEqual([{ kind: 'deals' }, {}])
})

test('a template is a row of headers, and a file that can not be one is not sent', () => {
  expect(template(['Ime', 'a;"b"'])).toBe('\uFEFFIme;"a;""b"""\r\n')
  expect(unfit({ name: 'a.csv', size: 0 })).toBe('empty_file')
  expect(unfit({ name: 'a.csv', size: 51 * 1024 * 1024 })).toBe('file_too_large')
  expect(unfit({ name: 'A.XLS', size: 9 })).toBe('old_excel')
  expect(unfit({ name: 'a.xlsx', size: 9 })).toBeNull()
})
