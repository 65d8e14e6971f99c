import type { Schemas } from '~/api/http'

export type CardFile = Schemas['FileOut']

/** What files are put on. */
export interface Target {
  subject: CardFile['subject']
  id: string
}

export const MAX_BYTES = 25 * 1024 * 1024
const LONGEST_NAME = 200
const THUMBNAIL_BYTES = 2 * 1024 * 1024

/** Shown by the server's own word: everything else is saved. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf'])

/** The code of the server's refusal that can be told before anything is sent. */
export function refusalOf({ size }: { size: number }): 'empty_file' | 'too_large_file' | null {
  return size === 0 ? 'empty_file' : size > MAX_BYTES ? 'too_large_file' : null
}

/** A name the server takes: no path, no control characters, its ending kept when it has to be cut. */
export function nameFor(name: string): string {
  const flat = name
    .replace(/[\\/]/g, '_')
    .replace(/\p{Cc}/gu, '')
    .trim()
  if (!flat.replace(/[ .]/g, '')) return 'file'
  const letters = Array.from(flat)
  if (letters.length <= LONGEST_NAME) return flat
  const ending = /\.[^.]{1,10}$/.exec(flat)?.[0] ?? ''
  return letters.slice(0, LONGEST_NAME - ending.length).join('') + ending
}

/** Characters that turn a name around in the eyes of who reads it are not shown. */
export function shownName(name: string): string {
  return name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
}

export type Look = 'image' | 'pdf' | 'sheet' | 'words' | 'archive' | 'text' | 'other'

/** What a file looks like in a list. */
export function lookOf(mediaType: string): Look {
  if (mediaType.startsWith('image/')) return 'image'
  if (mediaType === 'application/pdf') return 'pdf'
  if (mediaType.includes('spreadsheet')) return 'sheet'
  if (mediaType.includes('document')) return 'words'
  if (mediaType === 'application/zip') return 'archive'
  return mediaType.startsWith('text/') ? 'text' : 'other'
}

/** Whether a browser may show it by itself. */
export const opens = (mediaType: string): boolean => SHOWN.has(mediaType)

/** Whether its picture is small enough to stand in a list. */
export const hasThumbnail = (file: Pick<CardFile, 'media_type' | 'size'>): boolean =>
  lookOf(file.media_type) === 'image' && opens(file.media_type) && file.size <= THUMBNAIL_BYTES

export const contentOf = (id: string): string => `/api/v1/files/${id}/content`
